//! Process 1 of the sandbox: builds it, starts the command, answers for it, reaps, and
//! takes everything down by ending.
//!
//! A copy of the caller, so nothing here may allocate, lock or panic.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::CWD;
use rustix::io::{Errno, dup3};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    DumpableBehavior, Pid, Signal, WaitOptions, set_dumpable_behavior, set_parent_process_death_signal, umask,
};

use crate::answers::Answers;
use crate::command::{self, Handover};
use crate::left;
use crate::plan::Plan;
use crate::report::Report;
use crate::root;
use crate::step::{At, Failure, Step};
use crate::sys;
use crate::text::Text;

const CHILD_ENDED: sys::SignalSet = 1 << (libc::SIGCHLD - 1);
/// How often a command that takes long is checked for having all the processes it may,
/// and how many such checks in a row say so before it is stopped.
const TRIAL: (i64, u32) = (250, 2);
/// The same where the kernel does not stop it at the limit, but we must.
const TRIAL_WITHOUT_CEILING: (i64, u32) = (50, 1);

/// Never returns: the sandbox lives as long as this does.
pub fn main(plan: &mut Plan) -> ! {
    if let Err(failure) = live(plan) {
        let errno = failure.errno.raw_os_error();
        Report::Failed { step: failure.step as u32, index: failure.index, errno }.send(&plan.report);
    }
    sys::exit(0)
}

fn live(plan: &mut Plan) -> Result<(), Failure> {
    follow(plan).at(Step::Watch)?;
    if let Some(group) = plan.group {
        rustix::io::write(sys::borrow(group), b"0").at(Step::Ceiling)?;
        sys::hide_control_groups().at(Step::Ceiling)?;
    }
    descriptors(plan).at(Step::Descriptors)?;
    // For whoever looks at the host's processes.
    let _ = rustix::thread::set_name(c"cairn-init");
    umask(rustix::fs::Mode::empty());
    if plan.rootless {
        root::write_file(CWD, c"/proc/self/setgroups", b"deny").at(Step::UserMap)?;
        root::write_file(CWD, c"/proc/self/gid_map", &plan.init_maps[1]).at(Step::UserMap)?;
        root::write_file(CWD, c"/proc/self/uid_map", &plan.init_maps[0]).at(Step::UserMap)?;
    }
    loopback().at(Step::Loopback)?;
    rustix::system::sethostname(&plan.hostname).at(Step::HostName)?;
    sys::set_domain_name(b"(none)").at(Step::HostName)?;
    let proc = root::enter(plan)?;
    // Layers were opened by number and are mounted now.
    let report = plan.report.as_raw_fd();
    let proc = keep_only(proc, report).at(Step::Descriptors)?;
    start(plan, proc)
}

/// Die with the caller.
fn follow(plan: &Plan) -> Result<(), Errno> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have died before that; then nobody holds the other end.
    let mut fds = [PollFd::new(&plan.report, PollFlags::empty())];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
        sys::exit(0);
    }
    Ok(())
}

const REPORT: RawFd = 3;
const PROC: RawFd = 4;

/// Close all of the caller's files but the log and the socket, which becomes 3.
fn descriptors(plan: &mut Plan) -> Result<(), Errno> {
    if let Some(output) = plan.output {
        let output = sys::borrow(output);
        if plan.terminal {
            rustix::stdio::dup2_stdin(output)?;
        }
        rustix::stdio::dup2_stdout(output)?;
        rustix::stdio::dup2_stderr(output)?;
    }
    move_to(&mut plan.report, REPORT)?;
    sys::close_from(REPORT as u32 + 1, false)
}

fn keep_only(proc: OwnedFd, report: RawFd) -> Result<OwnedFd, Errno> {
    debug_assert_eq!(report, REPORT);
    let mut proc = proc;
    move_to(&mut proc, PROC)?;
    sys::close_from(PROC as u32 + 1, false)?;
    Ok(proc)
}

/// Give a descriptor this number, whatever it meant before. The old number stays open
/// (and goes with the next [`sys::close_from`]).
fn move_to(fd: &mut OwnedFd, number: RawFd) -> Result<(), Errno> {
    if fd.as_raw_fd() != number {
        let mut target = sys::own(number);
        let copied = dup3(fd.as_fd(), &mut target, rustix::io::DupFlags::CLOEXEC);
        std::mem::forget(std::mem::replace(fd, target));
        copied?;
    }
    Ok(())
}

fn loopback() -> Result<(), Errno> {
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    sys::loopback_up(&socket)
}

fn start(plan: &mut Plan, proc: OwnedFd) -> Result<(), Failure> {
    let signals = sys::signal_fd(CHILD_ENDED).at(Step::Start)?;
    let (go_out, go_in) = pipe_with(PipeFlags::CLOEXEC).at(Step::Start)?;
    let (ready_out, ready_in) = pipe_with(PipeFlags::CLOEXEC).at(Step::Start)?;
    let [mut stack, mut trial_stack] = std::mem::take(&mut plan.stacks);
    let handover = Handover { plan, go: go_out.as_raw_fd(), ready: ready_in.as_raw_fd() };
    let argument = (&raw const handover).cast_mut().cast();
    // SAFETY: stack and handover live until `watch` has seen the command end, and
    // `command::enter` keeps to the rules of this file.
    let pid = unsafe { sys::start(command::enter, &mut stack, argument) }.at(Step::Start)?;
    map_users(plan, &proc, pid).at(Step::CommandMap)?;
    let for_init = root::own_processes(plan, &proc)?;
    root::seal_processes(&proc)?;
    let proc = for_init.unwrap_or(proc);
    // From here on the command cannot look into this process.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).at(Step::Start)?;
    rustix::io::write(&go_in, b"g").at(Step::Start)?;
    let watch = Watch { plan, proc, signals, ready: ready_out, command: pid };
    watch.until_all_ended(&mut trial_stack);
    std::mem::forget(stack);
    Ok(())
}

