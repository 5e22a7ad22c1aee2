# gmp, mpfr and mpc by gcc 3.4.6: static libraries that gcc 10 is linked with.
# Run in /build; installs into /opt/mp.
#
# --disable-assembly: gmp's i386 routines pass through m4, which the chain does
# not have, and the speed of gcc does not depend on them.
set -e
export PATH=/opt/gcc3/bin:/opt/binutils1/bin:$PATH
export CC=gcc CFLAGS=-O1 MAKEINFO=true
common="--prefix=/opt/mp --build=i386-unknown-linux-musl --host=i386-unknown-linux-musl --disable-shared"

sh files/unpack.sh gmp gmp.tar.xz
sh files/unpack.sh mpfr mpfr.tar.xz
sh files/unpack.sh mpc mpc.tar.gz

# Debian leaves gmp's manual out; configure and make look for its folder.
mkdir -p gmp/doc
printf 'all install:\n' > gmp/doc/Makefile.in

# Installing only what a user of the library needs leaves the manuals out.
(cd gmp && M4=false ./configure $common --disable-assembly && make -j2 && make install)
(cd mpfr && ./configure $common --with-gmp=/opt/mp && make -j2 -C src && make -C src install)
(cd mpc && ./configure $common --with-gmp=/opt/mp --with-mpfr=/opt/mp && make -j2 -C src && make -C src install)
# mpc installs its header from its top folder, where the manual would be wanted.
cp mpc/src/mpc.h /opt/mp/include/
rm -f /opt/mp/lib/*.la
rm -rf gmp mpfr mpc
