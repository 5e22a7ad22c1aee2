//! From a directory on disk to the bytes of a layer.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Entry, Kind, WriteError, Writer};

/// Extended attribute that holds the logical owner `uid:gid` of a file or directory in
/// a store of an ordinary user.
pub const OWNER_XATTR: &str = "user.cairn.owner";

/// Who owns the files of a tree, as far as the image is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owners {
    /// Whoever owns them on disk; for trees made by root.
    Disk,
    /// Whoever [`OWNER_XATTR`] names, or `default` where there is none; for trees made
    /// by an ordinary user. Things that can have no such attribute (symbolic links,
    /// fifos) are looked up in `others` by their path in the tree.
    Logical { default: (u32, u32), others: BTreeMap<Vec<u8>, (u32, u32)> },
}

/// Why a directory cannot become a layer.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: has the extended attribute {name}, which layers cannot carry",
        path = path.display())]
    Xattr { path: PathBuf, name: String },
    #[error("{path}: {OWNER_XATTR} is {value:?} instead of `uid:gid`", path = path.display())]
    Owner { path: PathBuf, value: String },
    #[error("{path}: an opaque directory has no canonical form in a layer", path = path.display())]
    Opaque { path: PathBuf },
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the tree below `root` as one canonical layer, end marker included, and gives
/// back `out`, flushed.
///
/// Sockets are left out. A character device 0:0 is overlayfs's mark of a deletion and
/// becomes one. Extended attributes are refused, except those that say nothing about
/// the image: overlayfs's own, SELinux labels and [`OWNER_XATTR`].
pub fn write_tree<W: Write>(root: &Path, owners: &Owners, out: W) -> Result<W, WalkError> {
    let mut walk = Walk { owners, writer: Writer::new(out), inodes: HashMap::new() };
    walk.children(root, &[])?;
    Ok(walk.writer.finish()?)
}

struct Walk<'a, W: Write> {
    owners: &'a Owners,
    writer: Writer<W>,
    /// The first path of each file that has several.
    inodes: HashMap<(u64, u64), Vec<u8>>,
}

