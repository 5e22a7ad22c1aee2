//! The caller's side of a run: fork, listen, and make sure that all is gone.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};

use crate::calls::{self, Question, Then};
use crate::cgroup::Group;
use crate::devices;
use crate::error::Error;
use crate::init;
use crate::outcome::{Outcome, Refusal, Status};
use crate::plan::Plan;
use crate::report::{Report, Reports};
use crate::request::Request;
use crate::step::Step;
use crate::sys::{self, Forked};
use crate::workplace::Workplace;

const NAMESPACES: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWCGROUP;

/// Run the command of `request` and wait for its end.
///
/// When this returns, every process of the sandbox is gone and every mount with it,
/// also after an error. If the calling thread dies, they go too.
///
/// Blocks the calling thread; any number of threads may run sandboxes at once.
///
/// # Errors
///
/// [`Error`] when the command could not be started. A command that fails is an
/// [`Outcome`].
pub fn run(request: &Request) -> Result<Outcome, Error> {
    let place = Workplace::new(&request.work)?;
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(|errno| isolation("make a socket", errno))?;
    let plan = Plan::new(request, &place, theirs)?;
    if plan.rootless {
        check_devices()?;
    }
    carry_out(plan, request, ours)
}

fn carry_out(mut plan: Plan, request: &Request, ours: OwnedFd) -> Result<Outcome, Error> {
    // Kept until init is gone. Without one, init still counts.
    let group = plan.needs_group().then(|| Group::new(request.limits.processes)).flatten();
    plan.group = group.as_ref().map(|group| group.door.as_raw_fd());
    let init = start(&mut plan)?;
    // The other end must close when init ends.
    drop(plan);
    let heard = listen(&init, ours.as_fd(), request);
    let ended = waitid(WaitId::PidFd(init.as_fd()), WaitIdOptions::EXITED);
    take_terminal_back(request);
    let ended = ended.map_err(|errno| isolation("wait for the sandbox", errno))?;
    heard?.outcome(request, ended.map(|status| format!("{status:?}")))
}

fn start(plan: &mut Plan) -> Result<OwnedFd, Error> {
    let user = if plan.rootless { libc::CLONE_NEWUSER } else { 0 };
    // No handler of the caller's may run in the copy.
    let blocked = sys::block_signals(u64::MAX);
    let forked = sys::fork_into((NAMESPACES | user) as u64);
    if let Ok(Forked::Child) = forked {
        init::main(plan);
    }
    sys::block_signals(blocked);
    match forked {
        Ok(Forked::Parent { pidfd }) => Ok(pidfd),
        Ok(Forked::Child) => unreachable!("init never returns"),
        Err(errno) => Err(isolation("create namespaces", errno)),
    }
}

/// What init said.
#[derive(Debug, Default)]
struct Heard {
    status: Option<Status>,
    failed: Option<(Option<Step>, usize, io::Error)>,
    /// The last call or address refused.
    tried: Option<Refusal>,
    /// What ended the run from outside the command.
    fatal: Option<Refusal>,
    owners: BTreeMap<Vec<u8>, (u32, u32)>,
}

fn listen(init: &OwnedFd, socket: BorrowedFd<'_>, request: &Request) -> Result<Heard, Error> {
    let mut heard = Heard::default();
    let mut reports = Reports::new();
    let deadline = request.limits.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    loop {
        if !wait(socket, deadline).map_err(|errno| isolation("listen to the sandbox", errno))? {
            heard.fatal = request.limits.seconds.map(Refusal::Timeout);
            let _ = pidfd_send_signal(init, Signal::KILL);
            return Ok(heard);
        }
        match reports.next(socket) {
            Ok(Some(report)) => heard.take(report, request),
            Ok(None) => return Ok(heard),
            Err(errno) => {
                let _ = pidfd_send_signal(init, Signal::KILL);
                return Err(isolation("listen to the sandbox", errno));
            }
        }
    }
}

