# shellcheck shell=bash
# Throwaway people, each with a home, a store and keys of his own, around one tree.
# Read by the scripts beside it; `here` is the repository.
set -u
cairn=$here/target/release/cairn
work=$(mktemp -d)
passed=0 failed=0
trap 'for p in "$work"/home/*; do GNUPGHOME=$p/gnupg gpgconf --kill all 2>/dev/null; done; [ -n "${registry-}" ] && kill "$registry" 2>/dev/null; rm -rf "$work"' EXIT

tree=$work/tree
port=$((20000 + RANDOM % 20000))
mkdir -p "$tree/packages" "$tree/digests"
[ -e "$here/mirrors.tsv" ] && cp "$here/mirrors.tsv" "$tree/"

# tiny NAME TEXT: a package of one file, which is built at once.
tiny() {
    mkdir -p "$tree/packages/$1"
    echo "$2" >"$tree/packages/$1/file"
    printf '# A file, for tests.\nFROM scratch AS package\nLABEL org.opencontainers.image.version=1.0\nCOPY file /\n' \
        >"$tree/packages/$1/Containerfile"
}

# as PERSON COMMAND…: a command in that person's home.
as() {
    local home=$work/home/$1
    shift
    mkdir -p "$home/gnupg" && chmod 700 "$home/gnupg"
    HOME=$home GNUPGHOME=$home/gnupg CAIRN_HOME=$home/store CAIRN_TREE=$tree "$@"
}

# want STATUS TEXT LABEL COMMAND…: the command ends so, and says TEXT.
want() {
    local status=$1 text=$2 label=$3 said got
    shift 3
    said=$("$@" 2>&1)
    got=$?
    if [ "$got" = "$status" ] && grep -qF -- "$text" <<<"$said"; then
        passed=$((passed + 1))
        echo "ok      $label"
    else
        failed=$((failed + 1))
        echo "FAILED  $label: status $got instead of $status, or lacks: $text"
        sed 's/^/        /' <<<"$said"
    fi
}

new_key() { as "$1" gpg --batch --quiet --passphrase '' --quick-generate-key "$2 <$2@example.org>" ed25519 sign never 2>/dev/null; }
print_of() { as "$1" gpg --batch --with-colons --list-secret-keys "$2@example.org" | awk -F: '$1 == "fpr" {print $10; exit}'; }
image() { as ada "$cairn" --quiet build --offline "$package" | cut -d' ' -f1; }

add() { # PERSON ORGANISATION ROLE…
    local person=$1 organisation=$2 roles=()
    shift 2
    for role in "$@"; do roles+=(--role "$role"); done
    new_key "$person" "$person"
    as "$person" "$cairn" key add "$person" --organisation "$organisation" "${roles[@]}" \
        --gpg "$(print_of "$person" "$person")" --not-after 2099-01-01
}

policy() { # REPRODUCERS ORGANISATIONS
    cat >"$tree/trust/policy.toml" <<POLICY
version = 1
repository = "localhost:$port/cairn"
[algorithms]
openpgp = ["ed25519"]
ssh = ["ssh-ed25519"]
hashes = ["sha256", "sha512"]
rsa-minimum-bits = 3072
[maximum-age]
signature-days = 400
snapshot-days = 30
[snapshot]
threshold = 2
[groups.default]
maintainers = 1
reviewers = 1
reproducers = $1
organisations = $2
POLICY
}

new_root() { # THRESHOLD SIGNER…
    local threshold=$1
    shift
    as ada "$cairn" policy propose --threshold "$threshold" >/dev/null || return
    for person in "$@"; do as "$person" "$cairn" policy sign --as "$person" >/dev/null || return; done
}
