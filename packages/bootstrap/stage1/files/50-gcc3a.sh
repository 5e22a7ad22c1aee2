# gcc 3.4.6 by tcc: C only, used to compile musl and the next gcc 3.4.6.
# Run in /build; installs into /opt/gcc3a.
set -e
. /build/files/gcc3-common.sh

# crti.o and crtn.o by tcc lack the execute flag on .init and .fini.
as -o /usr/lib/crti.o /build/musl-1.2.3/crt/i386/crti.s
as -o /usr/lib/crtn.o /build/musl-1.2.3/crt/i386/crtn.s

sh files/unpack.sh gcc3 gcc3.tar.gz 0005-gcc3-signal-frames-need-glibc.patch 0006-gcc3-generic-ctype.patch 0009-gcc3-names-without-chance.patch
make_parsers /opt/yacc/bin/yacc
configure_and_build /build/gcc3/obja /opt/gcc3a c cc ''
rm -rf /build/gcc3/obja
