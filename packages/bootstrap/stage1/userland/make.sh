# GNU make 4.3 in its source folder; CC and OUT say by what and whereto, HOST what
# `make -v` calls the machine. Debian's tarball has no configure, and needs none.
set -e
mkdir -p own
cp lib/glob.in.h own/glob.h
cp $(dirname $0)/make-config.h own/config.h
echo "#define MAKE_HOST \"${HOST:-i386-unknown-linux-musl}\"" >> own/config.h
sources=
for name in ar arscan commands default dir expand file function getopt getopt1 guile hash \
	implicit job load loadapi main misc output posixos read remake remote-stub rule \
	signame strcache variable version vpath; do
	sources="$sources src/$name.c"
done
$CC -w -static -DHAVE_CONFIG_H -Iown -Isrc -Ilib -o $OUT $sources lib/glob.c lib/concat-filename.c
