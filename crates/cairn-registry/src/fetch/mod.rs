//! Sources by hash, from whichever place has them.
//!
//! A definition says `ADD --checksum=sha256:… LOCATION`. The hash is the identity,
//! the location only a hint, so a source is looked for in this order:
//!
//! 1. local folders (`CAIRN_SOURCES`, colon-separated): a file named by the hash or
//!    by the last part of the location;
//! 2. the location itself: an `http(s)` URL, or `${DEBIAN_MIRROR}/pool/…`, which the
//!    machine's own apt resolves ([`debian`]);
//! 3. the table `mirrors.tsv`: more locations for the same hash ([`mirrors`]).
//!
//! Bytes are written to `NAME.part` beside the final name and hashed on the way. Only
//! when the hash is right is the file synced and renamed; otherwise it is deleted and
//! the next place is tried. An interrupted HTTP download keeps its `.part` file and
//! goes on from there next time. One writer per source is the caller's promise (the
//! store's lock); a reader never sees a half-written file.

pub mod debian;
mod http;
pub mod mirrors;

use cairn_core::digest::{self, Digest};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use mirrors::Mirrors;

/// How far a download has come: bytes so far and, when the server said so, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes on disk, those of an earlier, interrupted attempt included.
    pub bytes: u64,
    /// The final size, if known.
    pub total: Option<u64>,
}

/// Called now and then (at most every 64 KiB or quarter second) during a download.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress);

/// Why one place did not yield a source.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The bytes are not the ones asked for. They have been deleted.
    #[error("expected {expected}, got {got}")]
    WrongHash {
        /// What the definition states.
        expected: Digest,
        /// What arrived.
        got: Digest,
    },
    /// The server answered with an error that will not go away by asking again.
    #[error("the server answered {0}")]
    Status(u16),
    /// The server could not be reached or broke off, after every retry.
    #[error("{0}")]
    Network(String),
    /// More bytes than any source may have ([`http::MAX_BYTES`]).
    #[error("more than {0} bytes: refused")]
    TooLarge(u64),
    /// apt is not there, or would not download the file.
    #[error("{0}")]
    Apt(String),
    /// A location that is neither `http://`, `https://`, `file:`, nor Debian's.
    #[error("not a location cairn can fetch from (http, https, file or ${{DEBIAN_MIRROR}}/…)")]
    UnknownScheme,
    /// Reading or writing a local file failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// One place that was tried, and what went wrong there.
#[derive(Debug)]
pub struct Attempt {
    /// The URL or path.
    pub place: String,
    /// The reason.
    pub error: AttemptError,
}

/// No place had the source. Displays every attempt on a line of its own.
#[derive(Debug, thiserror::Error)]
#[error("no place has {location} ({checksum}){}", list(attempts))]
pub struct FetchError {
    /// The location in the definition.
    pub location: String,
    /// The hash in the definition.
    pub checksum: Digest,
    /// Every place tried, in order.
    pub attempts: Vec<Attempt>,
}

impl FetchError {
    /// Whether some place had a file of that name with other content: a reason to look
    /// before trying again, unlike a network failure.
    pub fn wrong_hash(&self) -> bool {
        self.attempts.iter().any(|a| matches!(a.error, AttemptError::WrongHash { .. }))
    }
}

fn list(attempts: &[Attempt]) -> String {
    attempts.iter().map(|a| format!("\n  {}: {}", a.place, a.error)).collect()
}

/// Knows the places; holds no state that could change a result.
#[derive(Debug, Default)]
pub struct Fetcher {
    /// Local folders, searched first.
    pub folders: Vec<PathBuf>,
    /// Locations by hash.
    pub mirrors: Mirrors,
    /// The base URL for `${DEBIAN_MIRROR}`; `None` asks apt.
    pub debian_mirror: Option<String>,
    http: http::Client,
}

impl Fetcher {
    /// A fetcher that searches `folders`, then the definition's location, then `mirrors`.
    pub fn new(folders: Vec<PathBuf>, mirrors: Mirrors, debian_mirror: Option<String>) -> Self {
        Fetcher { folders, mirrors, debian_mirror, http: http::Client::default() }
    }

