//! What a recipe asks for, as plain data: all variables replaced, all names resolved.
//!
//! ```text
//! Recipe ──plan()──> Plan { stages: [ PlannedStage { base, steps: [Step], config } ] }
//! ```
//!
//! Planning is pure: no file, no clock, no environment. The engine executes the
//! steps; instructions that change no file (ENV, LABEL, …) leave no step, only their
//! trace in the configuration and its history, which are worded as BuildKit words
//! them, since the image digest depends on every byte.

mod account;
mod env;
mod eval;
mod files;
mod ports;
mod quote;
mod run;
mod signal;
mod stages;

use std::fmt;

use crate::containerfile::Span;
use crate::digest::Digest;
use crate::image::Config;
use crate::tree::Name;

pub use eval::{Needs, Source, needs, plan};
pub use stages::parse_image;

/// The only platform there is, as stock engines call it.
pub const PLATFORM: &str = "linux/amd64";

/// The argument that stands for whatever Debian mirror a machine uses.
pub const DEBIAN_MIRROR: &str = "DEBIAN_MIRROR";

/// Everything needed to make one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The stages the target needs, each after all it refers to; the target is last.
    pub stages: Vec<PlannedStage>,
    /// Variables that were expanded to nothing because nothing defines them.
    pub undefined: Vec<Undefined>,
}

/// A variable without a value, and where it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Undefined {
    pub span: Span,
    pub name: String,
}

/// One stage, ready to execute.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStage {
    /// `AS name`, in lower case.
    pub name: Option<String>,
    /// Its place in `Recipe::stages`.
    pub index: usize,
    /// What its files begin as.
    pub base: Base,
    /// What changes its files, in order.
    pub steps: Vec<Step>,
    /// The configuration after the last instruction, with its whole history.
    pub config: Config,
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// No files at all.
    Scratch,
    /// An earlier stage, by its place in [`Plan::stages`].
    Stage(usize),
    /// A finished image.
    Image(ImageRef),
}

/// An image that this recipe did not make.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImageRef {
    /// A package of this tree, `group/name`.
    Package(Name),
    /// Any other image, pinned: `name@sha256:…`.
    Digest {
        /// What stands in front of `@`.
        name: String,
        /// The manifest digest.
        digest: Digest,
    },
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(name) => write!(f, "{name}"),
            Self::Digest { name, digest } => write!(f, "{name}@{digest}"),
        }
    }
}

/// One change to the files of a stage; exactly one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The instruction in the recipe, for errors.
    pub span: Span,
    /// Its line, counted from 1.
    pub line: u32,
    /// The instruction in one line, for progress.
    pub text: String,
    /// What is done.
    pub op: Op,
}

/// The four things that change files.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each type says it")]
pub enum Op {
    Run(Run),
    Copy(Copy),
    Fetch(Fetch),
    Mkdir(Mkdir),
}

/// `RUN`.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Program and arguments; the shell, if any, is already in front.
    pub argv: Vec<String>,
    /// `ENV` and `ARG` values in the order BuildKit gives them, names unique. The
    /// fixed variables of the sandbox are not among them.
    pub env: Vec<(String, String)>,
    /// Absolute, without trailing slash (except `/`).
    pub cwd: String,
    /// Who runs it. Without a group: the one of `/etc/passwd`, otherwise 0.
    pub user: Account,
    /// In the order of the flags.
    pub mounts: Vec<RunMount>,
    /// Files that must exist read-only in `/dev/pipes` with mode 0755 while it runs
    /// (a here-document that starts with `#!`).
    pub files: Vec<InlineFile>,
}

/// `RUN --mount`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunMount {
    /// Absolute.
    pub target: String,
    /// Nothing may be written.
    pub read_only: bool,
    /// What is mounted.
    pub kind: MountKind,
}

/// The kinds of [`RunMount`]; secrets and SSH agents are refused.
#[derive(Clone, Debug, PartialEq)]
pub enum MountKind {
    /// Files of the context, a stage or an image. If writable, what is written is
    /// thrown away.
    Bind {
        /// Whose files.
        from: CopyFrom,
        /// Absolute path in `from`.
        source: String,
    },
    /// A directory that may outlive the step. A pure engine starts it empty each time.
    Cache {
        /// Equal ids share the directory; the target path unless given.
        id: String,
        /// What it is filled with at first: `None` is nothing.
        from: Option<CopyFrom>,
        /// Absolute path in `from`.
        source: String,
        /// How concurrent steps share it.
        sharing: Sharing,
        /// Permissions of the directory, 0755 unless given.
        mode: u32,
        /// Its owner, 0 unless given.
        uid: u32,
        /// Its group, 0 unless given.
        gid: u32,
    },
    /// Memory, gone after the step.
    Tmpfs {
        /// Limit in bytes.
        size: Option<u64>,
    },
}

