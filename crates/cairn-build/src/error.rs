//! What can go wrong in a build, with all that a person needs to act on it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use cairn_core::containerfile;
use cairn_core::digest::Digest;
use cairn_core::plan::ImageRef;
use cairn_core::store;
use cairn_core::tree::Name;
use cairn_sandbox::{Refusal, Status};

use crate::sources::SourceError;
use crate::{chain, copy, digests, layer, users};

/// A build that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A recipe that cannot be planned; shows file, line and column.
    #[error("{0}")]
    Recipe(Box<containerfile::Error>),
    /// The order of packages cannot be found: a name that does not exist, a cycle.
    #[error(transparent)]
    Graph(#[from] cairn_core::graph::Error),
    /// A step of a package failed.
    #[error(transparent)]
    Step(Box<StepFailure>),
    /// Images that are not the recorded ones.
    #[error("{}", differences(.0))]
    DigestDiffers(Vec<Difference>),
    /// Another engine did not build it.
    #[error("{package}: {source}")]
    Foreign {
        /// Which.
        package: Name,
        /// Why.
        source: Box<crate::drivers::DriverError>,
    },
    /// `FROM name@digest` of an image that is not here.
    #[error("{package}: the image {image} is not in the store")]
    NoImage {
        /// Who wants it.
        package: Name,
        /// What is missing.
        image: ImageRef,
    },
    /// An image in the store that is not what it should be.
    #[error("image {image}: {source}")]
    BadImage {
        /// Which.
        image: Digest,
        /// Why.
        source: cairn_core::image::Error,
    },
    /// A shell that could not be opened.
    #[error("{package}: no shell in stage {stage}: {cause}")]
    Shell {
        /// Of which package.
        package: Name,
        /// In which stage.
        stage: String,
        /// Why.
        cause: Box<Cause>,
    },
    /// `NAME:STAGE` that does not exist.
    #[error("{package} has no stage {stage:?}; it has {}", known.join(", "))]
    NoStage {
        /// Of which package.
        package: Name,
        /// What was asked for.
        stage: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A package that must be there before this one can be looked at.
    #[error("{package} needs {need}, which has not been built here")]
    NotBuilt {
        /// Which was to be looked at.
        package: Name,
        /// What is missing.
        need: Name,
    },
    /// The folder `digests/`.
    #[error(transparent)]
    Digests(#[from] digests::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A tree of the store.
    #[error(transparent)]
    Tree(#[from] chain::Error),
    /// A file.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What the exit status of the program depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something failed.
    Failed,
    /// An image is not the recorded one.
    DigestDiffers,
}

impl Error {
    /// Which exit status it asks for.
    pub fn kind(&self) -> Kind {
        match self {
            Self::DigestDiffers(_) => Kind::DigestDiffers,
            _ => Kind::Failed,
        }
    }

    /// What to try next, if there is something to say: a command or an advice a line.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Step(failure) => failure.hint(),
            Self::DigestDiffers(differences) => differences.first().map(|first| {
                let name = &first.name;
                format!(
                    "cairn build --update {name}    # if the definition changed on purpose\n\
                     cairn reproduce {name}    # if it did not"
                )
            }),
            Self::Shell { package, stage, .. } => {
                Some(format!("cairn shell {package}:{stage} -- PROGRAM    # in a stage without /bin/sh"))
            }
            Self::Foreign { package, source } => Some(match source.as_ref() {
                crate::drivers::DriverError::Engine(error) if error.missing => {
                    "cairn doctor    # says how to install it".to_owned()
                }
                _ => format!("cairn log {package}"),
            }),
            Self::NotBuilt { need, .. } => Some(format!("cairn build {need}")),
            Self::NoImage { .. } => {
                Some("write a package for it: images from outside the tree are not fetched".to_owned())
            }
            error if is_full(error) => Some(FULL.to_owned()),
            _ => None,
        }
    }
}

const FULL: &str = "cairn gc    # the disk is full: frees what no package of the tree needs";

/// What a command that failed for want of space may not have said.
const FULL_NOTE: &str = " (No space left on device that holds the store)";

/// Whether somewhere below an error is a full disk.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|io| matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
        {
            return true;
        }
        next = error.source();
    }
    // Not every error keeps its source; the kernel's words are always in the message.
    error.to_string().contains("No space left on device")
}

/// One image that is not the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which package.
    pub name: Name,
    /// What `digests/` says.
    pub expected: Digest,
    /// What was built.
    pub got: Digest,
    /// Packages that were not built because of it.
    pub stopped: Vec<Name>,
}

fn differences(all: &[Difference]) -> String {
    let line = |difference: &Difference| {
        let Difference { name, expected, got, stopped } = difference;
        let group = name.group();
        let mut text = format!(
            "{name}: the image differs from digests/{group}.txt\n  expected {expected}\n  got      {got}"
        );
        if !stopped.is_empty() {
            text += &format!("\n  not built because of it: {} packages above it", stopped.len());
        }
        text
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A step that failed.
#[derive(Debug)]
pub struct StepFailure {
    /// Of which package.
    pub package: Name,
    /// The stage's name or number.
    pub stage: String,
    /// Where it stands, as `path:line`.
    pub place: String,
    /// The instruction in one line.
    pub text: String,
    /// Why.
    pub cause: Cause,
    /// The output, if there is any.
    pub log: Option<PathBuf>,
    /// The last lines of the output.
    pub tail: Vec<String>,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Cause {
    #[error("{}{}", ended(.status, .refusal.as_ref()), if *.full_disk { FULL_NOTE } else { "" })]
    Command { status: Status, refusal: Option<Refusal>, full_disk: bool },
    #[error("it has not run here")]
    NotRun,
    #[error(transparent)]
    Sandbox(#[from] cairn_sandbox::Error),
    #[error(transparent)]
    Copy(#[from] copy::Error),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    User(#[from] users::Error),
    #[error(transparent)]
    Layer(#[from] layer::Error),
    #[error(transparent)]
    Tree(#[from] chain::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<copy::upper::WriteError> for Cause {
    fn from(error: copy::upper::WriteError) -> Self {
        Self::Copy(error.into())
    }
}

fn ended(status: &Status, refusal: Option<&Refusal>) -> String {
    match refusal {
        None => format!("the command ended with {status}"),
        Some(refusal) if *status == Status::Exit(0) => refusal.to_string(),
        Some(refusal) => format!("the command ended with {status}: {refusal}"),
    }
}

impl StepFailure {
    fn hint(&self) -> Option<String> {
        let package = &self.package;
        match &self.cause {
            cause if is_full(cause) => Some(FULL.to_owned()),
            Cause::Command { .. } => {
                Some(format!("cairn log {package}\ncairn shell {package}:{}", self.stage))
            }
            Cause::Source(source) if source.wrong_hash => {
                Some("if upstream moved, compare the files before changing the checksum".to_owned())
            }
            Cause::Source(source) if source.offline => Some(format!("cairn fetch {package}")),
            Cause::Source(_) => {
                Some("give another location in mirrors.tsv, or a folder in CAIRN_SOURCES".to_owned())
            }
            Cause::Sandbox(_) => Some("cairn doctor    # says what this machine lacks".to_owned()),
            _ => None,
        }
    }
}

impl std::error::Error for StepFailure {}

impl fmt::Display for StepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { package, stage, place, text, cause, log, tail } = self;
        write!(f, "{package}: stage {stage}: {cause}\n  {place}: {text}")?;
        for line in tail {
            write!(f, "\n  | {line}")?;
        }
        if let Some(log) = log {
            write!(f, "\n  whole output: {}", log.display())?;
        }
        Ok(())
    }
}
