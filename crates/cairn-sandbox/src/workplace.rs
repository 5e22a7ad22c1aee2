//! The directory that one run needs on the host's disk, and its removal.
//!
//! overlayfs wants a place of its own on the filesystem of `upper`; all else that a run
//! needs beside its layers lives in memory (see [`crate::root`]).

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Removes what it made when dropped.
#[derive(Debug)]
pub struct Workplace {
    dir: PathBuf,
}

impl Workplace {
    /// Prepare `dir`, which may hold the remains of a run that was killed.
    pub fn new(dir: &Path) -> Result<Workplace, Error> {
        let host = |path: &Path, source| Error::Host { path: path.to_owned(), source };
        let dir = std::path::absolute(dir).map_err(|source| host(dir, source))?;
        let place = Workplace { dir };
        let overlay = place.overlay();
        let make = || DirBuilder::new().mode(0o755).create(&overlay);
        match make() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                place.clear();
                make().map_err(|source| host(&overlay, source))?;
            }
            other => other.map_err(|source| host(&overlay, source))?,
        }
        Ok(place)
    }

    /// The directory itself; in the sandbox's own view, memory covers it.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// For overlayfs.
    pub fn overlay(&self) -> PathBuf {
        self.dir.join("overlay")
    }

    fn clear(&self) {
        let overlay = self.overlay();
        // What overlayfs leaves after a run that ended well: a directory of mode 0, which
        // only root may enter, and in it the mark of a volatile mount.
        let work = overlay.join("work");
        let _ = fs::set_permissions(&work, Permissions::from_mode(0o700));
        let incompatible = work.join("incompat");
        let volatile = incompatible.join("volatile");
        let _ = fs::remove_file(volatile.join("dirty"));
        let left = [volatile, incompatible, work, overlay];
        if left.iter().all(|dir| fs::remove_dir(dir).is_ok()) {
            return;
        }
        let [.., overlay] = &left;
        open_up(overlay);
        let _ = fs::remove_dir_all(overlay);
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Give the owner every right on the directories from `path` down.
fn open_up(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        let _ = fs::set_permissions(path, Permissions::from_mode(0o700));
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            open_up(&entry.path());
        }
    }
}
