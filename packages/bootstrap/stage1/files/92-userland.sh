# The system by gcc 10.2: musl into /usr in place of the one by gcc 3.4.6, and
# musl, busybox, make and binutils into /build/rootfs. Run in /build.
set -e
export PATH=/opt/gcc10a/bin:$PATH
root=/build/rootfs
mkdir -p $root/bin $root/etc $root/tmp $root/usr/bin $root/usr/lib
chmod 1777 $root/tmp
echo 'root:x:0:0:root:/:/bin/sh' > $root/etc/passwd
echo 'root:x:0:' > $root/etc/group

sh files/55-musl-gcc.sh gcc $root

# busybox: bbgen as before, now with help texts, which a shell can turn into C.
sh files/unpack.sh busybox busybox.tar.bz2
cd busybox
echo SHOW_USAGE FEATURE_VERBOSE_USAGE | cat ../files/busybox.options - > options
gcc -o bbgen ../files/bbgen.c
./bbgen options $(find * -name Kbuild.src | sed 's,/Kbuild.src,,' | grep -v -e applets -e scripts | sort)
gcc -o tables applets/applet_tables.c
./tables include/applet_tables.h include/NUM_APPLETS.h
gcc -w -Iinclude -include include/autoconf.h -o usage applets/usage.c
{
	echo '#define UNPACKED_USAGE \'
	./usage | od -v -b | sed -e 's/^[^ ]*//' -e '/./!d' -e 's/ /\\/g' -e 's/.*/"&" \\/'
	echo
	echo "#define UNPACKED_USAGE_LENGTH $(./usage | wc -c)"
} > include/usage_compressed.h
make -j2 -f ../files/busybox.mk
cp busybox $root/bin/busybox
for applet in $(./busybox --list); do
	ln -s busybox $root/bin/$applet
done
ln -s ../../bin/busybox $root/usr/bin/env

sh ../files/unpack.sh make make.tar.gz
cd /build/make
CC='gcc -O1' OUT=$root/usr/bin/make sh ../files/make.sh

mkdir -p /build/binutils2/obj && cd /build/binutils2/obj
sh ../../files/binutils2.sh gcc g++ -O1
make MAKEINFO=true DESTDIR=$root install-strip
cd /build && rm -rf binutils2 busybox make
