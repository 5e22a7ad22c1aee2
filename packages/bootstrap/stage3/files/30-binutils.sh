# binutils 2.40: programs linked with musl alone, able to load gcc's plugin for LTO.
. files/common.sh
unpack binutils binutils.tar.xz
mkdir binutils/obj && cd binutils/obj
export CFLAGS="$lean" CXXFLAGS="$lean" LDFLAGS=-Wl,--gc-sections
../configure --prefix=/usr $triplets --target=$target --with-sysroot=/ \
	--enable-deterministic-archives --enable-plugins --without-zstd --without-debuginfod \
	--disable-nls --disable-shared --disable-werror --disable-gprof --disable-gprofng \
	--disable-gold --disable-gdb --disable-libctf --disable-multilib
make -j2 MAKEINFO=true
make MAKEINFO=true DESTDIR=$root install-strip
licence binutils ../COPYING3 ../COPYING.LIB

# One file for each tool, and none of the libraries inside them.
cd $root/usr
rm -rf share/info share/man lib/libbfd.* lib/libopcodes.*
(cd include && rm -f ansidecl.h bfd.h bfdlink.h diagnostics.h dis-asm.h plugin-api.h symcat.h)
ln -sf ld bin/ld.bfd
for name in $target/bin/*; do
	ln -sf ../../bin/${name##*/} $name
done
settle
rm -rf $here/binutils
