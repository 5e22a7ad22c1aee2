# The last touch to /build/rootfs: no symbols in the programs, no manuals, the licences,
# and the name cc that makefiles use. Run in /build.
set -e
cd rootfs
rm -rf usr/share usr/lib/*.la usr/libexec/gcc/*/*/install-tools usr/lib/gcc/*/*/install-tools
ln -s gcc usr/bin/cc

# What the image says of a licence: licence NAME ARCHIVE FILE...
licence()
{
	dir=usr/share/licenses/$1 archive=../$2
	shift 2
	mkdir -p $dir
	tar xof $archive -C $dir --strip-components=1 "$@"
	chmod 644 $dir/*
}
licence musl musl.tar.gz musl-1.2.3/COPYRIGHT
licence busybox busybox.tar.bz2 busybox-1.35.0/LICENSE
licence make make.tar.gz make-dfsg-4.3/COPYING
licence binutils binutils2.tar.xz binutils-2.40/COPYING3
licence gmp gmp.tar.xz gmp-6.2.1/COPYINGv3 gmp-6.2.1/COPYING.LESSERv3
licence mpfr mpfr.tar.xz mpfr-4.2.0/COPYING.LESSER
licence mpc mpc.tar.gz mpc-1.3.1/COPYING.LESSER
mkdir usr/share/licenses/gcc
cp ../gcc10/COPYING3 ../gcc10/COPYING.RUNTIME usr/share/licenses/gcc/

# How busybox and make are built without kconfig and configure: the next stages, and
# whoever packages them, do it by the same files.
mkdir -p usr/src
cp -r ../userland usr/src/

for program in usr/bin/* usr/libexec/gcc/*/*/*; do
	if test ! -L $program && head -c 4 $program | grep -q ELF; then
		strip $program
	fi
done
