//! A second cairn, started as somebody else would start it.
//!
//! The other user, locale, time zone, umask, home and working folder are the process's; the
//! other clock, processors and so on are what it shows its RUN lines (`--elsewhere`).

use super::elsewhere::Elsewhere;
use crate::args::{Reproduce, SameName};
use crate::output::Output;
use cairn_build::Engine;
use cairn_build::diff::Known;
use cairn_build::drivers::Foreign;
use cairn_build::reproduce::{Same, Witness, conditions};
use cairn_core::digest::Digest;
use cairn_core::tree::Name;
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// `i` and `I` are different letters there, and it is tomorrow.
const ENVIRONMENT: [(&str, &str); 4] =
    [("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8"), ("TZ", "Pacific/Kiritimati"), ("LINES", "7")];

/// One process that builds.
pub struct Child<'a> {
    elsewhere: &'a Elsewhere,
    /// For a person.
    name: String,
    store: PathBuf,
    /// `None` is cairn itself.
    engine: Option<Foreign>,
    same: Vec<SameName>,
    known: Known,
    options: Vec<String>,
}

impl<'a> Child<'a> {
    /// cairn's own engine, under other conditions.
    pub fn cairn(engine: &Engine, args: &Reproduce, output: Output, elsewhere: &'a Elsewhere) -> Self {
        let ours = &engine.options.circumstances;
        let same: Vec<Same> = args.same.iter().map(|same| (*same).into()).collect();
        let theirs = conditions::other(ours, &same);
        let mut child = Child::new(None, engine, output, elsewhere, 1);
        child.same.clone_from(&args.same);
        child.known = Known { user: elsewhere.user, ..conditions::known(ours, &theirs) };
        child
    }

    /// Another engine, which shows its commands what it likes.
    pub fn foreign(
        foreign: Foreign,
        engine: &Engine,
        output: Output,
        elsewhere: &'a Elsewhere,
        number: usize,
    ) -> Self {
        Child::new(Some(foreign), engine, output, elsewhere, number)
    }

    fn new(
        foreign: Option<Foreign>,
        engine: &Engine,
        output: Output,
        elsewhere: &'a Elsewhere,
        number: usize,
    ) -> Self {
        let mut options = vec![
            format!("--jobs={}", engine.options.jobs),
            format!("--cpus={}", engine.options.circumstances.cpus),
            format!("--engine={}", foreign.map_or("embedded", Foreign::name)),
            "--offline".to_owned(),
        ];
        if output.quiet || output.json {
            options.push("--quiet".to_owned());
        }
        let name = match (foreign, elsewhere.user) {
            (Some(engine), _) => {
                format!("by {}", engine.version().unwrap_or_else(|| engine.name().to_owned()))
            }
            (None, Some(user)) => format!("elsewhere as user {user}"),
            (None, None) => "elsewhere".to_owned(),
        };
        let (store, known) = (elsewhere.store(number), Known::default());
        Child { elsewhere, name, store, engine: foreign, same: Vec::new(), known, options }
    }

    fn command(&self, names: &[Name]) -> std::io::Result<Command> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(self.elsewhere.tool()?);
        command.arg("--home").arg(&self.store).arg("--tree").arg(self.elsewhere.tree());
        command.arg("build").args(&self.options);
        if self.engine.is_none() {
            command.arg("--elsewhere");
            let same = self.same.iter().filter_map(|same| same.to_possible_value());
            command.args(same.map(|value| format!("--same={}", value.get_name())));
            // Nothing of ours, but what finds programs and shows progress.
            command.env_clear();
            let kept = ["PATH", "TERM", "NO_COLOR"];
            command.envs(kept.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
            command.env("HOME", &self.store);
        }
        command.envs(ENVIRONMENT).args(names.iter().map(Name::as_str));
        command.current_dir(&self.store).stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(user) = self.owner() {
            command.uid(user.0).gid(user.1);
        }
        Ok(command)
    }
}

impl Witness for Child<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn home(&self) -> &Path {
        &self.store
    }

    fn owner(&self) -> Option<(u32, u32)> {
        // An engine's daemon or storage belongs to whoever we are.
        self.elsewhere.user.filter(|_| self.engine.is_none()).map(|user| (user, user))
    }

    fn known(&self) -> Known {
        self.known.clone()
    }

    fn build(&mut self, names: &[Name]) -> Result<BTreeMap<Name, Digest>, String> {
        let mut command = self.command(names).map_err(|error| error.to_string())?;
        let child = command.stderr(Stdio::inherit()).spawn().map_err(|error| error.to_string())?;
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("it ended with {}", output.status));
        }
        let line = |line: &str| -> Option<(Name, Digest)> {
            let (digest, name) = line.split_once(' ')?;
            Some((name.parse().ok()?, digest.parse().ok()?))
        };
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().map(line).collect::<Option<_>>().ok_or_else(|| format!("it said {text:?}"))
    }
}
