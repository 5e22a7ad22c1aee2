//! The root filesystem: layers, `/proc`, `/dev`, the request's mounts, and the change to
//! it. Runs in init, in its own mount namespace: nothing here reaches the host's mounts.
//!
//! What is needed on the way lives in one tmpfs, laid over `work`, and goes with it:
//!
//! ```text
//!   base/        the lowest layer of all: the mount points, so that the command finds
//!                them and `upper` does not get them
//!   root/        where the root filesystem is mounted before it becomes the root
//!   tree/        where a stack of layers is mounted before a part of it is taken
//!   empty/       a layer with nothing in it
//!   dev/         what becomes /dev
//! ```
//!
//! The result:
//!
//! ```text
//!   /            overlay: upper / lower… / base (mount points)
//!   /proc        of the new process namespace, read-only throughout; init is hidden
//!     cpuinfo stat        what the request says
//!     kcore keys timer_list   nothing
//!   /dev         a tmpfs: null zero full random urandom tty, fd links, shm, pts
//! ```

use std::ffi::{CStr, CString};
use std::ops::Range;
use std::os::fd::{AsFd, IntoRawFd, OwnedFd};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, makedev, mkdirat, mknodat, openat, openat2,
    symlinkat, unlinkat,
};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen,
    mount, mount_change, move_mount, open_tree, unmount,
};

use crate::plan::{MountPlan, Plan, What};
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

const READ_ONLY: u64 = MountAttrFlags::MOUNT_ATTR_RDONLY.bits() as u64;
const NO_SUID: u64 = MountAttrFlags::MOUNT_ATTR_NOSUID.bits() as u64;
const NO_DEV: u64 = MountAttrFlags::MOUNT_ATTR_NODEV.bits() as u64;
const NO_EXEC: u64 = MountAttrFlags::MOUNT_ATTR_NOEXEC.bits() as u64;

/// Build it and make it `/`. Returns `/proc`, still writable by way of this descriptor.
pub fn enter(plan: &Plan) -> Result<OwnedFd, Failure> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change(c"/", private).at(Step::Propagation)?;
    let upper = by_descriptor(&plan.upper, plan.lower.len())?;
    let work = by_descriptor(&plan.overlay_work, plan.lower.len() + 1)?;
    let stage = stage(plan).at(Step::Stage)?;
    let root = layers(plan, &stage, &upper, &work)?;
    let dev = devices(plan, &stage, &root)?;
    let proc = processes(plan, &root, &dev)?;
    for (index, mount) in plan.mounts.iter().enumerate() {
        let made = match &mount.what {
            What::Bind { source, read_only } => bind(source, *read_only),
            What::Tree { lower, path } => part_of_layers(&stage, lower, path),
            What::Tmpfs { size } => memory(size.as_deref()),
        };
        let made = made.at_index(Step::Mount, index)?;
        place(&root, mount, &made).at_index(Step::MountPoint, index)?;
    }
    rustix::process::fchdir(&root).at(Step::Pivot)?;
    rustix::process::pivot_root(c".", c".").at(Step::Pivot)?;
    unmount(c".", UnmountFlags::DETACH).at(Step::Pivot)?;
    rustix::process::chdir(c"/").at(Step::Pivot)?;
    Ok(proc)
}

/// Attach `made` where the request wants it, by whatever links lie on the way there
/// within the root filesystem.
fn place(root: &OwnedFd, mount: &MountPlan, made: &OwnedFd) -> Result<(), Errno> {
    make_points(root, mount, mount.in_layer..mount.points.len())?;
    let target = inside(root, &mount.target, OFlags::PATH | OFlags::CLOEXEC)?;
    attach(made, &target)
}

