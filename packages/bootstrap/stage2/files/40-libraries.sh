# musl, libgcc and libstdc++ for $TARGET, static and shared.
. files/common.sh
cd musl
CFLAGS=-O2 CC=$TARGET-gcc CROSS_COMPILE=$TARGET- LIBCC=../gcc/obj/$TARGET/libgcc/libgcc.a \
	./configure --target=$TARGET --prefix=/usr --syslibdir=/lib --disable-wrapper
cross_musl
cross_musl install

# With a C library to link with, libgcc can be a shared library, too. If programs for
# $TARGET run on this processor, the libraries are configured by trying, as they will
# be in stage 3: a compiler linked with them must be the one linked with those.
set -- MAKEINFO=true CFLAGS_FOR_TARGET=-O2 CXXFLAGS_FOR_TARGET=-O2
case $TARGET in
x86_64-*)
	ln -s $sysroot/usr/lib/libc.so /lib/ld-musl-x86_64.so.1
	set -- "$@" build_alias=$TARGET
	;;
esac
cd ../gcc/obj
make -C $TARGET/libgcc distclean
make -j2 "$@" all-target-libgcc
make "$@" install-target-libgcc
make -j2 "$@" all-target-libstdc++-v3
make "$@" install-target-libstdc++-v3
