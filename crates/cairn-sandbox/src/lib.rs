//! Run one command in one root filesystem, with nothing else of the host in reach.
//!
//! ```text
//!   run(&Request)                       the caller, as root or as an ordinary user
//!     └─ init                           pid 1 of new namespaces: builds the root, reaps,
//!          │                            answers what the filter sends it
//!          └─ command                   in a user namespace of its own: no power over
//!                                       init, the mounts or the network
//! ```
//!
//! Root and ordinary users get the same result. An ordinary user cannot give files
//! away, so the owners a command chooses are kept beside the files instead
//! ([`OWNER_XATTR`]).
//!
//! This is the only crate of the workspace with unsafe code.

mod answers;
mod calls;
mod ceiling;
mod cgroup;
mod chown;
mod clock;
mod command;
mod devices;
mod directory;
mod error;
mod filter;
mod init;
mod left;
mod outcome;
mod plan;
mod probe;
mod processors;
mod report;
mod request;
mod root;
mod run;
mod step;
mod sys;
mod text;
mod vdso;
mod workplace;

pub use error::Error;
pub use outcome::{Outcome, Refusal, Status};
pub use probe::{Check, probe, probe_in};
pub use request::{Conditions, Limits, Mount, Request};
pub use run::run;

/// Rootless only: the extended attribute that holds the owner a command gave to a
/// regular file or directory, as `uid:gid` in decimal. A file without it, in the
/// `upper` of a run, belongs to the user of that run.
pub const OWNER_XATTR: &str = "user.cairn.owner";
