//! What is known of files that have not changed: their digests, and what recipes need.
//!
//! ```text
//! cairn-stat-cache 2 VERSION
//! f SIZE MTIME_NS CTIME_NS INODE DEVICE DIGEST PATH      a file           \0
//! r DIGEST ARGUMENTS                                     a recipe
//! image START END NAME                                   what it needs,
//! source START END CHECKSUM ADDRESS                      with its span
//!                                                        an empty line
//! TEXT                                                   its text         \0
//! ```
//!
//! A file is taken for unchanged if all five numbers are equal. Kernel time stamps are
//! coarse: a file changed twice within one tick keeps its times. So nothing is
//! remembered of a file that changed less than [`SETTLED`] before it was looked at.
//!
//! Recipes are remembered by the digest of their text and of the build arguments, so
//! that a tree in which nothing changed is neither read nor parsed. The version of
//! cairn stands in the first line: another one may need something else.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::containerfile::Span;
use crate::digest::{self, Digest};
use crate::plan::{Needs, Source, parse_image};

/// How long ago a change must be to be seen in the time stamps.
pub const SETTLED: Duration = Duration::from_millis(50);

/// A cache with more entries is begun anew.
const MAX_ENTRIES: usize = 500_000;

const HEAD: &str = concat!("cairn-stat-cache 2 ", env!("CARGO_PKG_VERSION"), "\n");

/// What identifies one state of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    mtime: i64,
    ctime: i64,
    inode: u64,
    device: u64,
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            size: meta.size(),
            mtime: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            ctime: nanoseconds(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            device: meta.dev(),
        }
    }
}

/// The digests of a recipe's text and of the arguments it was planned with.
pub(super) type RecipeKey = (Digest, Digest);

/// A recipe that was planned before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub text: String,
    pub needs: Needs,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Entries {
    files: HashMap<PathBuf, (Stamp, Digest)>,
    recipes: HashMap<RecipeKey, Planned>,
}

/// Remembers across processes. May be shared by threads.
#[derive(Debug, Default)]
pub struct StatCache {
    /// Nanoseconds since 1970 when this process began; without it nothing new is kept.
    now: Option<i64>,
    known: Entries,
    fresh: Mutex<Entries>,
}

impl StatCache {
    /// An empty cache that remembers nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a cache file; one that is missing or damaged is an empty cache. `now` is
    /// the time before any file of the tree is looked at.
    pub fn read(path: &Path, now: SystemTime) -> Self {
        let known = fs::read(path).ok().and_then(|bytes| decode(&bytes)).unwrap_or_default();
        let now = now.duration_since(UNIX_EPOCH).ok().map(|since| since.as_nanos() as i64);
        Self { now, known, fresh: Mutex::default() }
    }

    /// Writes the cache, if there is anything new in it.
    pub fn write(self, path: &Path) -> io::Result<()> {
        let fresh = self.fresh.into_inner().unwrap_or_default();
        if fresh == Entries::default() {
            return Ok(());
        }
        let mut all = self.known;
        if all.files.len() + all.recipes.len() > MAX_ENTRIES {
            all = Entries::default();
        }
        all.files.extend(fresh.files);
        all.recipes.extend(fresh.recipes);
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        File::create(&temporary)?.write_all(&encode(&all))?;
        fs::rename(&temporary, path)
    }

    /// The digest of the file at `path`, whose state is `meta`.
    pub(super) fn digest(&self, path: &Path, meta: &Metadata) -> io::Result<Digest> {
        let stamp = Stamp::of(meta);
        if let Some((known, digest)) = self.known.files.get(path)
            && *known == stamp
        {
            return Ok(*digest);
        }
        let (digest, _) = digest::copy(File::open(path)?, io::sink())?;
        // What changed while it was read is not remembered.
        let unchanged = Stamp::of(&fs::symlink_metadata(path)?) == stamp;
        let settled = self.now.is_some_and(|now| stamp.ctime.saturating_add(SETTLED.as_nanos() as i64) < now);
        if unchanged
            && settled
            && let Ok(mut fresh) = self.fresh.lock()
        {
            fresh.files.insert(path.to_owned(), (stamp, digest));
        }
        Ok(digest)
    }

    /// A recipe that was planned before.
    pub(super) fn recipe(&self, key: &RecipeKey) -> Option<&Planned> {
        self.known.recipes.get(key)
    }

    /// Remembers a recipe.
    pub(super) fn keep_recipe(&self, key: RecipeKey, planned: Planned) {
        if self.now.is_some()
            && let Ok(mut fresh) = self.fresh.lock()
        {
            fresh.recipes.insert(key, planned);
        }
    }
}

