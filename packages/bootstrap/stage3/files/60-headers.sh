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
cd $here/linux
licence linux COPYING LICENSES/preferred/GPL-2.0 LICENSES/exceptions/Linux-syscall-note
rm -rf $here/linux
