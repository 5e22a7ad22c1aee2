# shellcheck shell=bash
# What other people's tools say: told nothing but the exported policy, and a registry.
out=$work/export

export_policy() {
    rm -rf "$out"
    as ada "$cairn" --quiet policy export "$out"
}

# A real registry with the image in it.
start_registry() {
    cat >"$work/registry.yml" <<REGISTRY
version: 0.1
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
REGISTRY
    docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
    registry=$!
    as ada "$cairn" --quiet export "$package" "$work/image.tgz" >/dev/null
    remote=localhost:$port/cairn/$package
    for _ in $(seq 50); do
        skopeo copy -q --insecure-policy --preserve-digests --dest-tls-verify=false \
            "oci-archive:$work/image.tgz" "docker://$remote:pushed" 2>"$work/push.log" && break
        sleep 0.2
    done
}

stock() { # what skopeo does with the policy as it is now
    rm -rf "$work/pulled"
    export_policy || return
    skopeo --policy "$out/policy.json" --registries.d "$out/registries.d" copy -q --src-tls-verify=false \
        "docker://$remote@$digest" "dir:$work/pulled"
}

# The same with podman, which reads registries.d from its user's configuration.
podman_pull() {
    rm -rf "$work/podman"
    export_policy || return
    mkdir -p "$work/podman/.config/containers"
    cp -a "$out/registries.d" "$work/podman/.config/containers/"
    HOME=$work/podman podman --root "$work/podman/root" --runroot "$work/podman/run" --storage-driver vfs \
        pull --quiet --signature-policy "$out/policy.json" --tls-verify=false "$remote@$digest"
}

# in-toto as PyPI has it. The layout is signed by its user, here dan.
in_toto_home=${CAIRN_IN_TOTO:-$here/out/in-toto}
in_toto() {
    local dir manifest=$work/manifest name=${package/\//-}
    export_policy || return
    dir=$out/in-toto/$name
    rm -rf "$manifest" && mkdir "$manifest"
    cp "$work/home/ada/store/blobs/sha256/${digest#sha256:}" "$manifest/manifest.json"
    local key
    key=$(print_of dan dan)
    as dan "$in_toto_home/bin/in-toto-sign" -f "$dir/root.layout" --gpg "$key" || return
    (cd "$manifest" && as dan "$in_toto_home/bin/in-toto-verify" -l "$dir/root.layout" \
        --link-dir "$dir" --gpg "$key" 2>&1)
}

clients_below_threshold() {
    want 1 "" "skopeo refuses two OpenPGP votes where three are needed" stock
    want 125 "Source image rejected" "podman refuses them" podman_pull
    want 1 "requires '3'" "in-toto refuses them" in_toto
}

# gpgv and ssh-keygen check single votes.
single_votes() {
    local kim line
    want 0 "policy.json" "the policy is exported" as ada "$cairn" policy export "$out"
    kim=$(find "$tree/signatures" -name 'kim.*reproduction.sig' | head -n 1)
    line=$(head -n 1 "$kim")
    sed -n '/BEGIN SSH/,$p' "$kim" >"$work/kim.sshsig"
    check_ssh() {
        printf '%s\n' "$line" |
            ssh-keygen -Y verify -f "$out/allowed_signers" -I "$1" -n "$2" -s "$work/kim.sshsig"
    }
    want 0 "Good" "ssh-keygen verifies kim's vote" check_ssh kim cairn
    want 255 "" "and not as dan's" check_ssh dan cairn
    want 255 "" "nor for anything else" check_ssh kim git
    ring=$(ls "$out"/keyrings/*bob*.gpg | head -n 1)
    want 0 "Good signature" "gpgv verifies bob's vote" gpgv --keyring "$ring" "$signature"
    strangers=$(ls "$out"/keyrings/*.gpg | grep -v bob | head -n 1)
    want 2 "No public key" "and not with a keyring without bob" gpgv --keyring "$strangers" "$signature"
}

# sqv counts the maintainers who signed the whole set.
snapshot_clients() {
    local kept=$work/snapshots
    sqv_verify() { export_policy && "$out/sqv/verify"; }
    want 0 "" "sqv accepts the set that two maintainers signed" sqv_verify
    want 0 "" "gpgv verifies one of their signatures" gpgv --keyring "$out/sqv/ada+bob.pgp" \
        "$(ls "$out"/sqv/ada.*.sig)" "$out/sqv/snapshot.json"
    cp -a "$tree/snapshots" "$kept"
    rm "$tree"/snapshots/1/eve.*
    want 1 "nobody of bob+eve" "sqv refuses one maintainer" sqv_verify
    as bob "$cairn" sign --as bob --snapshot >/dev/null 2>&1
    rm "$tree"/snapshots/1/ada.*
    bob=$(ls "$tree"/snapshots/1/bob.*)
    second "$bob" "$tree/snapshots/1/bob.second.sig" SHA512
    want 1 "nobody of ada+eve" "sqv refuses one maintainer's two keys" sqv_verify
    want 4 "1 of 2 maintainers" "and so does cairn" as ada "$cairn" verify
    rm -rf "$tree/snapshots" && cp -a "$kept" "$tree/snapshots"
}

# poison PERSON: that machine's record says that the package came out as another image.
poison() {
    mkdir -p "$work/other/packages/core/other"
    printf 'FROM scratch\nCOPY evil /evil\n' >"$work/other/packages/core/other/Containerfile"
    echo evil >"$work/other/packages/core/other/evil"
    CAIRN_SOURCES=$work as "$1" "$cairn" --quiet --tree "$work/other" build core/other >/dev/null
    python3 - "$work/home/$1/store/steps" "$package" "$digest" <<'PYTHON'
import hashlib, json, os, sys
steps, package, digest = sys.argv[1:]
records = {}
for name in os.listdir(steps):
    head, _, body = open(f"{steps}/{name}", "rb").read().partition(b"\n")
    if body.startswith(b'{"cairnBuildRecord"'):
        record = json.loads(body)
        records[record["name"]] = name, record
(name, record), (_, other) = records[package], records["core/other"]
assert record["image"] == digest and other["image"] != digest
record.update((member, other[member]) for member in ("image", "config", "layers"))
body = json.dumps(record).encode()
with open(f"{steps}/{name}", "wb") as file:
    file.write(b"cairn-step-1 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
PYTHON
}
