# binutils 2.40 for $TARGET: static 32-bit programs in /opt/cross.
. files/common.sh
unpack binutils binutils.tar.xz
mkdir binutils/obj && cd binutils/obj
CFLAGS=-O1 CXXFLAGS=-O1 ../configure --prefix=$prefix --with-sysroot=$sysroot \
	--build=$host --host=$host --target=$TARGET \
	--enable-deterministic-archives --without-zstd --without-debuginfod \
	--disable-nls --disable-shared --disable-werror --disable-gprof --disable-gprofng \
	--disable-gold --disable-plugins --disable-gdb --disable-libctf --disable-multilib
make -j2 MAKEINFO=true
make MAKEINFO=true install-strip
licence binutils ../COPYING3 ../COPYING.LIB
rm -rf $here/binutils
