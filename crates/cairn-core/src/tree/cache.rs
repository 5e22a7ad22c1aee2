//! Digests of files that have not changed since they were hashed.
//!
//! ```text
//! cairn-stat-cache 1                                              first line
//! SIZE MTIME_NS CTIME_NS INODE DEVICE DIGEST PATH\0…              one record a file
//! ```
//!
//! A file is taken for unchanged if all five numbers are equal. Kernel time stamps are
//! coarse: a file changed twice within one tick keeps its times. So nothing is
//! remembered of a file that changed less than [`SETTLED`] before it was hashed.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::digest::{self, Digest};

/// How long ago a change must be to be seen in the time stamps.
pub const SETTLED: Duration = Duration::from_millis(50);

const HEAD: &str = "cairn-stat-cache 1";

/// What identifies one state of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    mtime: i128,
    ctime: i128,
    inode: u64,
    device: u64,
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            size: meta.size(),
            mtime: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            ctime: nanoseconds(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            device: meta.dev(),
        }
    }
}

/// Remembers digests across processes. May be shared by threads.
#[derive(Debug, Default)]
pub struct StatCache {
    /// Nanoseconds since 1970 when this process began; without it nothing new is kept.
    now: Option<i128>,
    known: HashMap<PathBuf, (Stamp, Digest)>,
    fresh: Mutex<HashMap<PathBuf, (Stamp, Digest)>>,
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
        let now = now.duration_since(UNIX_EPOCH).ok().map(|since| since.as_nanos() as i128);
        Self { now, known, fresh: Mutex::default() }
    }

    /// Writes the cache, if there is anything new in it.
    pub fn write(self, path: &Path) -> io::Result<()> {
        let fresh = self.fresh.into_inner().unwrap_or_default();
        if fresh.is_empty() {
            return Ok(());
        }
        let mut all = self.known;
        all.extend(fresh);
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        File::create(&temporary)?.write_all(&encode(&all))?;
        fs::rename(&temporary, path)
    }

    /// The digest of the file at `path`, whose state is `meta`.
    pub(super) fn digest(&self, path: &Path, meta: &Metadata) -> io::Result<Digest> {
        let stamp = Stamp::of(meta);
        if let Some((known, digest)) = self.known.get(path)
            && *known == stamp
        {
            return Ok(*digest);
        }
        let file = File::open(path)?;
        let (digest, _) = digest::copy(file, io::sink())?;
        // What changed while it was read is not remembered.
        let unchanged = Stamp::of(&fs::symlink_metadata(path)?) == stamp;
        let settled = self.now.is_some_and(|now| stamp.ctime + (SETTLED.as_nanos() as i128) < now);
        if unchanged
            && settled
            && let Ok(mut fresh) = self.fresh.lock()
        {
            fresh.insert(path.to_owned(), (stamp, digest));
        }
        Ok(digest)
    }
}

fn encode(all: &HashMap<PathBuf, (Stamp, Digest)>) -> Vec<u8> {
    let mut out = format!("{HEAD}\n").into_bytes();
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by_key(|(path, _)| *path);
    for (path, (stamp, digest)) in sorted {
        let Stamp { size, mtime, ctime, inode, device } = stamp;
        out.extend(format!("{size} {mtime} {ctime} {inode} {device} {} ", digest.hex()).bytes());
        out.extend(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()));
        out.push(0);
    }
    out
}

fn decode(bytes: &[u8]) -> Option<HashMap<PathBuf, (Stamp, Digest)>> {
    let rest = bytes.strip_prefix(HEAD.as_bytes())?.strip_prefix(b"\n")?;
    let mut all = HashMap::new();
    for record in rest.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
        let mut fields = std::str::from_utf8(record).ok()?.splitn(7, ' ');
        let stamp = Stamp {
            size: fields.next()?.parse().ok()?,
            mtime: fields.next()?.parse().ok()?,
            ctime: fields.next()?.parse().ok()?,
            inode: fields.next()?.parse().ok()?,
            device: fields.next()?.parse().ok()?,
        };
        let digest = Digest::from_hex(fields.next()?).ok()?;
        all.insert(PathBuf::from(fields.next()?), (stamp, digest));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_cache_is_an_empty_one() {
        let stamp = Stamp { size: 1, mtime: 2, ctime: -3, inode: 4, device: 5 };
        let all = HashMap::from([(PathBuf::from("a b/ü"), (stamp, Digest::of(b"x")))]);
        let bytes = encode(&all);
        assert_eq!(decode(&bytes), Some(all));
        assert_eq!(decode(b""), None);
        assert_eq!(decode(&bytes[1..]), None);
        assert_eq!(decode(&bytes[..bytes.len() - 8]), None);
        let mut wrong = bytes.clone();
        wrong[HEAD.len() + 1] = b'x';
        assert_eq!(decode(&wrong), None);
    }
}
