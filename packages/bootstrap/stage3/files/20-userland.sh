# busybox and make, by the same files as in stage 1; users, and places to write.
. files/common.sh
export CC=$target-gcc
ln -sfn /usr/src/userland /build/files

unpack busybox busybox.tar.bz2
(cd busybox && sh /build/files/busybox.sh $root)

# make tells in `make -v` what it was built for.
unpack make make.tar.gz
cp -r /usr/src/userland make/userland
sed -i "s/i386-unknown-linux-musl/$target/" make/userland/make-config.h
sed -i "s,/build/files,userland," make/userland/make.sh
(cd make && CC="$CC -O2" OUT=$root/usr/bin/make sh userland/make.sh)
${tool}strip $root/bin/busybox $root/usr/bin/make

mkdir -p $root/etc $root/home/user $root/tmp
chmod 1777 $root/tmp
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n' > $root/etc/passwd
printf 'root:x:0:\nuser:x:1000:\n' > $root/etc/group
rm -rf busybox make
