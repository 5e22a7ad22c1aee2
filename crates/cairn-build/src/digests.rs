//! `digests/GROUP.txt`: what every build is checked against.
//!
//! One line a package, sorted by name, nothing else:
//!
//! ```text
//! 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae stage0 1.0
//! ```
//!
//! The digest is the manifest digest without `sha256:`, the version what the image's
//! label `org.opencontainers.image.version` says, `-` if it has none. The first
//! field is in the place where `sha256sum` writes it, so that plain tools read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cairn_core::digest::Digest;
use cairn_core::tree::Name;

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The image's manifest digest.
    pub image: Digest,
    /// Its version.
    pub version: String,
}

/// The folder `digests/`, as read.
#[derive(Clone, Debug, Default)]
pub struct Digests {
    folder: PathBuf,
    entries: BTreeMap<Name, Entry>,
    /// What the folder had when it was first read.
    at_first: BTreeSet<Name>,
}

/// Why the folder could not be read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("{path}:{line}: expected `SHA256 NAME VERSION`, sorted by name")]
    Line { path: PathBuf, line: usize },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl Digests {
    /// Reads every `GROUP.txt` of `folder`. No folder is an empty one.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let mut digests = Self { folder: folder.to_owned(), ..Self::default() };
        let failed = |source| Error::Io { path: folder.to_owned(), source };
        let listing = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(digests),
            listing => listing.map_err(failed)?,
        };
        for file in listing {
            let path = file.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let text =
                    fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
                digests.parse(&group, &text).map_err(|line| Error::Line { path, line })?;
            }
        }
        digests.at_first = digests.entries.keys().cloned().collect();
        Ok(digests)
    }

    /// Reads the folder again: another build may have recorded something meanwhile.
    pub fn reload(&mut self) -> Result<(), Error> {
        self.entries = Self::load(&self.folder)?.entries;
        Ok(())
    }

    /// Adds the lines of one file; an error is the number of the bad line.
    fn parse(&mut self, group: &str, text: &str) -> Result<(), usize> {
        let mut last = String::new();
        for (index, line) in text.lines().enumerate() {
            let entry = (|| {
                let mut fields = line.split(' ');
                let image = Digest::from_hex(fields.next()?).ok()?;
                let base = fields.next()?;
                let version = fields.next().filter(|v| !v.is_empty())?.to_owned();
                let name: Name = format!("{group}/{base}").parse().ok()?;
                let sorted = last.as_str() < base && fields.next().is_none();
                sorted.then_some((name, Entry { image, version }))
            })();
            let (name, entry) = entry.ok_or(index + 1)?;
            name.base().clone_into(&mut last);
            self.entries.insert(name, entry);
        }
        Ok(())
    }

    /// What is recorded for `name`.
    pub fn get(&self, name: &Name) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// Records `entry`; nothing is written before [`Digests::save`].
    pub fn set(&mut self, name: Name, entry: Entry) {
        self.entries.insert(name, entry);
    }

    /// Takes out packages that `exists` does not know, but none that another build added to
    /// the folder since it was first read: that build may know a newer tree.
    pub fn retain(&mut self, exists: impl Fn(&Name) -> bool) {
        let Self { entries, at_first, .. } = self;
        entries.retain(|name, _| exists(name) || !at_first.contains(name));
    }

    /// Writes the file of `group`, whole or not at all.
    pub fn save(&self, group: &str) -> Result<(), Error> {
        let path = self.folder.join(format!("{group}.txt"));
        let failed = |source| Error::Io { path: path.clone(), source };
        let mut text = String::new();
        for (name, entry) in self.entries.iter().filter(|(name, _)| name.group() == group) {
            text += &format!("{} {} {}\n", entry.image.hex(), name.base(), entry.version);
        }
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let new = self.folder.join(format!(".{group}.txt.{}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&new);
            failed(error)
        })
    }
}

/// A version as it stands in a line: no blanks, never empty.
pub fn version_field(version: Option<&str>) -> String {
    let version = version.unwrap_or_default().trim();
    if version.is_empty() {
        return "-".to_owned();
    }
    version.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    fn parse(text: &str) -> Result<Digests, usize> {
        let mut digests = Digests::default();
        digests.parse("core", text).map(|()| digests)
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        assert!(parse("").is_ok());
        assert!(parse(&format!("{A} a 1\n{A} b -\n")).is_ok());
        let bad = [
            (format!("{A} a\n"), 1),
            (format!("{A} a 1 2\n"), 1),
            (format!("{A}  a 1\n"), 1),
            (format!("sha256:{A} a 1\n"), 1),
            (format!("{A} b 1\n{A} a 1\n"), 2),
            (format!("{A} a 1\n{A} a 2\n"), 2),
            (format!("{A} a 1\n\n"), 2),
            (format!("{A} ../x 1\n"), 1),
        ];
        for (text, line) in bad {
            assert_eq!(parse(&text).map(|_| ()), Err(line), "{text:?}");
        }
    }

    #[test]
    fn what_is_saved_is_loaded_again() {
        let folder = std::env::temp_dir().join(format!("cairn-digests-{}", std::process::id()));
        let mut digests = Digests::load(&folder).expect("no folder is an empty one");
        let entry = Entry { image: Digest::of(b"x"), version: version_field(Some("1 2")) };
        let name: Name = "core/zlib".parse().expect("a good name");
        digests.set(name.clone(), entry.clone());
        digests.save("core").expect("the temporary folder is writable");
        let again = Digests::load(&folder).expect("just written");
        fs::remove_dir_all(&folder).expect("just written");
        assert_eq!(again.get(&name), Some(&entry));
        assert_eq!(entry.version, "1_2");
    }

    #[test]
    fn what_another_build_recorded_meanwhile_stays() {
        let folder = std::env::temp_dir().join(format!("cairn-digests-two-{}", std::process::id()));
        let entry = Entry { image: Digest::of(b"x"), version: "1".to_owned() };
        let name = |name: &str| -> Name { name.parse().expect("a good name") };
        let (gone, one, other) = (name("core/gone"), name("core/one"), name("core/other"));
        let mut before = Digests::load(&folder).expect("no folder is an empty one");
        before.set(gone.clone(), entry.clone());
        before.save("core").expect("the temporary folder is writable");
        let mut slow = Digests::load(&folder).expect("just written");
        let mut quick = slow.clone();
        quick.set(one.clone(), entry.clone());
        quick.save("core").expect("the temporary folder is writable");
        slow.reload().expect("just written");
        slow.set(other.clone(), entry.clone());
        slow.retain(|name| *name == other);
        slow.save("core").expect("the temporary folder is writable");
        let both = Digests::load(&folder).expect("just written");
        fs::remove_dir_all(&folder).expect("just written");
        assert_eq!((both.get(&one), both.get(&other)), (Some(&entry), Some(&entry)));
        assert_eq!(both.get(&gone), None);
    }
}
