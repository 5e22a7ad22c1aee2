# torture.sh DIR LIST CC LEVEL...: test files of gcc's by a compiler of the chain.
# Run by the image's shell, or by any other for a control. LIST has a line a test,
# `name|options|files|levels to leave out`, as the driver `torture` writes it; the files
# are below DIR. Each is compiled at each level, run, and must end with 0. Prints what
# failed, `LEVEL NAME: how`, and for each level a count.
dir=$1 list=$2 cc=$3
shift 3
work=$(mktemp -d)
cd $work
for level; do
	ran=0 failed=0
	while IFS='|' read -r name options files without; do
		case " $without " in *" $level "*) continue ;; esac
		ran=$((ran + 1))
		sources=
		for file in $files; do
			sources="$sources $dir/$file"
		done
		if ! eval "timeout 300 $cc $level -w $options $sources -o program -lm" > out 2>&1 < /dev/null; then
			failed=$((failed + 1))
			echo "$level $name: does not compile: $(grep -m 1 -e error -e undefined -e syntax out || head -n 1 out)"
		elif ! timeout 120 ./program > out 2>&1 < /dev/null; then
			failed=$((failed + 1))
			echo "$level $name: fails"
		fi
		rm -f program
	done < $list
	echo "$cc $level: $ran ran, $failed failed"
done
cd /
rm -rf $work
