//! From the bytes of a layer to a directory on disk.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, Timespec, Timestamps, XattrFlags};

use super::{Entry, Kind, OWNER_XATTR, Owners, ReadError, Reader};

/// Why a layer cannot become a directory.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: an ordinary user cannot make a device node", path = path.display())]
    Device { path: PathBuf },
    #[error("{path} is not empty", path = path.display())]
    NotEmpty { path: PathBuf },
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Unpacks a layer into the existing, empty directory `root`.
///
/// Because `root` is empty, because every parent must be a directory of the same layer
/// and because nothing comes twice, no path can lead through a symbolic link and
/// nothing outside `root` is touched. All times become 0. Deletions become what
/// overlayfs understands.
///
/// With [`Owners::Disk`] files get their true owner (only root can); with
/// [`Owners::Logical`] the owner is kept aside. Returned is what
/// [`super::write_tree`] needs to give the same layer again.
pub fn extract<R: Read>(
    reader: &mut Reader<R>,
    root: &Path,
    owners: &Owners,
) -> Result<Owners, ExtractError> {
    if fs::read_dir(root).map_err(at(root))?.next().is_some() {
        return Err(ExtractError::NotEmpty { path: root.to_owned() });
    }
    let mut target = Target { root, owners: owners.clone(), dirs: Vec::new() };
    while let Some(entry) = reader.next_entry()? {
        target.add(&entry, reader)?;
    }
    target.finish_dirs()?;
    Ok(target.owners)
}

struct Target<'a> {
    root: &'a Path,
    owners: Owners,
    /// Directories and their final modes: a mode without write permission must not
    /// stand in the way of what comes inside.
    dirs: Vec<(PathBuf, u32)>,
}

impl Target<'_> {
    fn add(&mut self, entry: &Entry, data: &mut dyn Read) -> Result<(), ExtractError> {
        let path = self.root.join(OsStr::from_bytes(&entry.path));
        self.make_parents(&path)?;
        match &entry.kind {
            Kind::Whiteout => return make_node(&path, FileType::CharacterDevice, 0, 0),
            Kind::Opaque => return self.make_opaque(&path),
            Kind::Hardlink { target } => {
                let target = self.root.join(OsStr::from_bytes(target));
                // What the target is was settled by its own entry.
                return fs::hard_link(target, &path).map_err(at(&path));
            }
            Kind::Dir => {
                fs::create_dir(&path).map_err(at(&path))?;
                self.dirs.push((path.clone(), entry.mode));
            }
            Kind::File { .. } => write_file(&path, data)?,
            Kind::Symlink { target } => {
                std::os::unix::fs::symlink(OsStr::from_bytes(target), &path).map_err(at(&path))?;
            }
            Kind::Fifo => make_node(&path, FileType::Fifo, 0, 0)?,
            Kind::Char { .. } | Kind::Block { .. } if self.owners != Owners::Disk => {
                return Err(ExtractError::Device { path });
            }
            Kind::Char { major, minor } => {
                make_node(&path, FileType::CharacterDevice, *major, *minor)?;
            }
            Kind::Block { major, minor } => {
                make_node(&path, FileType::BlockDevice, *major, *minor)?;
            }
        }
        self.set_owner(&path, entry)?;
        // After the owner: changing that clears setuid.
        if !matches!(entry.kind, Kind::Dir | Kind::Symlink { .. }) {
            set_mode(&path, entry.mode)?;
        }
        set_time(&path)
    }

    /// Directories that the archive leaves out belong to root and are open to all.
    fn make_parents(&mut self, path: &Path) -> Result<(), ExtractError> {
        let Some(parent) = path.parent().filter(|parent| !parent.exists()) else {
            return Ok(());
        };
        self.make_parents(parent)?;
        fs::create_dir(parent).map_err(at(parent))?;
        self.dirs.push((parent.to_owned(), 0o755));
        Ok(())
    }

    fn set_owner(&mut self, path: &Path, entry: &Entry) -> Result<(), ExtractError> {
        let id = |id: u64| u32::try_from(id).expect("the reader admits only 32-bit ids");
        let owner = (id(entry.uid), id(entry.gid));
        match &mut self.owners {
            Owners::Disk => std::os::unix::fs::lchown(path, Some(owner.0), Some(owner.1)),
            Owners::Logical { default, .. } if *default == owner => Ok(()),
            Owners::Logical { .. } if matches!(entry.kind, Kind::Dir | Kind::File { .. }) => {
                let value = format!("{}:{}", owner.0, owner.1);
                rustix::fs::lsetxattr(path, OWNER_XATTR, value.as_bytes(), XattrFlags::empty())
                    .map_err(io::Error::from)
            }
            Owners::Logical { others, .. } => {
                others.insert(entry.path.clone(), owner);
                Ok(())
            }
        }
        .map_err(at(path))
    }

    fn make_opaque(&self, path: &Path) -> Result<(), ExtractError> {
        let name = match self.owners {
            Owners::Disk => "trusted.overlay.opaque",
            Owners::Logical { .. } => "user.overlay.opaque",
        };
        rustix::fs::lsetxattr(path, name, b"y", XattrFlags::empty()).map_err(|error| at(path)(error.into()))
    }

    fn finish_dirs(&self) -> Result<(), ExtractError> {
        for (path, mode) in self.dirs.iter().rev() {
            set_mode(path, *mode)?;
            set_time(path)?;
        }
        Ok(())
    }
}

fn write_file(path: &Path, data: &mut dyn Read) -> Result<(), ExtractError> {
    let mut options = File::options();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(at(path))?;
    io::copy(data, &mut file).map_err(at(path))?;
    Ok(())
}

fn make_node(path: &Path, kind: FileType, major: u32, minor: u32) -> Result<(), ExtractError> {
    let device = rustix::fs::makedev(major, minor);
    rustix::fs::mknodat(CWD, path, kind, Mode::RUSR, device).map_err(|error| at(path)(error.into()))
}

fn set_mode(path: &Path, mode: u32) -> Result<(), ExtractError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at(path))
}

fn set_time(path: &Path) -> Result<(), ExtractError> {
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    let times = Timestamps { last_access: zero, last_modification: zero };
    rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| at(path)(error.into()))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ExtractError + '_ {
    |source| ExtractError::Io { path: path.to_owned(), source }
}
