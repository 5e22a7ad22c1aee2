# gcc 3.4.6 C and C++ by gcc 3.4.6, with libstdc++: the compiler of all that follows.
# Run in /build; installs into /opt/gcc3. First musl is rebuilt by gcc, so
# that the new compiler depends on tcc through nothing but correct compilers.
set -e
. /build/files/gcc3-common.sh
sh files/55-musl-gcc.sh /opt/gcc3a/bin/gcc

configure_and_build /build/gcc3/objb /opt/gcc3 c,c++ /opt/gcc3a/bin/gcc -O1

# ALL_GCC_C is emptied because it would want `all` of gcc again, with the manuals.
cd /build/gcc3/objb
make ALL_GCC_C= configure-target-libstdc++-v3
make -j2 ALL_GCC_C= all-target-libstdc++-v3
make ALL_GCC_C= install-target-libstdc++-v3
rm -rf /build/gcc3
