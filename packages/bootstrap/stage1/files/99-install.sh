# The last touch to /build/rootfs: no symbols in the programs, no manuals, and
# the name cc that makefiles use. Run in /build.
set -e
cd rootfs
rm -rf usr/share usr/lib/*.la usr/libexec/gcc/*/*/install-tools usr/lib/gcc/*/*/install-tools
ln -s gcc usr/bin/cc
for program in usr/bin/* usr/libexec/gcc/*/*/*; do
	if test ! -L $program && head -c 4 $program | grep -q ELF; then
		strip $program
	fi
done
