# What the image holds: the toolchain, and how it was made. Stage 3 is built by the
# same options and patches, and other targets by the same steps. Run in /home/user
# as root.
set -e
mkdir -p rootfs/opt rootfs/usr/src/toolchain
cp -a /opt/cross rootfs/opt/
rm -rf rootfs/opt/cross/share rootfs/opt/cross/$TARGET/lib/*.la
cp -r patches files/gcc.options rootfs/usr/src/toolchain/
cp -r files rootfs/usr/src/toolchain/cross
chown -R 0:0 rootfs
