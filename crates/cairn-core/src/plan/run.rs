//! `RUN`: the command line, its here-documents and its mounts.

use super::eval::{Planner, State};
use super::files::{self, clean, join};
use super::stages;
use super::{Account, CopyFrom, InlineFile, MountKind, Op, Run, RunMount, Sharing};
use crate::containerfile::{Command, Error, Instruction, Mount, Run as RunLine, Word, mount_kind};

/// The shell unless `SHELL` names another.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Where a here-document with a `#!` line is put while it runs.
const PIPES: &str = "/dev/pipes";

pub(super) fn run(
    planner: &Planner<'_>,
    state: &State,
    stage: usize,
    instruction: &Instruction,
    line: &RunLine,
) -> Result<(Op, String), Error> {
    let (argv, files) = command(state, line);
    let user = Account::for_process(&state.config.user).map_err(|expected| {
        let message = format!("USER {} is no user", state.config.user);
        planner.recipe.error(instruction.span, message, expected)
    })?;
    let mounts = line.mounts.iter().map(|line| mount(planner, state, stage, line));
    let run = Run {
        env: state.env.to_vec(),
        cwd: state.cwd().to_owned(),
        user,
        mounts: mounts.collect::<Result<_, _>>()?,
        files,
        argv,
    };
    let history = history(state, &run.argv);
    Ok((Op::Run(run), history))
}

/// The command line with the shell in front, and the files it needs.
fn command(state: &State, line: &RunLine) -> (Vec<String>, Vec<InlineFile>) {
    let text = match &line.command {
        Command::Exec(argv) => return (argv.clone(), Vec::new()),
        Command::Shell(text) => text,
    };
    let [only] = line.heredocs.as_slice() else {
        return (with_shell(state, &with_bodies(text, line)), Vec::new());
    };
    if !is_only_a_mark(text) {
        return (with_shell(state, &with_bodies(text, line)), Vec::new());
    }
    let body = only.text().text;
    if body.starts_with("#!") {
        let path = format!("{PIPES}/{}", only.name);
        let file = InlineFile { name: only.name.clone(), data: body.into_bytes() };
        return (with_shell(state, &path), vec![file]);
    }
    (with_shell(state, &body), Vec::new())
}

/// The line is `<<EOF` and nothing else: the body itself is the script.
fn is_only_a_mark(text: &str) -> bool {
    crate::containerfile::is_mark(text)
}

/// The line as the shell reads it, with all bodies behind it.
fn with_bodies(text: &str, line: &RunLine) -> String {
    let mut out = text.to_owned();
    for heredoc in &line.heredocs {
        out += &format!("\n{}{}", heredoc.content.text, heredoc.name);
    }
    out
}

/// The shell of the stage in front of a command.
pub(super) fn with_shell(state: &State, text: &str) -> Vec<String> {
    let default = || SHELL.map(str::to_owned).to_vec();
    let mut argv = state.config.shell.clone().filter(|s| !s.is_empty()).unwrap_or_else(default);
    argv.push(text.to_owned());
    argv
}

