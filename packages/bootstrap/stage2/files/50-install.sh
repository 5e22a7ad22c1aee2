# What the image holds: the toolchain, and how it was made. Stage 3 is built by the
# same options and patches, and other targets by the same steps. Run in /home/user
# as root.
set -e
cross=rootfs/opt/cross
mkdir -p rootfs/opt rootfs/usr/bin rootfs/usr/src/toolchain rootfs/usr/share
cp -a /opt/cross rootfs/opt/
rm -rf $cross/share $cross/$TARGET/lib/*.la
cp -r patches files/gcc.options rootfs/usr/src/toolchain/
cp -r files rootfs/usr/src/toolchain/cross
cp -r licenses rootfs/usr/share/

# What is linked with the libraries, such as stage 3's libc.so, does not get their
# debugging information: stage 3's own have none.
/opt/cross/bin/$TARGET-strip -g $cross/lib/gcc/$TARGET/*/*.a $cross/$TARGET/lib/*.a

# Where its programs run, the toolchain is for the system that it stands in: the
# system's own folders are its sysroot, and its programs have their usual names.
case $TARGET in
x86_64-*)
	mv $cross/sysroot/lib rootfs/
	mv $cross/sysroot/usr/* rootfs/usr/
	rm -r $cross/sysroot
	ln -s ../.. $cross/sysroot
	cp -a $cross/$TARGET/lib/*.so* rootfs/usr/lib/
	for program in $cross/$TARGET/bin/*; do
		name=${program##*/}
		rm -f $cross/bin/$TARGET-$name
		ln -s ../../opt/cross/$TARGET/bin/$name rootfs/usr/bin/$name
	done
	for name in gcc g++ cpp; do
		ln -s ../../opt/cross/bin/$TARGET-$name rootfs/usr/bin/$name
	done
	;;
esac
chown -R 0:0 rootfs
