#!/bin/sh
# Packs a directory into the canonical image, with nothing but GNU tar and coreutils.
#
#   plain/pack.sh ROOTFS OUT [CREATED_BY [MEMBER...]]
#
# Writes the OCI layout OUT and prints the manifest digest: the same one that BuildKit
# and cairn give to an image `FROM scratch` with one COPY. CREATED_BY is that COPY's
# line in the history; each MEMBER is a piece of JSON for the config, in the order User
# ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal, as in
#
#   plain/pack.sh rootfs out 'COPY /rootfs / # buildkit' '"WorkingDir":"/"' \
#       '"Labels":{"org.opencontainers.image.version":"1.0"}'
#
# HISTORY may hold more of the history's JSON, before (HISTORY_BEFORE) or after it.
# What ustar cannot represent is refused: names that are no ASCII or do not fit, ids
# above 2097151, files of 8 GiB. Run it as the owner the files have, or as root.
set -eu
export LC_ALL=C
root=$1 out=$2 created_by=${3:-COPY /rootfs / # buildkit}
[ $# -lt 3 ] || shift
shift 2
path='"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'
[ $# -gt 0 ] || set -- "$path" '"WorkingDir":"/"'
config=$(printf ',%s' "$@")
config=${config#,}
if find "$root" -mindepth 1 -printf '%P\n%l\n' | grep -q '[^ -~]'; then
    echo "$root: a name is not ASCII; ustar and BuildKit would differ" >&2
    exit 1
fi
blobs=$out/blobs/sha256
mkdir -p "$blobs"

# blob FILE: moves FILE among the blobs; sets $digest and $size
blob() {
    digest=$(sha256sum "$1" | cut -d ' ' -f 1) size=$(stat -c %s "$1")
    mv "$1" "$blobs/$digest"
}

find "$root" -mindepth 1 -maxdepth 1 ! -type s -printf '%P\0' | sort -z > "$out/names"
tar -C "$root" -c --format=ustar --blocking-factor=1 --sort=name --mtime=@0 \
    --numeric-owner --no-acls --no-selinux --no-xattrs \
    --null --verbatim-files-from --files-from="$out/names" --file="$out/layer"
rm "$out/names"
blob "$out/layer"
layer=$digest layer_size=$size
epoch=1970-01-01T00:00:00Z
printf '{"architecture":"amd64","config":{%s},"created":"%s","history":[%s{"created":"%s","created_by":"%s","comment":"buildkit.dockerfile.v0"}%s],"os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$config" $epoch "${HISTORY_BEFORE:-}" $epoch "$created_by" "${HISTORY:-}" "$layer" > "$out/config"
blob "$out/config"
media=application/vnd.oci.image
printf '{\n  "schemaVersion": 2,\n  "mediaType": "%s.manifest.v1+json",\n  "config": {\n    "mediaType": "%s.config.v1+json",\n    "digest": "sha256:%s",\n    "size": %s\n  },\n  "layers": [\n    {\n      "mediaType": "%s.layer.v1.tar",\n      "digest": "sha256:%s",\n      "size": %s,\n      "annotations": {\n        "buildkit/rewritten-timestamp": "0"\n      }\n    }\n  ]\n}' \
    $media $media "$digest" "$size" $media "$layer" "$layer_size" > "$out/manifest"
blob "$out/manifest"
printf '{"imageLayoutVersion":"1.0.0"}' > "$out/oci-layout"
printf '{"schemaVersion":2,"mediaType":"%s.index.v1+json","manifests":[{"mediaType":"%s.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.created":"%s"},"platform":{"architecture":"amd64","os":"linux"}}]}' \
    $media $media "$digest" "$size" $epoch > "$out/index.json"
echo "sha256:$digest"
