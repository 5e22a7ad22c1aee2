# binutils 2.40 by gcc 3.4.6: the assembler and linker of both gcc 10.
# Run in /build; installs into /usr.
set -e
export PATH=/opt/gcc3/bin:/opt/binutils1/bin:$PATH
sh files/unpack.sh binutils2 binutils2.tar.xz
mkdir -p binutils2/obj && cd binutils2/obj
# plugin-api.h asks newer compilers for the byte order; gcc 3.4.6 must be told.
sh /build/files/binutils2.sh gcc g++ '-O1 -DPLUGIN_LITTLE_ENDIAN=1'
make MAKEINFO=true install
rm -rf /build/binutils2/obj
