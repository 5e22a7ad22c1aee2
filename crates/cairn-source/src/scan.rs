//! Every file of a source archive that nobody can read.
//!
//! An archive inside the archive is a folder like others if it can be looked into: then
//! the files in it are told, not itself. One level more is not looked into, so there the
//! archive is told. What is found is kept as text, a line a file:
//!
//! ```text
//! KIND TAB WHAT TAB SIZE TAB PATH
//! packed  xz  1024  tests/files/bad-1-block.xz
//! program ELF 9000  data.tar.gz!bin/tool
//! ```

use std::io::{self, Cursor, Read};
use std::mem;

use crate::archive::{self, Error, Limits};
use crate::kind::{Kind, Look};

/// What parts the path of an archive from that of a file in it.
pub const INSIDE: char = '!';

/// A file that is no text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// In the archive, without the folder that all its files are in.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its length.
    pub bytes: u64,
}

impl Found {
    /// The paths it can be spoken of with: its own, and if it is in an archive inside,
    /// that of the archive and its own there.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let inner = self.path.split_once(INSIDE);
        let names = inner.map_or([self.path.as_str(), ""], |(archive, path)| [archive, path]);
        names.into_iter().filter(|name| !name.is_empty())
    }
}

/// Everything in `source` that is no text, sorted by path.
///
/// # Errors
///
/// An archive that is damaged or too large. An archive inside it that is so is just
/// something nobody can read.
pub fn scan(source: impl Read, limits: Limits) -> Result<Vec<Found>, Error> {
    // What archives inside may unpack to, all together.
    let mut left = limits.bytes;
    let (found, result) = files(source, limits, &mut |path, content| look(path, content, &mut left));
    result.map(|()| found)
}

/// What looks at one file.
type OnLook<'a> = &'a mut dyn FnMut(&str, &mut dyn Read) -> io::Result<Vec<Found>>;

/// Looks at every file of an archive with `one`; gives what it found, sorted and without
/// the common folder, and whether the archive was read to its end.
fn files(source: impl Read, limits: Limits, one: OnLook<'_>) -> (Vec<Found>, Result<(), Error>) {
    let mut found = Vec::new();
    let mut root = Root::default();
    let result = archive::walk(source, limits, &mut |path, content| {
        root.see(path);
        found.extend(one(path, content)?);
        Ok(())
    });
    let prefix = root.prefix();
    found.iter_mut().for_each(|one: &mut Found| drop(one.path.drain(..prefix)));
    found.sort();
    (found, result)
}

/// What there is to say about one file, and of the files in it if it is an archive.
fn look(path: &str, content: &mut dyn Read, left: &mut u64) -> io::Result<Vec<Found>> {
    let head = archive::head(content)?;
    if !archive::is_archive(&head) {
        return file(path, &head, content);
    }
    let mut look = Look::default();
    look.at(&head);
    let mut whole = Cursor::new(head).chain(content);
    let limits = Limits { bytes: *left, ..Limits::default() };
    let mut inner = |path: &str, content: &mut dyn Read| {
        let found = file(path, &[], content)?;
        *left = left.saturating_sub(found.iter().map(|one| one.bytes).sum());
        Ok(found)
    };
    let (mut found, result) = files(&mut whole, limits, &mut inner);
    for one in &mut found {
        one.path = format!("{path}{INSIDE}{}", mem::take(&mut one.path));
    }
    if result.is_err() {
        // Damaged on purpose, maybe: it is told as a whole.
        let bytes = io::copy(&mut whole, &mut io::sink())?;
        found.push(Found { path: path.to_owned(), kind: look.kind(path), bytes });
    }
    Ok(found)
}

/// One file, looked at and not into.
fn file(path: &str, head: &[u8], content: &mut dyn Read) -> io::Result<Vec<Found>> {
    let mut look = Look::default();
    look.at(head);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        look.at(&buffer[..read]);
    }
    let kind = look.kind(path);
    let found = Found { path: path.to_owned(), kind, bytes: look.bytes() };
    Ok(if kind == Kind::Text { Vec::new() } else { vec![found] })
}

/// The folder that all files of an archive are in.
#[derive(Debug, Default)]
pub(crate) struct Root {
    name: Option<String>,
    none: bool,
}

impl Root {
    pub(crate) fn see(&mut self, path: &str) {
        match (path.split_once('/'), &self.name) {
            (None, _) => self.none = true,
            (Some((first, _)), None) => self.name = Some(first.to_owned()),
            (Some((first, _)), Some(name)) => self.none |= first != name,
        }
    }

    /// The length of what stands before every path.
    pub(crate) fn prefix(&self) -> usize {
        self.name.as_ref().filter(|_| !self.none).map_or(0, |name| name.len() + 1)
    }
}

/// The list as text.
pub fn encode(found: &[Found]) -> String {
    let line = |found: &Found| {
        let (kind, what) = match found.kind {
            Kind::Text => ("text", ""),
            Kind::Data(what) => ("data", what),
            Kind::Program(what) => ("program", what),
            Kind::Packed(what) => ("packed", what),
            Kind::Unknown => ("unknown", ""),
        };
        let path = found.path.replace(['\n', '\t'], "?");
        format!("{kind}\t{what}\t{}\t{path}\n", found.bytes)
    };
    found.iter().map(line).collect()
}

