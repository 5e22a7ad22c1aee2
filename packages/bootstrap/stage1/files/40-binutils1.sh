# binutils 2.16.1 by tcc: the assembler and linker of both gcc 3.4.6.
# Run in /build; installs into /opt/binutils1.
set -e
sh files/unpack.sh binutils1 binutils1.tar.gz 0004-binutils1-archives-without-time.patch
mkdir -p binutils1/obj && cd binutils1/obj
CC=cc CFLAGS= AR='tcc -ar' RANLIB=true MAKEINFO=true \
../configure --prefix=/opt/binutils1 \
	--build=i386-unknown-linux-gnu --host=i386-unknown-linux-gnu --target=i386-unknown-linux-gnu \
	--disable-nls --disable-shared --disable-werror --disable-gprof
make -j2 MAKEINFO=true all-binutils all-gas all-ld
make MAKEINFO=true install-binutils install-gas install-ld
cd /build && rm -rf binutils1
