# gcc 3.4.6 by tcc: C only, used to compile musl and the next gcc 3.4.6.
# Run in /build/gcc3; installs into /opt/gcc3a.
set -e
. /build/files/gcc3-common.sh

# crti.o and crtn.o by tcc lack the execute flag on .init and .fini.
as -o /usr/lib/crti.o /build/musl/crt/i386/crti.s
as -o /usr/lib/crtn.o /build/musl/crt/i386/crtn.s

configure_and_build /build/gcc3/obja /opt/gcc3a c cc ''
