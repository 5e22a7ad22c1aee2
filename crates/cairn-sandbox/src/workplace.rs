//! The directory that one run needs beside its layers, and its removal.
//!
//! ```text
//!   work/base/      lowest layer of all: the mount points, so that the command finds
//!                   them and `upper` does not get them
//!   work/overlay/   overlayfs's own
//!   work/root/      where the root filesystem is mounted before it becomes the root
//!   work/tree/      where a stack of layers is mounted before a part of it is taken
//!   work/empty/     a layer with nothing in it
//! ```

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::request::Mount;

/// Removes all it made when dropped.
#[derive(Debug)]
pub struct Workplace {
    dir: PathBuf,
}

const PARTS: [&str; 5] = ["base", "overlay", "root", "tree", "empty"];

impl Workplace {
    /// Prepare `dir`, which may hold the remains of a run that was killed.
    pub fn new(dir: &Path, mounts: &[Mount]) -> Result<Workplace, Error> {
        let dir = std::path::absolute(dir).map_err(|source| Error::Host { path: dir.to_owned(), source })?;
        let place = Workplace { dir };
        place.clear();
        for part in PARTS {
            make_dir(&place.part(part))?;
        }
        let base = place.part("base");
        make_dir(&base.join("proc"))?;
        make_dir(&base.join("dev"))?;
        for mount in mounts {
            make_point(&base, mount)?;
        }
        Ok(place)
    }

    /// One of the directories drawn above.
    pub fn part(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn clear(&self) {
        for part in PARTS {
            let path = self.part(part);
            if let Err(error) = fs::remove_dir_all(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                // overlayfs leaves directories of mode 0, which only root may list.
                open_up(&path);
                let _ = fs::remove_dir_all(&path);
            }
        }
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        self.clear();
    }
}

fn make_dir(path: &Path) -> Result<(), Error> {
    match DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::Host { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// The mount point of `mount` below `base`: a directory, or a file for a file.
fn make_point(base: &Path, mount: &Mount) -> Result<(), Error> {
    let parts: Vec<&str> = mount.target().split('/').filter(|part| !part.is_empty()).collect();
    let mut path = base.to_owned();
    for (i, part) in parts.iter().enumerate() {
        path.push(part);
        if i + 1 == parts.len() && is_file(mount) {
            fs::write(&path, "").map_err(|source| Error::Host { path: path.clone(), source })?;
        } else {
            make_dir(&path)?;
        }
    }
    Ok(())
}

/// Whether `mount` puts a file at its target, not a directory.
pub fn is_file(mount: &Mount) -> bool {
    let file = |path: &Path| fs::symlink_metadata(path).ok().map(|found| !found.is_dir());
    match mount {
        Mount::Bind { source, .. } => fs::metadata(source).is_ok_and(|found| !found.is_dir()),
        Mount::Tree { lower, path, .. } => {
            let within = |layer: &PathBuf| file(&layer.join(path.trim_start_matches('/')));
            lower.iter().find_map(within).unwrap_or(false)
        }
        Mount::Tmpfs { .. } => false,
    }
}

/// Give the owner every right on the directories below `path`.
fn open_up(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        let _ = fs::set_permissions(path, Permissions::from_mode(0o700));
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            open_up(&entry.path());
        }
    }
}
