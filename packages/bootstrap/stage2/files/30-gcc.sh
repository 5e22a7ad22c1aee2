# gcc 12.2, C and C++, for $TARGET: static 32-bit programs in /opt/cross, and a
# first libgcc, which musl is linked with.
#
# Of the options, files/gcc.options are those of every gcc up to stage 3's own. They
# decide what code comes out (position-independent, with stack protector), so a
# compiler that differs in them could not reproduce the next one.
. files/common.sh

# musl's headers come before its library: libgcc is compiled against them.
unpack musl musl.tar.gz 0001-musl-euc-kr-rows.patch 0002-musl-utf8-output-checked.patch
cross_musl install-headers

# The tarball holds upstream's, without the manual, as another tarball. The test
# suites and the run-time libraries of other languages are half of its files.
mkdir gcc
tar xOf gcc.tar.gz gcc-12-12.2.0/gcc-12.2.0-dfsg.tar.xz |
	tar xoJf - -C gcc --strip-components=1 --exclude='*/gcc/testsuite/g*' --exclude='*/gcc/ada/*' \
		--exclude='*/libgo/*' --exclude='*/libphobos/*' --exclude='*/libsanitizer/*'
for name in patches/*-gcc-*; do
	(cd gcc && patch -p1 < ../$name)
done

# gcc orders equally good choices by hashes of sets, of 32-bit words in a 32-bit gcc.
# This one is told to have the words of a 64-bit gcc, or stage 3's, which is, would
# give some functions other registers.
mkdir gcc/obj && cd gcc/obj
CFLAGS=-O1 CXXFLAGS='-O1 -DUSE_LONG_LONG_FOR_WIDEST_FAST_INT' ../configure --prefix=$prefix --with-sysroot=$sysroot \
	--build=$host --host=$host --target=$TARGET $(cat $here/files/gcc.options) \
	--with-gmp=$here/mp --with-mpfr=$here/mp --with-mpc=$here/mp --disable-lto
# The manual's copyright check compares a generated file with one that Debian's
# tarball lacks; a stamp from the future keeps it from running.
mkdir -p gcc && touch -d '2099-01-01 00:00:00' gcc/s-tm-texi
make -j2 MAKEINFO=true all-gcc
make MAKEINFO=true install-strip-gcc
licence gcc ../COPYING3 ../COPYING.RUNTIME ../COPYING.LIB
licence musl $here/musl/COPYRIGHT
make -j2 MAKEINFO=true CFLAGS_FOR_TARGET=-O2 enable_shared=no all-target-libgcc
