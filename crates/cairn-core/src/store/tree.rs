//! Unpacked trees and the directories they grow up in.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::tar::Owners;

use super::{Error, Result, Store, at};

/// Owners of symbolic links and the like, by path.
type Others = BTreeMap<Vec<u8>, (u32, u32)>;

impl Store {
    /// Where the tree `id` is or would be.
    pub fn tree_path(&self, id: &Digest) -> PathBuf {
        self.home.join("trees").join(id.hex())
    }

    /// Whether there is such a tree.
    pub fn has_tree(&self, id: &Digest) -> bool {
        self.tree_path(id).is_dir()
    }

    /// A new directory on the same file system as the trees.
    pub fn tmp_dir(&self) -> Result<TempDir> {
        let path = self.temporary();
        fs::create_dir(&path).map_err(at("make", &path))?;
        Ok(TempDir { path })
    }

    /// Makes the directory `tree` the tree `id`. If there is one already, that one
    /// stays and `tree` is removed: both were made from the same inputs.
    pub fn commit_tree(&self, tree: &Path, id: &Digest, owners: &Owners) -> Result<PathBuf> {
        self.dirty.set()?;
        let place = self.tree_path(id);
        if let Owners::Logical { others, .. } = owners
            && !others.is_empty()
        {
            let temporary = self.temporary();
            fs::write(&temporary, print_owners(others)).map_err(at("write", &temporary))?;
            let sidecar = self.sidecar(id);
            fs::rename(&temporary, &sidecar).map_err(at("write", &sidecar))?;
        }
        match fs::rename(tree, &place) {
            Ok(()) => {}
            Err(_) if place.is_dir() => remove(tree)?,
            Err(source) => {
                return Err(Error::Io { action: "make", path: place, source });
            }
        }
        Ok(place)
    }

    /// Who owns the files of the tree `id`.
    pub fn tree_owners(&self, id: &Digest) -> Result<Owners> {
        if self.root {
            return Ok(Owners::Disk);
        }
        let path = self.sidecar(id);
        let others = match fs::read(&path) {
            Ok(bytes) => parse_owners(&bytes).ok_or(Error::Owners { path })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => {
                return Err(Error::Io { action: "read", path, source });
            }
        };
        Ok(Owners::Logical { default: (0, 0), others })
    }

    fn sidecar(&self, id: &Digest) -> PathBuf {
        self.home.join("trees").join(format!("{}.owners", id.hex()))
    }
}

/// One line `UID:GID PATH` each, ended by NUL because paths may hold line ends.
fn print_owners(others: &Others) -> Vec<u8> {
    let line = |(path, (uid, gid)): (&Vec<u8>, &(u32, u32))| {
        [format!("{uid}:{gid} ").as_bytes(), path, b"\0"].concat()
    };
    others.iter().flat_map(line).collect()
}

fn parse_owners(bytes: &[u8]) -> Option<Others> {
    let mut others = BTreeMap::new();
    for line in bytes.split_inclusive(|byte| *byte == 0) {
        let line = line.strip_suffix(b"\0")?;
        let space = line.iter().position(|byte| *byte == b' ')?;
        let (uid, gid) = std::str::from_utf8(&line[..space]).ok()?.split_once(':')?;
        others.insert(line[space + 1..].to_vec(), (uid.parse().ok()?, gid.parse().ok()?));
    }
    Some(others)
}

/// A directory that is removed when it is dropped, unless it was renamed away.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
}

impl TempDir {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // Nothing can be done about a failure; `gc` clears `tmp/` anyway.
        let _ = remove(&self.path);
    }
}

/// Removes a directory and all below it, also where its modes forbid it.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path)?;
            fs::remove_dir_all(path).map_err(at("remove", path))
        }
        Err(error) => Err(at("remove", path)(error)),
    }
}

/// Gives the owner all rights on every directory below `path`.
fn open_up(path: &Path) -> Result<()> {
    let permissions = fs::Permissions::from_mode(0o700);
    fs::set_permissions(path, permissions).map_err(at("remove", path))?;
    for entry in fs::read_dir(path).map_err(at("remove", path))? {
        let entry = entry.map_err(at("remove", path))?;
        if entry.file_type().map_err(at("remove", path))?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}