/// `sharing=` of a cache mount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are BuildKit's")]
pub enum Sharing {
    #[default]
    Shared,
    Private,
    Locked,
}

/// `COPY`, and `ADD` of local files.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// Where the sources are.
    pub from: CopyFrom,
    /// Absolute paths in `from`, maybe with wildcards (`*`, `?`, `[…]`, `\` escapes).
    /// A trailing `/` or `/.` is gone: a directory always gives its contents. With
    /// `parents` each has exactly one pivot, `/a/./b/c`: `b/c` is kept at the
    /// destination.
    pub sources: Vec<String>,
    /// Here-documents, copied after the sources, mode 0644.
    pub inline: Vec<InlineFile>,
    /// Absolute. A trailing `/` says that it is a directory.
    pub dest: String,
    /// Owner of everything copied and of directories made on the way; 0:0 if `None`.
    pub chown: Option<Account>,
    /// Permissions of everything copied; those of the source if `None`.
    pub chmod: Option<Mode>,
    /// `--link`: the layer does not look at the files below it.
    pub link: bool,
    /// `--parents`: sources keep their directories.
    pub parents: bool,
    /// `--exclude` patterns.
    pub exclude: Vec<String>,
    /// Local archives are unpacked (`ADD`).
    pub unpack: bool,
}

/// Whose files are copied or mounted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CopyFrom {
    /// The package's own directory.
    Context,
    /// A stage, by its place in [`Plan::stages`].
    Stage(usize),
    /// A finished image.
    Image(ImageRef),
}

/// `ADD --checksum` of a remote file.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetch {
    /// Where it may be had from; no part of any digest.
    pub source: SourceUrl,
    /// What it must be.
    pub checksum: Digest,
    /// Its name if `dest` is a directory: the last part of the address.
    pub file_name: String,
    /// Absolute. A trailing `/` says that it is a directory.
    pub dest: String,
    /// Owner; 0:0 if `None`.
    pub chown: Option<Account>,
    /// Permissions; 0600 if `None`.
    pub chmod: Option<Mode>,
    /// `--link`.
    pub link: bool,
    /// `--unpack=true`: the archive is unpacked.
    pub unpack: bool,
}

/// Where a source is fetched from. Displayed as it stands in the recipe.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceUrl {
    /// `http://` or `https://`.
    Http(String),
    /// `${DEBIAN_MIRROR}/pool/…`: a path below whatever mirror apt uses.
    Debian {
        /// Begins with `pool/`.
        path: String,
    },
}

impl fmt::Display for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) => f.write_str(url),
            Self::Debian { path } => write!(f, "${{DEBIAN_MIRROR}}/{path}"),
        }
    }
}

/// `WORKDIR`: a directory that must exist from here on, mode 0755 if it is new.
#[derive(Clone, Debug, PartialEq)]
pub struct Mkdir {
    /// Absolute, not `/`.
    pub path: String,
    /// Owner of each directory that is made; 0:0 if `None`.
    pub owner: Option<Account>,
}

/// A file whose content stands in the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct InlineFile {
    pub name: String,
    pub data: Vec<u8>,
}

/// A user and maybe a group, as `USER` and `--chown` name them.
///
/// For files (`--chown`, `WORKDIR`) a lone number stands for the group too, and has
/// been filled in here; a lone name takes the group of its `/etc/passwd` line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// Number 0 if no `USER` was given.
    pub user: Id,
    /// What stands behind `:`.
    pub group: Option<Id>,
}

impl Account {
    /// User 0, group 0.
    pub const ROOT: Self = Self { user: Id::Number(0), group: Some(Id::Number(0)) };
}

/// One half of an [`Account`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Id {
    /// Used as it is.
    Number(u32),
    /// Looked up in `/etc/passwd` or `/etc/group` of the stage.
    Name(String),
}

/// `--chmod`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Octal, at most 07777.
    Octal(u32),
    /// `u=rwX,go=rX`: applied to the mode of each file.
    Symbolic(Vec<ModeChange>),
}

/// One clause of a symbolic mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModeChange {
    /// `u` 4, `g` 2, `o` 1; `a` and none are 7.
    pub who: u8,
    /// `+`, `-` or `=`.
    pub operator: char,
    /// `r` 4, `w` 2, `x` 1.
    pub bits: u8,
    /// `X`: execute only for directories and what is executable already.
    pub execute_if_any: bool,
    /// `s`: set-user-id, set-group-id as `who` says.
    pub set_id: bool,
    /// `t`.
    pub sticky: bool,
    /// `u`, `g` or `o` on the right side: permissions are taken from there.
    pub copy_from: Option<char>,
}

#[cfg(test)]
mod tests;
