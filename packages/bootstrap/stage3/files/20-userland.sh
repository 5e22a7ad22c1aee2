# busybox and make, by the same files as in stage 1; users, and places to write.
. files/common.sh
export CC=$target-gcc

unpack busybox busybox.tar.bz2
(cd busybox && sh /usr/src/userland/busybox.sh $root)
unpack make make.tar.gz
(cd make && CC="$CC -O2" HOST=$target OUT=$root/usr/bin/make sh /usr/src/userland/make.sh)
${tool}strip $root/bin/busybox $root/usr/bin/make

mkdir -p $root/etc $root/home/user $root/tmp
chmod 1777 $root/tmp
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n' > $root/etc/passwd
printf 'root:x:0:\nuser:x:1000:\n' > $root/etc/group
licence busybox busybox/LICENSE
licence make make/COPYING
rm -rf busybox make
