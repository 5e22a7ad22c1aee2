# What the steps share: sourced by each, run in /home/user.
#
# Every step runs twice with the same text: first by the cross compiler of stage 2,
# on 32 bits ($BUILD is set), then by the system that came of it.
set -e
here=/home/user root=/home/user/rootfs src=/usr/src/toolchain
target=${TARGET:-x86_64-linux-musl}
build=${BUILD:-$target}
triplets="--build=$build --host=$target"
tool=${BUILD:+$target-}
export CFLAGS=-O2 CXXFLAGS=-O2

# unpack DIR ARCHIVE: an archive, less its top folder.
unpack()
{
	mkdir -p $here/$1
	tar xof $here/$2 -C $here/$1 --strip-components=1
}
