# torture.sh DIR CC [LEVEL...]: gcc's own gcc.c-torture/execute by a compiler of the chain.
# Run by the image's shell; DIR holds the .c files. Each is compiled at each level, run,
# and must end with 0. Prints what failed and at the end a count for each level.
#
# A file is left out where dejagnu would leave it out for this target: the file says
# so in words that are looked for here (dg-require-effective-target of things that an
# i386 musl system or these configurations lack, dg-skip-if, int128).
dir=$1 cc=$2
shift 2
test $# -gt 0 || set -- -O0 -O1 -O2
work=$(mktemp -d)
cd $work
for level; do
	ran=0 failed=0 skipped=0
	for source in $dir/*.c; do
		if grep -q -e 'dg-require-effective-target *{* *\(int128\|lto\|label_values_x\|trampolines_x\|nonexistent\)' \
			-e 'dg-skip-if.*\*-\*-\*' $source; then
			skipped=$((skipped + 1))
			continue
		fi
		options=$(sed -n 's/.*dg-options "\([^"]*\)".*/\1/p; s/.*dg-additional-options "\([^"]*\)".*/\1/p' $source | tr '\n' ' ')
		ran=$((ran + 1))
		name=${source##*/}
		if ! timeout 120 $cc $level -w $options $source -o program -lm > out 2>&1; then
			failed=$((failed + 1))
			echo "$level $name: does not compile: $(head -n 1 out)"
		elif ! timeout 60 ./program > out 2>&1; then
			failed=$((failed + 1))
			echo "$level $name: fails"
		fi
	done
	echo "$cc $level: $ran ran, $failed failed, $skipped left out"
done
rm -rf $work
