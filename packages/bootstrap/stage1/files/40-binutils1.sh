# binutils 2.16.1 by tcc: the assembler and linker of both gcc 3.4.6.
# Run in /build/binutils1; installs into /opt/binutils1.
set -e
mkdir -p obj && cd obj
CC=cc CFLAGS= AR='tcc -ar' RANLIB=true MAKEINFO=true \
../configure --prefix=/opt/binutils1 \
	--build=i386-unknown-linux-gnu --host=i386-unknown-linux-gnu --target=i386-unknown-linux-gnu \
	--disable-nls --disable-shared --disable-werror --disable-gprof
make -j2 MAKEINFO=true all-binutils all-gas all-ld
make MAKEINFO=true install-binutils install-gas install-ld
