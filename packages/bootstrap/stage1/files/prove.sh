# prove.sh NAME SHA256 PATH...: stops the build unless the files below PATH...
# are the recorded ones.
#
# What is hashed is a list, sorted by path: of every file its SHA-256 and
# whether it can be executed, of every link its target. Times and owners are
# not part of it. The list stays in /build/proof/NAME for a comparison.
set -e
name=$1 expected=$2
shift 2
mkdir -p /build/proof
list=/build/proof/$name
{
	find "$@" -type f ! -perm -100 | sort | xargs -r sha256sum
	find "$@" -type f -perm -100 | sort | xargs -r sha256sum | sed 's/  / x /'
	find "$@" -type l | sort | while read -r link; do
		echo "$link -> $(readlink "$link")"
	done
} > $list
actual=$(sha256sum < $list)
actual=${actual%% *}
if test "$actual" != "$expected"; then
	echo "step $name: this is not the recorded result" >&2
	echo "  recorded $expected" >&2
	echo "  here     $actual" >&2
	exit 1
fi
echo "step $name: $actual, as recorded"
