# What both builds of gcc 10.2 share: sourced by 90-gcc10a.sh and 95-gcc10b.sh.
triplet=i386-unknown-linux-musl

# build_gcc10 OBJ PREFIX THREADS CC CXX CFLAGS      installs below $DESTDIR
#
# --enable-checking=release, never --disable-checking: without any checking, and
# compiled by a gcc older than 4.5, GCC 10's gcc_assert drops its argument, and
# some arguments have side effects (cgraph.c, tree-eh.c, tree-ssa-structalias.c).
# The result compiles, and miscompiles exceptions.
#
# --with-arch=i686: an i386 has no compare-and-exchange, which std::atomic and
# std::future need, and code for it takes 15 % longer on processors of today.
build_gcc10()
{
	obj=$1 prefix=$2
	mkdir -p $obj && cd $obj
	CC=$4 CXX=$5 CFLAGS=$6 CXXFLAGS=$6 ../configure --prefix=$prefix \
		--build=$triplet --host=$triplet --target=$triplet \
		--with-gmp=/opt/mp --with-mpfr=/opt/mp --with-mpc=/opt/mp \
		--with-as=/usr/bin/as --with-ld=/usr/bin/ld \
		--enable-languages=c,c++ --enable-checking=release --enable-threads=$3 \
		--with-arch=i686 --with-tune=generic \
		--disable-bootstrap --disable-shared --disable-nls --disable-multilib \
		--disable-libssp --disable-libgomp --disable-libquadmath --disable-libsanitizer \
		--disable-libatomic --disable-libitm --disable-libvtv --disable-lto --disable-plugin \
		--disable-decimal-float --disable-libstdcxx-pch --disable-cet --disable-analyzer
	# The manual's copyright check compares a generated file with one that
	# Debian's tarball lacks; a stamp from the future keeps it from running.
	mkdir -p gcc && touch -d '2099-01-01 00:00:00' gcc/s-tm-texi
	set -- MAKEINFO=true CFLAGS_FOR_TARGET=-O2 CXXFLAGS_FOR_TARGET=-O2
	make -j2 "$@" all-gcc
	make -j2 "$@" all-target-libgcc all-target-libstdc++-v3
	make DESTDIR=$DESTDIR "$@" install-gcc install-target-libgcc install-target-libstdc++-v3
}
