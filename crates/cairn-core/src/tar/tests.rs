//! Layers that somebody made to hurt, each with the refusal it must meet.

use std::io::Read;

use super::*;

/// A header with a right checksum, otherwise whatever a case needs.
#[derive(Clone)]
struct Raw {
    name: Vec<u8>,
    kind: u8,
    link: Vec<u8>,
    size: u64,
    data: Vec<u8>,
    patch: Vec<(usize, Vec<u8>)>,
}

fn raw(kind: u8, name: &str) -> Raw {
    let (name, link) = (name.into(), Vec::new());
    Raw { name, kind, link, size: 0, data: Vec::new(), patch: Vec::new() }
}

fn file(name: &str, data: &str) -> Raw {
    Raw { size: data.len() as u64, data: data.into(), ..raw(b'0', name) }
}

fn link(kind: u8, name: &str, target: &str) -> Raw {
    Raw { link: target.into(), ..raw(kind, name) }
}

/// PAX records for the entry that follows.
fn pax(records: &[&str]) -> Raw {
    let data: String = records
        .iter()
        .map(|record| {
            let length = (1..).find(|n: &usize| n.to_string().len() + record.len() + 2 == *n);
            format!("{} {record}\n", length.expect("a length fits itself"))
        })
        .collect();
    Raw { kind: b'x', ..file("PaxHeaders.0/x", &data) }
}

