# unpack.sh DIR ARCHIVE [PATCH...]: an archive of /build, less its top folder, and our patches.
set -e
dir=/build/$1 archive=/build/$2
shift 2
mkdir -p $dir
tar xof $archive -C $dir --strip-components=1
cd $dir
for name; do
	patch -p1 < /build/patches/$name
done
