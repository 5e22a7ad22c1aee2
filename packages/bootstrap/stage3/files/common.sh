# What the steps share: sourced by each, run in /home/user.
set -e
here=/home/user root=/home/user/rootfs src=/usr/src/toolchain
target=${TARGET:-x86_64-linux-musl}
# For another processor $BUILD says what this one is.
build=${BUILD:-$target}
triplets="--build=$build --host=$target"
tool=${BUILD:+$target-}
export CFLAGS=-O2 CXXFLAGS=-O2
# For large programs that never unwind: no tables for it, and no function that nobody calls.
lean="-O2 -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections"

# unpack DIR ARCHIVE: an archive, less its top folder.
unpack()
{
	mkdir -p $here/$1
	tar xof $here/$2 -C $here/$1 --strip-components=1
}

# licence NAME FILE...: what the image says of a licence.
licence()
{
	mkdir -p $root/usr/share/licenses/$1
	dir=$root/usr/share/licenses/$1
	shift
	cp "$@" $dir/
}

# The system that builds becomes the one that has been built, as far as it goes, so
# that what comes next is linked with and made by what the image will hold.
settle()
{
	test $build != $target || (cd $root && tar -cf - *) | tar -C / -xf -
}