impl<W: Write> Walk<'_, W> {
    fn children(&mut self, dir: &Path, prefix: &[u8]) -> Result<(), WalkError> {
        for name in self.names(dir)? {
            let disk = dir.join(&name);
            let path = [prefix, name.as_bytes()].concat();
            let meta = fs::symlink_metadata(&disk).map_err(at(&disk))?;
            if meta.file_type().is_socket() {
                continue;
            }
            self.visit(&disk, path, &meta)?;
        }
        Ok(())
    }

    /// Writes one entry and all below it.
    ///
    /// An ordinary user owns every file of the tree but may be denied by its mode, which
    /// belongs to the image: then the mode is lent what is needed meanwhile.
    fn visit(&mut self, disk: &Path, path: Vec<u8>, meta: &Metadata) -> Result<(), WalkError> {
        let needed = match meta.file_type() {
            kind if kind.is_dir() => 0o500,
            kind if kind.is_file() => 0o400,
            _ => 0,
        };
        if *self.owners == Owners::Disk || meta.mode() & needed == needed {
            return self.write(disk, path, meta);
        }
        let mut lent = meta.permissions();
        lent.set_mode(lent.mode() | needed);
        fs::set_permissions(disk, lent).map_err(at(disk))?;
        let written = self.write(disk, path, meta);
        fs::set_permissions(disk, meta.permissions()).map_err(at(disk))?;
        written
    }

    fn write(&mut self, disk: &Path, path: Vec<u8>, meta: &Metadata) -> Result<(), WalkError> {
        let entry = self.entry(disk, path, meta)?;
        if entry.size() == 0 {
            self.writer.append(&entry, &mut io::empty())?;
        } else {
            let mut file = File::open(disk).map_err(at(disk))?;
            self.writer.append(&entry, &mut file)?;
        }
        if meta.is_dir() {
            self.children(disk, &[&entry.path, b"/".as_slice()].concat())?;
        }
        Ok(())
    }

    fn names(&self, dir: &Path) -> Result<Vec<OsString>, WalkError> {
        let listed = fs::read_dir(dir).map_err(at(dir))?;
        let names: io::Result<Vec<_>> = listed.map(|entry| Ok(entry?.file_name())).collect();
        let mut names = names.map_err(at(dir))?;
        names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        Ok(names)
    }

    fn entry(&mut self, disk: &Path, path: Vec<u8>, meta: &Metadata) -> Result<Entry, WalkError> {
        let kind = self.kind(disk, &path, meta)?;
        if kind == Kind::Whiteout {
            return Ok(Entry { path, kind, mode: 0, uid: 0, gid: 0 });
        }
        let named = check_xattrs(disk)?;
        let (uid, gid) = match self.owners {
            Owners::Disk => (meta.uid(), meta.gid()),
            Owners::Logical { default, others } => {
                // All names of one thing have one owner, noted under the first.
                let first = if let Kind::Hardlink { target } = &kind { target } else { &path };
                named.or_else(|| others.get(first).copied()).unwrap_or(*default)
            }
        };
        let mode = meta.mode() & 0o7777;
        Ok(Entry { path, kind, mode, uid: uid.into(), gid: gid.into() })
    }

    fn kind(&mut self, disk: &Path, path: &[u8], meta: &Metadata) -> Result<Kind, WalkError> {
        let kind = meta.file_type();
        if kind.is_dir() {
            return Ok(Kind::Dir);
        }
        let (major, minor) = (rustix::fs::major(meta.rdev()), rustix::fs::minor(meta.rdev()));
        if kind.is_char_device() && (major, minor) == (0, 0) {
            return Ok(Kind::Whiteout);
        }
        if meta.nlink() > 1 {
            let inode = (meta.dev(), meta.ino());
            if let Some(first) = self.inodes.get(&inode) {
                return Ok(Kind::Hardlink { target: first.clone() });
            }
            self.inodes.insert(inode, path.to_vec());
        }
        if kind.is_symlink() {
            let target = fs::read_link(disk).map_err(at(disk))?;
            return Ok(Kind::Symlink { target: target.into_os_string().into_vec() });
        }
        Ok(if kind.is_fifo() {
            Kind::Fifo
        } else if kind.is_char_device() {
            Kind::Char { major, minor }
        } else if kind.is_block_device() {
            Kind::Block { major, minor }
        } else {
            Kind::File { size: meta.len() }
        })
    }
}

/// Refuses attributes that would be lost; returns the logical owner if one is named.
fn check_xattrs(disk: &Path) -> Result<Option<(u32, u32)>, WalkError> {
    let mut list = [0; 4096];
    let used = match rustix::fs::llistxattr(disk, &mut list) {
        Ok(used) => used,
        Err(rustix::io::Errno::OPNOTSUPP) => 0,
        Err(error) => return Err(at(disk)(error.into())),
    };
    let mut owner = None;
    for name in list[..used].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = String::from_utf8_lossy(name);
        match &*name {
            OWNER_XATTR => owner = Some(read_owner(disk)?),
            "trusted.overlay.opaque" | "user.overlay.opaque" => {
                return Err(WalkError::Opaque { path: disk.to_owned() });
            }
            "security.selinux" => {}
            _ if name.starts_with("trusted.overlay.") || name.starts_with("user.overlay.") => {}
            _ => {
                return Err(WalkError::Xattr { path: disk.to_owned(), name: name.into_owned() });
            }
        }
    }
    Ok(owner)
}

fn read_owner(disk: &Path) -> Result<(u32, u32), WalkError> {
    let mut value = [0; 32];
    let used =
        rustix::fs::lgetxattr(disk, OWNER_XATTR, &mut value).map_err(|error| at(disk)(error.into()))?;
    let text = String::from_utf8_lossy(&value[..used]);
    text.split_once(':')
        .and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)))
        .ok_or_else(|| WalkError::Owner { path: disk.to_owned(), value: text.into_owned() })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> WalkError + '_ {
    |source| WalkError::Io { path: path.to_owned(), source }
}
