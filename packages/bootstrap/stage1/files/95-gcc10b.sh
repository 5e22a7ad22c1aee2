# gcc 10.2 by itself. Run in /build/gcc10; installs into /usr.
set -e
. /build/files/gcc10-common.sh
export PATH=/opt/gcc10a/bin:$PATH
build_gcc10 /build/gcc10/objb /usr posix gcc g++ -O1