impl Raw {
    fn patch(mut self, at: usize, bytes: &[u8]) -> Raw {
        self.patch.push((at, bytes.to_vec()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut block = [0; 512];
        block[..self.name.len().min(100)].copy_from_slice(&self.name[..self.name.len().min(100)]);
        let mode = if self.kind == b'x' { "0000000" } else { "0000644" };
        let text = format!("{mode}\x000000000\x000000000\x00{:011o}\x0000000000000\x00", self.size);
        block[100..148].copy_from_slice(text.as_bytes());
        block[156] = self.kind;
        block[157..157 + self.link.len()].copy_from_slice(&self.link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        if self.kind != b'x' {
            block[329..345].copy_from_slice(b"0000000\x000000000\x00");
        }
        for (at, bytes) in &self.patch {
            block[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        if !self.patch.iter().any(|(at, _)| *at == 148) {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\x00 ").as_bytes());
        }
        let mut bytes = [block.as_slice(), &self.data].concat();
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

fn archive(entries: &[Raw]) -> Vec<u8> {
    let mut bytes: Vec<u8> = entries.iter().flat_map(Raw::bytes).collect();
    bytes.extend_from_slice(&[0; 1024]);
    bytes
}

/// Reads everything, contents too.
fn read(bytes: &[u8], accept: Accept) -> Result<Vec<(Entry, Vec<u8>)>, ReadError> {
    let mut reader = Reader::new(bytes, accept);
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        let mut data = Vec::new();
        reader.read_to_end(&mut data)?;
        entries.push((entry, data));
    }
    Ok(entries)
}

fn refusal(bytes: &[u8], accept: Accept) -> String {
    match read(bytes, accept) {
        Ok(entries) => format!("accepted as {entries:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_hand_made_headers_are_canonical_when_nothing_is_wrong_with_them() {
    let long = "n".repeat(120);
    let good = [
        raw(b'5', "a/"),
        file("a/f", "text"),
        link(b'1', "a/g", "a/f"),
        link(b'2', "a/h", "../../anywhere"),
        file("b", ""),
        raw(b'6', "c"),
        raw(b'3', "d").patch(329, b"0000001\x000000003\x00"),
        pax(&[&format!("path={long}")]).patch(0, format!("PaxHeaders.0/{}", &long[..87]).as_bytes()),
        file(&long, "x"),
    ];
    let entries = read(&archive(&good), Accept::Canonical).expect("nothing is wrong");
    assert_eq!(entries.len(), 8);
    assert_eq!(entries[1].1, b"text");
    assert_eq!(entries[7].0.path, long.as_bytes());
}

#[test]
fn layers_made_to_hurt_are_refused() {
    let dir = raw(b'5', "a/");
    let nul = |record: &str| pax(&[&record.replace('0', "\0")]);
    let cases: Vec<(&str, Vec<Raw>, &str)> = vec![
        ("absolute path", vec![file("/etc/passwd", "x")], "is absolute"),
        ("dot dot", vec![file("../x", "x")], "`.` or `..`"),
        ("dot dot inside", vec![dir.clone(), file("a/../../x", "x")], "`.` or `..`"),
        ("dot", vec![file("./x", "x")], "`.` or `..`"),
        ("the root itself", vec![raw(b'5', "./")], "`.` or `..`"),
        ("empty name", vec![file("", "x")], "is empty"),
        ("empty component", vec![dir.clone(), file("a//x", "x")], "empty component"),
        ("dot dot in a record", vec![pax(&["path=../x"]), file("x", "")], "`.` or `..`"),
        ("absolute in a record", vec![pax(&["path=/x"]), file("x", "")], "is absolute"),
        ("NUL in a record", vec![nul("path=a0b"), file("x", "")], "NUL"),
        ("NUL in a link record", vec![nul("linkpath=a0b"), link(b'2', "x", "y")], "NUL"),
        ("duplicate file", vec![file("a", "1"), file("a", "2")], "comes twice"),
        ("duplicate directory", vec![dir.clone(), dir.clone()], "comes twice"),
        ("file then directory", vec![file("a", "1"), dir.clone()], "comes twice"),
        ("symlink then write", vec![link(b'2', "a", "/etc"), file("a/x", "1")], "no directory"),
        ("file then child", vec![file("a", "1"), file("a/x", "1")], "no directory"),
        ("missing directory", vec![file("a/x", "1")], "no directory"),
        ("child of a whiteout", vec![file(".wh.a", ""), file("a/x", "")], "no directory"),
        ("whiteout and file", vec![file(".wh.a", ""), file("a", "")], "comes twice"),
        ("whiteout out", vec![file(".wh...", "")], "`.` or `..`"),
        ("whiteout of nothing", vec![file(".wh.", "")], "is empty"),
        ("whiteout of a whiteout", vec![file(".wh..wh.x", "")], ".wh."),
        ("whiteout with content", vec![file(".wh.a", "x")], ".wh."),
        ("whiteout directory", vec![raw(b'5', ".wh.a/")], ".wh."),
        ("opaque root", vec![file(".wh..wh..opq", "")], "is empty"),
        ("opaque without directory", vec![file("a/.wh..wh..opq", "")], "no directory"),
        ("hard link out", vec![link(b'1', "x", "../etc/passwd")], "no earlier file"),
        ("absolute hard link", vec![link(b'1', "x", "/etc/passwd")], "no earlier file"),
        ("hard link to nothing", vec![link(b'1', "x", "y")], "no earlier file"),
        ("hard link forwards", vec![link(b'1', "a", "b"), file("b", "")], "no earlier file"),
        ("hard link to itself", vec![link(b'1', "a", "a")], "no earlier file"),
        ("hard link to directory", vec![dir.clone(), link(b'1', "b", "a")], "no earlier file"),
        ("symlink to nothing", vec![raw(b'2', "x")], "symbolic link to nothing"),
        ("file ending in a slash", vec![file("a/", "x")], "a slash after the name"),
        ("unknown type", vec![raw(b'Z', "x")], "type 'Z'"),
        ("GNU sparse", vec![raw(b'S', "x")], "type 'S'"),
        ("GNU long name", vec![Raw { kind: b'L', ..file("x", "../y") }, file("x", "")], "type 'L'"),
        ("global records", vec![Raw { kind: b'g', ..pax(&["path=y"]) }, file("x", "")], "type 'g'"),
        ("multi volume", vec![raw(b'M', "x")], "type 'M'"),
        ("xattr", vec![pax(&["SCHILY.xattr.user.a=b"]), file("x", "")], "SCHILY.xattr.user.a"),
        (
            "capability",
            vec![pax(&["SCHILY.xattr.security.capability=x"]), file("x", "")],
            "security.capability",
        ),
        ("PAX sparse", vec![pax(&["GNU.sparse.major=1"]), file("x", "")], "GNU.sparse.major"),
        ("unknown record", vec![pax(&["comment=x"]), file("x", "")], "comment"),
        ("record twice", vec![pax(&["path=a", "path=b"]), file("x", "")], "comes twice"),
        ("two sets of records", vec![pax(&["uid=1"]), pax(&["gid=1"]), file("x", "")], "two sets"),
        ("records at the end", vec![pax(&["path=a"])], "records without an entry"),
        ("empty record", vec![pax(&["path="]), file("x", "")], "empty record"),
        ("size 0 hides data", vec![pax(&["size=0"]), file("x", "hidden")], "contradicts"),
        ("size contradicts field", vec![pax(&["size=1024"]), file("x", "abc")], "contradicts"),
        ("negative size", vec![pax(&["size=-1"]), file("x", "")], "no number that fits"),
        ("size with plus", vec![pax(&["size=+1"]), file("x", "")], "no number that fits"),
        ("huge size", vec![pax(&["size=9223372036854775808"]), file("x", "")], "no number"),
        ("huge user id", vec![pax(&["uid=4294967295"]), file("x", "")], "no user or group id"),
        ("size on a link", vec![Raw { size: 512, ..link(b'2', "x", "y") }], "no file"),
        ("size on a directory", vec![Raw { size: 512, ..dir.clone() }], "no file"),
        ("octal with letters", vec![file("x", "").patch(124, b"00000000zzz")], "no number"),
        ("base-256 size", vec![file("x", "").patch(124, &[0x80, 0, 0, 0])], "no number"),
        ("bytes after a number", vec![file("x", "").patch(100, b"644\x001111")], "no number"),
        ("wrong checksum", vec![file("x", "").patch(148, b"0000000\x00")], "wrong checksum"),
        ("old magic", vec![file("x", "").patch(257, b"ustar  \x00")], "not a POSIX tar header"),
        ("no magic", vec![file("x", "").patch(257, &[0; 8])], "not a POSIX tar header"),
    ];
    for (what, entries, expected) in &cases {
        for accept in [Accept::Layer, Accept::Canonical] {
            let got = refusal(&archive(entries), accept);
            assert!(got.contains(expected), "{what}, {accept:?}: {got}");
        }
    }
}

#[test]
fn malformed_records_are_refused() {
    let cases = [
        "",
        "x",
        "5",
        " path=a\n",
        "0 path=a\n",
        "9 path=a\n",
        "10 path=a\n\n",
        "08 path=a\n",
        "+9 path=a\n",
        "-1 path=a\n",
        "99999999999999999999 path=a\n",
        "9 patha\n",
        "9 path=ab",
    ];
    for case in cases {
        let records = Raw { kind: b'x', ..file("PaxHeaders.0/x", case) };
        let got = refusal(&archive(&[records, file("x", "")]), Accept::Layer);
        let refused = ["malformed", "records without an entry"].iter().any(|r| got.contains(r));
        assert!(refused || case.is_empty() || case == "9 path=a\n", "{case:?}: {got}");
    }
}

#[test]
fn a_layer_that_ends_too_early_or_too_late_is_refused() {
    let whole = archive(&[raw(b'5', "a/"), file("a/f", "text")]);
    assert_eq!(read(&whole, Accept::Canonical).expect("nothing is wrong").len(), 2);
    for length in 0..whole.len() {
        let got = refusal(&whole[..length], Accept::Canonical);
        assert!(got.contains("ends at byte") || got.contains("end of file"), "{length}: {got}");
    }
    let cases: [(Vec<u8>, &str); 3] = [
        ([whole.as_slice(), b"x"].concat(), "goes on"),
        ([whole.as_slice(), &archive(&[file("b", "")])].concat(), "goes on"),
        ([&whole[..whole.len() - 512], &file("b", "").bytes(), &[0; 1024]].concat(), "single block"),
    ];
    for (bytes, expected) in cases {
        for accept in [Accept::Canonical, Accept::Layer, Accept::Archive] {
            let got = refusal(&bytes, accept);
            assert!(got.contains(expected), "{got}");
        }
    }
    let padded = [whole.as_slice(), &[0; 8192]].concat();
    assert!(refusal(&padded, Accept::Canonical).contains("goes on"));
    assert_eq!(read(&padded, Accept::Layer).expect("tar pads to 10240").len(), 2);
    let mut dirty = whole.clone();
    dirty[512 + 512 + 4] = 1;
    assert!(refusal(&dirty, Accept::Layer).contains("padding"));
}

#[test]
fn a_canonical_layer_has_one_spelling() {
    let time = file("x", "").patch(136, b"00000000001\x00");
    let user = file("x", "").patch(265, b"root");
    let blanks = file("x", "").patch(100, b"   644 \x00");
    let needless = [pax(&["path=x"]), file("x", "")];
    let typed = file("x", "").patch(100, b"0100644\x00");
    let order = [file("b", ""), file("a", "")];
    let after = [raw(b'5', "a/"), file("a-b", ""), file("a/c", "")];
    let cases: [(&[Raw], &str); 7] = [
        (&[time], "other bytes"),
        (&[user], "other bytes"),
        (&[blanks], "other bytes"),
        (&needless, "other bytes"),
        (&[typed], "7777"),
        (&order, "out of order"),
        (&after, "out of order"),
    ];
    for (entries, expected) in cases {
        let bytes = archive(entries);
        assert!(read(&bytes, Accept::Layer).is_ok(), "{}", refusal(&bytes, Accept::Layer));
        let got = refusal(&bytes, Accept::Canonical);
        assert!(got.contains(expected), "{got}");
    }
}

#[test]
fn archives_of_people_are_understood() {
    let long = "n".repeat(120);
    let long_name = Raw { kind: b'L', ..file("././@LongLink", &format!("./d/{long}\0")) };
    let old = raw(b'5', "./d/").patch(257, b"ustar  \x00");
    let big_id = file("./no/parents/f", "x").patch(108, &[0x80, 0, 0, 0, 0, 0x20, 0, 0]);
    let entries = [
        Raw { kind: b'g', ..pax(&["comment=of git archive"]) },
        raw(b'5', "./"),
        old,
        long_name,
        file("cut", "data"),
        big_id,
        link(b'1', "./g", "./no/parents/f"),
    ];
    let got = read(&archive(&entries), Accept::Archive).expect("all of it is usual");
    let paths: Vec<_> = got.iter().map(|(e, _)| String::from_utf8_lossy(&e.path)).collect();
    assert_eq!(paths, ["d", &format!("d/{long}"), "no/parents/f", "g"]);
    assert_eq!((got[1].1.as_slice(), got[2].0.uid), (b"data".as_slice(), 0x20_0000));
    let through_link = [link(b'2', "a", "/etc"), file("a/b/c", "x")];
    assert!(refusal(&archive(&through_link), Accept::Archive).contains("no directory"));
    // A directory after what is inside it, as in Go's own archives; but once.
    let late = [file("a/b/c", "x"), raw(b'5', "a/b"), raw(b'5', "a")];
    let got = read(&archive(&late), Accept::Archive).expect("a directory may come late");
    assert_eq!(got.iter().map(|(e, _)| e.path.len()).collect::<Vec<_>>(), [5, 3, 1]);
    let twice = [file("a/b", "x"), raw(b'5', "a"), raw(b'5', "a")];
    assert!(refusal(&archive(&twice), Accept::Archive).contains("comes twice"));
    let both = [file("a/b", "x"), file("a", "x")];
    assert!(refusal(&archive(&both), Accept::Archive).contains("comes twice"));
    let xattr = [pax(&["SCHILY.xattr.user.a=b"]), file("x", "")];
    assert!(refusal(&archive(&xattr), Accept::Archive).contains("SCHILY"));
}

#[test]
fn the_writer_refuses_what_the_reader_would() {
    let entry = |path: &str, kind| Entry { path: path.into(), kind, mode: 0o644, uid: 0, gid: 0 };
    let hard = |target: &str| Kind::Hardlink { target: target.into() };
    let cases = [
        (vec![entry("../a", Kind::Fifo)], "`.` or `..`"),
        (vec![entry("b", Kind::Fifo), entry("a", Kind::Fifo)], "out of order"),
        (vec![entry("a", Kind::Fifo), entry("a", Kind::Fifo)], "comes twice"),
        (vec![entry("a/b", Kind::Fifo)], "no directory"),
        (vec![entry("a", hard("b"))], "no earlier file"),
        (vec![Entry { mode: 0o10000, ..entry("a", Kind::Fifo) }], "beyond 7777"),
        (vec![Entry { uid: 1 << 32, ..entry("a", Kind::Fifo) }], "no user or group id"),
        (vec![entry("a", Kind::Char { major: 0o10000000, minor: 0 })], "octal digits"),
        (vec![entry("a", Kind::File { size: 4 })], "another length"),
        (vec![entry("a", Kind::File { size: 2 })], "another length"),
    ];
    for (entries, expected) in cases {
        let mut writer = Writer::new(Vec::new());
        let written = entries.iter().try_for_each(|entry| {
            let mut data: &[u8] = if entry.size() > 0 { b"abc" } else { b"" };
            writer.append(entry, &mut data)
        });
        let got = written.expect_err(expected).to_string();
        assert!(got.contains(expected), "{got}");
    }
}

#[test]
fn numbers_that_do_not_fit_their_field_go_into_records() {
    let entry = |path: &[u8], uid, gid| Entry { path: path.into(), kind: Kind::Fifo, mode: 0o644, uid, gid };
    let cases: [(Entry, &[u8]); 4] = [
        (entry(b"a", 0o7777777, 0o7777777), b""),
        (entry(b"a", 0o10000000, 0o7777777), b"15 uid=2097152\n"),
        (entry(b"a", 1, 4294967294), b"18 gid=4294967294\n"),
        (entry("ä".as_bytes(), 2097152, 0), b"11 path=\xc3\xa4\n15 uid=2097152\n"),
    ];
    for (entry, records) in cases {
        let mut bytes = Vec::new();
        header::encode(&entry, &mut bytes);
        let got = if bytes.len() == BLOCK { &[] } else { &bytes[BLOCK..BLOCK + records.len()] };
        assert_eq!(got, records, "{}", String::from_utf8_lossy(got));
    }
    let large = Entry { kind: Kind::File { size: 1 << 33 }, ..entry(b"a", 0, 0) };
    let mut bytes = Vec::new();
    header::encode(&large, &mut bytes);
    assert_eq!(&bytes[BLOCK..BLOCK + 19], b"19 size=8589934592\n");
}

mod round_trip {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn name() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![8 => 0x61u8..0x7b, 1 => 1u8..=255]
            .prop_map(|byte| if byte == b'/' { b'_' } else { byte });
        let short = prop::collection::vec(byte.clone(), 1..6);
        let long = prop::collection::vec(byte, 90..256);
        let plain = prop_oneof![6 => short, 1 => long];
        plain.prop_filter("names that no file has", |name| check_path(name).is_ok())
    }

    fn id() -> impl Strategy<Value = u64> {
        prop_oneof![0u64..3000, 2097150u64..2097154, 0u64..u64::from(u32::MAX)]
    }

    fn kind() -> impl Strategy<Value = Kind> {
        let number = || 0u32..0o10000000;
        prop_oneof![
            3 => Just(Kind::Dir),
            3 => (0u64..2000).prop_map(|size| Kind::File { size }),
            1 => name().prop_map(|target| Kind::Symlink { target }),
            1 => Just(Kind::Fifo),
            1 => Just(Kind::Whiteout),
            1 => (number(), number()).prop_map(|(major, minor)| Kind::Char { major, minor }),
            1 => (number(), number()).prop_map(|(major, minor)| Kind::Block { major, minor }),
        ]
    }

    prop_compose! {
        fn node()(name in name(), kind in kind(), mode in 0u32..0o10000, uid in id(), gid in id(),
                  parent in any::<prop::sample::Index>()) -> (Entry, prop::sample::Index) {
            (Entry { path: name, kind, mode, uid, gid }, parent)
        }
    }

    prop_compose! {
        /// A tree: each node hangs below one of the directories before it.
        fn tree()(nodes in prop::collection::vec(node(), 0..40)) -> Vec<Entry> {
            let mut dirs: Vec<Vec<u8>> = vec![Vec::new()];
            let mut tree = BTreeMap::new();
            for (mut entry, parent) in nodes {
                let dir = parent.get(&dirs).clone();
                entry.path = if dir.is_empty() { entry.path } else { [dir, entry.path].join(&b'/') };
                if check_path(&entry.path).is_err() || tree.contains_key(&entry.path) {
                    continue;
                }
                if entry.kind == Kind::Dir {
                    dirs.push(entry.path.clone());
                }
                tree.insert(entry.path.clone(), entry);
            }
            let mut entries: Vec<Entry> = tree.into_values().collect();
            entries.sort_by(|a, b| order(&a.path, &b.path));
            entries
        }
    }

    fn write(entries: &[Entry]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for entry in entries {
            let mut data = std::io::repeat(7).take(entry.size());
            writer.append(entry, &mut data).expect("the tree is in order");
        }
        writer.finish().expect("memory does not fail")
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(entries in tree()) {
            let bytes = write(&entries);
            for accept in [Accept::Canonical, Accept::Layer] {
                let got = read(&bytes, accept).expect("the writer wrote it");
                let same = got.iter().map(|(entry, _)| entry).eq(&entries);
                prop_assert!(same, "{got:?}");
                prop_assert!(got.iter().all(|(entry, data)| data.len() as u64 == entry.size()));
            }
        }

        #[test]
        fn a_flipped_bit_is_refused_or_changes_what_is_read(
            entries in tree(), at in any::<prop::sample::Index>(), bit in 0..8,
        ) {
            let mut bytes = write(&entries);
            let whole = read(&bytes, Accept::Canonical).expect("the writer wrote it");
            *at.get_mut(&mut bytes) ^= 1u8 << bit;
            if let Ok(changed) = read(&bytes, Accept::Canonical) {
                prop_assert_ne!(changed, whole);
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic_or_run_on(
            entries in tree(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        ) {
            let mut bytes = write(&entries);
            for (at, byte) in changes {
                *at.get_mut(&mut bytes) = byte;
            }
            for accept in [Accept::Canonical, Accept::Layer, Accept::Archive] {
                if let Ok(entries) = read(&bytes, accept) {
                    prop_assert!(entries.len() <= bytes.len() / 512);
                }
            }
        }
    }
}