/// Reads it back; `None` if it is no such list.
pub fn decode(text: &str) -> Option<Vec<Found>> {
    let line = |line: &str| {
        let mut fields = line.splitn(4, '\t');
        let (kind, what) = (fields.next()?, fields.next()?);
        let known = || crate::kind::name(what);
        let kind = match kind {
            "data" => Kind::Data(known()?),
            "program" => Kind::Program(known()?),
            "packed" => Kind::Packed(known()?),
            "unknown" => Kind::Unknown,
            _ => return None,
        };
        let bytes = fields.next()?.parse().ok()?;
        Some(Found { path: fields.next()?.to_owned(), kind, bytes })
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_core::tar::{self, Entry, Writer};
    use std::collections::BTreeMap;
    use std::io::Write;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut entries: BTreeMap<&str, Option<&[u8]>> = BTreeMap::new();
        for (path, bytes) in files {
            if let Some((dir, _)) = path.split_once('/') {
                entries.insert(dir, None);
            }
            entries.insert(path, Some(bytes));
        }
        let mut writer = Writer::new(Vec::new());
        for (path, bytes) in entries {
            let size = |bytes: &[u8]| tar::Kind::File { size: bytes.len() as u64 };
            let kind = bytes.map_or(tar::Kind::Dir, size);
            let entry = Entry { path: path.into(), kind, mode: 0o755, uid: 0, gid: 0 };
            writer.append(&entry, &mut bytes.unwrap_or_default()).expect("a valid entry");
        }
        writer.finish().expect("memory takes all")
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("memory takes all");
        encoder.finish().expect("memory takes all")
    }

    fn lines(archive: &[u8]) -> Vec<String> {
        let found = scan(archive, Limits::default()).expect("a good archive");
        assert_eq!(decode(&encode(&found)).as_ref(), Some(&found));
        found.iter().map(|one| format!("{} {} {}", one.path, one.kind.describe(), one.bytes)).collect()
    }

    #[test]
    fn programs_are_found_also_in_an_archive_in_the_archive() {
        let inner = gzip(&tar(&[("bin/tool", b"\x7fELF\0"), ("README", b"text")]));
        let outer = tar(&[("x-1/a.c", b"int a;"), ("x-1/b.o", b"\x7fELF\0\0"), ("x-1/t.tgz", &inner)]);
        let want = ["b.o a program (ELF) 6", "t.tgz!bin/tool a program (ELF) 5"];
        assert_eq!(lines(&gzip(&outer)), want);
        let twice = gzip(&tar(&[("x/t.tar", &tar(&[("y/t.gz", &gzip(b"text"))]))]));
        assert_eq!(lines(&twice), ["t.tar!t.gz an archive (gzip) 24"]);
        assert_eq!(lines(&outer), want);
    }

    #[test]
    fn a_folder_is_cut_off_only_if_everything_is_in_it() {
        assert_eq!(lines(&tar(&[("x/a", b"\0"), ("y/b", b"")])), ["x/a bytes of no known kind 1"]);
        assert_eq!(lines(&tar(&[("x/a", b"\0"), ("b", b"")])), ["x/a bytes of no known kind 1"]);
        assert_eq!(lines(&tar(&[("x/a", b"\0"), ("x/b", b"")])), ["a bytes of no known kind 1"]);
    }

    #[test]
    fn a_packed_file_alone_is_looked_at() {
        assert_eq!(lines(&gzip(b"a patch\n")), Vec::<String>::new());
        assert_eq!(lines(&gzip(b"\0\x01\x02")), [" bytes of no known kind 3"]);
    }

    #[test]
    fn a_bomb_is_an_error_and_a_bomb_inside_is_only_listed() {
        let limits = Limits { bytes: 100_000, files: 10 };
        let bomb = gzip(&vec![b'a'; 200_000]);
        let error = scan(bomb.as_slice(), limits).expect_err("too large");
        assert!(error.to_string().contains("more than 100000 bytes"), "{error}");
        let outer = tar(&[("x/bomb.gz", &bomb)]);
        let found = scan(outer.as_slice(), limits).expect("the outer one is small");
        assert_eq!(found.len(), 1);
        let many: Vec<(String, Vec<u8>)> = (0..11).map(|n| (format!("f{n}"), Vec::new())).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect();
        let error = scan(tar(&many).as_slice(), limits).expect_err("too many");
        assert!(error.to_string().contains("10 files"), "{error}");
    }

    #[test]
    fn what_is_cut_short_is_an_error() {
        let whole = gzip(&tar(&[("x/a", &[b'a'; 4000]), ("x/b", b"\x7fELF\0")]));
        for cut in [1, whole.len() / 2, whole.len() - 9] {
            assert!(scan(&whole[..cut], Limits::default()).is_err(), "{cut} of {}", whole.len());
        }
        assert!(matches!(scan(&b"hello"[..], Limits::default()), Err(Error::Unknown)));
    }
}
