# busybox.sh ROOT: busybox by $CC (or gcc) in its source folder, into ROOT/bin with a
# link for every applet. bbgen as before, now with help texts, which a shell can turn
# into C. gcc makes the helpers, which run here.
set -e
root=$1 files=/build/files
echo SHOW_USAGE FEATURE_VERBOSE_USAGE | cat $files/busybox.options - > options
gcc -o bbgen $files/bbgen.c
./bbgen options $(find * -name Kbuild.src | sed 's,/Kbuild.src,,' | grep -v -e applets -e scripts | sort)
# A default may have a comment behind it in Config.src.
sed -i 's/^\(#define [A-Z_0-9]* [0-9]*\) .*/\1/' include/autoconf.h
gcc -o tables applets/applet_tables.c
./tables include/applet_tables.h include/NUM_APPLETS.h
gcc -w -Iinclude -include include/autoconf.h -o usage applets/usage.c
{
	echo '#define UNPACKED_USAGE \'
	./usage | od -v -b | sed -e 's/^[^ ]*//' -e '/./!d' -e 's/ /\\/g' -e 's/.*/"&" \\/'
	echo
	echo "#define UNPACKED_USAGE_LENGTH $(./usage | wc -c)"
} > include/usage_compressed.h
make -j2 -f $files/busybox.mk CC="${CC:-gcc}"
mkdir -p $root/bin $root/usr/bin
cp busybox $root/bin/busybox
for applet in $(sed -n 's/^"\(.*\)" "\\0"$/\1/p' include/applet_tables.h); do
	ln -s busybox $root/bin/$applet
done
ln -s ../../bin/busybox $root/usr/bin/env
