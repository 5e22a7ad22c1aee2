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

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, unlinkat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen,
    mount, mount_change, move_mount, open_tree, unmount,
};

use crate::devices;
use crate::plan::{MountPlan, Plan, What};
use crate::step::{At, Failure, Step};
use crate::sys;
use crate::text::Text;

pub const READ_ONLY: u64 = MountAttrFlags::MOUNT_ATTR_RDONLY.bits() as u64;
pub const NO_SUID: u64 = MountAttrFlags::MOUNT_ATTR_NOSUID.bits() as u64;
pub const NO_DEV: u64 = MountAttrFlags::MOUNT_ATTR_NODEV.bits() as u64;
pub const NO_EXEC: u64 = MountAttrFlags::MOUNT_ATTR_NOEXEC.bits() as u64;

/// Build it and make it `/`. Returns `/proc`, still writable by way of this descriptor.
pub fn enter(plan: &Plan) -> Result<OwnedFd, Failure> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change(c"/", private).at(Step::Propagation)?;
    let upper = by_descriptor(&plan.upper, plan.lower.len())?;
    let work = by_descriptor(&plan.overlay_work, plan.lower.len() + 1)?;
    let stage = stage(plan).at(Step::Stage)?;
    let root = stack(&stage, c"root", &plan.lower, c"base", Some([&upper, &work]))?;
    let dev = devices::mount(plan, &stage, &root)?;
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

/// The same `/proc`, attached nowhere and so never sealed: where init must write to the
/// memory of others ([`crate::vdso`]).
pub fn own_processes(plan: &Plan, proc: &OwnedFd) -> Result<Option<OwnedFd>, Failure> {
    if plan.clock_ahead == 0 {
        return Ok(None);
    }
    clone_mount(proc, c"").map(Some).at(Step::Proc)
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

/// Stack `lower`, and below them all `last`, at `point`; both are directories of the stage.
fn stack(
    stage: &OwnedFd,
    point: &CStr,
    lower: &[CString],
    last: &CStr,
    writable: Option<[&Text<32>; 2]>,
) -> Result<OwnedFd, Failure> {
    let open = || openat(stage, point, directory(), Mode::empty()).at(Step::Overlay);
    match overlay(stage, lower, last, writable) {
        Ok(layers) => {
            attach(&layers, &open()?).at(Step::Overlay)?;
            Ok(layers)
        }
        // Before Linux 6.8 overlayfs does not take its layers one by one.
        Err(Failure { step: Step::Overlay, errno: Errno::INVAL, .. }) => {
            classic_overlay(stage, point, lower, last, writable)?;
            open()
        }
        Err(failure) => Err(failure),
    }
}

pub fn directory() -> OFlags {
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

/// Not attached anywhere yet.
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

/// The same by the old call, whose options are at most a page: hence bare numbers, relative
/// to the directory of descriptors.
fn classic_overlay(
    stage: &OwnedFd,
    point: &CStr,
    lower: &[CString],
    last: &CStr,
    writable: Option<[&Text<32>; 2]>,
) -> Result<(), Failure> {
    let mut options: Text<4096> = Text::new();
    options.push(b"userxattr,lowerdir=");
    for (index, path) in lower.iter().enumerate() {
        options.push(last_part(&by_descriptor(path, index)?)).push(b":");
    }
    options.push(last_part(&named(stage, last).at(Step::Overlay)?));
    if let Some([upper, work]) = writable {
        options.push(b",volatile,upperdir=").push(last_part(upper));
        options.push(b",workdir=").push(last_part(work));
    }
    let point = named(stage, point).at(Step::Overlay)?;
    rustix::process::chdir(c"/proc/self/fd").at(Step::Overlay)?;
    let point = point.as_c_str();
    mount(c"overlay", point, c"overlay", MountFlags::NODEV, options.as_c_str()).at(Step::Overlay)
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

fn bind(source: &CStr, read_only: bool) -> Result<OwnedFd, Errno> {
    let view = clone_mount(CWD, source)?;
    let attributes = NO_SUID | NO_DEV | if read_only { READ_ONLY } else { 0 };
    sys::mount_setattr(&view, attributes, false)?;
    Ok(view)
}

/// A read-only view of `path` in a stack of layers.
fn part_of_layers(stage: &OwnedFd, lower: &[CString], path: &CStr) -> Result<OwnedFd, Errno> {
    // overlayfs wants two layers at least, and a part can be taken only of what is attached.
    let all = stack(stage, c"tree", lower, c"empty", None).map_err(|failure| failure.errno)?;
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

pub fn create(fs: &OwnedFd, attributes: u64) -> Result<OwnedFd, Errno> {
    fsconfig_create(fs)?;
    fsmount(fs, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::from_bits_retain(attributes as u32))
}

/// `/proc` or `/dev` in the root filesystem: a directory, reached by no symbolic link.
/// A layer that has one there would otherwise choose what gets mounted over.
pub fn point(root: &OwnedFd, name: &CStr) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    openat2(root, name, directory() | OFlags::NOFOLLOW, Mode::empty(), resolve)
}

pub fn clone_mount(dir: impl AsFd, path: &CStr) -> Result<OwnedFd, Errno> {
    let flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    open_tree(dir, path, flags)
}

pub fn attach(mount: &OwnedFd, point: &OwnedFd) -> Result<(), Errno> {
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