/// Whether there is something to hear before the deadline.
fn wait(socket: BorrowedFd<'_>, deadline: Option<Instant>) -> Result<bool, Errno> {
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout =
            left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() });
        match poll(&mut [PollFd::from_borrowed_fd(socket, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

impl Heard {
    fn take(&mut self, report: Report<'_>, request: &Request) {
        match report {
            Report::Failed { step, index, errno } => {
                let error = io::Error::from_raw_os_error(errno);
                self.failed = Some((Step::from_number(step), index as usize, error));
            }
            Report::Owner { uid, gid, path } => {
                self.owners.insert(path.to_vec(), (uid, gid));
            }
            Report::Refused { rule } => {
                self.tried = calls::at_index(rule).map(|rule| match rule.then {
                    Then::Ask(Question::Device) => Refusal::DeviceNode,
                    _ => Refusal::SystemCall(rule.name),
                });
            }
            Report::Address { bytes } => self.tried = Some(Refusal::Network(address(bytes))),
            Report::Left { names } => {
                let names = names.split(|&byte| byte == 0).filter(|name| !name.is_empty());
                let names = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
                self.fatal = Some(Refusal::LeftProcesses(names));
            }
            Report::ProcessLimit => {
                self.fatal = Some(Refusal::ProcessLimit(request.limits.processes));
            }
            Report::Ended { status } => self.status = status_of(status),
        }
    }

    fn outcome(self, request: &Request, ended: Option<String>) -> Result<Outcome, Error> {
        if let Some((step, index, source)) = self.failed {
            return Err(explain(step, index, source, request));
        }
        let killed = || self.fatal.as_ref().map(|_| Status::Signal(libc::SIGKILL));
        match self.status.or_else(killed) {
            None => Err(Error::Died(ended.unwrap_or_default())),
            Some(status) => Ok(Outcome { status, reason: self.fatal.or(self.tried), owners: self.owners }),
        }
    }
}

fn status_of(raw: i32) -> Option<Status> {
    if libc::WIFEXITED(raw) {
        return Some(Status::Exit(libc::WEXITSTATUS(raw)));
    }
    libc::WIFSIGNALED(raw).then(|| Status::Signal(libc::WTERMSIG(raw)))
}

/// A `struct sockaddr` as text.
fn address(bytes: &[u8]) -> String {
    let port = |bytes: &[u8]| u16::from_be_bytes([bytes[2], bytes[3]]);
    let address = match bytes.first().map(|&family| i32::from(family)) {
        Some(libc::AF_INET) if bytes.len() >= 8 => {
            let ip: [u8; 4] = bytes[4..8].try_into().expect("four bytes were taken");
            SocketAddr::from((Ipv4Addr::from(ip), port(bytes)))
        }
        Some(libc::AF_INET6) if bytes.len() >= 24 => {
            let ip: [u8; 16] = bytes[8..24].try_into().expect("sixteen bytes were taken");
            SocketAddr::from((Ipv6Addr::from(ip), port(bytes)))
        }
        _ => return "an unknown address".to_owned(),
    };
    if address.port() == 53 { "a name server".to_owned() } else { address.to_string() }
}

fn isolation(step: &str, errno: Errno) -> Error {
    Error::Isolation { step: step.to_owned(), source: errno.into() }
}

/// The failed step, in terms of the request.
fn explain(step: Option<Step>, index: usize, source: io::Error, request: &Request) -> Error {
    let target = |index: usize| request.mounts.get(index).map_or("", |mount| mount.target()).to_owned();
    match step {
        Some(Step::ProcPoint) => Error::MountPoint { path: "/proc".into(), source },
        Some(Step::DevPoint) => Error::MountPoint { path: "/dev".into(), source },
        Some(Step::MountPoint) => Error::MountPoint { path: target(index), source },
        Some(Step::Mount) => Error::Isolation { step: format!("mount {}", target(index)), source },
        Some(Step::Directory) => Error::Directory { path: request.cwd.clone(), source },
        Some(Step::Exec) => Error::Exec { program: request.argv[0].clone(), source },
        Some(Step::Layer) => {
            let path = request.lower.get(index).unwrap_or(&request.upper).clone();
            Error::Host { path, source }
        }
        Some(step) => Error::Isolation { step: step.words().to_owned(), source },
        None => Error::Isolation { step: "an unknown step".to_owned(), source },
    }
}

/// The devices that are shown to a rootless build must be what their names say: a program
/// that ran as root may have replaced /dev/null by a file.
pub(crate) fn check_devices() -> Result<(), Error> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    for (name, major, minor) in devices::DEVICES {
        let path = Path::new("/dev").join(name.to_str().expect("names are ASCII"));
        let found =
            std::fs::symlink_metadata(&path).map_err(|source| Error::Host { path: path.clone(), source })?;
        let device = rustix::fs::makedev(major, minor);
        if !found.file_type().is_char_device() || found.rdev() != device {
            let problem = format!(
                "not the device {major}:{minor}; root can restore it: rm {0} && mknod -m 666 {0} c {major} {minor}",
                path.display()
            );
            return Err(Error::Host { path, source: io::Error::other(problem) });
        }
    }
    Ok(())
}

/// After a command that was given the terminal, the caller is in the foreground again.
fn take_terminal_back(request: &Request) {
    if let Some(terminal) = &request.terminal {
        let blocked = sys::block_signals(u64::MAX);
        let _ = rustix::termios::tcsetpgrp(terminal, rustix::process::getpgrp());
        sys::block_signals(blocked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As on kernels before 6.14, where root has neither ceiling.
    #[test]
    fn a_fork_bomb_is_stopped_by_a_control_group() {
        // again: mov eax, 57 (fork); syscall; jmp again
        // An ordinary user has RLIMIT_NPROC, and no group.
        if Group::new(200).is_none() {
            println!("not run: no control group can be made here");
            return;
        }
        let bomb = [0xb8, 57, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7];
        let dir = std::env::temp_dir().join(format!("bomb-{}", std::process::id()));
        std::fs::create_dir(&dir).expect("the name is ours");
        let place = crate::probe::Place::new(&dir).expect("temporary directories can be made");
        let program = place.0.join("root/bomb");
        std::fs::write(&program, crate::probe::program(&bomb, true)).expect("it is ours");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).expect("it is ours");
        let mut request = Request::new(place.0.join("root"), place.0.join("upper"), place.0.join("work"));
        request.argv = vec!["/bomb".into()];
        request.limits.processes = 200;
        request.limits.seconds = Some(60);
        let workplace = Workplace::new(&request.work).expect("it is ours");
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .expect("a socket pair can always be had");
        let mut plan = Plan::new(&request, &workplace, theirs).expect("the request is sound");
        plan.pid_max = None;
        let outcome = carry_out(plan, &request, ours).expect("the bomb starts");
        drop((workplace, place));
        std::fs::remove_dir(&dir).expect("it is empty again");
        assert_eq!(outcome.reason, Some(Refusal::ProcessLimit(200)));
    }

    #[test]
    fn addresses_are_told_as_people_write_them() {
        let v4 = [2, 0, 0, 80, 192, 0, 2, 7];
        assert_eq!(address(&v4), "192.0.2.7:80");
        assert_eq!(address(&[2, 0, 0, 53, 127, 0, 0, 1]), "a name server");
        let mut v6 = [0u8; 28];
        v6[0] = 10;
        v6[3] = 99;
        v6[23] = 9;
        assert_eq!(address(&v6), "[::9]:99");
        assert_eq!(address(&[]), "an unknown address");
    }

    #[test]
    fn statuses_are_those_of_wait() {
        let cases = [
            (0, Some(Status::Exit(0))),
            (0x0700, Some(Status::Exit(7))),
            (9, Some(Status::Signal(9))),
            (0x8b, Some(Status::Signal(11))),
        ];
        for (raw, expected) in cases {
            assert_eq!(status_of(raw), expected, "{raw:#x}");
        }
    }
}
