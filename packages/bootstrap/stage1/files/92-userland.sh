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

sh files/unpack.sh busybox busybox.tar.bz2
cd busybox
sh ../userland/busybox.sh $root

sh ../files/unpack.sh make make.tar.gz
cd /build/make
CC='gcc -O1' OUT=$root/usr/bin/make sh ../userland/make.sh

mkdir -p /build/binutils2/obj && cd /build/binutils2/obj
sh ../../files/binutils2.sh gcc g++ -O1
make MAKEINFO=true DESTDIR=$root install-strip
cd /build && rm -rf binutils2 busybox make
