//! A plan, written down again in the oldest Containerfile dialect that is in use.
//!
//! Docker 20.10's classic builder and Buildah 1.28 know no `ADD --checksum`, no
//! here-documents, no `COPY --link`; but they do know `FROM`, `COPY`, `ENV`, `USER`,
//! `WORKDIR` and `RUN ["…"]`. A [`Plan`] has its variables replaced and its sources
//! named by hash, so it can be said in those six words:
//!
//! ```text
//! Op::Run    ENV A="b"        COPY from context  COPY ["ctx/a","/dest/"]
//!            USER 1000:1000   Op::Fetch          COPY ["add/3/zlib.tar.gz","/home/user/"]
//!            WORKDIR /cwd     here-document      COPY ["add/4/name","/dest"]
//!            RUN ["prog","…"] Op::Mkdir          COPY --chown=1000:1000 ["add/5/empty/","/new/"]
//! ```
//!
//! What these words cannot say is an [`Unsupported`] error that names the line, never
//! an approximation.

use crate::drivers::files::ContextFile;
use cairn_core::plan::{
    Account, Base, Copy, CopyFrom, Fetch, Id, ImageRef, Mkdir, Mode, Op, Plan, PlannedStage, Run, Step,
};
use std::fmt::Write;

/// The fixed environment of every RUN; the sandbox sets it, a foreign engine must be told.
pub const LAW: [(&str, &str); 3] = [("LC_ALL", "C"), ("TZ", "UTC"), ("SOURCE_DATE_EPOCH", "0")];

/// A lowered plan: the text, and the files that its context needs beside the package's own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lowered {
    /// The Containerfile.
    pub text: String,
    /// Files to put into the context, by their path in it.
    pub files: Vec<ContextFile>,
    /// Images that must be in the engine's own storage, and what the text calls them.
    pub images: Vec<(ImageRef, String)>,
}

/// A step that an old engine cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what} cannot be said to this engine ({text})")]
pub struct Unsupported {
    /// The line in the Containerfile.
    pub line: u32,
    /// The feature.
    pub what: &'static str,
    /// The instruction.
    pub text: String,
}

/// Writes `plan` down; `tag` names the images of other packages in the engine's storage.
pub fn lower(plan: &Plan, tag: &dyn Fn(&ImageRef) -> String) -> Result<Lowered, Unsupported> {
    let mut writer = Writer { out: Lowered::default(), tag, serial: 0, last: false };
    for (index, stage) in plan.stages.iter().enumerate() {
        writer.last = index + 1 == plan.stages.len();
        writer.stage(index, stage)?;
    }
    Ok(writer.out)
}

struct Writer<'a> {
    out: Lowered,
    tag: &'a dyn Fn(&ImageRef) -> String,
    serial: usize,
    /// The stage is the one that becomes the image.
    last: bool,
}

/// What the engine currently believes, so that a line is written only when it changes.
#[derive(Default)]
struct Now {
    env: Vec<(String, String)>,
    user: Option<String>,
    cwd: Option<String>,
}

