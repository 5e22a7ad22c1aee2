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

mod error;
mod outcome;
mod probe;
mod request;

pub use error::Error;
pub use outcome::{Outcome, Refusal, Status};
pub use probe::Check;
pub use request::{Conditions, Limits, Mount, Request};

/// Rootless only: the extended attribute that holds the owner a command gave to a
/// regular file or directory, as `uid:gid` in decimal. A file without it, in the
/// `upper` of a run, belongs to the user of that run.
pub const OWNER_XATTR: &str = "user.cairn.owner";

/// Run the command of `request` and wait for its end.
///
/// When this returns, every process of the sandbox is gone and every mount with it,
/// also after an error. If the calling process dies, they go too.
///
/// Blocks the calling thread; any number of threads may run sandboxes at once.
///
/// # Errors
///
/// [`Error`] when the command could not be started. A command that fails is an
/// [`Outcome`].
pub fn run(request: &Request) -> Result<Outcome, Error> {
    if request.argv.is_empty() {
        return Err(Error::Request {
            field: "argv",
            problem: "no program given".into(),
        });
    }
    todo!("being written today; the types are settled")
}

/// Try what the sandbox needs from this machine, one [`Check`] each.
pub fn probe() -> Vec<Check> {
    todo!("being written today; the types are settled")
}
