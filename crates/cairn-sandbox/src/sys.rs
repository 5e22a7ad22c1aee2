//! The system calls that rustix does not offer, each behind a safe or narrow face.
//!
//! Everything here may run between `clone` and `execve` in a copy of a process that had
//! threads: no allocation, no lock, no `errno` (which lives in thread-local storage that
//! init and the command share for a moment). Hence the bare instruction in [`call`].

use std::ffi::{CStr, c_char};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions};

pub type Result<T> = std::result::Result<T, Errno>;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
compile_error!("the sandbox's system call tables are written for Linux on x86-64 only");

/// The bare system call; a result from -4095 to -1 is an error number.
///
/// # Safety
///
/// The caller answers for what the kernel does with the arguments.
#[inline(always)]
unsafe fn call(number: libc::c_long, args: [usize; 6]) -> Result<usize> {
    let result: isize;
    // SAFETY: the instruction clobbers rcx, r11 and rax alone, as declared; what the
    // kernel reads or writes through the arguments is the caller's promise.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2],
            in("r10") args[3], in("r8") args[4], in("r9") args[5],
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    match result {
        -4095..=-1 => Err(Errno::from_raw_os_error(-result as i32)),
        _ => Ok(result as usize),
    }
}

fn fd_arg(fd: impl AsFd) -> usize {
    fd.as_fd().as_raw_fd() as usize
}

/// Which side of [`fork_into`] this is.
pub enum Forked {
    Parent { pidfd: OwnedFd },
    Child,
}

/// Copy this process into new namespaces (`CLONE_NEW*` bits).
///
/// The child is a plain copy, like that of `fork`. It must not return into code that
/// allocates, locks or unwinds: other threads of the parent may have held any lock.
pub fn fork_into(namespaces: u64) -> Result<Forked> {
    let mut pidfd: RawFd = -1;
    let args = libc::clone_args {
        flags: namespaces | libc::CLONE_PIDFD as u64,
        pidfd: &raw mut pidfd as u64,
        child_tid: 0,
        parent_tid: 0,
        exit_signal: libc::SIGCHLD as u64,
        stack: 0,
        stack_size: 0,
        tls: 0,
        set_tid: 0,
        set_tid_size: 0,
        cgroup: 0,
    };
    let size = size_of::<libc::clone_args>();
    // SAFETY: without CLONE_VM the child gets a copy of memory and stack, so both sides
    // return here with valid frames; `args` outlives the call.
    match unsafe { call(libc::SYS_clone3, [&raw const args as usize, size, 0, 0, 0, 0]) }? {
        0 => Ok(Forked::Child),
        // SAFETY: the kernel has just put a new descriptor, owned by nobody else, there.
        _ => Ok(Forked::Parent { pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } }),
    }
}

/// Start `entry(argument)` on `stack` as a process that shares memory and descriptors
/// with this one, in a new user namespace. Returns its process number.
///
/// # Safety
///
/// `stack` must stay untouched and `argument` valid until the new process has executed
/// a program or ended; `entry` must not unwind, allocate or use thread-local storage.
pub unsafe fn start(
    entry: extern "C" fn(*mut libc::c_void) -> libc::c_int,
    stack: &mut [u8],
    argument: *mut libc::c_void,
) -> Result<Pid> {
    let flags = libc::CLONE_VM | libc::CLONE_FILES | libc::CLONE_NEWUSER | libc::SIGCHLD;
    let top = stack.as_mut_ptr_range().end as usize & !15;
    // SAFETY: the new process runs on `stack` alone; the rest is the caller's promise.
    let pid = unsafe { libc::clone(entry, top as *mut libc::c_void, flags, argument) };
    if pid < 0 {
        // SAFETY: reads a thread-local integer.
        return Err(Errno::from_raw_os_error(unsafe { *libc::__errno_location() }));
    }
    Pid::from_raw(pid).ok_or(Errno::CHILD)
}

