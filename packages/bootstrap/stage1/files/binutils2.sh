# binutils2.sh CC CXX FLAGS: configures and compiles binutils 2.40 in the current folder.
set -e
CC=$1 CXX=$2 CFLAGS=$3 CXXFLAGS=$3 MAKEINFO=true ../configure --prefix=/usr \
	--build=i386-unknown-linux-musl --host=i386-unknown-linux-musl --target=i386-unknown-linux-musl \
	--with-sysroot=/ --enable-deterministic-archives --without-zstd --without-debuginfod \
	--disable-nls --disable-shared --disable-werror --disable-gprof --disable-gprofng \
	--disable-gold --disable-plugins --disable-gdb --disable-libctf --disable-multilib
make -j2 MAKEINFO=true
