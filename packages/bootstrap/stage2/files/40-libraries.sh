# musl, libgcc and libstdc++ for $TARGET, static and shared.
. files/common.sh
cd musl
CC=$TARGET-gcc CROSS_COMPILE=$TARGET- LIBCC=../gcc/obj/$TARGET/libgcc/libgcc.a \
	./configure --target=$TARGET --prefix=/usr --syslibdir=/lib --disable-wrapper
cross_musl
cross_musl install

# With a C library to link with, libgcc can be a shared library, too.
cd ../gcc/obj
make -C $TARGET/libgcc distclean
set -- MAKEINFO=true CFLAGS_FOR_TARGET=-O2 CXXFLAGS_FOR_TARGET=-O2
make -j2 "$@" all-target-libgcc
make "$@" install-target-libgcc
make -j2 "$@" all-target-libstdc++-v3
make "$@" install-target-libstdc++-v3