impl Writer<'_> {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.text.write_fmt(text).expect("writing to a string cannot fail");
        self.out.text.push('\n');
    }

    fn stage(&mut self, index: usize, stage: &PlannedStage) -> Result<(), Unsupported> {
        let base = match &stage.base {
            Base::Scratch => "scratch".to_owned(),
            Base::Stage(other) => stage_name(*other),
            Base::Image(image) => self.image(image),
        };
        self.line(format_args!("FROM {base} AS {}", stage_name(index)));
        let mut now = Now::default();
        for step in &stage.steps {
            self.step(step, &mut now)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, now: &mut Now) -> Result<(), Unsupported> {
        let unsupported = |what| Unsupported { line: step.line, what, text: step.text.clone() };
        match &step.op {
            Op::Run(run) => self.run(run, now).map_err(unsupported),
            Op::Copy(copy) => self.copy(copy).map_err(unsupported),
            Op::Fetch(fetch) => self.fetch(fetch).map_err(unsupported),
            Op::Mkdir(mkdir) => {
                self.mkdir(mkdir);
                Ok(())
            }
        }
    }

    fn run(&mut self, run: &Run, now: &mut Now) -> Result<(), &'static str> {
        if !run.mounts.is_empty() {
            return Err("RUN --mount");
        }
        if !run.files.is_empty() {
            return Err("a here-document with an interpreter line");
        }
        let law = LAW.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let given = |name: &str| run.env.iter().any(|(n, _)| n == name);
        let env: Vec<_> =
            law.into_iter().filter(|(name, _)| !given(name)).chain(run.env.iter().cloned()).collect();
        if now.env.iter().any(|old| !env.iter().any(|e| e.0 == old.0)) {
            return Err("a variable that goes out of scope");
        }
        for (name, value) in env.iter().filter(|pair| !now.env.contains(pair)) {
            self.line(format_args!("ENV {name}={}", quote(value)?));
        }
        now.env = env;
        self.user(&run.user, now);
        if now.cwd.as_deref() != Some(&run.cwd) {
            self.line(format_args!("WORKDIR {}", quote(&run.cwd)?));
            now.cwd = Some(run.cwd.clone());
        }
        self.line(format_args!("RUN {}", json(&run.argv)));
        Ok(())
    }

    fn user(&mut self, account: &Account, now: &mut Now) {
        let user = account_text(account);
        if now.user.as_ref() != Some(&user) {
            self.line(format_args!("USER {user}"));
            now.user = Some(user);
        }
    }

    /// Docker's classic builder gives the directories of a WORKDIR to root, newer ones
    /// to the current user. All of them agree on a copied directory.
    fn mkdir(&mut self, mkdir: &Mkdir) {
        let empty = self.file("empty", ContextFile::directory()) + "/";
        let dest = format!("{}/", mkdir.path);
        self.copy_line("COPY", "", mkdir.owner.as_ref(), vec![empty], &dest);
    }

    fn copy(&mut self, copy: &Copy) -> Result<(), &'static str> {
        if copy.parents {
            return Err("COPY --parents");
        }
        if !copy.exclude.is_empty() {
            return Err("COPY --exclude");
        }
        let (from, mut sources) = match &copy.from {
            CopyFrom::Context if copy.chmod.is_some() => (String::new(), self.with_mode(copy)?),
            // In the last stage the mode is put into the layer that comes of it.
            _ if copy.chmod.is_some() && !copy.sources.is_empty() && !self.last => {
                return Err("COPY --chmod from another stage");
            }
            CopyFrom::Context => (String::new(), copy.sources.iter().map(|s| format!("ctx{s}")).collect()),
            CopyFrom::Stage(index) => (format!(" --from={}", stage_name(*index)), copy.sources.clone()),
            CopyFrom::Image(image) => (format!(" --from={}", self.image(image)), copy.sources.clone()),
        };
        let mode = octal(copy.chmod.as_ref(), 0o644)?;
        for file in &copy.inline {
            sources.push(self.file(&file.name, ContextFile::bytes(mode, &file.data)));
        }
        let word = if copy.unpack { "ADD" } else { "COPY" };
        self.copy_line(word, &from, copy.chown.as_ref(), sources, &copy.dest);
        Ok(())
    }

    /// Old engines know no `--chmod`, but they keep the modes of the context: plain files
    /// are put into it once more, with the mode they are to have.
    fn with_mode(&mut self, copy: &Copy) -> Result<Vec<String>, &'static str> {
        let mode = octal(copy.chmod.as_ref(), 0o644)?;
        if copy.unpack || copy.sources.iter().any(|s| s.contains(['*', '?', '[', '\\'])) {
            return Err("COPY --chmod of what a pattern finds");
        }
        let one = |source: &String| {
            let path = source.trim_start_matches('/');
            let name = path.rsplit('/').next().unwrap_or(path).to_owned();
            (name, ContextFile::own(mode, path))
        };
        let files: Vec<_> = copy.sources.iter().map(one).collect();
        Ok(files.into_iter().map(|(name, file)| self.file(&name, file)).collect())
    }

    fn fetch(&mut self, fetch: &Fetch) -> Result<(), &'static str> {
        let mode = octal(fetch.chmod.as_ref(), 0o600)?;
        let path = self.file(&fetch.file_name, ContextFile::source(mode, fetch.checksum));
        let word = if fetch.unpack { "ADD" } else { "COPY" };
        self.copy_line(word, "", fetch.chown.as_ref(), vec![path], &fetch.dest);
        Ok(())
    }

    fn copy_line(
        &mut self,
        word: &str,
        from: &str,
        chown: Option<&Account>,
        mut words: Vec<String>,
        dest: &str,
    ) {
        let chown = chown.map_or(String::new(), |a| format!(" --chown={}", account_text(a)));
        words.push(dest.to_owned());
        // The builder expands variables in these words, the plan has done so already.
        let words: Vec<_> = words.iter().map(|w| w.replace('$', "\\$")).collect();
        self.line(format_args!("{word}{from}{chown} {}", json(&words)));
    }

    /// Puts a file into the context under a path of its own and gives that path.
    fn file(&mut self, name: &str, mut file: ContextFile) -> String {
        self.serial += 1;
        file.path = format!("add/{}/{name}", self.serial);
        let path = file.path.clone();
        self.out.files.push(file);
        path
    }

    fn image(&mut self, image: &ImageRef) -> String {
        let tag = (self.tag)(image);
        if !self.out.images.iter().any(|(known, _)| known == image) {
            self.out.images.push((image.clone(), tag.clone()));
        }
        tag
    }
}

/// Engines allow any name here, but a number would be read as an index.
pub fn stage_name(index: usize) -> String {
    format!("stage-{index}")
}

fn account_text(account: &Account) -> String {
    let id = |id: &Id| match id {
        Id::Number(number) => number.to_string(),
        Id::Name(name) => name.clone(),
    };
    match &account.group {
        Some(group) => format!("{}:{}", id(&account.user), id(group)),
        None => id(&account.user),
    }
}

fn octal(mode: Option<&Mode>, default: u32) -> Result<u32, &'static str> {
    match mode {
        None => Ok(default),
        Some(Mode::Octal(mode)) => Ok(*mode),
        Some(Mode::Symbolic(_)) => Err("a symbolic --chmod"),
    }
}

/// A value in double quotes, with what the builder would expand or end on escaped.
fn quote(value: &str) -> Result<String, &'static str> {
    if value.contains('\n') {
        return Err("a line break in a variable");
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(quoted)
}

/// The JSON form, which the builder hands on word by word.
fn json(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|w| json_string(w)).collect();
    format!("[{}]", words.join(","))
}

fn json_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if (c as u32) < 0x20 => {
                write!(quoted, "\\u{:04x}", c as u32).expect("writing to a string cannot fail");
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
