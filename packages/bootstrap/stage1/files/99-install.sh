# The last touch to /build/rootfs: no symbols in the programs, no manuals, and
# the name cc that makefiles use. Run in /build.
set -e
cd rootfs
rm -rf usr/share usr/lib/*.la usr/libexec/gcc/*/*/install-tools usr/lib/gcc/*/*/install-tools
ln -s gcc usr/bin/cc
strip usr/bin/make usr/bin/g++ usr/bin/c++ usr/bin/cpp usr/bin/gcc usr/bin/gcov usr/bin/gcov-tool usr/bin/gcov-dump \
	usr/bin/gcc-ar usr/bin/gcc-nm usr/bin/gcc-ranlib usr/bin/i386-unknown-linux-musl-*
for program in cc1 cc1plus collect2; do
	strip usr/libexec/gcc/i386-unknown-linux-musl/10.2.0/$program
done
