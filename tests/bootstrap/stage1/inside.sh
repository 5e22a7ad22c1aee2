# inside.sh [CC CXX]: compiles and runs every program here at each level of
# optimisation; run by the image's shell in a folder it may write to, /tests being
# this folder. `modern.cc` and `atomics.cc` need C++17. The last line counts.
cc=${1:-gcc} cxx=${2:-g++}
ran=0 failed=0
try()
{
	name=$1
	shift
	ran=$((ran + 1))
	if "$@" -o program > compiler.out 2>&1 && timeout 120 ./program > program.out 2>&1; then
		return
	fi
	failed=$((failed + 1))
	echo "FAILED: $name: $*"
	head -n 5 compiler.out program.out
}
for level in -O0 -O1 -O2 -O3 -Os '-O2 -static'; do
	for source in /tests/programs/*.c; do
		try "${source##*/} $level" $cc $level -w -D_GNU_SOURCE $source
	done
	for source in /tests/programs/*.cc; do
		case $cxx in none) continue ;; esac
		standard=-std=gnu++98
		case $source in
		*/modern.cc | */atomics.cc)
			standard=-std=gnu++17
			echo 'int main(){auto f=[]{return 0;};return f();}' > new.cc
			$cxx $standard new.cc -o program > /dev/null 2>&1 || continue
			;;
		esac
		try "${source##*/} $level" $cxx $standard $level -w $source
	done
done
rm -f program compiler.out program.out new.cc
echo "$ran programs, $failed failed"
test $failed = 0
