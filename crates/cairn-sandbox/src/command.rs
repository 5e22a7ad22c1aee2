//! The command's own process, from its start to `execve`.
//!
//! It shares init's memory and descriptors until then, and already lives in a user
//! namespace below init's: what it gives up here it can never take back.

use std::os::fd::RawFd;

use libc::{c_int, c_void};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, getpid, setrlimit, setsid, umask};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use crate::plan::Plan;
use crate::report::Report;
use crate::step::{At, Failure, Step};
use crate::sys;

/// Docker's default capabilities less MKNOD, NET_RAW and AUDIT_WRITE. They count in the
/// command's user namespace only: over files, not over mounts, the network or init.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::SETFCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::SYS_CHROOT);

/// What init hands over.
pub struct Handover<'a> {
    pub plan: &'a Plan,
    /// Readable when init has mapped the users.
    pub go: RawFd,
    /// Takes the number of the filter's descriptor, or -1 after a failure.
    pub ready: RawFd,
}

/// Entry point; `argument` is a [`Handover`].
pub extern "C" fn enter(argument: *mut c_void) -> c_int {
    // SAFETY: init passes a Handover that it keeps until this process has executed a
    // program or ended (see `sys::start`).
    let handover = unsafe { &*argument.cast::<Handover<'_>>() };
    let failure = become_command(handover);
    let report = Report::Failed {
        step: failure.step as u32,
        index: failure.index,
        errno: failure.errno.raw_os_error(),
    };
    report.send(&handover.plan.report);
    let _ = rustix::io::write(sys::borrow(handover.ready), &(-1i32).to_ne_bytes());
    sys::exit(127)
}

/// Returns only if something fails.
fn become_command(handover: &Handover<'_>) -> Failure {
    match prepare(handover) {
        Err(failure) => failure,
        Ok(()) => Failure { step: Step::Exec, index: 0, errno: execute(handover.plan) },
    }
}

fn prepare(handover: &Handover<'_>) -> Result<(), Failure> {
    let plan = handover.plan;
    let mut go = [0u8; 1];
    rustix::io::read(sys::borrow(handover.go), &mut go).at(Step::CommandMap)?;
    streams(plan).at(Step::Descriptors)?;
    rustix::process::chdir(plan.cwd.as_c_str()).at(Step::Directory)?;
    identity(plan).at(Step::Identity)?;
    umask(Mode::from_raw_mode(plan.umask));
    sys::personality(plan.persona).at(Step::Limits)?;
    for (resource, limit) in &plan.limits {
        setrlimit(*resource, *limit).at(Step::Limits)?;
    }
    sys::close_from(3, true).at(Step::Descriptors)?;
    sys::default_signals();
    set_no_new_privs(true).at(Step::Filter)?;
    let filter = sys::install_filter(plan.filter).at(Step::Filter)?;
    rustix::io::write(sys::borrow(handover.ready), &filter.to_ne_bytes()).at(Step::Filter)?;
    sys::block_signals(0);
    Ok(())
}

/// A session of its own with nothing to read; by hand, the terminal it was given.
fn streams(plan: &Plan) -> Result<(), Errno> {
    if plan.terminal {
        rustix::process::setpgid(None, None)?;
        rustix::termios::tcsetpgrp(sys::borrow(0), getpid())?;
        return Ok(());
    }
    setsid()?;
    let null = openat(CWD, c"/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    if plan.output.is_none() {
        rustix::stdio::dup2_stdout(&null)?;
        rustix::stdio::dup2_stderr(&null)?;
    }
    Ok(())
}

fn identity(plan: &Plan) -> Result<(), Errno> {
    for number in 0..63 {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        if KEPT.contains(capability) {
            continue;
        }
        match remove_capability_from_bounding_set(capability) {
            Err(Errno::INVAL) => break,
            other => other?,
        }
    }
    let (uid, gid) = (Uid::from_raw(plan.uid), Gid::from_raw(plan.gid));
    if !plan.rootless {
        set_thread_groups(&[])?;
    }
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    let kept = if plan.uid == 0 { KEPT } else { CapabilitySet::empty() };
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    set_capabilities(None, sets)
}

/// Try each path; the most telling error wins, as in a shell.
fn execute(plan: &Plan) -> Errno {
    let mut answer = Errno::NOENT;
    for program in &plan.programs {
        match sys::execve(program, &plan.argv, &plan.env) {
            Errno::NOENT | Errno::NOTDIR => {}
            Errno::ACCESS => answer = Errno::ACCESS,
            other => return other,
        }
    }
    answer
}