/// `RUN |1 A=b /bin/sh -c make # buildkit`: arguments come first, with their number.
fn history(state: &State, argv: &[String]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &state.args {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut words = Vec::new();
    if !names.is_empty() {
        words.push(format!("|{}", names.len()));
        words.extend(names.iter().map(|name| {
            let last = state.args.iter().rev().find(|(known, _)| known == name);
            let given = last.and_then(|(_, value)| value.as_deref()).unwrap_or_default();
            format!("{name}={}", state.env.get(name).unwrap_or(given))
        }));
    }
    words.extend(argv.iter().cloned());
    format!("RUN {} # buildkit", words.join(" "))
}

/// A mount while its fields are read, in order: some count only for a type named before.
#[derive(Default)]
struct Fields {
    kind: Option<String>,
    from: Option<Word>,
    source: String,
    target: String,
    read_only: Option<bool>,
    id: String,
    sharing: Option<Sharing>,
    size: Option<u64>,
    mode: Option<u32>,
    uid: Option<u32>,
    gid: Option<u32>,
}

fn mount(planner: &Planner<'_>, state: &State, stage: usize, line: &Mount) -> Result<RunMount, Error> {
    let mut fields = Fields::default();
    for (key, word) in &line.fields {
        let span = word.as_ref().map_or(line.span, Word::span);
        let value = word.as_ref().map(|word| planner.word(state, word)).transpose()?;
        if key == "from" {
            fields.from.clone_from(word);
            continue;
        }
        fields
            .read(key, value.as_deref())
            .map_err(|(message, expected)| planner.recipe.error(span, message, expected))?;
    }
    let error = |message: &str, expected: &str| Err(planner.recipe.error(line.span, message, expected));
    if fields.target.is_empty() {
        return error("a mount without a target", "target=/PATH");
    }
    let target = join(state.cwd(), &fields.target);
    if target == "/" {
        return error("a mount over /", "a directory below it");
    }
    let is_cache = fields.is("cache");
    if !is_cache {
        let only_cache = [fields.mode.is_some(), fields.uid.is_some(), fields.gid.is_some()];
        if fields.sharing.is_some() || !fields.id.is_empty() || only_cache.contains(&true) {
            return error("id, sharing, mode, uid and gid are for caches", "type=cache");
        }
    }
    let from = match &fields.from {
        Some(from) if !fields.is("tmpfs") => {
            Some(files::copy_from(planner, stages::source(planner.recipe, stage, from)?))
        }
        _ => None,
    };
    let read_only = fields.read_only.unwrap_or(fields.is("bind"));
    Ok(RunMount { target, read_only, kind: fields.into_kind(from) })
}

impl Fields {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref().unwrap_or("bind") == kind
    }

    fn read(&mut self, key: &str, value: Option<&str>) -> Result<(), (String, &'static str)> {
        let text = value.unwrap_or_default();
        let wrong = |expected| (format!("{text:?} is no value for {key}"), expected);
        let number = |radix| u32::from_str_radix(text, radix).ok();
        match key {
            "type" => {
                mount_kind(text)?;
                self.kind = Some(text.to_ascii_lowercase());
            }
            "source" | "src" => self.source = text.to_owned(),
            "target" | "dst" | "destination" => self.target = text.to_owned(),
            "readonly" | "ro" => self.read_only = Some(switch(value).ok_or(wrong("true or false"))?),
            "readwrite" | "rw" => {
                self.read_only = Some(!switch(value).ok_or(wrong("true or false"))?);
            }
            "id" => self.id = text.to_owned(),
            "size" if self.is("tmpfs") => {
                self.size = Some(bytes(text).ok_or(wrong("a number of bytes, as 64m or 1g"))?);
            }
            "size" => return Err(("only a tmpfs has a size".to_owned(), "type=tmpfs before it")),
            "sharing" => {
                self.sharing = Some(match text.to_ascii_lowercase().as_str() {
                    "shared" => Sharing::Shared,
                    "private" => Sharing::Private,
                    "locked" => Sharing::Locked,
                    _ => return Err(wrong("shared, private or locked")),
                });
            }
            "mode" => {
                let mode = number(8).filter(|mode| *mode <= 0o7777);
                self.mode = Some(mode.ok_or(wrong("an octal number up to 7777"))?);
            }
            "uid" => self.uid = Some(number(10).ok_or(wrong("a number"))?),
            "gid" => self.gid = Some(number(10).ok_or(wrong("a number"))?),
            other => unreachable!("{other} was checked to be a known key"),
        }
        Ok(())
    }

    fn into_kind(self, from: Option<CopyFrom>) -> MountKind {
        let source = clean(&self.source);
        match self.kind.as_deref() {
            Some("tmpfs") => MountKind::Tmpfs { size: self.size },
            Some("cache") => MountKind::Cache {
                id: if self.id.is_empty() { go_clean(&self.target) } else { self.id },
                from,
                source,
                sharing: self.sharing.unwrap_or_default(),
                mode: self.mode.unwrap_or(0o755),
                uid: self.uid.unwrap_or(0),
                gid: self.gid.unwrap_or(0),
            },
            _ => MountKind::Bind { from: from.unwrap_or(CopyFrom::Context), source },
        }
    }
}

/// The target as the name of a cache: a relative one stays relative.
fn go_clean(target: &str) -> String {
    let cleaned = clean(target);
    match target.starts_with('/') {
        true => cleaned,
        false => cleaned[1..].to_owned(),
    }
}

/// A key alone says yes.
fn switch(value: Option<&str>) -> Option<bool> {
    match value {
        None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(false),
        Some(_) => None,
    }
}

/// `64m`, `1.5g`, `1024`, `10MiB`: powers of 1024.
fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let unit = text[end..].trim_start_matches(' ').to_ascii_lowercase();
    let unit = unit.strip_suffix("ib").or(unit.strip_suffix('b')).unwrap_or(&unit);
    let shift = match unit {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        "p" => 50,
        _ => return None,
    };
    let number: f64 = text[..end].parse().ok()?;
    let size = number * (1u64 << shift) as f64;
    (size >= 1.0 && size < (1u64 << 53) as f64).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_in_powers_of_two() {
        for (text, want) in [
            ("1024", Some(1024)),
            ("64m", Some(64 << 20)),
            ("64MiB", Some(64 << 20)),
            ("1.5g", Some(3 << 29)),
            ("2 KB", Some(2048)),
            ("0", None),
            ("-1", None),
            ("1x", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), want, "{text}");
        }
    }
}
