//! Layers on their way to a directory and back.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::*;

/// A directory of this test alone, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("cairn-tar-{name}-{}", std::process::id()));
        fs::create_dir(&path).expect("the name is unique");
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::process::Command::new("chmod").args(["-R", "u+rwx"]).arg(&self.0).status();
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn nobody_noted() -> Owners {
    Owners::Logical { default: (0, 0), others: BTreeMap::new() }
}

fn entry(path: &str, kind: Kind, mode: u32, uid: u64, gid: u64) -> Entry {
    Entry { path: path.into(), kind, mode, uid, gid }
}

/// A layer with everything an ordinary user can make.
fn layer() -> Vec<u8> {
    let entries = [
        entry("closed", Kind::Dir, 0o000, 5, 6),
        entry("closed/secret", Kind::File { size: 3 }, 0o000, 3, 4),
        entry("dir", Kind::Dir, 0o2555, 1000, 1001),
        entry("dir/.wh-not", Kind::Fifo, 0o622, 7, 8),
        entry("dir/first", Kind::File { size: 3 }, 0o6755, 1000, 0),
        entry("dir/link", Kind::Symlink { target: b"/etc/passwd".to_vec() }, 0o777, 1000, 1001),
        entry("dir/second", Kind::Hardlink { target: b"dir/first".to_vec() }, 0o6755, 1000, 0),
        entry("dir/z-link", Kind::Hardlink { target: b"dir/link".to_vec() }, 0o777, 1000, 1001),
        entry("grüße", Kind::File { size: 0 }, 0o644, 0, 0),
    ];
    let mut writer = Writer::new(Vec::new());
    for entry in &entries {
        let mut data: &[u8] = if entry.size() == 3 { b"abc" } else { b"" };
        writer.append(entry, &mut data).expect("they are in order");
    }
    writer.finish().expect("memory does not fail")
}

fn unpack(layer: &[u8], dir: &Path, owners: &Owners) -> Result<Owners, ExtractError> {
    extract(&mut Reader::new(layer, Accept::Layer), dir, owners)
}

#[test]
fn a_layer_unpacked_without_privileges_packs_to_the_same_bytes() {
    let scratch = Scratch::new("user");
    let owners = unpack(&layer(), &scratch.0, &nobody_noted()).expect("nothing needs root");
    let meta = fs::symlink_metadata(scratch.0.join("dir/first")).expect("it is there");
    assert_eq!((meta.mode() & 0o7777, meta.mtime(), meta.nlink()), (0o6755, 0, 2));
    assert_eq!(meta.uid(), rustix::process::geteuid().as_raw());
    let Owners::Logical { others, .. } = &owners else { panic!("owners are kept aside") };
    assert_eq!(others.get(b"dir/link".as_slice()), Some(&(1000, 1001)));
    let packed = write_tree(&scratch.0, &owners, Vec::new()).expect("it is our own tree");
    assert!(packed == layer());
    let mode = |path| fs::symlink_metadata(scratch.0.join(path)).map(|meta| meta.mode() & 0o7777);
    assert_eq!(mode("closed").ok(), Some(0), "a mode lent for reading is given back");
}

#[test]
fn a_layer_unpacked_by_root_has_its_true_owners_on_disk() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not root: true owners cannot be given");
        return;
    }
    let scratch = Scratch::new("root");
    let owners = unpack(&layer(), &scratch.0, &Owners::Disk).expect("root may do all of it");
    let meta = fs::symlink_metadata(scratch.0.join("dir/link")).expect("it is there");
    assert_eq!((meta.uid(), meta.gid()), (1000, 1001));
    assert!(write_tree(&scratch.0, &owners, Vec::new()).expect("it is our own tree") == layer());
}

