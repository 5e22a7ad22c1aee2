//! What decides a run: plain data, checked and compared without running it.
//!
//! Nothing else reaches the command. What is not in a [`Request`] (the host's
//! environment, its name, its users, its open files, its network) stays out.

use std::fs::File;
use std::path::PathBuf;

/// One command in one root filesystem.
///
/// ```no_run
/// use cairn_sandbox::{Request, run};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut request = Request::new("trees/a1".into(), "tmp/upper".into(), "tmp/work".into());
/// request.argv = vec!["/bin/sh".into(), "-c".into(), "echo hello > /greeting".into()];
/// let outcome = run(&request)?;
/// assert!(outcome.succeeded(), "{outcome:?}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Request {
    /// Unpacked layers, topmost first, at most 490; never written to. May be empty.
    pub lower: Vec<PathBuf>,
    /// Receives what the command changes, in overlayfs's own form (deletions are
    /// character devices 0:0, replaced directories carry `user.overlay.opaque`).
    /// It may hold files already; they lie above every lower tree.
    pub upper: PathBuf,
    /// An existing directory on the same filesystem as `upper`, for this run alone.
    /// The sandbox makes what it needs in it and leaves it empty.
    pub work: PathBuf,
    /// Program and arguments. A name without `/` is looked up in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// The whole environment, in order. `LC_ALL=C`, `TZ=UTC` and
    /// `SOURCE_DATE_EPOCH=0` are added where they are missing.
    pub env: Vec<(String, String)>,
    /// Absolute directory inside the sandbox; it must exist.
    pub cwd: String,
    /// User and group of the command, as numbers inside the sandbox.
    pub uid: u32,
    /// See `uid`.
    pub gid: u32,
    /// Mounted over the root filesystem in the order given.
    pub mounts: Vec<Mount>,
    /// How many processors the command sees, at least 1.
    pub cpus: u32,
    /// Ceilings on what the command may use.
    pub limits: Limits,
    /// Standard output and error of the command. `None` discards them.
    pub log: Option<File>,
    /// A terminal for a person to use the sandbox by hand: standard input, output
    /// and error. `None`, as in every build, makes standard input empty.
    pub terminal: Option<File>,
    /// What `cairn reproduce` varies.
    pub conditions: Conditions,
}

impl Request {
    /// A request for user 0 in `/` with one processor, no command yet, and defaults
    /// for everything else.
    pub fn new(lower: PathBuf, upper: PathBuf, work: PathBuf) -> Request {
        Request {
            lower: vec![lower],
            upper,
            work,
            argv: Vec::new(),
            env: Vec::new(),
            cwd: "/".into(),
            uid: 0,
            gid: 0,
            mounts: Vec::new(),
            cpus: 1,
            limits: Limits::default(),
            log: None,
            terminal: None,
            conditions: Conditions::default(),
        }
    }
}

/// Something mounted inside the sandbox for one run.
///
/// Missing mount points appear for the run and are not left in `upper`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    /// A file or directory of the host.
    Bind {
        /// Path on the host.
        source: PathBuf,
        /// Absolute path inside.
        target: String,
        /// Refuse writes. Writes to a writable bind reach the host's files.
        read_only: bool,
    },
    /// A path out of a stack of layers, read-only.
    Tree {
        /// Layers as in [`Request::lower`], topmost first, at least one.
        lower: Vec<PathBuf>,
        /// Absolute path within the stack; `/` for all of it. Symbolic links in it
        /// are resolved within the stack.
        path: String,
        /// Absolute path inside.
        target: String,
    },
    /// An empty filesystem in memory, mode 1777.
    Tmpfs {
        /// Absolute path inside.
        target: String,
        /// Bytes it may hold; `None` is half of the machine's memory.
        size: Option<u64>,
    },
}

impl Mount {
    /// Where it appears inside.
    pub fn target(&self) -> &str {
        match self {
            Mount::Bind { target, .. } | Mount::Tree { target, .. } | Mount::Tmpfs { target, .. } => target,
        }
    }
}

/// Ceilings. A run that reaches one fails with a [`crate::Refusal`] that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Processes and threads at once.
    pub processes: u32,
    /// Bytes in one file; `None` is no ceiling.
    pub file_size: Option<u64>,
    /// Wall-clock seconds; `None` is no ceiling.
    pub seconds: Option<u64>,
    /// Milliseconds that background processes may outlive the command before the run
    /// counts as one that leaves processes behind.
    pub grace_ms: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { processes: 4096, file_size: None, seconds: None, grace_ms: 2000 }
    }
}

/// Circumstances that must not reach an image. The defaults are the ordinary ones;
/// `cairn reproduce` builds under others and compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditions {
    /// Host name inside, at most 64 bytes.
    pub hostname: String,
    /// Randomise addresses (the ordinary run does not).
    pub aslr: bool,
    /// File mode creation mask the command starts with.
    pub umask: u32,
    /// Let `uname` report a 2.6 kernel, so that a build that records the host's
    /// kernel version shows itself.
    pub old_kernel_name: bool,
    /// Seconds by which the wall clock that programs read is ahead. The times that the
    /// kernel gives to files stay true, and so do clocks that only measure.
    pub clock_ahead: u32,
    /// List directories in the opposite order, buffer by buffer.
    pub reversed_directories: bool,
}

impl Conditions {
    /// Whether something is asked for that only init can answer.
    pub(crate) fn need_answers(&self) -> bool {
        self.clock_ahead != 0 || self.reversed_directories
    }
}

impl Default for Conditions {
    fn default() -> Conditions {
        Conditions {
            hostname: "cairn".into(),
            aslr: false,
            umask: 0o022,
            old_kernel_name: false,
            clock_ahead: 0,
            reversed_directories: false,
        }
    }
}
