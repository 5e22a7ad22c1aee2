//! Who owns a file, whoever runs the build.
//!
//! As root a tree on disk carries its true owners ([`Ownership::Disk`]). An ordinary
//! user cannot give files away, so there every file on disk is the user's and the
//! owner that the image shall show is written beside it ([`Ownership::Logical`]):
//!
//! - files and directories: extended attribute `user.cairn.owner` = `uid:gid`, on each
//!   of them (overlayfs copies it when a file is copied up, so that it stays true
//!   whoever runs the step that caused it);
//! - symbolic links and special files, which cannot have such an attribute: a list
//!   that the store keeps beside the tree; what is not in it is root's.
//!
//! Both give the same images.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use cairn_core::tar;
use rustix::fs::{XattrFlags, lgetxattr, lsetxattr};
use rustix::io::Errno;

/// The attribute that holds `uid:gid`.
pub const ATTRIBUTE: &str = "user.cairn.owner";

/// A user and a group, as numbers.
pub type Owner = (u32, u32);

/// Owners of links and special files in a tree that an ordinary user made, by path
/// without leading slash. Those that are not listed are root's.
pub type LinkOwners = BTreeMap<Vec<u8>, Owner>;

/// How the trees of a store say who owns a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// The true owners on disk (root).
    Disk,
    /// The attribute and the list beside the tree (ordinary user).
    Logical,
}

impl Ownership {
    /// Root writes true owners, everybody else logical ones.
    pub fn of_this_process() -> Self {
        if rustix::process::geteuid().is_root() { Self::Disk } else { Self::Logical }
    }

    /// What [`tar`] needs to know to pack a tree with these links.
    pub fn owners(self, links: LinkOwners) -> tar::Owners {
        match self {
            Self::Disk => tar::Owners::Disk,
            Self::Logical => tar::Owners::Logical { default: (0, 0), others: links },
        }
    }

    /// What [`tar::extract`] needs to know to write an owner on every file: no file
    /// has this default.
    pub fn explicit(self) -> tar::Owners {
        match self {
            Self::Disk => tar::Owners::Disk,
            Self::Logical => {
                tar::Owners::Logical { default: (u32::MAX, u32::MAX), others: LinkOwners::new() }
            }
        }
    }

    /// The owner of the file at `disk`, which stands at `path` of its tree.
    pub fn get(self, disk: &Path, meta: &Metadata, path: &[u8], links: &LinkOwners) -> io::Result<Owner> {
        if self == Self::Disk {
            return Ok((meta.uid(), meta.gid()));
        }
        if meta.is_dir() || meta.is_file() {
            return Ok(read_attribute(disk, meta)?.unwrap_or_default());
        }
        Ok(links.get(path).copied().unwrap_or_default())
    }

    /// Makes `owner` the owner of the new file at `disk`. For what cannot carry the
    /// attribute, `links` remembers it.
    pub fn set(self, disk: &Path, path: &[u8], owner: Owner, links: &mut LinkOwners) -> io::Result<()> {
        if self == Self::Disk {
            return std::os::unix::fs::lchown(disk, Some(owner.0), Some(owner.1));
        }
        let meta = fs::symlink_metadata(disk)?;
        if meta.is_dir() || meta.is_file() {
            return write_attribute(disk, &meta, owner);
        }
        links.insert(path.to_vec(), owner);
        Ok(())
    }
}

/// The logical owner written on a file or directory; `None` if there is none.
pub fn read_attribute(disk: &Path, meta: &Metadata) -> io::Result<Option<Owner>> {
    let mut buffer = [0; 32];
    let mut read = || match lgetxattr(disk, ATTRIBUTE, buffer.as_mut_slice()) {
        Ok(length) => Ok(Some(length)),
        Err(Errno::NODATA | Errno::NOTSUP) => Ok(None),
        Err(error) => Err(io::Error::from(error)),
    };
    let length = match read() {
        // Reading an attribute needs permission to read the file, which its own mode
        // may deny to us, who own it on disk.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => with_mode(disk, meta, 0o700, read)?,
        result => result?,
    };
    let bad = || io::Error::other(format!("{}: bad {ATTRIBUTE}", disk.display()));
    length.map(|length| parse(&buffer[..length]).ok_or_else(bad)).transpose()
}

/// Writes the logical owner on a file or directory.
pub fn write_attribute(disk: &Path, meta: &Metadata, owner: Owner) -> io::Result<()> {
    let text = format!("{}:{}", owner.0, owner.1);
    let write =
        || -> io::Result<()> { Ok(lsetxattr(disk, ATTRIBUTE, text.as_bytes(), XattrFlags::empty())?) };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => with_mode(disk, meta, 0o700, write),
        result => result,
    }
}

/// Runs `action` while the file or directory, no link, has `more` permissions.
pub fn with_mode<T, E: From<io::Error>>(
    disk: &Path,
    meta: &Metadata,
    more: u32,
    action: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let mode = meta.mode() & 0o7777;
    fs::set_permissions(disk, fs::Permissions::from_mode(mode | more))?;
    let result = action();
    fs::set_permissions(disk, fs::Permissions::from_mode(mode))?;
    result
}

fn parse(text: &[u8]) -> Option<Owner> {
    let (user, group) = std::str::from_utf8(text).ok()?.split_once(':')?;
    Some((user.parse().ok()?, group.parse().ok()?))
}

/// Marks a directory that hides all that lower trees have at its place.
const OPAQUE: &str = "user.overlay.opaque";

/// Whether the directory at `disk` hides everything below it (overlayfs writes this).
pub fn is_opaque(disk: &Path, meta: &Metadata) -> io::Result<bool> {
    let mut value = [0; 1];
    let mut read = || match lgetxattr(disk, OPAQUE, value.as_mut_slice()) {
        Ok(length) => Ok(length == 1 && value[0] == b'y'),
        // Longer values are other marks of overlayfs, for what this crate never makes.
        Err(Errno::NODATA | Errno::NOTSUP | Errno::RANGE) => Ok(false),
        Err(error) => Err(io::Error::from(error)),
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => with_mode(disk, meta, 0o700, read),
        result => result,
    }
}

/// Takes the mark away.
pub fn clear_opaque(disk: &Path) -> io::Result<()> {
    match rustix::fs::lremovexattr(disk, OPAQUE) {
        Ok(()) | Err(Errno::NODATA) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Makes the mark that hides a name of the trees below: a character device 0:0.
pub fn make_whiteout(disk: &Path) -> io::Result<()> {
    let path = CString::new(disk.as_os_str().as_bytes())?;
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path.as_c_str(),
        rustix::fs::FileType::CharacterDevice,
        rustix::fs::Mode::empty(),
        rustix::fs::makedev(0, 0),
    )?;
    Ok(())
}

/// Whether this is the mark that [`make_whiteout`] makes.
pub fn is_whiteout(meta: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    meta.file_type().is_char_device() && meta.rdev() == 0
}
