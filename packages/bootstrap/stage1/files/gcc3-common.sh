# What both builds of gcc 3.4.6 share: sourced by 50-gcc3a.sh and 60-gcc3b.sh.
export PATH=/opt/binutils1/bin:$PATH
triplet=i386-unknown-linux-gnu

# make_parsers YACC
#
# The parsers and the lexer that upstream generated give way to those of our yacc and to
# one by hand. gcc forbids the word realloc behind its own headers, and wants no limit
# for the stack of a parser.
make_parsers()
{
	cd /build/gcc3/gcc
	rm -f c-parse.[cy] gengtype-lex.c gengtype-yacc.[ch]
	sed -e '/^@@ifobjc/,/^@@end_ifobjc/d' -e '/^@@ifc/d' -e '/^@@end_ifc/d' c-parse.in > c-parse.y
	for grammar in c-parse gengtype-yacc; do
		$1 -d -o $grammar.c $grammar.y
		sed -i -e '1i#define YYMAXDEPTH 1000000' -e 's/)realloc(/)really_call_realloc(/' $grammar.c
	done
	cp /build/files/gengtype-lex.c .
}

# configure_and_build OBJ PREFIX LANGUAGES CC CFLAGS
#
# The makefile targets are named one by one: `all` and `install` would also
# want the manuals, whose sources Debian's tarball lacks, and fixincludes.
configure_and_build()
{
	obj=$1 prefix=$2 languages=$3
	mkdir -p $obj && cd $obj
	CC=$4 CFLAGS=$5 ../configure --prefix=$prefix \
		--build=$triplet --host=$triplet --target=$triplet \
		--with-local-prefix=$prefix --with-as=/opt/binutils1/bin/as --with-ld=/opt/binutils1/bin/ld \
		--enable-languages=$languages --enable-clocale=generic \
		--disable-shared --disable-nls --disable-threads --disable-multilib \
		--disable-checking --disable-libunwind-exceptions
	make CFLAGS="$5" all-libiberty configure-gcc

	# limits.h of gcc includes this file; fixincludes would put it there.
	mkdir -p gcc/include
	cp ../gcc/gsyslimits.h gcc/include/syslimits.h
	cd gcc
	set -- STMP_FIXINC= MAKEINFO=true CFLAGS="$5" LIBGCC2_DEBUG_CFLAGS=
	make -j2 "$@" start.encap
	make -j2 "$@" rest.encap
	make "$@" install-common install-headers install-libgcc install-cpp install-driver lang.install-normal
}
