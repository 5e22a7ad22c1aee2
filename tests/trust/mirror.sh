# shellcheck shell=bash
# Finished images from a mirror: only through the verification, only the right bytes.

# taken LAYOUT…: builds at a machine that has nothing, not even sources.
taken() {
    local layouts=() dir
    for dir in "$@"; do layouts+=(--from-layout "$dir"); done
    rm -rf "$work/home/uma/store"
    as uma "$cairn" build --offline "${layouts[@]}" "$package"
}

mirror() {
    local layout=$work/layout built=0 blob
    # Without its sources bootstrap/stage0 cannot be built; the one file can.
    [ "$package" = core/tiny ] || built=1
    mkdir -p "$layout" && tar -xzf "$work/image.tgz" -C "$layout"
    want 0 "taken from a mirror; rebuilt by ada, bob, kim" "a trusted image is taken" taken "$layout"
    want 0 "$digest" "and it is the recorded one" taken "$layout"
    want 0 "every byte in the store is right" "and verifies" as uma "$cairn" verify "$package"
    want 0 '"imported":true' "a script is told" as uma "$cairn" --json build --offline --from-layout "$layout" "$package"
    want 0 "" "it can be exported" as uma "$cairn" export --offline --from-layout "$layout" "$package" "$work/uma.tgz"
    want 0 "" "to the same bytes" cmp "$work/image.tgz" "$work/uma.tgz"
    sign_taken() { HOME=$work/home/ada GNUPGHOME=$work/home/ada/gnupg CAIRN_HOME=$work/home/uma/store CAIRN_TREE=$tree "$cairn" sign --as ada; }
    want 1 "nothing to sign" "what was taken is never signed" sign_taken
    want 0 "taken from a mirror" "of two mirrors, one empty" taken "$work/empty" "$layout"
    want $built "not taken from a mirror, building" "an empty mirror" taken "$work/empty"
    for blob in "$layout"/blobs/sha256/*; do
        cp "$blob" "$work/blob" && chmod u+w "$blob"
        printf X | dd of="$blob" bs=1 seek=100 conv=notrunc 2>/dev/null
        want $built "not taken from a mirror, building" "a flipped byte in $(wc -c <"$work/blob") bytes" taken "$layout"
        cp "$work/blob" "$blob"
    done
    cp -a "$tree/signatures" "$work/all-signatures"
    rm "$tree"/signatures/*/*/kim.*
    want $built "2 of 3 reproducers" "too few votes: it is built instead" taken "$layout"
    rm -rf "$tree/signatures" && cp -a "$work/all-signatures" "$tree/signatures"
    mv "$tree/trust" "$work/no-trust"
    want $built "the trusted files are not used" "without people nothing is taken" taken "$layout"
    mv "$work/no-trust" "$tree/trust"
}
