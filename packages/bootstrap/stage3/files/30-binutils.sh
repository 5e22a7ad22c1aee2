# binutils 2.40: programs linked with musl alone, able to load gcc's plugin for LTO.
. files/common.sh
unpack binutils binutils.tar.xz
mkdir binutils/obj && cd binutils/obj
../configure --prefix=/usr $triplets --target=$target --with-sysroot=/ \
	--enable-deterministic-archives --enable-plugins --without-zstd --without-debuginfod \
	--disable-nls --disable-shared --disable-werror --disable-gprof --disable-gprofng \
	--disable-gold --disable-gdb --disable-libctf --disable-multilib
make -j2 MAKEINFO=true
make MAKEINFO=true DESTDIR=$root install-strip
settle
rm -rf $here/binutils
