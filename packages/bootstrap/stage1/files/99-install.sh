# The last touch to /build/rootfs: no symbols in the programs, no manuals, the licences,
# and the name cc that makefiles use. Run in /build.
set -e
cd rootfs
rm -rf usr/share usr/lib/*.la usr/libexec/gcc/*/*/install-tools usr/lib/gcc/*/*/install-tools
ln -s gcc usr/bin/cc

# What the image says of a licence: licence NAME FILE...
licence()
{
	mkdir -p usr/share/licenses/$1
	dir=usr/share/licenses/$1
	shift
	cp "$@" $dir/
}
mkdir ../licences
for text in gmp.tar.xz:gmp-6.2.1/COPYINGv3 gmp.tar.xz:gmp-6.2.1/COPYING.LESSERv3 mpfr.tar.xz:mpfr-4.2.0/COPYING.LESSER \
	mpc.tar.gz:mpc-1.3.1/COPYING.LESSER make.tar.gz:make-dfsg-4.3/COPYING binutils2.tar.xz:binutils-2.40/COPYING3; do
	tar xof ../${text%:*} -C ../licences ${text#*:}
done
licence musl ../musl-1.2.3/COPYRIGHT
licence busybox ../busybox-1.35.0/LICENSE
licence make ../licences/make-*/COPYING
licence binutils ../licences/binutils-*/COPYING3
licence gcc ../gcc10/COPYING3 ../gcc10/COPYING.RUNTIME
licence gmp ../licences/gmp-*/COPYING*
licence mpfr ../licences/mpfr-*/COPYING.LESSER
licence mpc ../licences/mpc-*/COPYING.LESSER

# How busybox and make are built without kconfig and configure: the next stages, and
# whoever packages them, do it by the same files.
mkdir -p usr/src
cp -r ../userland usr/src/

for program in usr/bin/* usr/libexec/gcc/*/*/*; do
	if test ! -L $program && head -c 4 $program | grep -q ELF; then
		strip $program
	fi
done
