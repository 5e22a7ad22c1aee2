//! `/dev`: a tmpfs of the sandbox's own, never the host's directory. A compiler that runs as
//! root and removes its `-o /dev/null` before it writes removes nothing but that.

use std::ffi::CStr;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, FileType, Mode, OFlags, makedev, mkdirat, mknodat, openat, symlinkat};
use rustix::io::Errno;
use rustix::mount::{FsOpenFlags, fsconfig_set_string, fsopen};

use crate::plan::Plan;
use crate::root::{NO_EXEC, NO_SUID, READ_ONLY, attach, clone_mount, create, directory, point};
use crate::step::{At, Failure, Step};
use crate::sys;
use crate::text::Text;

/// The devices of a sandbox: name, major, minor.
pub const DEVICES: [(&CStr, u32, u32); 6] = [
    (c"null", 1, 3),
    (c"zero", 1, 5),
    (c"full", 1, 7),
    (c"random", 1, 8),
    (c"urandom", 1, 9),
    (c"tty", 5, 0),
];

/// Mount and fill it.
pub fn mount(plan: &Plan, stage: &OwnedFd, root: &OwnedFd) -> Result<OwnedFd, Failure> {
    let dev = clone_mount(stage, c"dev").at(Step::Dev)?;
    attach(&dev, &point(root, c"dev").at(Step::DevPoint)?).at(Step::DevPoint)?;
    device_files(&dev).at(Step::Dev)?;
    for (name, major, minor) in DEVICES {
        if plan.rootless {
            borrow_device(&dev, name).at(Step::Dev)?;
        } else {
            make_device(&dev, name, major, minor).at(Step::Dev)?;
        }
    }
    terminals(plan, &dev).at(Step::Dev)?;
    Ok(dev)
}

fn device_files(dev: &OwnedFd) -> Result<(), Errno> {
    mkdirat(dev, c"shm", Mode::from_raw_mode(0o1777))?;
    mkdirat(dev, c"pts", Mode::from_raw_mode(0o755))?;
    for (target, name) in [
        (c"/proc/self/fd", c"fd"),
        (c"/proc/self/fd/0", c"stdin"),
        (c"/proc/self/fd/1", c"stdout"),
        (c"/proc/self/fd/2", c"stderr"),
        (c"pts/ptmx", c"ptmx"),
    ] {
        symlinkat(target, dev, name)?;
    }
    Ok(())
}

fn make_device(dev: &OwnedFd, name: &CStr, major: u32, minor: u32) -> Result<(), Errno> {
    let mode = Mode::from_raw_mode(0o666);
    mknodat(dev, name, FileType::CharacterDevice, mode, makedev(major, minor))
}

/// An ordinary user cannot make devices: show the host's, on a read-only mount so that
/// its mode and owner stay as they are, and as a mount point so that it cannot be removed.
fn borrow_device(dev: &OwnedFd, name: &CStr) -> Result<(), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    drop(openat(dev, name, flags, Mode::from_raw_mode(0o666))?);
    let mut path: Text<32> = Text::new();
    path.push(b"/dev/").push(name.to_bytes());
    let view = clone_mount(CWD, path.as_c_str())?;
    sys::mount_setattr(&view, READ_ONLY | NO_SUID | NO_EXEC, false)?;
    let target = openat(dev, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    attach(&view, &target)
}

/// A terminal multiplexer of our own, for programs that want a pseudo-terminal.
fn terminals(plan: &Plan, dev: &OwnedFd) -> Result<(), Errno> {
    let fs = fsopen(c"devpts", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&fs, c"ptmxmode", c"0666")?;
    fsconfig_set_string(&fs, c"mode", c"0620")?;
    if !plan.rootless {
        fsconfig_set_string(&fs, c"gid", c"5")?;
    }
    let pts = create(&fs, NO_SUID | NO_EXEC)?;
    attach(&pts, &openat(dev, c"pts", directory(), Mode::empty())?)
}
