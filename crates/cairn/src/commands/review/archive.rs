//! Reading source archives without unpacking them: no name of a stranger reaches the disk.

use cairn_core::digest::{Digest, Hasher};
use cairn_core::tar::{Accept, Kind, ReadError, Reader};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::process::{Child, Command, Stdio};

/// How much of a file is looked at to call it text or binary.
const LOOKED_AT: usize = 8192;
/// The longest text that is shown, in bytes.
pub const MAX_SHOWN: u64 = 4 << 20;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Of its content; of a link, of its target.
    pub digest: Digest,
    pub bytes: u64,
    /// It has a zero byte near its beginning.
    pub binary: bool,
    pub link: bool,
}

/// Every file by its path without the archive's own folder. A source that is no archive
/// is one file without a name.
pub fn list(file: File) -> io::Result<BTreeMap<String, Item>> {
    let mut items = BTreeMap::new();
    each(file, |path, kind, data| {
        let mut hasher = Hasher::new();
        let mut head = Vec::new();
        let (link, binary) = match kind {
            Kind::Symlink { target } | Kind::Hardlink { target } => {
                hasher.update(target);
                (true, false)
            }
            _ => {
                data.take(LOOKED_AT as u64).read_to_end(&mut head)?;
                hasher.update(&head);
                io::copy(data, &mut hasher)?;
                (false, head.contains(&0))
            }
        };
        let (digest, bytes) = hasher.finish();
        items.insert(path, Item { digest, bytes, binary, link });
        Ok(())
    })?;
    Ok(items)
}

/// The content of every file that `wanted` names.
pub fn read(
    file: File,
    wanted: impl Fn(&str) -> bool,
    mut take: impl FnMut(&str, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    each(file, |path, _, data| {
        if wanted(&path) {
            let mut bytes = Vec::new();
            data.take(MAX_SHOWN).read_to_end(&mut bytes)?;
            take(&path, &bytes)?;
        }
        Ok(())
    })
}

/// Calls `see` for every file and link.
fn each(
    mut file: File,
    mut see: impl FnMut(String, &Kind, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut head = Vec::new();
    (&mut file).take(512).read_to_end(&mut head)?;
    file.rewind()?;
    let (mut child, source): (Option<Child>, Box<dyn Read>) = match program(&head) {
        None if head.get(257..262) != Some(b"ustar".as_slice()) => {
            return see(String::new(), &Kind::File { size: 0 }, &mut file);
        }
        None => (None, Box::new(file)),
        Some(program) => {
            let mut command = Command::new(program);
            command.arg("-dc").stdin(file).stdout(Stdio::piped()).stderr(Stdio::null());
            let missing = |e: io::Error| io::Error::new(e.kind(), format!("{program} is needed: {e}"));
            let mut child = command.spawn().map_err(missing)?;
            let out = child.stdout.take().expect("it was asked for");
            (Some(child), Box::new(out))
        }
    };
    let mut reader = Reader::new(BufReader::with_capacity(1 << 18, source), Accept::Archive);
    let seen = entries(&mut reader, &mut see);
    if let Some(child) = &mut child {
        drop(reader);
        let status = child.wait()?;
        if seen.is_ok() && !status.success() {
            return Err(io::Error::other(format!("the archive cannot be unpacked ({status})")));
        }
    }
    seen
}

fn entries<R: Read>(
    reader: &mut Reader<R>,
    see: &mut impl FnMut(String, &Kind, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let bad = |e: ReadError| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
    while let Some(entry) = reader.next_entry().map_err(bad)? {
        if matches!(entry.kind, Kind::File { .. } | Kind::Symlink { .. } | Kind::Hardlink { .. }) {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            let inner = path.split_once('/').map_or(path.as_str(), |(_, inner)| inner).to_owned();
            see(inner, &entry.kind, reader)?;
        }
    }
    Ok(())
}

/// What decompresses a file that begins so.
fn program(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 5] = [
        (b"\x1f\x8b", "gzip"),
        (b"\xfd7zXZ\0", "xz"),
        (b"BZh", "bzip2"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"LZIP", "lzip"),
    ];
    known.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, program)| program)
}

/// Writes bytes to a new file.
pub fn write(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    File::create_new(path)?.write_all(bytes)
}