/// A cheap process that ends at once: tells whether one more can be had.
pub fn can_fork(stack: &mut [u8]) -> bool {
    extern "C" fn entry(_: *mut libc::c_void) -> libc::c_int {
        0
    }
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let top = stack.as_mut_ptr_range().end as usize & !15;
    // SAFETY: the child runs on `stack` and returns at once, while this process waits.
    let pid = unsafe { libc::clone(entry, top as *mut libc::c_void, flags, std::ptr::null_mut()) };
    let pid = Pid::from_raw(pid.max(0));
    pid.is_some_and(|pid| rustix::process::waitpid(Some(pid), WaitOptions::empty()).is_ok())
}

/// End this process at once, without running destructors.
pub fn exit(status: i32) -> ! {
    // SAFETY: takes no pointer and does not return.
    let _ = unsafe { call(libc::SYS_exit_group, [status as usize, 0, 0, 0, 0, 0]) };
    loop {
        std::hint::spin_loop();
    }
}

/// A list of C strings closed by a null pointer, as `execve` wants it.
#[derive(Debug)]
pub struct Strings {
    pointers: Vec<*const c_char>,
    _owned: Vec<std::ffi::CString>,
}

impl Strings {
    pub fn new(owned: Vec<std::ffi::CString>) -> Strings {
        let pointers = owned.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect();
        Strings { pointers, _owned: owned }
    }
}

/// Become another program; returns only on failure.
pub fn execve(program: &CStr, argv: &Strings, envp: &Strings) -> Errno {
    let args = [
        program.as_ptr() as usize,
        argv.pointers.as_ptr() as usize,
        envp.pointers.as_ptr() as usize,
        0,
        0,
        0,
    ];
    // SAFETY: all three point at strings, and at null-closed lists of strings, that live.
    match unsafe { call(libc::SYS_execve, args) } {
        Err(error) => error,
        Ok(_) => Errno::NOSYS,
    }
}

/// Close every descriptor from `first` on, now or (`on_exec`) when a program is executed.
pub fn close_from(first: u32, on_exec: bool) -> Result<()> {
    let flags = if on_exec { libc::CLOSE_RANGE_CLOEXEC as usize } else { 0 };
    // SAFETY: takes no pointer. Callers own no `OwnedFd` of that range that they use again.
    unsafe { call(libc::SYS_close_range, [first as usize, u32::MAX as usize, flags, 0, 0, 0]) }?;
    Ok(())
}

/// A set of signals, bit `n - 1` for signal `n`.
pub type SignalSet = u64;

/// Replace the calling thread's set of blocked signals; returns the old one.
pub fn block_signals(set: SignalSet) -> SignalSet {
    let mut old: SignalSet = 0;
    let args = [libc::SIG_SETMASK as usize, &raw const set as usize, &raw mut old as usize, 8, 0, 0];
    // SAFETY: both sets are 8 bytes, as the fourth argument says. It cannot fail so.
    let _ = unsafe { call(libc::SYS_rt_sigprocmask, args) };
    old
}

/// Give every signal its default effect: ignored ones stay ignored through `execve`,
/// and Rust programs ignore SIGPIPE.
pub fn default_signals() {
    // The kernel's own layout: handler, flags, restorer, mask; all zero is SIG_DFL.
    let action = [0u64; 4];
    for signal in 1..=64 {
        let args = [signal, action.as_ptr() as usize, 0, 8, 0, 0];
        // SAFETY: `action` is as large as the kernel's structure. KILL and STOP are refused.
        let _ = unsafe { call(libc::SYS_rt_sigaction, args) };
    }
}