    /// Brings the bytes with `checksum` to `into`. On any failure nothing is at `into`.
    pub fn fetch(
        &self,
        location: &str,
        checksum: &Digest,
        into: &Path,
        progress: OnProgress<'_>,
    ) -> Result<(), FetchError> {
        let part = part_path(into);
        let mut attempts = Vec::new();
        for place in self.places(location, checksum) {
            match self.attempt(&place, checksum, &part, progress) {
                Ok(()) => match publish(&part, into) {
                    Ok(()) => return Ok(()),
                    Err(error) => attempts.push(Attempt { place: place.to_string(), error: error.into() }),
                },
                Err(error) => attempts.push(Attempt { place: place.to_string(), error }),
            }
        }
        Err(FetchError { location: location.to_owned(), checksum: *checksum, attempts })
    }

    fn places(&self, location: &str, checksum: &Digest) -> Vec<Place> {
        let name = location.rsplit('/').next().unwrap_or(location);
        let local = self.folders.iter().flat_map(|folder| {
            [checksum.hex(), name.to_owned()]
                .into_iter()
                .map(|n| folder.join(n))
                .filter(|p| p.is_file())
                .map(Place::File)
        });
        let remote = std::iter::once(location).chain(self.mirrors.locations(checksum)).map(Place::parse);
        local.chain(remote).collect()
    }

    fn attempt(
        &self,
        place: &Place,
        checksum: &Digest,
        part: &Path,
        progress: OnProgress<'_>,
    ) -> Result<(), AttemptError> {
        let resumed = part.exists();
        self.bring(place, checksum, part, progress)?;
        match check(part, checksum) {
            // The earlier bytes may be the wrong ones: once more, without them.
            Err(AttemptError::WrongHash { .. }) if resumed => {
                self.bring(place, checksum, part, progress)?;
                check(part, checksum)
            }
            result => result,
        }
    }

    fn bring(
        &self,
        place: &Place,
        checksum: &Digest,
        part: &Path,
        progress: OnProgress<'_>,
    ) -> Result<(), AttemptError> {
        match place {
            Place::File(path) => Ok(copy_file(path, part)?),
            Place::Http(url) => self.http.download(url, part, progress),
            Place::Debian(path) => self.debian(path, checksum, part, progress),
            Place::Unknown(_) => Err(AttemptError::UnknownScheme),
        }
    }

    fn debian(
        &self,
        path: &str,
        checksum: &Digest,
        part: &Path,
        progress: OnProgress<'_>,
    ) -> Result<(), AttemptError> {
        match &self.debian_mirror {
            Some(base) => {
                let url = format!("{}/{path}", base.trim_end_matches('/'));
                self.http.download(&url, part, progress)
            }
            None => debian::download(path, checksum, part, progress),
        }
    }
}

/// One place to look in.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    File(PathBuf),
    Http(String),
    /// A path below a Debian mirror's base, `pool/…`.
    Debian(String),
    Unknown(String),
}

impl Place {
    fn parse(location: &str) -> Place {
        if let Some(path) = debian::pool_path(location) {
            Place::Debian(path.to_owned())
        } else if location.starts_with("http://") || location.starts_with("https://") {
            Place::Http(location.to_owned())
        } else if let Some(path) = location.strip_prefix("file:") {
            Place::File(PathBuf::from(path))
        } else {
            Place::Unknown(location.to_owned())
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::File(path) => write!(f, "{}", path.display()),
            Place::Http(url) => f.write_str(url),
            Place::Debian(path) => write!(f, "{}/{path}", debian::VARIABLE),
            Place::Unknown(text) => f.write_str(text),
        }
    }
}

/// Brings a file whose hash nobody has stated yet, for a person who then compares it.
/// Never used for a build.
pub fn unhashed(url: &str, into: &Path) -> Result<(), AttemptError> {
    http::Client::default().download(url, into, &mut |_| {})
}

fn part_path(into: &Path) -> PathBuf {
    let mut name = into.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn copy_file(from: &Path, part: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = File::create(part)?;
    io::copy(&mut source, &mut target)?;
    Ok(())
}

/// Leaves the file if its hash is right, and nothing otherwise.
fn check(part: &Path, expected: &Digest) -> Result<(), AttemptError> {
    let (got, _) = digest::copy(File::open(part)?, io::sink())?;
    if got == *expected {
        return Ok(());
    }
    fs::remove_file(part)?;
    Err(AttemptError::WrongHash { expected: *expected, got })
}

/// Makes a verified download visible: synced, then renamed, then the folder synced.
fn publish(part: &Path, into: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, into)?;
    match into.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
