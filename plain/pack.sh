#!/bin/sh
# plain/pack.sh ROOTFS OUT [CREATED_BY [MEMBER...]]: packs a directory into the canonical image.
# OUT gets the OCI layout, standard output the digest that BuildKit and cairn give to FROM scratch
# and one COPY. CREATED_BY is that COPY in the history (HISTORY_BEFORE: JSON of what precedes it),
# each MEMBER a piece of JSON for the config, in the order User ExposedPorts Env Entrypoint Cmd
# Volumes WorkingDir Labels StopSignal. Refused is what ustar cannot represent: names that are not
# ASCII or do not fit, ids above 2097151, files of 8 GiB. Run it as the files' owner, or as root.
set -eu && export LC_ALL=C
root=$1 out=$2 created_by=${3:-COPY /rootfs / # buildkit} blobs=$2/blobs/sha256
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- '"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]' '"WorkingDir":"/"'
config=$(printf ',%s' "$@")
! find "$root" -mindepth 1 -printf '%P\n%l\n' | grep '[^ -~]' >&2 ||
    { echo "$root: a name is not ASCII; ustar and BuildKit would differ" >&2; exit 1; }
mkdir -p "$blobs"
blob() { # moves FILE among the blobs; sets $digest and $size
    digest=$(sha256sum "$1" | cut -d ' ' -f 1) size=$(stat -c %s "$1") && mv "$1" "$blobs/$digest"
}
find "$root" -mindepth 1 -maxdepth 1 ! -type s -printf '%P\0' | sort -z |
    tar -C "$root" -c --format=ustar --blocking-factor=1 --sort=name --mtime=@0 --numeric-owner \
        --no-acls --no-selinux --no-xattrs --null --verbatim-files-from -T - -f "$out/layer"
blob "$out/layer"
layer=$digest layer_size=$size epoch=1970-01-01T00:00:00Z media=application/vnd.oci.image
printf '{"architecture":"amd64","config":{%s},"created":"%s","history":[%s{"created":"%s","created_by":"%s","comment":"buildkit.dockerfile.v0"}],"os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "${config#,}" $epoch "${HISTORY_BEFORE:-}" $epoch "$created_by" "$layer" > "$out/config"
blob "$out/config"
printf '{\n  "schemaVersion": 2,\n  "mediaType": "%s.manifest.v1+json",\n  "config": {\n    "mediaType": "%s.config.v1+json",\n    "digest": "sha256:%s",\n    "size": %s\n  },\n  "layers": [\n    {\n      "mediaType": "%s.layer.v1.tar",\n      "digest": "sha256:%s",\n      "size": %s,\n      "annotations": {\n        "buildkit/rewritten-timestamp": "0"\n      }\n    }\n  ]\n}' \
    $media $media "$digest" "$size" $media "$layer" "$layer_size" > "$out/manifest"
blob "$out/manifest"
printf '{"imageLayoutVersion":"1.0.0"}' > "$out/oci-layout"
printf '{"schemaVersion":2,"mediaType":"%s.index.v1+json","manifests":[{"mediaType":"%s.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.created":"%s"},"platform":{"architecture":"amd64","os":"linux"}}]}' \
    $media $media "$digest" "$size" $epoch > "$out/index.json"
echo "sha256:$digest"
