# gcc 10.2 by itself. Run in /build; installs into /usr of /build/rootfs.
set -e
. /build/files/gcc10-common.sh
export PATH=/opt/gcc10a/bin:$PATH
DESTDIR=/build/rootfs
build_gcc10 /build/gcc10/objb /usr posix gcc g++ -O1
rm -rf /build/gcc10/objb
