# binutils 2.40 by gcc 3.4.6: the assembler and linker of both gcc 10.
# Run in /build/binutils2; installs into /usr.
set -e
export PATH=/opt/gcc3/bin:/opt/binutils1/bin:$PATH
# plugin-api.h asks newer compilers for the byte order; gcc 3.4.6 must be told.
flags="-O1 -DPLUGIN_LITTLE_ENDIAN=1"
mkdir -p obj && cd obj
CC=gcc CXX=g++ CFLAGS="$flags" CXXFLAGS="$flags" MAKEINFO=true ../configure --prefix=/usr \
	--build=i386-unknown-linux-musl --host=i386-unknown-linux-musl --target=i386-unknown-linux-musl \
	--with-sysroot=/ --enable-deterministic-archives --without-zstd --without-debuginfod \
	--disable-nls --disable-shared --disable-werror --disable-gprof --disable-gprofng \
	--disable-gold --disable-plugins --disable-gdb --disable-libctf --disable-multilib
make -j2 MAKEINFO=true
make MAKEINFO=true install
