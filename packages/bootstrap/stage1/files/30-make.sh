# GNU make 4.3 by tcc, and the last pieces of a POSIX environment: names for
# busybox's applets, empty libraries, cc. Run in /build/make by the new busybox.
set -e
for applet in $(/bin/busybox --list); do
	/bin/busybox ln -sf /bin/busybox /usr/bin/$applet
done
PATH=/usr/bin:/bin
ln -sf /bin/busybox /bin/sh

# musl keeps everything in libc.a; configure scripts ask for the others by name.
for lib in m rt pthread crypt util dl; do
	printf '!<arch>\n' > /usr/lib/lib$lib.a
done

# Debian's tarball of make has no configure, and needs none.
mkdir -p own
cp lib/glob.in.h own/glob.h
cp /build/files/make-config.h own/config.h
sources=
for name in ar arscan commands default dir expand file function getopt getopt1 guile hash \
	implicit job load loadapi main misc output posixos read remake remote-stub rule \
	signame strcache variable version vpath; do
	test ! -f src/$name.c || sources="$sources src/$name.c"
done
${CC:-tcc -w} -static -DHAVE_CONFIG_H -Iown -Isrc -Ilib -o /usr/bin/make $sources lib/glob.c

# libtool drops -static from a compiler's arguments, so it goes into the compiler.
printf '#!/bin/sh\nexec tcc -static -w "$@"\n' > /usr/bin/cc
chmod 755 /usr/bin/cc
