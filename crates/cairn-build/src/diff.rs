//! Two images side by side: which file, which bytes, and what the likely cause is.
//!
//! ```text
//! usr/bin/tool: content differs at byte 1040: "Nov 22 2026" / "Nov 23 2026" (a time)
//! usr/share/x: mode 755 / 644
//! usr/lib/a: only in the second
//! ```
//!
//! The files compared are those a container would see: of several layers, the topmost
//! that has a path counts.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use cairn_core::digest::{Digest, Hasher};
use cairn_core::image::Image;
use cairn_core::store::{self, Store};
use cairn_core::tar::{self, Accept, Kind, Reader};

/// Files up to this size are compared byte by byte.
const MAX_COMPARED: u64 = 64 << 20;
/// How much of each side is shown.
const SHOWN: usize = 24;

/// Why two images could not be compared.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("layer {layer}: {source}")]
    Layer { layer: Digest, source: tar::ReadError },
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// One thing in which two images differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where; `image config` for what is no file.
    pub path: String,
    /// In what.
    pub change: Change,
}

/// How something differs; the first image stands first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Change {
    OnlyFirst,
    OnlySecond,
    Kind(String, String),
    Mode(u32, u32),
    Owner((u64, u64), (u64, u64)),
    Content { offset: u64, first: Vec<u8>, second: Vec<u8>, cause: Cause },
    Large { first: Digest, second: Digest },
    Config(&'static str),
}

/// A guess from the bytes that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Digits or words of a date, or seconds since 1970.
    Time,
    /// The same lines in another order.
    Order,
    /// Part of a path.
    Path,
    /// Nothing that can be named.
    Unknown,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.change {
            Change::OnlyFirst => write!(f, "only in the first"),
            Change::OnlySecond => write!(f, "only in the second"),
            Change::Kind(first, second) => write!(f, "{first} / {second}"),
            Change::Mode(first, second) => write!(f, "mode {first:o} / {second:o}"),
            Change::Owner(first, second) => {
                write!(f, "owner {}:{} / {}:{}", first.0, first.1, second.0, second.1)
            }
            Change::Content { offset, first, second, cause } => {
                let (first, second) = (first.escape_ascii(), second.escape_ascii());
                write!(f, "content differs at byte {offset}: \"{first}\" / \"{second}\"{cause}")
            }
            Change::Large { first, second } => write!(f, "content {first} / {second}"),
            Change::Config(field) => write!(f, "{field} differs"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => " (a time)",
            Self::Order => " (the same lines in another order)",
            Self::Path => " (a path)",
            Self::Unknown => "",
        })
    }
}

/// A file as one image has it.
pub(crate) struct File {
    pub(crate) entry: tar::Entry,
    pub(crate) digest: Digest,
    layer: Digest,
}

/// All differences, sorted by path.
pub fn images(first: (&Store, &Image), second: (&Store, &Image)) -> Result<Vec<Difference>, Error> {
    let mut found = Vec::new();
    config(first.1, second.1, &mut found);
    let (a, b) = (files(first)?, files(second)?);
    for (path, one) in &a {
        let change = match b.get(path) {
            None => Some(Change::OnlyFirst),
            Some(two) => change((first.0, one), (second.0, two))?,
        };
        found.extend(change.map(|change| Difference { path: lossy(path), change }));
    }
    for path in b.keys().filter(|path| !a.contains_key(*path)) {
        found.push(Difference { path: lossy(path), change: Change::OnlySecond });
    }
    Ok(found)
}

fn config(first: &Image, second: &Image, found: &mut Vec<Difference>) {
    let (a, b) = (&first.config, &second.config);
    let fields = [
        ("platform", (&a.os, &a.architecture) != (&b.os, &b.architecture)),
        ("user", a.user != b.user),
        ("environment", a.env != b.env),
        ("entrypoint", a.entrypoint != b.entrypoint),
        ("command", a.cmd != b.cmd),
        ("working directory", a.working_dir != b.working_dir),
        ("labels", a.labels != b.labels),
        ("ports", a.exposed_ports != b.exposed_ports),
        ("volumes", a.volumes != b.volumes),
        ("shell", a.shell != b.shell),
        ("stop signal", a.stop_signal != b.stop_signal),
        ("history", a.history != b.history),
        ("number of layers", first.layers.len() != second.layers.len()),
    ];
    let differing = fields.into_iter().filter(|(_, differs)| *differs);
    found.extend(
        differing
            .map(|(field, _)| Difference { path: "image config".to_owned(), change: Change::Config(field) }),
    );
}

