//! What a Containerfile is made of.
//!
//! Every part keeps a [`Span`] into [`Recipe::text`], so that an error found much
//! later (while planning, while building) still points at its place.

use super::Error;
pub use super::word::{Span, Word};

/// A whole Containerfile.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The name it was parsed under, for errors.
    pub path: String,
    /// The file as read; spans point into it.
    pub text: String,
    /// The escape character: `\`, or `` ` `` after `# escape=`.
    pub escape: char,
    /// The comment that opens the file, without `#`, one string a line.
    pub comment: Vec<String>,
    /// `ARG` before the first `FROM`: seen by `FROM` lines, and by stages that
    /// declare them again.
    pub global_args: Vec<Arg>,
    /// At least one.
    pub stages: Vec<Stage>,
}

impl Recipe {
    /// An error about a place in this file.
    pub fn error(&self, span: Span, message: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::new(&self.path, &self.text, span, message, expected)
    }
}

/// `FROM` and all up to the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The `FROM` line.
    pub span: Span,
    /// `AS name`, in lower case.
    pub name: Option<String>,
    /// What stands behind `FROM`: `scratch`, a stage, an image.
    pub base: Word,
    /// `--platform`.
    pub platform: Option<Word>,
    /// In the order of the file.
    pub instructions: Vec<Instruction>,
}

/// One instruction of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    /// From its name to the end of its last line, here-documents included.
    pub span: Span,
    /// The first line as a person wrote it, continuations joined, for progress.
    pub text: String,
    /// What it says.
    pub kind: Kind,
}

/// The instructions of the dialect, except `FROM`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is named after its instruction")]
pub enum Kind {
    Arg(Vec<Arg>),
    Env(Vec<Pair>),
    Label(Vec<Pair>),
    User(Word),
    Workdir(Word),
    /// Always the JSON form.
    Shell(Vec<String>),
    Copy(Copy),
    Add(Add),
    Run(Run),
    Entrypoint(Command),
    Cmd(Command),
    /// Port specifications, sorted as BuildKit sorts them.
    Expose(Vec<Word>),
    Volume(Vec<Word>),
    StopSignal(Word),
}

/// One name of an `ARG` line.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// The name with its value.
    pub span: Span,
    /// Letters, digits and `_`.
    pub name: String,
    /// What stands behind `=`.
    pub default: Option<Word>,
}

/// One `key=value` of `ENV` or `LABEL`; both sides are expanded.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Pair {
    pub key: Word,
    pub value: Word,
}

/// `COPY`.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// `--from`: a stage, its number, or an image. Never expanded.
    pub from: Option<Word>,
    /// What is copied, and how.
    pub transfer: Transfer,
    /// `--parents`: keep the directories of each source.
    pub parents: bool,
}

/// `ADD`.
#[derive(Clone, Debug, PartialEq)]
pub struct Add {
    /// `--checksum`, wanted for every remote source.
    pub checksum: Option<Word>,
    /// `--unpack`; without it local archives are unpacked and remote ones not.
    pub unpack: Option<bool>,
    /// What is added, and how.
    pub transfer: Transfer,
}

/// What `COPY` and `ADD` have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    /// Paths, patterns or (`ADD`) addresses.
    pub sources: Vec<Word>,
    /// Here-documents: files whose content stands in the recipe.
    pub inline: Vec<Heredoc>,
    /// The last word.
    pub dest: Word,
    /// `--chown`.
    pub chown: Option<Word>,
    /// `--chmod`.
    pub chmod: Option<Word>,
    /// `--link`.
    pub link: bool,
    /// `--exclude`, any number.
    pub exclude: Vec<Word>,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq)]
pub struct Heredoc {
    /// The word that ends it, quotes removed; also the file name.
    pub name: String,
    /// The file descriptor in front of `<<`, 0 unless given.
    pub descriptor: u32,
    /// Variables in it are replaced (the name had no quotes).
    pub expand: bool,
    /// `<<-`: leading tabs are not part of it.
    pub chomp: bool,
    /// The lines, each with its end of line, tabs not yet removed.
    pub content: Word,
}

/// A command line in one of its two forms.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Given to the shell of the stage.
    Shell(String),
    /// `["a", "b"]`: run as it is.
    Exec(Vec<String>),
}

/// `RUN`.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What is run.
    pub command: Command,
    /// Here-documents of the line, in order.
    pub heredocs: Vec<Heredoc>,
    /// `--mount`, any number.
    pub mounts: Vec<Mount>,
}

/// One `--mount` of a `RUN`: its fields, unexpanded and in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Mount {
    /// The whole flag.
    pub span: Span,
    /// `(key, value)`; a key without `=` has no value. The keys are known ones.
    pub fields: Vec<(String, Option<Word>)>,
}
