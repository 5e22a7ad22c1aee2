# musl: the C library, static and shared, with its loader in /lib.
. files/common.sh
mkdir -p rootfs/usr
cp -r /usr/src rootfs/usr/
unpack musl musl.tar.gz
for name in $src/patches/*-musl-*; do
	(cd musl && patch -p1 < $name)
done
cd musl
CC=$target-gcc ./configure $triplets --prefix=/usr --syslibdir=/lib --disable-wrapper
make -j2
make DESTDIR=$root install
licence musl COPYRIGHT
settle
rm -rf $here/musl
