# The last touch to /build/rootfs: no symbols in the programs, no manuals, and
# the name cc that makefiles use. Run in /build.
set -e
cd rootfs
rm -rf usr/share usr/lib/*.la usr/libexec/gcc/*/*/install-tools usr/lib/gcc/*/*/install-tools
ln -s gcc usr/bin/cc

# How busybox and make are built without kconfig and configure: the next stages, and
# whoever packages them, do it by the same files.
mkdir -p usr/src
cp -r ../userland usr/src/

for program in usr/bin/* usr/libexec/gcc/*/*/*; do
	if test ! -L $program && head -c 4 $program | grep -q ELF; then
		strip $program
	fi
done
