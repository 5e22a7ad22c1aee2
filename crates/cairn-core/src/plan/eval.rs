//! The evaluation: one stage after the other, one instruction after the other.
//!
//! The rules are BuildKit's: `ENV` and `ARG` live in one list of variables; a stage
//! built on another inherits that list; a line sees the values from before it.
//!
//! Where versions of BuildKit word the history differently, the older wording is used
//! (that of 0.13, in Docker 26): `EXPOSE map[80/tcp:{}]` and not `EXPOSE [80/tcp]`, and
//! `ARG X` without the value that comes from elsewhere. [`crate::lint`] warns of both
//! in the stage that becomes the image.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::env::{self, Env, Expander, Mirror};
use super::quote::{go_set, plain_list, quoted_list};
use super::run::with_shell;
use super::stages::{self, Origin};
use super::{
    Base, CopyFrom, DEBIAN_MIRROR, Fetch, ImageRef, MountKind, Op, PLATFORM, Plan, PlannedStage, SourceUrl,
    Step, files, ports, run, signal,
};
use crate::containerfile::{Arg, Command, Error, Instruction, Kind, Pair, Recipe, Span, Word};
use crate::digest::Digest;
use crate::image::{Config, DEFAULT_PATH, History};

/// What BuildKit writes beside every line of history.
const COMMENT: &str = "buildkit.dockerfile.v0";

/// Evaluates a recipe up to `target`, a stage by name or number; the last if `None`.
///
/// `args` are what stock engines take as `--build-arg`. `SOURCE_DATE_EPOCH` is always
/// 0. `base` gives the configuration of an image that is not made here; `None` is an
/// error at the line that names it.
pub fn plan(
    recipe: &Recipe,
    target: Option<&str>,
    args: &BTreeMap<String, String>,
    base: &dyn Fn(&ImageRef) -> Option<Config>,
) -> Result<Plan, Error> {
    let expander = Expander { recipe, undefined: RefCell::default() };
    let target = find_target(recipe, target)?;
    let globals = globals(&expander, args)?;
    let origins = stages::origins(&expander, &globals);
    let needed = stages::needed(recipe, &origins, target)?;
    let mut planner = Planner { recipe, expander, args, globals, needed, states: Vec::new() };
    let mut planned = Vec::new();
    for index in planner.needed.clone() {
        let origin = origins[index].clone()?;
        let (state, base) = planner.begin(index, origin, base)?;
        let (state, steps) = planner.stage(index, state)?;
        let name = recipe.stages[index].name.clone();
        let config = state.config.clone();
        planner.states.push(state);
        planned.push(PlannedStage { name, index, base, steps, config });
    }
    // A stage on the way becomes no image.
    if target == recipe.stages.len() - 1 {
        planner.refuse_mirror_in_image()?;
    }
    Ok(Plan { stages: planned, undefined: planner.expander.undefined.into_inner() })
}

/// What must exist before a recipe can be built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// Images, each once, with the line that names it first.
    pub images: BTreeMap<ImageRef, Span>,
    /// Files from the network, each checksum once.
    pub sources: BTreeMap<Digest, Source>,
}

/// A file from the network.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Source {
    pub url: SourceUrl,
    pub span: Span,
}

/// The images and sources that the last stage needs, without building anything.
///
/// Variables that a base image sets are not known yet; a source must not depend on
/// them.
pub fn needs(recipe: &Recipe, args: &BTreeMap<String, String>) -> Result<Needs, Error> {
    let plan = plan(recipe, None, args, &|_| Some(Config::scratch("amd64")))?;
    let mut needs = Needs::default();
    for stage in &plan.stages {
        if let Base::Image(image) = &stage.base {
            let span = recipe.stages[stage.index].base.span();
            needs.images.entry(image.clone()).or_insert(span);
        }
        for step in &stage.steps {
            needs.step(step);
        }
    }
    Ok(needs)
}

impl Needs {
    fn step(&mut self, step: &Step) {
        let froms: Vec<&CopyFrom> = match &step.op {
            Op::Copy(copy) => vec![&copy.from],
            Op::Run(run) => run.mounts.iter().filter_map(|mount| mount.from()).collect(),
            Op::Fetch(Fetch { source, checksum, .. }) => {
                let source = Source { url: source.clone(), span: step.span };
                self.sources.entry(*checksum).or_insert(source);
                Vec::new()
            }
            Op::Mkdir(_) => Vec::new(),
        };
        for from in froms {
            if let CopyFrom::Image(image) = from {
                self.images.entry(image.clone()).or_insert(step.span);
            }
        }
    }
}