fn encode(all: &Entries) -> Vec<u8> {
    let mut out = HEAD.as_bytes().to_vec();
    let mut files: Vec<_> = all.files.iter().collect();
    files.sort_by_key(|(path, _)| *path);
    for (path, (stamp, digest)) in files {
        let Stamp { size, mtime, ctime, inode, device } = stamp;
        out.extend(format!("f {size} {mtime} {ctime} {inode} {device} {} ", digest.hex()).bytes());
        out.extend(path.as_os_str().as_bytes());
        out.push(0);
    }
    let mut recipes: Vec<_> = all.recipes.iter().collect();
    recipes.sort_by_key(|(key, _)| *key);
    for ((text, args), planned) in recipes {
        out.extend(format!("r {} {}\n", text.hex(), args.hex()).bytes());
        for (image, span) in &planned.needs.images {
            out.extend(format!("image {} {} {image}\n", span.start, span.end).bytes());
        }
        for (checksum, Source { url, span }) in &planned.needs.sources {
            out.extend(format!("source {} {} {} {url}\n", span.start, span.end, checksum.hex()).bytes());
        }
        out.push(b'\n');
        out.extend(planned.text.bytes());
        out.push(0);
    }
    out
}

fn decode(bytes: &[u8]) -> Option<Entries> {
    let rest = std::str::from_utf8(bytes).ok()?.strip_prefix(HEAD)?;
    let mut all = Entries::default();
    // A file cut short ends without its last mark.
    for record in rest.strip_suffix('\0')?.split('\0') {
        match record.split_at_checked(2)? {
            ("f ", fields) => {
                let (path, file) = decode_file(fields)?;
                all.files.insert(path, file);
            }
            ("r ", fields) => {
                let (key, planned) = decode_recipe(fields)?;
                all.recipes.insert(key, planned);
            }
            _ => return None,
        }
    }
    Some(all)
}

fn decode_file(text: &str) -> Option<(PathBuf, (Stamp, Digest))> {
    let mut fields = text.splitn(7, ' ');
    let stamp = Stamp {
        size: fields.next()?.parse().ok()?,
        mtime: fields.next()?.parse().ok()?,
        ctime: fields.next()?.parse().ok()?,
        inode: fields.next()?.parse().ok()?,
        device: fields.next()?.parse().ok()?,
    };
    let digest = Digest::from_hex(fields.next()?).ok()?;
    Some((PathBuf::from(fields.next()?), (stamp, digest)))
}

fn decode_recipe(record: &str) -> Option<(RecipeKey, Planned)> {
    let (head, mut rest) = record.split_once('\n')?;
    let (text, args) = head.split_once(' ')?;
    let key = (Digest::from_hex(text).ok()?, Digest::from_hex(args).ok()?);
    let mut needs = Needs::default();
    loop {
        let (line, behind) = rest.split_once('\n')?;
        rest = behind;
        if line.is_empty() {
            break;
        }
        let mut fields = line.splitn(4, ' ');
        let kind = fields.next()?;
        let span = Span { start: fields.next()?.parse().ok()?, end: fields.next()?.parse().ok()? };
        let value = fields.next()?;
        if kind == "image" {
            needs.images.insert(parse_image(value).ok()?, span);
        } else {
            let (checksum, url) = value.split_once(' ')?;
            let source = Source { url: url.parse().ok()?, span };
            needs.sources.insert(Digest::from_hex(checksum).ok()?, source);
        }
    }
    // The text decides what is built: it is believed only if it is what it says.
    let planned = Planned { text: rest.to_owned(), needs };
    (Digest::of(rest.as_bytes()) == key.0).then_some((key, planned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_cache_is_an_empty_one() {
        let stamp = Stamp { size: 1, mtime: 2, ctime: -3, inode: 4, device: 5 };
        let text = "FROM core/gcc\n\nRUN ü\n".to_owned();
        let span = Span { start: 5, end: 13 };
        let source = Source { url: "https://a.org/x y".replace(' ', "%20").parse().expect("valid"), span };
        let needs = Needs {
            images: [(parse_image("core/gcc").expect("valid"), span)].into(),
            sources: [(Digest::of(b"s"), source)].into(),
        };
        let key = (Digest::of(text.as_bytes()), Digest::of(b""));
        let all = Entries {
            files: [(PathBuf::from("a b/ü"), (stamp, Digest::of(b"x")))].into(),
            recipes: [(key, Planned { text, needs })].into(),
        };
        let bytes = encode(&all);
        assert_eq!(decode(&bytes), Some(all));
        for cut in 0..bytes.len() {
            let whole_record = bytes[..cut].ends_with(b"\0");
            assert_eq!(decode(&bytes[..cut]).is_some(), whole_record, "{cut}");
        }
        for at in [0, HEAD.len(), HEAD.len() + 2, bytes.len() - 4] {
            let mut wrong = bytes.clone();
            wrong[at] = b'?';
            assert_eq!(decode(&wrong), None, "{at}");
        }
    }
}
