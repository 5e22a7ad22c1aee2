# 55-musl-gcc.sh GCC [DESTDIR]: musl 1.2.3 by a gcc, by its own makefile, into /usr
# and once more below DESTDIR. Run in /build.
#
# Used twice: by the first gcc 3.4.6 and by the first gcc 10.2, so that the
# second of each is linked with a C library that no older compiler made.
set -e
sh files/unpack.sh musl-gcc musl.tar.gz 0007-musl-lock-table-before-aliases.patch
cd musl-gcc
CC=$1 ./configure --target=i386 --prefix=/usr --syslibdir=/lib --disable-shared --disable-wrapper
make -j2 AR=ar RANLIB=ranlib
make install
test -z "$2" || make DESTDIR=$2 install
cd .. && rm -rf musl-gcc
