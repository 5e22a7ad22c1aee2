# gcc 10.2 C and C++ by g++ 3.4.6. Run in /build/gcc10; installs into /opt/gcc10a.
set -e
. /build/files/gcc10-common.sh
export PATH=/opt/gcc3/bin:$PATH

# g++ 3.4.6 spends more than five minutes on i386-common.c from -O1 on.
mkdir -p /build/bin
cat > /build/bin/g++ <<'END'
#!/bin/sh
case "$*" in
*/i386-common.c*) set -- "$@" -O0 -fno-inline ;;
esac
exec /opt/gcc3/bin/g++ "$@"
END
chmod 755 /build/bin/g++

# plugin-api.h asks newer compilers for the byte order; g++ 3.4.6 must be told.
build_gcc10 /build/gcc10/obja /opt/gcc10a single gcc /build/bin/g++ '-O1 -DPLUGIN_LITTLE_ENDIAN=1'
