//! Source packages in the indexes that the machine's apt knows.
//!
//! ```text
//! Package: zlib
//! Version: 1:1.3.1-2           [EPOCH:]UPSTREAM-REVISION
//! Checksums-Sha256:
//!  9a93… 1512791 zlib_1.3.1.orig.tar.gz
//! Directory: pool/main/z/zlib
//! ```
//!
//! `apt-cache showsrc` prints them, one paragraph a version. `APT_CONFIG` may name
//! another configuration than the machine's.

use std::cmp::Ordering;
use std::process::{Command, Stdio};

use cairn_core::digest::Digest;

/// One version of a source package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePackage {
    /// As Debian calls it.
    pub name: String,
    /// Whole, with epoch and revision.
    pub version: String,
    /// Below the archive's base, `pool/main/z/zlib`.
    pub directory: String,
    /// Its files.
    pub files: Vec<File>,
}

/// A file of a source package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Of its content.
    pub digest: Digest,
    /// Without folder.
    pub name: String,
}

/// Why the index cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No apt, or it did not start.
    #[error("apt-cache: {0}")]
    Start(#[from] std::io::Error),
    /// It has no such package.
    #[error("no source package {0} in apt's indexes (a deb-src line, apt-get update)")]
    Unknown(String),
}

impl SourcePackage {
    /// The version without epoch and revision.
    pub fn upstream(&self) -> &str {
        upstream(&self.version)
    }

    /// The upstream archives: `….orig.tar.gz` and its parts, or that of a native package.
    pub fn archives(&self) -> impl Iterator<Item = &File> {
        let native = !self.files.iter().any(|file| file.name.contains(".orig"));
        self.files.iter().filter(move |file| {
            let packed = file.name.contains(".tar.") && !file.name.ends_with(".asc");
            packed && (native || file.name.contains(".orig"))
        })
    }

    /// Debian's own part, `….debian.tar.xz`: its patches, those for security among them.
    pub fn fixes(&self) -> Option<&File> {
        self.files.iter().find(|file| fixes_revision(&file.name).is_some())
    }
}

/// `1.2-1+deb13u2` of `pool/main/x/x/x_1.2-1+deb13u2.debian.tar.xz`; `None` if the file is not
/// what [`SourcePackage::fixes`] is about.
pub fn fixes_revision(file: &str) -> Option<&str> {
    let (_, name) = file.rsplit_once('_')?;
    Some(name.split_once(".debian.tar.")?.0)
}

/// Every version of the source package `name`, the newest first.
///
/// # Errors
///
/// If apt is missing, or knows no such package.
pub fn lookup(name: &str) -> Result<Vec<SourcePackage>, Error> {
    let output = Command::new("apt-cache")
        .args(["showsrc", "--only-source", "--", name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    let mut found = parse(&String::from_utf8_lossy(&output.stdout));
    found.retain(|package| package.name == name);
    found.sort_by(|a, b| compare(&b.version, &a.version));
    if found.is_empty() { Err(Error::Unknown(name.to_owned())) } else { Ok(found) }
}

/// Reads what `apt-cache showsrc` prints; paragraphs that say too little are left out.
pub fn parse(text: &str) -> Vec<SourcePackage> {
    text.split("\n\n").filter_map(paragraph).collect()
}

fn paragraph(text: &str) -> Option<SourcePackage> {
    let field = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        lines.next().map(str::to_owned)
    };
    let sums = text.lines().skip_while(|line| line.trim_end() != "Checksums-Sha256:").skip(1);
    let file = |line: &str| {
        let mut words = line.split_whitespace();
        let digest = Digest::from_hex(words.next()?).ok()?;
        Some(File { digest, name: words.nth(1)?.to_owned() })
    };
    Some(SourcePackage {
        name: field("Package")?,
        version: field("Version")?,
        directory: field("Directory")?,
        files: sums.take_while(|line| line.starts_with(' ')).filter_map(file).collect(),
    })
}

/// A Debian version without epoch and revision.
pub fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}

/// A version without what Debian adds to it when it repacks an archive.
pub fn original(upstream: &str) -> &str {
    let marks = ["+dfsg", "+ds", ".dfsg", "~dfsg", "+deb", "+really"];
    if let Some((_, really)) = upstream.rsplit_once("+really") {
        return really;
    }
    let end = marks.iter().filter_map(|mark| upstream.find(mark)).min();
    &upstream[..end.unwrap_or(upstream.len())]
}

