//! What has been fetched and built, kept under its hash.
//!
//! ```text
//! $CAIRN_HOME/
//!   mode               `root` or `user`: who made the store; the two never mix
//!   blobs/sha256/HEX   layers, configs, manifests
//!   trees/HEX/         unpacked files, used as overlay lower directories
//!   trees/HEX.owners   logical owners of what can have no extended attribute
//!   steps/HEX          small records, each with its own checksum
//!   sources/sha256/HEX fetched files
//!   logs/              what commands printed
//!   locks/             one file for each named lock, and `store`
//!   dirty/             one file for each process whose writes may not be on disk yet
//!   tmp/               whatever is not finished
//! ```
//!
//! Everything is written under `tmp/` and renamed when whole, so a process killed at
//! any moment leaves nothing half done outside `tmp/`. Blobs and sources are re-hashed
//! when they are opened, records carry a checksum: a flipped byte is found before it
//! is used. Trees cannot be checked that cheaply. They are trusted as long as the
//! machine has not crashed since they were written; [`Store::sync`] ends that
//! condition, and opening a store after a crash empties `trees/` and `steps/`.
//!
//! Several processes may use one store at once. [`Store::gc`] waits for all of them.

mod blob;
mod dirty;
mod gc;
mod hashing;
mod lock;
mod step;
mod tree;
mod verify;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;

pub use blob::BlobWriter;
pub use gc::Freed;
pub use lock::{Guard, Lock};
pub use tree::TempDir;
pub use verify::Problem;

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{digest} is not in the store")]
    Missing { digest: Digest },
    #[error("{path} is damaged: its content is {got}", path = path.display())]
    Damaged { path: PathBuf, got: Digest },
    #[error("expected {expected}, got {got}")]
    WrongDigest { expected: Digest, got: Digest },
    #[error("{digest} has {size} bytes, more than {limit}")]
    TooLong { digest: Digest, size: u64, limit: u64 },
    #[error("{path}: a store made by {found} cannot be used by {wanted}", path = path.display())]
    Mode { path: PathBuf, found: String, wanted: &'static str },
    #[error("{path}: malformed record of owners", path = path.display())]
    Owners { path: PathBuf },
}

type Result<T> = std::result::Result<T, Error>;

/// An open store. Cheap to share by reference between threads.
#[derive(Debug)]
pub struct Store {
    home: PathBuf,
    root: bool,
    dirty: dirty::Marker,
    /// Held while the store is open, so that `gc` removes nothing under our feet.
    users: Guard,
}

impl Store {
    /// Opens the store at `home`, making it if there is none.
    pub fn open(home: &Path) -> Result<Store> {
        for dir in ["blobs/sha256", "trees", "steps", "sources/sha256", "logs", "locks", "dirty", "tmp"] {
            let path = home.join(dir);
            fs::create_dir_all(&path).map_err(at("make", &path))?;
        }
        let root = rustix::process::geteuid().is_root();
        check_mode(home, root)?;
        dirty::recover(home)?;
        let users = lock::acquire(&home.join("locks/store"), Lock::Shared)?;
        let dirty = dirty::Marker::new(home);
        Ok(Store { home: home.to_owned(), root, dirty, users })
    }

    /// The directory that holds the store.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// True if files carry their true owners because root made them.
    pub fn is_root(&self) -> bool {
        self.root
    }

    /// Where logs are kept; their names are up to the caller.
    pub fn logs(&self) -> PathBuf {
        self.home.join("logs")
    }

    /// Takes the lock `name` (letters, digits, `-`), waiting for whoever holds it.
    pub fn lock(&self, name: &str, lock: Lock) -> Result<Guard> {
        debug_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        lock::acquire(&self.home.join("locks").join(name), lock)
    }

    /// Waits until no other process uses the store, and keeps all others out until this
    /// one is dropped. `waiting` is called if there is somebody to wait for.
    pub fn exclude(&self, waiting: impl FnOnce()) -> Result<()> {
        self.users.exclude(&self.home.join("locks/store"), waiting)
    }

    /// Waits until all that has been written is on the disk.
    pub fn sync(&self) -> Result<()> {
        self.dirty.sync()
    }
}

/// A store belongs to root or to an ordinary user for its whole life: files have their
/// true owners in the one and noted owners in the other.
fn check_mode(home: &Path, root: bool) -> Result<()> {
    let wanted = if root { "root" } else { "user" };
    let path = home.join("mode");
    match fs::read_to_string(&path) {
        Ok(found) if found.trim() == wanted => Ok(()),
        Ok(found) => Err(Error::Mode { path, found: found.trim().to_owned(), wanted }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let temporary = home.join(format!("tmp/mode-{}", std::process::id()));
            fs::write(&temporary, format!("{wanted}\n")).map_err(at("write", &temporary))?;
            fs::rename(&temporary, &path).map_err(at("write", &path))
        }
        Err(source) => Err(Error::Io { action: "read", path, source }),
    }
}

fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| Error::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