/// A descriptor that becomes readable when one of `set` is pending.
pub fn signal_fd(set: SignalSet) -> Result<OwnedFd> {
    let flags = (libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) as usize;
    let args = [usize::MAX, &raw const set as usize, 8, flags, 0, 0];
    // SAFETY: `set` is 8 bytes, as the third argument says.
    let fd = unsafe { call(libc::SYS_signalfd4, args) }?;
    // SAFETY: a new descriptor, owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Set and clear attributes (`MOUNT_ATTR_*`) of one mount.
pub fn mount_setattr(mount: impl AsFd, set: u64, recursive: bool) -> Result<()> {
    let attributes = [set, 0u64, 0, 0];
    let flags = libc::AT_EMPTY_PATH as usize | if recursive { libc::AT_RECURSIVE as usize } else { 0 };
    let args = [fd_arg(mount), c"".as_ptr() as usize, flags, attributes.as_ptr() as usize, 32, 0];
    // SAFETY: `attributes` is 32 bytes: set, clear, propagation, user namespace.
    unsafe { call(libc::SYS_mount_setattr, args) }?;
    Ok(())
}

/// Make the control group this process is in the root of all it can see.
pub fn hide_control_groups() -> Result<()> {
    // SAFETY: takes no pointer; nothing else of the process changes.
    unsafe { call(libc::SYS_unshare, [libc::CLONE_NEWCGROUP as usize, 0, 0, 0, 0, 0]) }?;
    Ok(())
}

/// Set the NIS domain name of this UTS namespace.
pub fn set_domain_name(name: &[u8]) -> Result<()> {
    // SAFETY: pointer and length are of one slice.
    unsafe { call(libc::SYS_setdomainname, [name.as_ptr() as usize, name.len(), 0, 0, 0, 0]) }?;
    Ok(())
}

/// Set the execution domain (`ADDR_NO_RANDOMIZE` and its like).
pub fn personality(persona: u32) -> Result<()> {
    // SAFETY: takes no pointer.
    unsafe { call(libc::SYS_personality, [persona as usize, 0, 0, 0, 0, 0]) }?;
    Ok(())
}

/// Bring the loopback interface of this network namespace up.
pub fn loopback_up(socket: impl AsFd) -> Result<()> {
    // struct ifreq: 16 bytes of name, then a union of 24 whose first member here is flags.
    let mut request = [0u8; 40];
    request[..2].copy_from_slice(b"lo");
    request[16..18].copy_from_slice(&((libc::IFF_UP | libc::IFF_RUNNING) as u16).to_ne_bytes());
    let args = [fd_arg(socket), libc::SIOCSIFFLAGS as usize, request.as_ptr() as usize, 0, 0, 0];
    // SAFETY: the kernel reads 40 bytes of `request`.
    unsafe { call(libc::SYS_ioctl, args) }?;
    Ok(())
}

/// Install a filter for this process and all it becomes. Returns the descriptor on which
/// the calls that the filter defers can be answered.
pub fn install_filter(program: &[libc::sock_filter]) -> Result<RawFd> {
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER as usize;
    // A call being answered is not restarted by a signal; kernels before 5.19 lack it.
    let steady = listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV as usize;
    let set_filter = libc::SECCOMP_SET_MODE_FILTER as usize;
    let install = |flags| {
        let args = [set_filter, flags, &raw const program as usize, 0, 0, 0];
        // SAFETY: the kernel copies `len` instructions and checks them.
        unsafe { call(libc::SYS_seccomp, args) }
    };
    let fd = match install(steady) {
        Err(Errno::INVAL) => install(listener),
        other => other,
    }?;
    Ok(fd as RawFd)
}

/// Take the next deferred call. `Err(NOENT)` when its process has died meanwhile.
pub fn take_notice(listener: BorrowedFd<'_>) -> Result<libc::seccomp_notif> {
    // SAFETY: plain integers, for which zero is valid; the kernel demands zeroes.
    let mut notice: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    let request = libc::SECCOMP_IOCTL_NOTIF_RECV as usize;
    // SAFETY: the kernel writes one such structure.
    unsafe { call(libc::SYS_ioctl, [fd_arg(listener), request, &raw mut notice as usize, 0, 0, 0]) }?;
    Ok(notice)
}

/// What a deferred call is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Let the kernel carry it out.
    Continue,
    /// It returned this.
    Value(i64),
    /// It failed so.
    Error(Errno),
}

