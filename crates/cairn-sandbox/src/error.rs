//! Why a run could not be started, or its end not be learned.

use std::io;
use std::path::PathBuf;

/// A failure of the sandbox or of its request, as opposed to one of the command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the request that cannot be right.
    #[error("{field}: {problem}")]
    Request {
        /// The field of [`crate::Request`].
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of the host that the sandbox needs.
    #[error("{path}: {source}", path = .path.display())]
    Host {
        /// Path on the host.
        path: PathBuf,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The kernel refused a part of the isolation.
    #[error("{step}: {source}")]
    Isolation {
        /// What was being done, as in "mount /proc".
        step: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// `/proc`, `/dev` or the target of a mount is not a directory (or file) in the
    /// root filesystem, or a symbolic link leads there.
    #[error("{path} in the root filesystem cannot be mounted on: {source}")]
    MountPoint {
        /// Absolute path inside.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The working directory does not exist inside.
    #[error("working directory {path}: {source}")]
    Directory {
        /// [`crate::Request::cwd`].
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The program could not be executed.
    #[error("{program}: {source}{}", exec_hint(.source))]
    Exec {
        /// `argv[0]`.
        program: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The sandbox ended without saying how the command ended.
    #[error("the sandbox's first process died ({0}), perhaps for want of memory")]
    Died(String),
}

/// What the bare kernel message leaves out.
fn exec_hint(source: &io::Error) -> &'static str {
    match source.raw_os_error() {
        Some(libc::ENOENT) => " in the root filesystem (the program, or the interpreter it names)",
        Some(libc::ENOEXEC) => " (neither a program this kernel can run nor a script that starts with #!)",
        _ => "",
    }
}
