//! What differs between two images, as the lines that a signed dispute carries.
//!
//! ```text
//! SIGN KIND MODE UID:GID SHA256 PATH
//! -file 755 0:0 9f86d0… usr/bin/tool        what the recorded image has
//! +file 755 0:0 60303a… usr/bin/tool        what came out here
//! +symlink 777 0:0 b5bb9d… usr/bin/sh       of a link, the hash of its target
//! +dir 755 0:0 - usr/share/doc
//! +config - - 2c26b4… -                     the image's configuration
//! more 12                                   so many lines did not fit
//! ```
//!
//! Without the recorded image every file of the local one is listed. In PATH every byte
//! that is no printable ASCII, and `\`, is written `\xHH`.

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::digest::Digest;
use cairn_core::image::Image;
use cairn_core::store::Store;
use cairn_core::tar::Kind;

use crate::diff::{self, Error, File, Side};

/// The most lines, the last included.
pub const MAX_LINES: usize = 1000;
/// The most bytes of all lines: a signed dispute has at most 64 KiB.
const MAX_BYTES: usize = 48 * 1024;

/// The lines for `got`, compared with `expected` if that is in the store.
pub fn differing(store: &Store, expected: Option<&Image>, got: &Image) -> Result<Vec<String>, Error> {
    let ours = described(store, got)?;
    let theirs = expected.map(|image| described(store, image)).transpose()?.unwrap_or_default();
    let mut lines = Vec::new();
    let paths: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    for path in paths {
        let (minus, plus) = (theirs.get(path), ours.get(path));
        if minus != plus {
            lines.extend(minus.map(|line| format!("-{line}")));
            lines.extend(plus.map(|line| format!("+{line}")));
        }
    }
    Ok(cut(lines))
}

/// Path to line without its sign.
fn described(store: &Store, image: &Image) -> Result<BTreeMap<String, String>, Error> {
    let mut lines = BTreeMap::new();
    lines.insert(String::new(), format!("config - - {} -", image.config_digest.hex()));
    for (path, file) in diff::files(Side { image, blobs: &store.home().join("blobs/sha256") })? {
        let path = escaped(&path);
        let line = format!("{} {path}", describe(&file));
        lines.insert(path, line);
    }
    Ok(lines)
}

fn describe(file: &File) -> String {
    let entry = &file.entry;
    let of = |bytes: &[u8]| Digest::of(bytes).hex();
    let device = |major: u32, minor: u32| of(format!("{major}:{minor}").as_bytes());
    let (kind, hash) = match &entry.kind {
        Kind::File { .. } => ("file", file.digest.hex()),
        Kind::Symlink { target } => ("symlink", of(target)),
        Kind::Hardlink { target } => ("hardlink", of(target)),
        Kind::Char { major, minor } => ("char", device(*major, *minor)),
        Kind::Block { major, minor } => ("block", device(*major, *minor)),
        Kind::Fifo => ("fifo", "-".to_owned()),
        Kind::Dir | Kind::Whiteout | Kind::Opaque => ("dir", "-".to_owned()),
    };
    format!("{kind} {:o} {}:{} {hash}", entry.mode, entry.uid, entry.gid)
}

fn escaped(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b' '..=b'~' if *byte != b'\\' => text.push(char::from(*byte)),
            _ => text += &format!("\\x{byte:02x}"),
        }
    }
    text
}

fn cut(mut lines: Vec<String>) -> Vec<String> {
    let mut bytes = 0;
    let fits = |line: &&String| {
        bytes += line.len() + 3;
        bytes <= MAX_BYTES
    };
    let kept = lines.iter().take_while(fits).count().min(MAX_LINES);
    if kept < lines.len() {
        let kept = kept.min(MAX_LINES - 1);
        let more = lines.len() - kept;
        lines.truncate(kept);
        lines.push(format!("more {more}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_forge_a_line() {
        assert_eq!(escaped(b"usr/a b\n+file \\ \xff"), "usr/a b\\x0a+file \\x5c \\xff");
    }

    #[test]
    fn what_does_not_fit_into_a_statement_is_counted() {
        let lines = |n: usize, length: usize| vec!["x".repeat(length); n];
        assert_eq!(cut(lines(1000, 1)).len(), 1000);
        let long = cut(lines(1001, 1));
        assert_eq!((long.len(), long.last().map(String::as_str)), (1000, Some("more 2")));
        let wide = cut(lines(100, 4093));
        assert_eq!((wide.len(), wide.last().map(String::as_str)), (13, Some("more 88")));
    }
}
