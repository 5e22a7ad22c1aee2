# gcc 10.2 C and C++ by g++ 3.4.6. Run in /build; installs into /opt/gcc10a.
set -e
. /build/files/gcc10-common.sh
export PATH=/opt/gcc3/bin:$PATH

# The tarball holds upstream's, without the manual, as another tarball. The test
# suites and the run-time libraries of other languages are half of its files.
mkdir -p gcc10
tar xOf gcc10.tar.xz gcc-10-10.2.0/gcc-10.2.0-dfsg.tar.xz |
	tar xoJf - -C gcc10 --strip-components=1 --exclude='*/testsuite/*' --exclude='*/gcc/ada/*' \
		--exclude='*/libgo/*' --exclude='*/libphobos/*' --exclude='*/libsanitizer/*'
(cd gcc10 && patch -p1 < /build/patches/0008-gcc10-threads-without-weak-names.patch)

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
build_gcc10 /build/gcc10/obja /opt/gcc10a single gcc /build/bin/g++ '-O1 -mtune=i686 -DPLUGIN_LITTLE_ENDIAN=1'
rm -rf /build/gcc10/obja
