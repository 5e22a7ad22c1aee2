# GNU make 4.3 by tcc, and the last pieces of a POSIX environment: names for
# busybox's applets, empty libraries, cc. Run in /build by the new busybox.
set -e
for applet in $(/bin/busybox --list); do
	/bin/busybox ln -sf /bin/busybox /usr/bin/$applet
done
ln -sf /bin/busybox /bin/sh

# musl keeps everything in libc.a; configure scripts ask for the others by name.
for lib in m rt pthread crypt util dl; do
	printf '!<arch>\n' > /usr/lib/lib$lib.a
done

# libtool drops -static from a compiler's arguments, so it goes into the compiler.
printf '#!/bin/sh\nexec tcc -static -w "$@"\n' > /usr/bin/cc
chmod 755 /usr/bin/cc

sh files/unpack.sh make make.tar.gz
cd make
CC=tcc OUT=/usr/bin/make sh /build/userland/make.sh
