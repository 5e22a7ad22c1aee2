//! Locks between processes; they end with the process that holds them.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::{Result, at};

/// Whether others may hold the lock at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Shared,
    Exclusive,
}

/// Holds a lock until it is dropped.
#[derive(Debug)]
pub struct Guard {
    file: File,
}

impl Guard {
    /// Makes a shared lock exclusive. `waiting` is called if others hold it; while this
    /// waits for them it holds nothing.
    pub(super) fn exclude(&self, path: &Path, waiting: impl FnOnce()) -> Result<()> {
        match flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::WOULDBLOCK) => waiting(),
            Err(_) => {}
        }
        wait(&self.file, path, FlockOperation::LockExclusive)
    }
}

/// Waits for the lock that is the file `path`.
pub(super) fn acquire(path: &Path, lock: Lock) -> Result<Guard> {
    let mut options = File::options();
    let file =
        options.read(true).write(true).create(true).truncate(false).open(path).map_err(at("open", path))?;
    let operation = match lock {
        Lock::Shared => FlockOperation::LockShared,
        Lock::Exclusive => FlockOperation::LockExclusive,
    };
    wait(&file, path, operation)?;
    Ok(Guard { file })
}

fn wait(file: &File, path: &Path, operation: FlockOperation) -> Result<()> {
    loop {
        match flock(file, operation) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(at("lock", path)(error.into())),
            Ok(()) => return Ok(()),
        }
    }
}