#[test]
fn deletions_become_what_overlayfs_understands_and_back() {
    let mut writer = Writer::new(Vec::new());
    let deletions = [
        entry("a", Kind::Dir, 0o755, 0, 0),
        entry("a/gone", Kind::Whiteout, 0, 0, 0),
        entry("z", Kind::Whiteout, 0, 0, 0),
    ];
    for entry in &deletions {
        writer.append(entry, &mut std::io::empty()).expect("they are in order");
    }
    let layer = writer.finish().expect("memory does not fail");
    let scratch = Scratch::new("whiteout");
    let owners = unpack(&layer, &scratch.0, &nobody_noted()).expect("0:0 is no real device");
    let meta = fs::symlink_metadata(scratch.0.join("a/gone")).expect("it is there");
    assert_eq!((meta.mode() & 0o170000, meta.rdev()), (0o020000, 0));
    assert!(write_tree(&scratch.0, &owners, Vec::new()).expect("it is our own tree") == layer);
}

#[test]
fn a_directory_that_is_not_empty_is_not_unpacked_into() {
    let scratch = Scratch::new("not-empty");
    symlink("/etc", scratch.0.join("dir")).expect("writable");
    let result = unpack(&layer(), &scratch.0, &nobody_noted());
    assert!(matches!(result, Err(ExtractError::NotEmpty { .. })));
}

#[test]
fn an_archive_without_directories_is_unpacked_inside() {
    let scratch = Scratch::new("parents");
    // The archive of only one file, three levels down.
    let mut writer = Writer::new(Vec::new());
    for path in ["a", "a/b", "a/b/c"] {
        let kind = if path == "a/b/c" { Kind::Fifo } else { Kind::Dir };
        writer.append(&entry(path, kind, 0o600, 0, 0), &mut std::io::empty()).expect("in order");
    }
    let bytes = writer.finish().expect("memory does not fail");
    let mut reader = Reader::new(&bytes[2 * BLOCK..], Accept::Archive);
    extract(&mut reader, &scratch.0, &nobody_noted()).expect("directories may be missing");
    let mode = fs::metadata(scratch.0.join("a/b")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o755);
}

#[test]
fn a_device_is_refused_without_privileges() {
    let mut writer = Writer::new(Vec::new());
    let null = entry("null", Kind::Char { major: 1, minor: 3 }, 0o666, 0, 0);
    writer.append(&null, &mut std::io::empty()).expect("in order");
    let bytes = writer.finish().expect("memory does not fail");
    let scratch = Scratch::new("device");
    let result = unpack(&bytes, &scratch.0, &nobody_noted());
    assert!(matches!(result, Err(ExtractError::Device { .. })));
}

#[test]
fn attributes_that_a_layer_would_lose_are_refused() {
    let scratch = Scratch::new("xattr");
    let file = scratch.0.join("file");
    fs::write(&file, "x").expect("writable");
    let set =
        |name: &str, value: &[u8]| rustix::fs::lsetxattr(&file, name, value, rustix::fs::XattrFlags::empty());
    if set("user.note", b"lost").is_err() {
        eprintln!("the temporary directory has no extended attributes");
        return;
    }
    let refusal = || {
        let result = write_tree(&scratch.0, &nobody_noted(), Vec::new());
        result.expect_err("the attribute would be lost").to_string()
    };
    assert!(refusal().contains("user.note"), "{}", refusal());
    rustix::fs::lremovexattr(&file, "user.note").expect("it was set");
    set("user.cairn.owner", b"1000").expect("it could be set before");
    assert!(refusal().contains("instead of `uid:gid`"), "{}", refusal());
    set("user.cairn.owner", b"3:4").expect("it could be set before");
    let bytes = write_tree(&scratch.0, &nobody_noted(), Vec::new()).expect("the owner is known");
    assert_eq!(&bytes[108..124], b"0000003\x000000004\x00");
}

#[test]
fn sockets_are_left_out_and_sparse_files_are_written_in_full() {
    let scratch = Scratch::new("sparse");
    let _socket = std::os::unix::net::UnixListener::bind(scratch.0.join("a")).expect("writable");
    let sparse = fs::File::create(scratch.0.join("b")).expect("writable");
    sparse.set_len(1 << 20).expect("writable");
    let bytes = write_tree(&scratch.0, &Owners::Disk, Vec::new()).expect("an ordinary tree");
    assert_eq!((bytes.len(), bytes[0]), (BLOCK + (1 << 20) + 2 * BLOCK, b'b'));
}
