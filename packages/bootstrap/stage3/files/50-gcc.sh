# gcc 12.2, C and C++ with LTO, and its libraries, static and shared.
#
# The options in gcc.options are those of stage 2's compiler: they decide what code
# comes out, and this compiler must come out the same from itself.
. files/common.sh

# The tarball holds upstream's, without the manual, as another tarball. The test
# suites and the run-time libraries of other languages are half of its files.
mkdir gcc
tar xOf gcc.tar.gz gcc-12-12.2.0/gcc-12.2.0-dfsg.tar.xz |
	tar xoJf - -C gcc --strip-components=1 --exclude='*/gcc/testsuite/g*' --exclude='*/gcc/ada/*' \
		--exclude='*/libgo/*' --exclude='*/libphobos/*' --exclude='*/libsanitizer/*'
for name in $src/patches/*-gcc-*; do
	(cd gcc && patch -p1 < $name)
done

# By a cross compiler, the headers of the system that gcc is for are not in /usr.
test $build = $target || sysroot=--with-build-sysroot=/opt/cross/sysroot
mkdir gcc/obj && cd gcc/obj
export CFLAGS="$lean" CXXFLAGS="$lean" LDFLAGS=-Wl,--gc-sections
../configure --prefix=/usr $triplets --target=$target $(cat $src/gcc.options) --enable-lto \
	--with-gmp=$here/mp --with-mpfr=$here/mp --with-mpc=$here/mp $sysroot
# The manual's copyright check compares a generated file with one that Debian's
# tarball lacks; a stamp from the future keeps it from running.
mkdir -p gcc && touch -d '2099-01-01 00:00:00' gcc/s-tm-texi
# gcc asks for its own unwind tables, for a backtrace when it crashes: 9 MB of them.
set -- MAKEINFO=true CFLAGS_FOR_TARGET=-O2 CXXFLAGS_FOR_TARGET=-O2 NOEXCEPTION_FLAGS="-fno-exceptions -fno-rtti"
make -j2 "$@" all-gcc
make -j2 "$@" all-target-libgcc
# The kernel's headers come after gcc. Where there are some already, libstdc++ is not to
# see them: it would be another than the one of this image.
export ac_cv_header_linux_random_h=no ac_cv_header_linux_types_h=no
make -j2 "$@" all-target-libstdc++-v3 all-target-libatomic
make DESTDIR=$root "$@" install-strip-gcc install-strip-target-libgcc \
	install-strip-target-libstdc++-v3 install-strip-target-libatomic
licence gcc ../COPYING3 ../COPYING.RUNTIME ../COPYING.LIB
rm -rf $here/gcc

# Nobody needs gcc's own debugging information, a dump of LTO objects, or a driver twice.
cd $root/usr
rm -rf bin/*lto-dump bin/gcov-* share/gcc-* share/info share/man lib/*.la libexec/gcc/*/*/*.la libexec/gcc/*/*/install-tools lib/gcc/*/*/install-tools
${tool}strip -g lib/gcc/$target/12.2.0/*.a
${tool}strip lib/libgcc_s.so.1
for name in gcc g++ c++ gcc-ar gcc-nm gcc-ranlib; do
	ln -sf $name bin/$target-$name
done
ln -sf gcc bin/$target-gcc-12.2.0
ln -sf g++ bin/c++
ln -s gcc bin/cc

# ar, nm and ranlib read LTO objects, too.
mkdir -p lib/bfd-plugins
ln -s ../../libexec/gcc/$target/12.2.0/liblto_plugin.so lib/bfd-plugins/