/// Answer a deferred call. Its process may have died; that is not an error here.
pub fn answer_notice(listener: BorrowedFd<'_>, id: u64, answer: Answer) {
    let (val, error, flags) = match answer {
        Answer::Continue => (0, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
        Answer::Value(value) => (value, 0, 0),
        Answer::Error(errno) => (0, -errno.raw_os_error(), 0),
    };
    let response = libc::seccomp_notif_resp { id, val, error, flags };
    let request = libc::SECCOMP_IOCTL_NOTIF_SEND as usize;
    let args = [fd_arg(listener), request, &raw const response as usize, 0, 0, 0];
    // SAFETY: the kernel reads one such structure.
    let _ = unsafe { call(libc::SYS_ioctl, args) };
}

/// Whether the process of a deferred call still waits for its answer, so that its number
/// still means that process.
pub fn notice_is_valid(listener: BorrowedFd<'_>, id: u64) -> bool {
    let request = libc::SECCOMP_IOCTL_NOTIF_ID_VALID as usize;
    // SAFETY: the kernel reads 8 bytes.
    unsafe { call(libc::SYS_ioctl, [fd_arg(listener), request, &raw const id as usize, 0, 0, 0]) }.is_ok()
}

/// Copy from another process's memory; the number of bytes that could be read.
pub fn read_memory(pid: u32, address: u64, into: &mut [u8]) -> Result<usize> {
    let local = [into.as_mut_ptr() as usize, into.len()];
    let remote = [address as usize, into.len()];
    let args = [pid as usize, local.as_ptr() as usize, 1, remote.as_ptr() as usize, 1, 0];
    // SAFETY: the kernel writes at most `into.len()` bytes there and checks the other side.
    unsafe { call(libc::SYS_process_vm_readv, args) }
}

/// Copy into another process's memory.
pub fn write_memory(pid: u32, address: u64, from: &[u8]) -> Result<usize> {
    let local = [from.as_ptr() as usize, from.len()];
    let remote = [address as usize, from.len()];
    let args = [pid as usize, local.as_ptr() as usize, 1, remote.as_ptr() as usize, 1, 0];
    // SAFETY: the kernel reads `from` and checks the other side.
    unsafe { call(libc::SYS_process_vm_writev, args) }
}

/// The descriptor that a number denotes in this process.
pub fn borrow(fd: RawFd) -> BorrowedFd<'static> {
    // SAFETY: used for descriptors that init keeps until it ends; a stale number would
    // give the error EBADF and touch no memory.
    unsafe { BorrowedFd::borrow_raw(fd) }
}

/// A number as an owned descriptor, for `dup3` to make it one.
pub fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: init alone calls this, in a process where nothing else owns descriptors any
    // more; the caller makes the number valid or forgets it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Seconds and nanoseconds of a clock by its number, from the kernel itself.
pub fn clock(number: u32) -> Result<[i64; 2]> {
    let mut time = [0i64; 2];
    let args = [number as usize, time.as_mut_ptr() as usize, 0, 0, 0, 0];
    // SAFETY: the kernel writes seconds and nanoseconds, 16 bytes.
    unsafe { call(libc::SYS_clock_gettime, args) }?;
    Ok(time)
}

/// The descriptor `fd` of process or thread `pid`, once more, for this process: both
/// mean one open file with one position.
pub fn descriptor_of(pid: u32, fd: i32) -> Result<OwnedFd> {
    let open = |flags: i32| {
        // SAFETY: takes no pointer.
        unsafe { call(libc::SYS_pidfd_open, [pid as usize, flags as usize, 0, 0, 0, 0]) }
    };
    // A thread that is no process of its own has one since Linux 6.9 only.
    let process = open(0).or_else(|_| open(libc::O_EXCL))?;
    // SAFETY: a new descriptor, owned by nobody else.
    let process = unsafe { OwnedFd::from_raw_fd(process as RawFd) };
    // SAFETY: takes no pointer.
    let fd = unsafe { call(libc::SYS_pidfd_getfd, [fd_arg(&process), fd as usize, 0, 0, 0, 0]) }?;
    // SAFETY: as above.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// The next entries of a directory, as `struct linux_dirent64` one behind the other.
pub fn entries(directory: impl AsFd, into: &mut [u8]) -> Result<usize> {
    let args = [fd_arg(directory), into.as_mut_ptr() as usize, into.len(), 0, 0, 0];
    // SAFETY: the kernel writes at most `into.len()` bytes there.
    unsafe { call(libc::SYS_getdents64, args) }
}

/// Milliseconds of a clock that only goes forward.
pub fn milliseconds() -> i64 {
    let mut time = [0i64; 2];
    let args = [libc::CLOCK_MONOTONIC as usize, time.as_mut_ptr() as usize, 0, 0, 0, 0];
    // SAFETY: the kernel writes seconds and nanoseconds, 16 bytes.
    let _ = unsafe { call(libc::SYS_clock_gettime, args) };
    time[0] * 1000 + time[1] / 1_000_000
}
