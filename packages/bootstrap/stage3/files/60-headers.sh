# The kernel's headers for programs.
. files/common.sh
mkdir linux
tar xof linux.tar.xz -C linux --strip-components=1 --exclude='*/drivers/*' --exclude='*/Documentation/*' \
	--exclude='*/sound/*' --exclude='*/fs/*' --exclude='*/net/*' --exclude='*/selftests/*'
case $target in
aarch64-*) arch=arm64 ;;
*) arch=${target%%-*} ;;
esac
make -C linux ARCH=$arch HOSTCC=gcc headers
cd linux/usr/include
find . -name '*.h' | cpio -pdm $root/usr/include
rm -rf $here/linux