impl super::RunMount {
    /// Whose files are mounted, if any.
    pub fn from(&self) -> Option<&CopyFrom> {
        match &self.kind {
            MountKind::Bind { from, .. } => Some(from),
            MountKind::Cache { from, .. } => from.as_ref(),
            MountKind::Tmpfs { .. } => None,
        }
    }
}

fn find_target(recipe: &Recipe, target: Option<&str>) -> Result<usize, Error> {
    let Some(target) = target else { return Ok(recipe.stages.len() - 1) };
    let number = target.parse().ok().filter(|number| *number < recipe.stages.len());
    stages::by_name(&recipe.stages, target).or(number).ok_or_else(|| {
        let names: Vec<&str> = recipe.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
        let last = recipe.stages.last().map(|stage| stage.span).unwrap_or_default();
        let expected = format!("one of {}", names.join(" "));
        recipe.error(last, format!("there is no stage {target:?}"), expected)
    })
}

/// Predefined arguments, then those in front of the first `FROM`.
fn globals(expander: &Expander<'_>, args: &BTreeMap<String, String>) -> Result<Env, Error> {
    let mut env = Env::default();
    for side in ["BUILD", "TARGET"] {
        for (what, value) in
            [("PLATFORM", PLATFORM), ("OS", "linux"), ("OSVERSION", ""), ("ARCH", "amd64"), ("VARIANT", "")]
        {
            env.set(&format!("{side}{what}"), value);
        }
    }
    for arg in &expander.recipe.global_args {
        if arg.name == DEBIAN_MIRROR {
            continue;
        }
        match (build_arg(args, &arg.name), &arg.default) {
            (Some(value), _) => env.set(&arg.name, value),
            (None, Some(word)) => {
                let value = expander.word(word, &env, Mirror::Forbidden)?;
                env.set(&arg.name, &value);
            }
            (None, None) => {}
        }
    }
    Ok(env)
}

/// A value given from outside. The epoch is part of the canonical image.
fn build_arg<'a>(args: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    match name {
        "SOURCE_DATE_EPOCH" => Some("0"),
        name => args.get(name).map(String::as_str),
    }
}

/// What is known at a line of a stage.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub config: Config,
    pub env: Env,
    /// `ARG`s declared so far, those of the base stage first.
    pub args: Vec<(String, Option<String>)>,
    /// Where `ARG DEBIAN_MIRROR` was declared.
    pub mirror: Option<Span>,
    /// `CMD` was given in this very stage.
    cmd_set: bool,
}

impl State {
    pub fn cwd(&self) -> &str {
        match self.config.working_dir.as_str() {
            "" => "/",
            dir => dir,
        }
    }

    pub fn mirror_rule(&self) -> Mirror {
        if self.mirror.is_some() { Mirror::Forbidden } else { Mirror::Unknown }
    }

    fn commit(&mut self, created_by: String, empty_layer: bool) {
        let comment = COMMENT.to_owned();
        self.config.history.push(History { created_by, comment, empty_layer });
    }
}

pub(super) struct Planner<'a> {
    pub recipe: &'a Recipe,
    pub expander: Expander<'a>,
    args: &'a BTreeMap<String, String>,
    globals: Env,
    /// Stages of the recipe that are planned, ascending.
    needed: Vec<usize>,
    /// How each of them ended.
    states: Vec<State>,
}

