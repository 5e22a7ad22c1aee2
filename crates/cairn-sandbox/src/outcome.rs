//! How a run ended, and what the person is told about it.

use std::collections::BTreeMap;
use std::fmt;

/// The result of a run that could be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the command itself ended.
    pub status: Status,
    /// What the sandbox refused, if anything. With a failing status it is the
    /// likely cause; a [fatal](Refusal::fatal) one fails the run whatever the status.
    pub reason: Option<Refusal>,
    /// Rootless only: owners the command gave to symbolic links, by path inside
    /// (no leading `/`). Owners of files and directories are on the files themselves,
    /// in the attribute [`crate::OWNER_XATTR`].
    pub owners: BTreeMap<Vec<u8>, (u32, u32)>,
}

impl Outcome {
    /// Exit status 0, and nothing that spoils it.
    pub fn succeeded(&self) -> bool {
        self.status == Status::Exit(0) && !self.reason.as_ref().is_some_and(Refusal::fatal)
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It returned this status, 0 to 255.
    Exit(i32),
    /// This signal ended it.
    Signal(i32),
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Exit(code) => write!(f, "exit status {code}"),
            Status::Signal(signal) => write!(f, "killed by signal {signal}"),
        }
    }
}

/// Something the command tried that no build may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It sent to an address outside, or looked up a name. The address as text.
    Network(String),
    /// It made a device node.
    DeviceNode,
    /// It called into a part of the kernel that builds do not get; the name of the
    /// system call: `mount`, `ptrace`, `bpf`, `keyctl`, `unshare`, ….
    SystemCall(&'static str),
    /// Processes were still running after the command had ended; their names.
    LeftProcesses(Vec<String>),
    /// It had as many processes as [`crate::Limits::processes`] allows.
    ProcessLimit(u32),
    /// It ran longer than [`crate::Limits::seconds`].
    Timeout(u64),
}

impl Refusal {
    /// Whether the run failed even if the command says it did not.
    pub fn fatal(&self) -> bool {
        matches!(self, Refusal::LeftProcesses(_) | Refusal::ProcessLimit(_) | Refusal::Timeout(_))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Network(to) => {
                write!(f, "it tried to reach {to}, and RUN has no network: fetch with ADD --checksum")
            }
            Refusal::DeviceNode => {
                write!(f, "it tried to make a device node, which no image may hold")
            }
            Refusal::SystemCall(name) => write!(f, "it called {name}, which RUN may not"),
            Refusal::LeftProcesses(names) => write!(
                f,
                "it left processes running: {}; wait for them or stop them before the RUN ends",
                names.join(", ")
            ),
            Refusal::ProcessLimit(limit) => write!(f, "it ran into the limit of {limit} processes"),
            Refusal::Timeout(seconds) => write!(f, "it was stopped after {seconds} seconds"),
        }
    }
}
