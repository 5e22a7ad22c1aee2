//! Owners without the right to give files away.
//!
//! An ordinary user's files all belong to that user. What a build means by `chown` is kept
//! beside the file: in an extended attribute of regular files and directories (overlayfs
//! copies it up with the file), in the outcome for symbolic links, which cannot have one.
//!
//! The permissions are those that the kernel would apply to the command's user, and as in
//! the kernel a change of owner takes setuid and setgid away.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    FileType, Mode, OFlags, ResolveFlags, Stat, XattrFlags, chmod, fstat, getxattr, openat, openat2, setxattr,
};
use rustix::io::Errno;

use crate::plan::Plan;
use crate::report::Report;
use crate::text::Text;

/// `AT_FDCWD`, as a directory.
pub const CWD: i32 = libc::AT_FDCWD;
/// An owner or group that stays as it is.
pub const NOT_GIVEN: u32 = u32::MAX;

const OWNER: &CStr = c"user.cairn.owner";

/// Which file a call means.
#[derive(Debug)]
pub struct File<'a> {
    /// Descriptor of the calling process, or [`CWD`].
    pub dir: i32,
    pub path: &'a CStr,
    /// Follow a symbolic link at the end.
    pub follow: bool,
    /// An empty path means `dir` itself.
    pub may_be_empty: bool,
}

/// The owner and group asked for.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub uid: u32,
    pub gid: u32,
}

/// Open the file that process `pid` means, without any right on its contents.
///
/// Init's root is the sandbox's, so that no path leads out. Links such as
/// `/proc/self/fd/3` are not followed: they would be init's own.
pub fn open(proc: BorrowedFd<'_>, pid: u32, file: &File<'_>) -> Result<OwnedFd, Errno> {
    let empty = file.path.is_empty();
    if empty && !file.may_be_empty {
        return Err(Errno::NOENT);
    }
    let absolute = file.path.to_bytes().first() == Some(&b'/');
    let mut base: Text<48> = Text::new();
    base.push_number(pid);
    match (absolute, file.dir) {
        (true, _) => base.push(b"/root"),
        (false, CWD) => base.push(b"/cwd"),
        (false, number) if number >= 0 => base.push(b"/fd/").push_number(number as u32),
        _ => return Err(Errno::BADF),
    };
    let path = OFlags::PATH | OFlags::CLOEXEC;
    let base = openat(proc, base.as_c_str(), path, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT if !absolute && file.dir != CWD => Errno::BADF,
        other => other,
    })?;
    if empty {
        return Ok(base);
    }
    let flags = if file.follow { path } else { path | OFlags::NOFOLLOW };
    // A process may have changed its root below ours.
    let inside = if absolute { ResolveFlags::IN_ROOT } else { ResolveFlags::empty() };
    openat2(base, file.path, flags, Mode::empty(), inside | ResolveFlags::NO_MAGICLINKS)
}

/// Record the change, if the command's user may make it.
pub fn apply(plan: &Plan, proc: BorrowedFd<'_>, file: &OwnedFd, change: Change) -> Result<(), Errno> {
    let stat = fstat(file)?;
    let mut name: Text<48> = Text::new();
    name.push(b"/proc/self/fd/").push_number(file.as_raw_fd() as u32);
    let kind = FileType::from_raw_mode(stat.st_mode);
    let has_attributes = matches!(kind, FileType::RegularFile | FileType::Directory);
    let now = if has_attributes { recorded(name.as_c_str()) } else { None };
    let (uid, gid) = now.unwrap_or((plan.uid, plan.gid));
    permit(plan, uid, change)?;
    let given = |new: u32, old: u32| if new == NOT_GIVEN { old } else { new };
    let (uid, gid) = (given(change.uid, uid), given(change.gid, gid));
    if !has_attributes {
        return report(plan, proc, file, uid, gid);
    }
    let mut value: Text<24> = Text::new();
    value.push_number(uid).push(b":").push_number(gid);
    match setxattr(name.as_c_str(), OWNER, value.as_bytes(), XattrFlags::empty()) {
        // Not a file of the image, such as one in /proc: nothing to keep.
        Err(Errno::OPNOTSUPP | Errno::PERM) => return Ok(()),
        other => other?,
    }
    drop_privilege_bits(name.as_c_str(), &stat, kind)
}

/// What the attribute says.
fn recorded(name: &CStr) -> Option<(u32, u32)> {
    let mut value = [0u8; 24];
    let length = getxattr(name, OWNER, &mut value[..]).ok()?;
    let text = std::str::from_utf8(value.get(..length)?).ok()?;
    let (uid, gid) = text.split_once(':')?;
    Some((uid.parse().ok()?, gid.parse().ok()?))
}

/// User 0 may do all; others may give their own files to the group they are in.
fn permit(plan: &Plan, owner: u32, change: Change) -> Result<(), Errno> {
    let same = |new: u32, own: u32| new == NOT_GIVEN || new == own;
    let allowed =
        plan.uid == 0 || owner == plan.uid && same(change.uid, plan.uid) && same(change.gid, plan.gid);
    if allowed { Ok(()) } else { Err(Errno::PERM) }
}

fn drop_privilege_bits(name: &CStr, stat: &Stat, kind: FileType) -> Result<(), Errno> {
    let mode = Mode::from_raw_mode(stat.st_mode);
    let mut lost = mode & Mode::SUID;
    if mode.contains(Mode::XGRP) {
        lost |= mode & Mode::SGID;
    }
    if kind == FileType::Directory || lost.is_empty() {
        return Ok(());
    }
    chmod(name, mode - lost)
}

/// The caller keeps owners of what cannot carry the attribute.
fn report(plan: &Plan, proc: BorrowedFd<'_>, file: &OwnedFd, uid: u32, gid: u32) -> Result<(), Errno> {
    let mut link: Text<48> = Text::new();
    link.push(b"self/fd/").push_number(file.as_raw_fd() as u32);
    let mut buffer = [std::mem::MaybeUninit::<u8>::uninit(); 4096];
    let (path, _) = rustix::fs::readlinkat_raw(proc, link.as_c_str(), &mut buffer)?;
    let path = path.strip_prefix(b"/").unwrap_or(path);
    Report::Owner { uid, gid, path }.send(&plan.report);
    Ok(())
}