impl Planner<'_> {
    /// A word that must not name a mirror.
    pub fn word(&self, state: &State, word: &Word) -> Result<String, Error> {
        self.expander.word(word, &state.env, state.mirror_rule())
    }

    /// The place in the plan of a stage of the recipe.
    pub fn place(&self, index: usize) -> usize {
        self.needed.binary_search(&index).expect("a stage that is referred to is needed")
    }

    /// The state in front of the first line of a stage.
    fn begin(
        &self,
        index: usize,
        origin: Origin,
        base: &dyn Fn(&ImageRef) -> Option<Config>,
    ) -> Result<(State, Base), Error> {
        let fresh =
            |config| State { config, env: Env::default(), args: Vec::new(), mirror: None, cmd_set: false };
        let (mut state, base) = match origin {
            Origin::Scratch => (fresh(Config::scratch("amd64")), Base::Scratch),
            Origin::Stage(stage) => {
                let place = self.place(stage);
                (self.states[place].clone(), Base::Stage(place))
            }
            Origin::Image(image) => {
                let config = base(&image).ok_or_else(|| {
                    let span = self.recipe.stages[index].base.span();
                    self.recipe.error(span, format!("image {image} is not there"), "a built image")
                })?;
                (fresh(config), Base::Image(image))
            }
        };
        state.cmd_set = false;
        if !state.config.env.iter().any(|entry| env::split(entry).0 == "PATH") {
            state.config.env.push(DEFAULT_PATH.to_owned());
        }
        for entry in &state.config.env {
            let (name, value) = env::split(entry);
            state.env.set(name, value);
        }
        Ok((state, base))
    }

    fn stage(&self, index: usize, mut state: State) -> Result<(State, Vec<Step>), Error> {
        let mut steps = Vec::new();
        for instruction in &self.recipe.stages[index].instructions {
            let Some(op) = self.instruction(index, &mut state, instruction)? else { continue };
            let before = &self.recipe.text[..instruction.span.start as usize];
            steps.push(Step {
                span: instruction.span,
                line: before.matches('\n').count() as u32 + 1,
                text: instruction.text.clone(),
                op,
            });
        }
        Ok((state, steps))
    }

    fn instruction(&self, index: usize, state: &mut State, line: &Instruction) -> Result<Option<Op>, Error> {
        let (op, history) = match &line.kind {
            Kind::Run(run) => run::run(self, state, index, line, run)?,
            Kind::Copy(copy) => files::copy(self, state, index, copy)?,
            Kind::Add(add) => files::add(self, state, add)?,
            Kind::Workdir(word) => return self.workdir(state, word),
            Kind::Arg(args) => return self.arg(state, args, line.span).map(|()| None),
            Kind::Env(pairs) => return self.env(state, pairs).map(|()| None),
            Kind::Label(pairs) => return self.label(state, pairs).map(|()| None),
            Kind::User(word) => return self.user(state, word).map(|()| None),
            Kind::Expose(words) => return self.expose(state, words).map(|()| None),
            Kind::Volume(words) => return self.volume(state, words).map(|()| None),
            Kind::StopSignal(word) => return self.stop_signal(state, word).map(|()| None),
            Kind::Shell(shell) => {
                state.config.shell = Some(shell.clone());
                state.commit(format!("SHELL {}", plain_list(shell)), true);
                return Ok(None);
            }
            Kind::Cmd(command) => {
                cmd(state, command);
                return Ok(None);
            }
            Kind::Entrypoint(command) => {
                entrypoint(state, command);
                return Ok(None);
            }
        };
        state.commit(history, false);
        Ok(Some(op))
    }

    fn workdir(&self, state: &mut State, word: &Word) -> Result<Option<Op>, Error> {
        let path = self.word(state, word)?;
        if path.is_empty() {
            let message = format!("{} is empty here", word.text);
            return Err(self.recipe.error(word.span(), message, "a directory"));
        }
        if path.starts_with('/') && files::clean(&path) != path {
            let message = format!("{path:?} is not the shortest way to write this directory");
            let expected = format!("{}: engines put others differently into the image", files::clean(&path));
            return Err(self.recipe.error(word.span(), message, expected));
        }
        let path = files::join(state.cwd(), &path);
        state.config.working_dir.clone_from(&path);
        let op = files::mkdir(self, state, &path, word)?;
        state.commit(format!("WORKDIR {path}"), op.is_none());
        Ok(op)
    }

    fn arg(&self, state: &mut State, args: &[Arg], span: Span) -> Result<(), Error> {
        let mut shown = Vec::new();
        // Older engines expand a whole line with the values from before it, newer ones
        // one argument after the other.
        let before = state.env.clone();
        for arg in args {
            if arg.name == DEBIAN_MIRROR {
                state.mirror = Some(span);
                state.args.push((arg.name.clone(), None));
                shown.push(arg.name.clone());
                continue;
            }
            let default = arg.default.as_ref().map(|word| {
                let value = self.word(state, word)?;
                if self.expander.word(word, &before, state.mirror_rule())? != value {
                    let message = "an argument that looks at another one of the same line";
                    return Err(self.recipe.error(word.span(), message, "an ARG line for each"));
                }
                Ok(value)
            });
            let default = default.transpose()?;
            shown.push(match &default {
                Some(value) => format!("{}={value}", arg.name),
                None => arg.name.clone(),
            });
            let given = build_arg(self.args, &arg.name).map(str::to_owned);
            let global = || self.globals.get(&arg.name).map(str::to_owned);
            let value = given.or(default).or_else(global);
            if let Some(value) = &value {
                state.env.set(&arg.name, value);
            }
            state.args.push((arg.name.clone(), value));
        }
        state.commit(format!("ARG {}", shown.join(" ")), true);
        Ok(())
    }

    /// All pairs see the values from before the line.
    fn pairs(&self, state: &State, pairs: &[Pair]) -> Result<Vec<(String, String)>, Error> {
        let expand = |pair: &Pair| {
            let key = self.word(state, &pair.key)?;
            if key.is_empty() {
                let message = format!("the name {} is empty here", pair.key.text);
                return Err(self.recipe.error(pair.key.span(), message, "KEY=VALUE"));
            }
            Ok((key, self.word(state, &pair.value)?))
        };
        pairs.iter().map(expand).collect()
    }

    fn env(&self, state: &mut State, pairs: &[Pair]) -> Result<(), Error> {
        let mut shown = "ENV".to_owned();
        for ((name, value), pair) in self.pairs(state, pairs)?.into_iter().zip(pairs) {
            if name.contains('=') {
                let message = "the name of a variable holds =";
                return Err(self.recipe.error(pair.key.span(), message, "NAME=VALUE"));
            }
            let entry = format!("{name}={value}");
            shown += &format!(" {entry}");
            state.env.set(&name, &value);
            match state.config.env.iter_mut().find(|known| env::split(known).0 == name) {
                Some(known) => *known = entry,
                None => state.config.env.push(entry),
            }
        }
        state.commit(shown, true);
        Ok(())
    }

    fn label(&self, state: &mut State, pairs: &[Pair]) -> Result<(), Error> {
        let mut shown = "LABEL".to_owned();
        for (key, value) in self.pairs(state, pairs)? {
            shown += &format!(" {key}={value}");
            state.config.labels.insert(key, value);
        }
        state.commit(shown, true);
        Ok(())
    }

    fn user(&self, state: &mut State, word: &Word) -> Result<(), Error> {
        let user = self.word(state, word)?;
        if let Err(expected) = super::Account::for_process(&user) {
            let message = format!("{user:?} is no user");
            return Err(self.recipe.error(word.span(), message, expected));
        }
        state.commit(format!("USER {user}"), true);
        state.config.user = user;
        Ok(())
    }

    fn expose(&self, state: &mut State, words: &[Word]) -> Result<(), Error> {
        let mut found = Vec::new();
        for word in words {
            for text in self.expander.split(word, &state.env, state.mirror_rule())? {
                found.extend(ports::parse(&text).map_err(|expected| {
                    self.recipe.error(word.span(), format!("{text:?} is no port"), expected)
                })?);
            }
        }
        state.commit(format!("EXPOSE {}", go_set(&found)), true);
        state.config.exposed_ports.extend(found);
        Ok(())
    }

    fn volume(&self, state: &mut State, words: &[Word]) -> Result<(), Error> {
        let mut paths = Vec::new();
        for word in words {
            let path = self.word(state, word)?;
            if path.is_empty() {
                let message = format!("{} is empty here", word.text);
                return Err(self.recipe.error(word.span(), message, "a directory"));
            }
            paths.push(path);
        }
        state.commit(format!("VOLUME {}", plain_list(&paths)), true);
        state.config.volumes.extend(paths);
        Ok(())
    }

    fn stop_signal(&self, state: &mut State, word: &Word) -> Result<(), Error> {
        let signal = self.word(state, word)?;
        if !signal::is_signal(&signal) {
            let message = format!("{signal:?} is no signal");
            return Err(self.recipe.error(word.span(), message, "a name as SIGTERM, or a number"));
        }
        state.commit(format!("STOPSIGNAL {signal}"), true);
        state.config.stop_signal = Some(signal);
        Ok(())
    }

    /// `ARG DEBIAN_MIRROR` in the image would put somebody's mirror into its history.
    fn refuse_mirror_in_image(&self) -> Result<(), Error> {
        match self.states.last().and_then(|state| state.mirror) {
            None => Ok(()),
            Some(span) => Err(self.recipe.error(
                span,
                "the history of the image would name a mirror",
                "ARG DEBIAN_MIRROR in another stage, whose files are copied into this one",
            )),
        }
    }
}

fn command(state: &State, command: &Command) -> Vec<String> {
    match command {
        Command::Shell(text) => with_shell(state, text),
        Command::Exec(argv) => argv.clone(),
    }
}

fn cmd(state: &mut State, line: &Command) {
    let argv = command(state, line);
    state.commit(format!("CMD {}", quoted_list(&argv)), true);
    state.config.cmd = Some(argv).filter(|argv| !argv.is_empty());
    state.config.args_escaped = true;
    state.cmd_set = true;
}

/// A new entry point makes an inherited `CMD` meaningless.
fn entrypoint(state: &mut State, line: &Command) {
    let argv = command(state, line);
    state.commit(format!("ENTRYPOINT {}", quoted_list(&argv)), true);
    state.config.entrypoint = Some(argv).filter(|argv| !argv.is_empty());
    if !state.cmd_set {
        state.config.cmd = None;
    }
}
