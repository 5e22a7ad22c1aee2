//! A tree being made on top of others, as overlayfs makes its upper directory.
//!
//! A directory that exists below appears in the new tree with the same permissions
//! and owner as soon as something changes in it. Modes and times of directories are
//! set at the very end ([`Upper::finish`]), since filling a directory needs the
//! first and changes the second.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Timespec, Timestamps};

use crate::owner::{self, LinkOwners, Owner, Ownership};
use crate::view::{Inner, Layer, Node, View, components, join};

/// The time of what has none of its own.
pub const EPOCH: (i64, i64) = (0, 0);

/// Something stands where something of another kind should be written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum WriteError {
    #[error("/{0} is not a directory, so nothing can be copied into it")]
    NotDirectory(String),
    #[error("/{0} is a directory and cannot be replaced by a file")]
    Directory(String),
    #[error("/{0} is a hard link to /{1}, which is no file of the same archive")]
    LinkTarget(String, String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The new tree.
pub struct Upper {
    root: PathBuf,
    /// The new tree above all others.
    view: View,
    below: View,
    /// Directories of `below`, each looked up once: it does not change.
    known: HashMap<Inner, Option<Node>>,
    ownership: Ownership,
    links: LinkOwners,
    directories: BTreeMap<Inner, Directory>,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    Nothing,
    Directory,
    Other,
}

impl There {
    fn of(meta: &fs::Metadata) -> Self {
        if meta.is_dir() { Self::Directory } else { Self::Other }
    }
}

/// A path parted into its directory and its last name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}

/// What a directory gets in the end.
struct Directory {
    mode: u32,
    mtime: (i64, i64),
}

/// Owner, permissions and time of something new.
#[derive(Clone, Copy, Debug)]
pub struct Attributes {
    /// User and group.
    pub owner: Owner,
    /// Lower twelve bits.
    pub mode: u32,
    /// Seconds and nanoseconds.
    pub mtime: (i64, i64),
}

impl Upper {
    /// Starts a tree at the empty directory `root`, above `below`.
    pub fn new(root: PathBuf, below: &View) -> io::Result<Self> {
        let base = match below.root()? {
            Some(node) => (below.owner(&node)?, below.mode(&node)),
            None => ((0, 0), 0o755),
        };
        let mut upper = Self::resume(root, below);
        upper.own(b"", base.0)?;
        upper.directories.insert(Inner::new(), Directory { mode: base.1, mtime: EPOCH });
        Ok(upper)
    }

    /// Goes on with a tree that something else has begun, above `below`.
    pub fn resume(root: PathBuf, below: &View) -> Self {
        let view = below.under(Arc::new(Layer::tree(root.clone(), LinkOwners::new(), true)));
        Self {
            root,
            view,
            below: below.clone(),
            known: HashMap::new(),
            ownership: below.ownership(),
            links: LinkOwners::new(),
            directories: BTreeMap::new(),
        }
    }

    /// The new tree and all below it, as it is now.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Where a path of the new tree is on disk. The path must have been located in
    /// [`Upper::view`], so that no link is on its way.
    fn disk(&self, path: &[u8]) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(OsStr::from_bytes(path)) }
    }

    /// Makes sure that the directory `path` exists, and all above it. New ones are
    /// `owner`'s, with mode 0755. Links on the way are followed; says where it ends.
    pub fn make_directories(&mut self, path: &[u8], owner: Owner) -> Result<Inner, WriteError> {
        let (path, node) = self.view.locate(path)?;
        if let Some(node) = node {
            if !node.meta.is_dir() {
                return Err(WriteError::NotDirectory(lossy(&path)));
            }
            return Ok(path);
        }
        self.directory(&path, &Attributes { owner, mode: 0o755, mtime: EPOCH })?;
        Ok(path)
    }

    /// Makes the directory `path`, whose parents are made as [`Upper::make_directories`]
    /// does; `path` holds no links. If it exists, its attributes are replaced.
    pub fn directory(&mut self, path: &[u8], new: &Attributes) -> Result<(), WriteError> {
        self.parents(path, new.owner)?;
        match self.there(path)? {
            There::Other => return Err(WriteError::NotDirectory(lossy(path))),
            There::Directory | There::Nothing => self.raw_directory(path)?,
        }
        self.own(path, new.owner)?;
        self.directories.insert(path.to_vec(), Directory { mode: new.mode, mtime: new.mtime });
        Ok(())
    }

    /// Brings every directory above `path` into the new tree; new ones are `owner`'s.
    pub fn parents(&mut self, path: &[u8], owner: Owner) -> Result<(), WriteError> {
        let names: Vec<Vec<u8>> = components(path).map(<[u8]>::to_vec).collect();
        let mut parent = Inner::new();
        for name in &names[..names.len().saturating_sub(1)] {
            parent = join(&parent, name);
            if self.directories.contains_key(&parent) {
                continue;
            }
            let (owner, mode) = match self.there(&parent)? {
                There::Other => return Err(WriteError::NotDirectory(lossy(&parent))),
                There::Nothing => (owner, 0o755),
                There::Directory => {
                    let node = self.view.lookup(&parent, false)?;
                    let node = node.ok_or_else(|| WriteError::NotDirectory(lossy(&parent)))?;
                    (self.view.owner(&node)?, self.view.mode(&node))
                }
            };
            self.raw_directory(&parent)?;
            self.own(&parent, owner)?;
            self.directories.insert(parent.clone(), Directory { mode, mtime: EPOCH });
        }
        Ok(())
    }

    fn raw_directory(&self, path: &[u8]) -> io::Result<()> {
        match fs::create_dir(self.disk(path)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    /// Makes room for something that is no directory at `path`.
    fn vacate(&mut self, path: &[u8], owner: Owner) -> Result<PathBuf, WriteError> {
        self.parents(path, owner)?;
        if self.there(path)? == There::Directory {
            return Err(WriteError::Directory(lossy(path)));
        }
        let disk = self.disk(path);
        match fs::remove_file(&disk) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(disk),
        }
    }

    /// What is at `path`, in the new tree or below it. The directories above it are in
    /// the new tree already.
    fn there(&mut self, path: &[u8]) -> io::Result<There> {
        match fs::symlink_metadata(self.disk(path)) {
            Ok(meta) if owner::is_whiteout(&meta) => return Ok(There::Nothing),
            Ok(meta) => return Ok(There::of(&meta)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let (dir, name) = split(path);
        let Some(dir) = self.below_directory(dir)? else { return Ok(There::Nothing) };
        let node = self.below.child(&dir, name)?;
        Ok(node.map_or(There::Nothing, |node| There::of(&node.meta)))
    }

    fn below_directory(&mut self, path: &[u8]) -> io::Result<Option<Node>> {
        if let Some(known) = self.known.get(path) {
            return Ok(known.clone());
        }
        let node = if path.is_empty() {
            self.below.root()?
        } else {
            let (parent, name) = split(path);
            match self.below_directory(parent)? {
                Some(parent) => self.below.child(&parent, name)?.filter(|node| node.meta.is_dir()),
                None => None,
            }
        };
        self.known.insert(path.to_vec(), node.clone());
        Ok(node)
    }

    /// Writes a regular file with all that `content` gives.
    pub fn file(
        &mut self,
        path: &[u8],
        content: &mut Content<'_>,
        new: &Attributes,
    ) -> Result<(), WriteError> {
        let disk = self.vacate(path, new.owner)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&disk)?;
        match content {
            Content::File(from) => io::copy(from, &mut file).map(drop)?,
            Content::Bytes(bytes) => file.write_all(bytes)?,
            Content::Stream(from) => io::copy(from, &mut file).map(drop)?,
        }
        drop(file);
        self.own(path, new.owner)?;
        // After the owner: giving a file away clears its set-id bits.
        fs::set_permissions(&disk, fs::Permissions::from_mode(new.mode))?;
        set_time(&disk, new.mtime)?;
        Ok(())
    }

    /// Makes `path` another name of `first`, a file or link of this tree.
    pub fn hard_link(&mut self, path: &[u8], first: &[u8]) -> Result<(), WriteError> {
        // An archive says what `first` is: no link may be on the way to it.
        let node = self.view.lookup(first, false)?;
        if node.is_none_or(|node| node.path != first || node.meta.is_dir()) {
            return Err(WriteError::LinkTarget(lossy(path), lossy(first)));
        }
        let disk = self.vacate(path, (0, 0))?;
        fs::hard_link(self.disk(first), disk)?;
        // The owner of a link is listed under each of its names.
        if let Some(owner) = self.links.get(first).copied() {
            self.links.insert(path.to_vec(), owner);
        }
        Ok(())
    }

    /// Makes a symbolic link.
    pub fn symlink(&mut self, path: &[u8], target: &[u8], new: &Attributes) -> Result<(), WriteError> {
        let disk = self.vacate(path, new.owner)?;
        std::os::unix::fs::symlink(OsStr::from_bytes(target), &disk)?;
        self.own(path, new.owner)?;
        Ok(set_time(&disk, new.mtime)?)
    }

    /// Makes a fifo or a device. An ordinary user can make no device.
    pub fn special(
        &mut self,
        path: &[u8],
        kind: FileType,
        device: u64,
        new: &Attributes,
    ) -> Result<(), WriteError> {
        let disk = self.vacate(path, new.owner)?;
        rustix::fs::mknodat(CWD, &disk, kind, rustix::fs::Mode::from_raw_mode(0o600), device)
            .map_err(io::Error::from)?;
        self.own(path, new.owner)?;
        fs::set_permissions(&disk, fs::Permissions::from_mode(new.mode))?;
        Ok(set_time(&disk, new.mtime)?)
    }

    fn own(&mut self, path: &[u8], owner: Owner) -> io::Result<()> {
        self.ownership.set(&self.disk(path), path, owner, &mut self.links)
    }

    /// Sets what had to wait; gives the owners of links.
    pub fn finish(self) -> io::Result<LinkOwners> {
        for (path, directory) in self.directories.iter().rev() {
            let disk = self.disk(path);
            fs::set_permissions(&disk, fs::Permissions::from_mode(directory.mode))?;
            set_time(&disk, directory.mtime)?;
        }
        Ok(self.links)
    }
}

/// Where the bytes of a new file come from.
pub enum Content<'a> {
    /// All that is left in an open file; the kernel copies it.
    File(&'a File),
    /// These.
    Bytes(&'a [u8]),
    /// All that it gives.
    Stream(&'a mut dyn Read),
}

/// Sets when `disk` was last read and changed; a link is not followed.
pub fn set_time(disk: &Path, (seconds, nanoseconds): (i64, i64)) -> io::Result<()> {
    let time = Timespec { tv_sec: seconds, tv_nsec: nanoseconds as _ };
    let times = Timestamps { last_access: time, last_modification: time };
    Ok(rustix::fs::utimensat(CWD, disk, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
