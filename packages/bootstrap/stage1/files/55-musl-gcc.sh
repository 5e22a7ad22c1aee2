# musl 1.2.3 by a gcc, from the unchanged source, by its own makefile.
# Run in a folder with a fresh tree of musl; installs into /usr of DESTDIR.
#
#   sh 55-musl-gcc.sh GCC
#
# Everything linked from here on holds no code of tcc's.
set -e
CC=$1 ./configure --target=i386 --prefix=/usr --syslibdir=/lib --disable-shared --disable-wrapper
make -j2 AR=${AR:-ar} RANLIB=${RANLIB:-ranlib}
make DESTDIR=$DESTDIR install