fn map_users(plan: &Plan, proc: &OwnedFd, pid: Pid) -> Result<(), Errno> {
    for (name, map) in [(&b"/uid_map"[..], &plan.command_maps[0]), (b"/gid_map", &plan.command_maps[1])] {
        let mut path: Text<32> = Text::new();
        path.push_number(pid.as_raw_nonzero().get() as u32).push(name);
        root::write_file(proc, path.as_c_str(), map)?;
    }
    Ok(())
}

struct Watch<'a> {
    plan: &'a Plan,
    proc: OwnedFd,
    signals: OwnedFd,
    /// Brings the number of the filter's descriptor.
    ready: OwnedFd,
    command: Pid,
}

/// The descriptor by which the filter asks.
enum Listener {
    Expected,
    Open(RawFd),
    Over,
}

impl Watch<'_> {
    /// Serve until no process is left, or none may be waited for any longer.
    fn until_all_ended(&self, trial_stack: &mut [u8]) {
        let mut answers = Answers::new(self.plan, self.proc.as_fd());
        let mut ended: Option<i32> = None;
        let mut listener = Listener::Expected;
        let mut trials = Trials::new(self.plan);
        let mut deadline = i64::MAX;
        while self.reap(&mut ended) {
            let now = sys::milliseconds();
            if ended.is_some() && deadline == i64::MAX {
                deadline = now + i64::from(self.plan.grace_ms);
            }
            if now >= deadline {
                self.report_left(trial_stack);
                break;
            }
            if now >= trials.next && trials.note(now, self.is_full(trial_stack)) {
                Report::ProcessLimit.send(&self.plan.report);
                break;
            }
            let wait = deadline.min(trials.next) - now;
            let [signalled, heard] = self.wait(&mut listener, wait);
            if signalled {
                let mut record = [0u8; 128];
                let _ = rustix::io::read(&self.signals, &mut record);
            }
            match listener {
                Listener::Expected if heard => listener = self.filter_descriptor(),
                Listener::Open(fd) if heard => answers.serve(sys::borrow(fd)),
                _ => {}
            }
        }
        answers.report();
        if let Some(status) = ended {
            Report::Ended { status }.send(&self.plan.report);
        }
    }

    /// Whether a child has ended, and whether the filter (before it is there: its
    /// descriptor) can be read, within so many milliseconds.
    fn wait(&self, listener: &mut Listener, milliseconds: i64) -> [bool; 2] {
        let other = match listener {
            Listener::Expected => self.ready.as_fd(),
            Listener::Open(fd) => sys::borrow(*fd),
            Listener::Over => self.signals.as_fd(),
        };
        let mut fds =
            [PollFd::new(&self.signals, PollFlags::IN), PollFd::from_borrowed_fd(other, PollFlags::IN)];
        let nanoseconds = milliseconds % 1000 * 1_000_000;
        let timeout = Timespec { tv_sec: milliseconds / 1000, tv_nsec: nanoseconds };
        let _ = poll(&mut fds, Some(&timeout));
        let heard = fds[1].revents();
        // Nobody lives any more whom the filter binds: it would wake us for ever.
        if heard.contains(PollFlags::HUP) && !heard.contains(PollFlags::IN) {
            *listener = Listener::Over;
        }
        [fds[0].revents().contains(PollFlags::IN), heard.contains(PollFlags::IN)]
    }

    /// Collect every process that has ended; whether others are left.
    fn reap(&self, ended: &mut Option<i32>) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.command => *ended = Some(status.as_raw()),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn filter_descriptor(&self) -> Listener {
        let mut number = [0u8; 4];
        let read = rustix::io::read(&self.ready, &mut number);
        match i32::from_ne_bytes(number) {
            number if read == Ok(4) && number >= 0 => Listener::Open(number),
            _ => Listener::Over,
        }
    }

    /// Whether the command has all the processes it may: by their number, or because the
    /// kernel gives no more (threads count there too).
    fn is_full(&self, trial_stack: &mut [u8]) -> bool {
        let most = self.plan.processes;
        left::count(self.proc.as_fd(), most) >= most || !sys::can_fork(trial_stack)
    }

    fn report_left(&self, trial_stack: &mut [u8]) {
        if self.is_full(trial_stack) {
            Report::ProcessLimit.send(&self.plan.report);
            return;
        }
        let mut names: Text<400> = Text::new();
        left::names(self.proc.as_fd(), &mut names);
        Report::Left { names: names.as_bytes() }.send(&self.plan.report);
    }
}

/// Checks of the number of processes while the command runs: a fork bomb never ends by
/// itself.
struct Trials {
    /// When the next is due.
    next: i64,
    every: i64,
    /// How many have failed in a row, and how many may not.
    failed: u32,
    most: u32,
}

impl Trials {
    fn new(plan: &Plan) -> Trials {
        let without_ceiling = plan.needs_group() && plan.group.is_none();
        let (every, most) = if without_ceiling { TRIAL_WITHOUT_CEILING } else { TRIAL };
        Trials { next: sys::milliseconds() + every, every, failed: 0, most }
    }

    /// Note the result of one; whether enough have failed.
    fn note(&mut self, now: i64, failed: bool) -> bool {
        self.next = now + self.every;
        self.failed = if failed { self.failed + 1 } else { 0 };
        self.failed == self.most
    }
}
