# What the steps share: sourced by each, run in /home/user with $TARGET set.
set -e
here=/home/user prefix=/opt/cross sysroot=/opt/cross/sysroot
host=i386-unknown-linux-musl
export PATH=$prefix/bin:/usr/bin:/bin

# unpack DIR ARCHIVE [PATCH...]: an archive, less its top folder, and our patches.
unpack()
{
	mkdir -p $here/$1
	tar xof $here/$2 -C $here/$1 --strip-components=1
	dir=$here/$1
	shift 2
	for name; do
		(cd $dir && patch -p1 < $here/patches/$name)
	done
}

# licence NAME FILE...: what the image says of a licence.
licence()
{
	mkdir -p $here/licenses/$1
	dir=$here/licenses/$1
	shift
	cp "$@" $dir/
}

# The C library for $TARGET: `cross_musl GOAL...` with what the compiler is.
cross_musl()
{
	make -C $here/musl -j2 ARCH=${TARGET%%-*} prefix=/usr syslibdir=/lib DESTDIR=$sysroot "$@"
}
