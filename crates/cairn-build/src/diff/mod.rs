//! Two images side by side: which file, which part of it, which bytes, and the likely cause.
//!
//! ```text
//! usr/bin/tool: .rodata, byte 1040: "Nov 22 2026" / "Feb 09 2035" (the time)
//! usr/lib/libx.a: member x.o, .debug_str, byte 88: "/tmp/cc1a.o" / "/tmp/cc9f.o" (a name made at random)
//! usr/share/x: mode 755 / 644
//! usr/lib/a: only in the second
//! ```
//!
//! The files compared are those a container would see: of several layers, the topmost
//! that has a path counts.

mod cause;
mod part;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use cairn_core::digest::{Digest, Hasher};
use cairn_core::image::Image;
use cairn_core::tar::{self, Accept, Kind, Reader};

pub use cause::{Cause, Known};

/// Files up to this size are compared byte by byte.
const MAX_COMPARED: u64 = 256 << 20;
/// How much of each side is shown.
const SHOWN: usize = 32;

/// Why two images could not be compared.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("layer {layer}: {source}")]
    Layer { layer: Digest, source: tar::ReadError },
    #[error("layer {layer} at {path} is damaged: its bytes give {found}")]
    Damaged { layer: Digest, path: PathBuf, found: Digest },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// One of the two images.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What it is.
    pub image: &'a Image,
    /// The folder where its layers are, each a file named by its digest in hexadecimal.
    pub blobs: &'a Path,
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
    Content {
        /// Section, archive member, header: outermost first; empty for a plain file.
        part: String,
        /// In the file.
        offset: u64,
        first: Vec<u8>,
        second: Vec<u8>,
        cause: Cause,
    },
    Large {
        first: Digest,
        second: Digest,
    },
    Config(&'static str),
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
            Change::Content { part, offset, first, second, cause } => {
                let (first, second) = (first.escape_ascii(), second.escape_ascii());
                let comma = if part.is_empty() { "" } else { ", " };
                write!(f, "{part}{comma}byte {offset}: \"{first}\" / \"{second}\" ({cause})")
            }
            Change::Large { first, second } => write!(f, "content {first} / {second}"),
            Change::Config(field) => write!(f, "{field} differs"),
        }
    }
}

/// A file as one image has it.
pub(crate) struct File {
    pub(crate) entry: tar::Entry,
    pub(crate) digest: Digest,
    layer: Digest,
}

/// All differences, sorted by path. `known` says in what the two builds were made to differ.
pub fn images(first: Side<'_>, second: Side<'_>, known: &Known) -> Result<Vec<Difference>, Error> {
    let mut found = Vec::new();
    config(first.image, second.image, &mut found);
    let (a, b) = (files(first)?, files(second)?);
    for (path, one) in &a {
        let change = match b.get(path) {
            None => Some(Change::OnlyFirst),
            Some(two) => change((first, one), (second, two), known)?,
        };
        found.extend(change.map(|change| Difference { path: lossy(path), change }));
    }
    for path in b.keys().filter(|path| !a.contains_key(*path)) {
        found.push(Difference { path: lossy(path), change: Change::OnlySecond });
    }
    Ok(found)
}

/// The content of one file of an image, however large; `None` if there is no such file.
pub fn content(side: Side<'_>, path: &str) -> Result<Option<Vec<u8>>, Error> {
    files(side)?.get(path.as_bytes()).map(|file| read(side, file)).transpose()
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

/// A layer while it is read: what came is hashed.
struct Hashed<R> {
    from: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        self.hasher.update(&into[..length]);
        Ok(length)
    }
}

/// The files of an image by path. Every byte of the layers is hashed.
pub(crate) fn files(side: Side<'_>) -> Result<BTreeMap<Vec<u8>, File>, Error> {
    let mut files: BTreeMap<Vec<u8>, File> = BTreeMap::new();
    for layer in &side.image.layers {
        let layer = layer.digest;
        let path = side.blobs.join(layer.hex());
        let failed = |source| Error::Io { path: path.clone(), source };
        let mut hashed = Hashed { from: open(&path)?, hasher: Hasher::new() };
        let mut reader = Reader::new(&mut hashed, Accept::Layer);
        while let Some(entry) = reader.next_entry().map_err(|source| Error::Layer { layer, source })? {
            if matches!(entry.kind, Kind::Whiteout | Kind::Opaque) {
                let keep_itself = entry.kind == Kind::Opaque;
                files.retain(|path, _| !(path == &entry.path && !keep_itself || inside(path, &entry.path)));
                continue;
            }
            let mut hasher = Hasher::new();
            io::copy(&mut reader, &mut hasher).map_err(failed)?;
            let file = File { digest: hasher.finish().0, layer, entry };
            files.insert(file.entry.path.clone(), file);
        }
        io::copy(&mut hashed, &mut io::sink()).map_err(failed)?;
        let found = hashed.hasher.finish().0;
        if found != layer {
            return Err(Error::Damaged { layer, path, found });
        }
    }
    Ok(files)
}

fn open(path: &Path) -> Result<BufReader<fs::File>, Error> {
    let file = fs::File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    Ok(BufReader::with_capacity(1 << 20, file))
}

fn inside(path: &[u8], dir: &[u8]) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.first() == Some(&b'/'))
}

fn change(
    first: (Side<'_>, &File),
    second: (Side<'_>, &File),
    known: &Known,
) -> Result<Option<Change>, Error> {
    let (a, b) = (&first.1.entry, &second.1.entry);
    let kinds = (kind(&a.kind), kind(&b.kind));
    if kinds.0 != kinds.1 {
        return Ok(Some(Change::Kind(kinds.0, kinds.1)));
    }
    if first.1.digest != second.1.digest {
        return bytes(first, second, known).map(Some);
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

fn bytes(first: (Side<'_>, &File), second: (Side<'_>, &File), known: &Known) -> Result<Change, Error> {
    if first.1.entry.size().max(second.1.entry.size()) > MAX_COMPARED {
        return Ok(Change::Large { first: first.1.digest, second: second.1.digest });
    }
    let (a, b) = (read(first.0, first.1)?, read(second.0, second.1)?);
    let offset = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let shown = |bytes: &[u8]| {
        // From the beginning of the word in which they part.
        let word = bytes[..offset].iter().rev().take(SHOWN / 2);
        let from = offset - word.take_while(|byte| byte.is_ascii_graphic()).count();
        bytes[from..(offset + SHOWN).min(bytes.len())].to_vec()
    };
    let part = part::name(&a, offset);
    let cause = if part::is_time(&a, offset) { Cause::Time } else { cause::guess(&a, &b, offset, known) };
    Ok(Change::Content { part, offset: offset as u64, first: shown(&a), second: shown(&b), cause })
}

/// The bytes of one file.
fn read(side: Side<'_>, file: &File) -> Result<Vec<u8>, Error> {
    let layer = file.layer;
    let path = side.blobs.join(layer.hex());
    let mut reader = Reader::new(open(&path)?, Accept::Layer);
    let mut bytes = Vec::new();
    while let Some(entry) = reader.next_entry().map_err(|source| Error::Layer { layer, source })? {
        if entry.path == file.entry.path {
            reader.read_to_end(&mut bytes).map_err(|source| Error::Io { path, source })?;
            break;
        }
    }
    Ok(bytes)
}

fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