/// The files of an image by path.
pub(crate) fn files((store, image): (&Store, &Image)) -> Result<BTreeMap<Vec<u8>, File>, Error> {
    let mut files: BTreeMap<Vec<u8>, File> = BTreeMap::new();
    for layer in &image.layers {
        let failed = |source| Error::Layer { layer: layer.digest, source };
        let blob = io::BufReader::with_capacity(1 << 20, store.open_blob(&layer.digest)?);
        let mut reader = Reader::new(blob, Accept::Layer);
        while let Some(entry) = reader.next_entry().map_err(failed)? {
            if matches!(entry.kind, Kind::Whiteout | Kind::Opaque) {
                let keep_itself = entry.kind == Kind::Opaque;
                files.retain(|path, _| !(path == &entry.path && !keep_itself || inside(path, &entry.path)));
                continue;
            }
            let mut hasher = Hasher::new();
            io::copy(&mut reader, &mut hasher)?;
            let file = File { digest: hasher.finish().0, layer: layer.digest, entry };
            files.insert(file.entry.path.clone(), file);
        }
    }
    Ok(files)
}

fn inside(path: &[u8], dir: &[u8]) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.first() == Some(&b'/'))
}

fn change(first: (&Store, &File), second: (&Store, &File)) -> Result<Option<Change>, Error> {
    let (a, b) = (&first.1.entry, &second.1.entry);
    let kinds = (kind(&a.kind), kind(&b.kind));
    if kinds.0 != kinds.1 {
        return Ok(Some(Change::Kind(kinds.0, kinds.1)));
    }
    if first.1.digest != second.1.digest {
        return content(first, second).map(Some);
    }
    if a.mode != b.mode {
        return Ok(Some(Change::Mode(a.mode, b.mode)));
    }
    let owners = ((a.uid, a.gid), (b.uid, b.gid));
    Ok((owners.0 != owners.1).then_some(Change::Owner(owners.0, owners.1)))
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Dir => "directory".to_owned(),
        Kind::File { .. } => "file".to_owned(),
        Kind::Hardlink { target } => format!("hard link to {}", lossy(target)),
        Kind::Symlink { target } => format!("link to {}", lossy(target)),
        other => format!("{other:?}"),
    }
}

fn content(first: (&Store, &File), second: (&Store, &File)) -> Result<Change, Error> {
    if first.1.entry.size().max(second.1.entry.size()) > MAX_COMPARED {
        return Ok(Change::Large { first: first.1.digest, second: second.1.digest });
    }
    let (a, b) = (read(first)?, read(second)?);
    let offset = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let shown = |bytes: &[u8]| bytes[offset..(offset + SHOWN).min(bytes.len())].to_vec();
    let cause = cause(&a, &b, offset);
    Ok(Change::Content { offset: offset as u64, first: shown(&a), second: shown(&b), cause })
}

/// The bytes of one file.
fn read((store, file): (&Store, &File)) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Layer { layer: file.layer, source };
    let blob = io::BufReader::with_capacity(1 << 20, store.open_blob(&file.layer)?);
    let mut reader = Reader::new(blob, Accept::Layer);
    let mut bytes = Vec::new();
    while let Some(entry) = reader.next_entry().map_err(failed)? {
        if entry.path == file.entry.path {
            reader.read_to_end(&mut bytes)?;
            break;
        }
    }
    Ok(bytes)
}

/// Guesses from the bytes around the first difference.
fn cause(a: &[u8], b: &[u8], offset: usize) -> Cause {
    if a.len() == b.len() && lines(a) == lines(b) {
        return Cause::Order;
    }
    let around = |bytes: &[u8]| {
        let from = offset.saturating_sub(SHOWN);
        String::from_utf8_lossy(&bytes[from..(offset + SHOWN).min(bytes.len())]).into_owned()
    };
    let (a, b) = (around(a), around(b));
    if is_time(&a) && is_time(&b) {
        return Cause::Time;
    }
    let path = |text: &str| ["/tmp/", "/home/", "/root/", "/build/"].iter().any(|p| text.contains(p));
    if path(&a) || path(&b) { Cause::Path } else { Cause::Unknown }
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

/// Whether a text holds a date, a time of day, or seconds since 1970 of this century.
fn is_time(text: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect();
    let year = numbers.iter().any(|digits| digits.len() == 4 && digits.starts_with("20"));
    let seconds = numbers.iter().any(|digits| digits.len() == 10 && "12".contains(&digits[..1]));
    let clock = text
        .as_bytes()
        .windows(5)
        .any(|w| w[2] == b':' && [w[0], w[1], w[3], w[4]].iter().all(u8::is_ascii_digit));
    seconds || clock || year && (MONTHS.iter().any(|month| text.contains(month)) || text.contains('-'))
}

fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_a_difference_is_guessed_from_its_bytes() {
        let table = [
            ("built Nov 22 2026", "built Nov 23 2026", Cause::Time),
            ("t=1763832000;", "t=1763835600;", Cause::Time),
            ("at 18:45 today", "at 18:46 today", Cause::Time),
            ("b\na\n", "a\nb\n", Cause::Order),
            ("in /tmp/x1/y", "in /tmp/x2/y", Cause::Path),
            ("abc", "abd", Cause::Unknown),
            ("20261", "20262", Cause::Unknown),
        ];
        for (a, b, wanted) in table {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let offset = a.iter().zip(b).position(|(a, b)| a != b).expect("they differ");
            assert_eq!(cause(a, b, offset), wanted, "{}", a.escape_ascii());
        }
    }
}
