# gmp, mpfr and mpc: static libraries that gcc is linked with, in /home/user/mp.
#
# --disable-assembly: gmp's routines pass through m4, which the chain does not have
# yet, and the speed of gcc does not depend on them.
. files/common.sh
common="--prefix=$here/mp --build=$host --host=$host --disable-shared"
export CFLAGS=-O1

# Debian leaves gmp's manual out; configure and make look for its folder.
unpack gmp gmp.tar.xz
mkdir -p gmp/doc
printf 'all install:\n' > gmp/doc/Makefile.in
(cd gmp && M4=false ./configure $common --disable-assembly && make -j2 && make install)

# Installing only what a user of the library needs leaves the manuals out.
unpack mpfr mpfr.tar.xz
(cd mpfr && ./configure $common --with-gmp=$here/mp && make -j2 -C src && make -C src install)
unpack mpc mpc.tar.gz
(cd mpc && ./configure $common --with-gmp=$here/mp --with-mpfr=$here/mp && make -j2 -C src && make -C src install)
cp mpc/src/mpc.h mp/include/
licence gmp gmp/COPYINGv3 gmp/COPYING.LESSERv3
licence mpfr mpfr/COPYING.LESSER
licence mpc mpc/COPYING.LESSER
rm -rf gmp mpfr mpc mp/lib/*.la