/// Debian's order of versions: letters before other characters, `~` before the end,
/// digits by their number.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (epoch_a, a) = epoch(a);
    let (epoch_b, b) = epoch(b);
    let revision = |version: &str| version.rsplit_once('-').map_or("0", |(_, r)| r).to_owned();
    epoch_a
        .cmp(&epoch_b)
        .then_with(|| part(upstream(a), upstream(b)))
        .then_with(|| part(&revision(a), &revision(b)))
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    }
}

fn part(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() || !b.is_empty() {
        let (text_a, rest_a) = text(a);
        let (text_b, rest_b) = text(b);
        let (number_a, rest_a) = number(rest_a);
        let (number_b, rest_b) = number(rest_b);
        let order = letters(text_a, text_b).then(number_a.cmp(&number_b));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn text(version: &str) -> (&str, &str) {
    let digit = version.find(|c: char| c.is_ascii_digit());
    version.split_at(digit.unwrap_or(version.len()))
}

/// The number at the start as a text that sorts by length, so that none is too large.
fn number(version: &str) -> ((usize, &str), &str) {
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    let digits = version[..end].trim_start_matches('0');
    ((digits.len(), digits), &version[end..])
}

fn letters(a: &str, b: &str) -> Ordering {
    let weight = |byte: Option<u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(byte),
        Some(byte) => i32::from(byte) + 256,
    };
    let longest = a.len().max(b.len());
    let at = |text: &str, place: usize| weight(text.as_bytes().get(place).copied());
    let orders = (0..longest).map(|place| at(a, place).cmp(&at(b, place)));
    orders.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_debian_orders_them() {
        let rising = [
            "1.0~rc1-1",
            "1.0-1",
            "1.0-1+deb12u1",
            "1.0-2",
            "1.0-10",
            "1.0a-1",
            "1.0+ds-1",
            "1.0.1-1",
            "1.9-1",
            "1.10-1",
            "20240101-1",
            "1:0.1-1",
        ];
        for (place, small) in rising.iter().enumerate() {
            assert_eq!(compare(small, small), Ordering::Equal);
            for large in &rising[place + 1..] {
                assert_eq!(compare(small, large), Ordering::Less, "{small} {large}");
                assert_eq!(compare(large, small), Ordering::Greater, "{large} {small}");
            }
        }
        assert_eq!(compare("1.0", "1.00-0"), Ordering::Equal);
    }

    #[test]
    fn what_debian_adds_is_taken_off() {
        for (version, plain, first) in [
            ("1:1.3.dfsg+really1.3.1-1+deb13u1", "1.3.dfsg+really1.3.1", "1.3.1"),
            ("2:3.8.2+dfsg-1", "3.8.2+dfsg", "3.8.2"),
            ("2.1.13-stable-1~deb13u1", "2.1.13-stable", "2.1.13-stable"),
            ("20250419", "20250419", "20250419"),
        ] {
            assert_eq!((upstream(version), original(plain)), (plain, first), "{version}");
        }
    }

    #[test]
    fn a_paragraph_gives_the_archives_and_their_hashes() {
        let hash = "9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23";
        let text = format!(
            "Package: zlib\nBinary: zlib1g\nVersion: 1:1.3-1\nFiles:\n 00 1 zlib_1.3.orig.tar.gz\n\
             Checksums-Sha256: \n {hash} 1 zlib_1.3-1.dsc\n {hash} 2 zlib_1.3.orig.tar.gz\n \
             {hash} 3 zlib_1.3.orig.tar.gz.asc\n {hash} 4 zlib_1.3-1.debian.tar.xz\n\
             Homepage: x\nDirectory: pool/main/z/zlib\n\nPackage: half\n"
        );
        let found = parse(&text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].files.len(), found[0].directory.as_str()), (4, "pool/main/z/zlib"));
        let archives: Vec<_> = found[0].archives().map(|file| file.name.as_str()).collect();
        assert_eq!(archives, ["zlib_1.3.orig.tar.gz"]);
    }
}