/// Make some of the points of a mount below `root`.
fn make_points(root: &OwnedFd, mount: &MountPlan, which: Range<usize>) -> Result<(), Errno> {
    for n in which {
        let Some(path) = mount.points.get(n) else { continue };
        let last = n + 1 == mount.points.len();
        match make_point(root, path, last && mount.file) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn make_point(root: &OwnedFd, path: &CStr, file: bool) -> Result<(), Errno> {
    let bytes = path.to_bytes();
    let split = bytes.iter().rposition(|&byte| byte == b'/');
    let (mut above, mut name): (Text<4096>, Text<256>) = (Text::new(), Text::new());
    above.push(split.map_or(b".", |at| &bytes[..at]));
    name.push(split.map_or(bytes, |at| &bytes[at + 1..]));
    let above = inside(root, above.as_c_str(), directory())?;
    if file {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        return openat(&above, name.as_c_str(), flags, Mode::from_raw_mode(0o644)).map(drop);
    }
    mkdirat(&above, name.as_c_str(), Mode::from_raw_mode(0o755))
}

/// Open a path as if `root` were the root directory.
fn inside(root: &OwnedFd, path: &CStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    openat2(root, path, flags, Mode::empty(), resolve)
}

/// Make all of `/proc` read-only, when init has written what it had to.
pub fn seal_processes(proc: &OwnedFd) -> Result<(), Failure> {
    sys::mount_setattr(proc, READ_ONLY | NO_SUID | NO_DEV | NO_EXEC, false).at(Step::Proc)
}

/// The tmpfs drawn above, in place of `work`.
fn stage(plan: &Plan) -> Result<OwnedFd, Errno> {
    let fs = fsopen(c"tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&fs, c"source", c"dev")?;
    fsconfig_set_string(&fs, c"mode", c"0755")?;
    fsconfig_set_string(&fs, c"size", c"64m")?;
    let stage = create(&fs, if plan.rootless { NO_SUID | NO_DEV } else { NO_SUID })?;
    attach_at(&stage, &plan.work)?;
    let mode = Mode::from_raw_mode(0o755);
    for part in [c"base", c"root", c"tree", c"empty", c"dev", c"base/proc", c"base/dev"] {
        mkdirat(&stage, part, mode)?;
    }
    let base = openat(&stage, c"base", directory(), Mode::empty())?;
    for mount in &plan.mounts {
        make_points(&base, mount, 0..mount.in_layer)?;
    }
    Ok(stage)
}

/// Mount the layers at `root/`.
fn layers(plan: &Plan, stage: &OwnedFd, upper: &Text<32>, work: &Text<32>) -> Result<OwnedFd, Failure> {
    let point = openat(stage, c"root", directory(), Mode::empty()).at(Step::Overlay)?;
    match overlay(stage, &plan.lower, c"base", Some([upper, work])) {
        Ok(root) => {
            attach(&root, &point).at(Step::Overlay)?;
            Ok(root)
        }
        // Before Linux 6.8 overlayfs does not take its layers one by one.
        Err(Failure { step: Step::Overlay, errno: Errno::INVAL, .. }) => {
            classic_overlay(plan, stage, [upper, work])?;
            openat(stage, c"root", directory(), Mode::empty()).at(Step::Overlay)
        }
        Err(failure) => Err(failure),
    }
}

fn directory() -> OFlags {
    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC
}

/// Open a directory of the host and name it by descriptor: short, and `/proc/mounts` then
/// shows the build nothing of the host's paths. It stays open until [`sys::close_from`].
fn by_descriptor(path: &CStr, index: usize) -> Result<Text<32>, Failure> {
    named(CWD, path).at_index(Step::Layer, index)
}

fn named(dir: impl AsFd, path: &CStr) -> Result<Text<32>, Errno> {
    let fd = openat(dir, path, directory(), Mode::empty())?;
    let mut text = Text::new();
    text.push(b"/proc/self/fd/").push_number(fd.into_raw_fd() as u32);
    Ok(text)
}

/// Stack `lower`, and below them all `last`, a directory of the stage.
fn overlay(
    stage: &OwnedFd,
    lower: &[CString],
    last: &CStr,
    writable: Option<[&Text<32>; 2]>,
) -> Result<OwnedFd, Failure> {
    let fs = fsopen(c"overlay", FsOpenFlags::FSOPEN_CLOEXEC).at(Step::Overlay)?;
    fsconfig_set_string(&fs, c"source", c"overlay").at(Step::Overlay)?;
    for (index, path) in lower.iter().enumerate() {
        let layer = by_descriptor(path, index)?;
        fsconfig_set_string(&fs, c"lowerdir+", layer.as_c_str()).at(Step::Overlay)?;
    }
    let last = named(stage, last).at(Step::Overlay)?;
    fsconfig_set_string(&fs, c"lowerdir+", last.as_c_str()).at(Step::Overlay)?;
    if let Some([upper, work]) = writable {
        fsconfig_set_string(&fs, c"upperdir", upper.as_c_str()).at(Step::Overlay)?;
        fsconfig_set_string(&fs, c"workdir", work.as_c_str()).at(Step::Overlay)?;
        // Builds have no use for fsync; whoever keeps the result syncs it once.
        fsconfig_set_flag(&fs, c"volatile").at(Step::Overlay)?;
    }
    fsconfig_set_flag(&fs, c"userxattr").at(Step::Overlay)?;
    fsconfig_create(&fs).at(Step::Overlay)?;
    fsmount(&fs, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::MOUNT_ATTR_NODEV).at(Step::Overlay)
}

/// The same for the root filesystem by the old call, whose options are at most a page:
/// hence bare numbers, relative to the directory of descriptors.
fn classic_overlay(plan: &Plan, stage: &OwnedFd, writable: [&Text<32>; 2]) -> Result<(), Failure> {
    let mut options: Text<4096> = Text::new();
    options.push(b"userxattr,volatile,lowerdir=");
    for (index, path) in plan.lower.iter().enumerate() {
        options.push(last_part(&by_descriptor(path, index)?)).push(b":");
    }
    options.push(last_part(&named(stage, c"base").at(Step::Overlay)?));
    options.push(b",upperdir=").push(last_part(writable[0]));
    options.push(b",workdir=").push(last_part(writable[1]));
    let root = named(stage, c"root").at(Step::Overlay)?;
    rustix::process::chdir(c"/proc/self/fd").at(Step::Overlay)?;
    let root = root.as_c_str();
    mount(c"overlay", root, c"overlay", MountFlags::NODEV, options.as_c_str()).at(Step::Overlay)
}

fn last_part<const N: usize>(path: &Text<N>) -> &[u8] {
    path.as_bytes().rsplit(|&byte| byte == b'/').next().unwrap_or(b"")
}

fn processes(plan: &Plan, root: &OwnedFd, dev: &OwnedFd) -> Result<OwnedFd, Failure> {
    let fs = fsopen(c"proc", FsOpenFlags::FSOPEN_CLOEXEC).at(Step::Proc)?;
    // Init is a copy of the caller: its command line and memory are the host's business.
    fsconfig_set_string(&fs, c"hidepid", c"ptraceable").at(Step::Proc)?;
    let proc = create(&fs, NO_SUID | NO_DEV | NO_EXEC).at(Step::Proc)?;
    attach(&proc, &point(root, c"proc").at(Step::ProcPoint)?).at(Step::ProcPoint)?;
    if let Some(most) = &plan.pid_max {
        write_file(&proc, c"sys/kernel/pid_max", most).at(Step::Ceiling)?;
    }
    for (name, contents) in [(c"cpuinfo", &plan.cpuinfo), (c"stat", &plan.stat)] {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = openat(dev, c".proc", flags, Mode::from_raw_mode(0o444)).at(Step::Proc)?;
        write_all(&file, contents).at(Step::Proc)?;
        drop(file);
        cover(dev, c".proc", &proc, name).at(Step::Proc)?;
        unlinkat(dev, c".proc", AtFlags::empty()).at(Step::Proc)?;
    }
    for name in [c"kcore", c"keys", c"timer_list"] {
        match cover(dev, c"null", &proc, name) {
            // Not every kernel has every one.
            Err(Errno::NOENT) => {}
            other => other.at(Step::Proc)?,
        }
    }
    Ok(proc)
}

/// Put a read-only view of `dev/source` over `proc/name`.
fn cover(dev: &OwnedFd, source: &CStr, proc: &OwnedFd, name: &CStr) -> Result<(), Errno> {
    let target = openat(proc, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let view = clone_mount(dev, source)?;
    sys::mount_setattr(&view, READ_ONLY | NO_SUID | NO_EXEC, false)?;
    attach(&view, &target)
}

fn devices(plan: &Plan, stage: &OwnedFd, root: &OwnedFd) -> Result<OwnedFd, Failure> {
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

fn bind(source: &CStr, read_only: bool) -> Result<OwnedFd, Errno> {
    let view = clone_mount(CWD, source)?;
    let attributes = NO_SUID | NO_DEV | if read_only { READ_ONLY } else { 0 };
    sys::mount_setattr(&view, attributes, false)?;
    Ok(view)
}

/// A read-only view of `path` in a stack of layers.
fn part_of_layers(stage: &OwnedFd, lower: &[CString], path: &CStr) -> Result<OwnedFd, Errno> {
    // overlayfs wants two layers at least.
    let all = overlay(stage, lower, c"empty", None).map_err(|failure| failure.errno)?;
    // A part can be taken only of what is attached somewhere.
    attach(&all, &openat(stage, c"tree", directory(), Mode::empty())?)?;
    let part = inside(&all, path, OFlags::PATH | OFlags::CLOEXEC)?;
    let view = clone_mount(&part, c"")?;
    sys::mount_setattr(&view, READ_ONLY | NO_SUID | NO_DEV, false)?;
    Ok(view)
}

fn memory(size: Option<&CStr>) -> Result<OwnedFd, Errno> {
    let fs = fsopen(c"tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&fs, c"source", c"tmpfs")?;
    fsconfig_set_string(&fs, c"mode", c"1777")?;
    if let Some(size) = size {
        fsconfig_set_string(&fs, c"size", size)?;
    }
    create(&fs, NO_SUID | NO_DEV)
}

fn create(fs: &OwnedFd, attributes: u64) -> Result<OwnedFd, Errno> {
    fsconfig_create(fs)?;
    fsmount(fs, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::from_bits_retain(attributes as u32))
}

/// `/proc` or `/dev` in the root filesystem: a directory, reached by no symbolic link.
/// A layer that has one there would otherwise choose what gets mounted over.
fn point(root: &OwnedFd, name: &CStr) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    openat2(root, name, directory() | OFlags::NOFOLLOW, Mode::empty(), resolve)
}

fn clone_mount(dir: impl AsFd, path: &CStr) -> Result<OwnedFd, Errno> {
    let flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    open_tree(dir, path, flags)
}

fn attach(mount: &OwnedFd, point: &OwnedFd) -> Result<(), Errno> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, c"", point, c"", flags)
}

fn attach_at(mount: &OwnedFd, path: &CStr) -> Result<(), Errno> {
    move_mount(mount, c"", CWD, path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
}

/// Write a short file that exists, in one piece as `/proc` demands.
pub fn write_file(dir: impl AsFd, path: &CStr, contents: &[u8]) -> Result<(), Errno> {
    let file = openat(dir, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, contents).map(|_| ())
}

fn write_all(file: &OwnedFd, mut contents: &[u8]) -> Result<(), Errno> {
    while !contents.is_empty() {
        let written = rustix::io::write(file, contents)?;
        contents = contents.get(written..).unwrap_or(&[]);
    }
    Ok(())
}
