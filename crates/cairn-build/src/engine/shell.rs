//! A person in the root of a stage: `cairn shell NAME[:STAGE]`.
//!
//! The stage is built as far as it goes. If a step fails, the shell opens on the
//! files as they were before it, which is where one wants to look. What is written in
//! the shell is thrown away.

use std::fs::{self, File};

use cairn_core::image::Config;
use cairn_core::plan::{Account, Id};
use cairn_core::tree::Name;
use cairn_sandbox::Status;

use super::Engine;
use super::part::is_image;
use super::stage::{Build, Files};
use crate::copy::upper::Upper;
use crate::error::{Cause, Error};
use crate::request::{Places, Request};
use crate::users;

/// A shell that has ended.
#[derive(Debug)]
pub struct ShellEnd {
    /// How its program ended.
    pub status: Status,
}

/// What a program in a shell reads and writes.
#[derive(Debug)]
pub enum Streams {
    /// A person's terminal.
    Terminal(File),
    /// It reads nothing, and writes here.
    Output(File),
}

/// A stage ready to be looked into.
pub struct Shell<'a> {
    engine: &'a Engine,
    name: Name,
    stage: String,
    files: Files,
    config: Config,
    /// The step that failed, if one did: the shell shows the files before it.
    pub failed: Option<Error>,
}

impl Engine {
    /// Builds `stage` of `name` (the last one if `None`) and all it needs, as far as
    /// that goes.
    ///
    /// # Errors
    ///
    /// A package it needs that fails, a stage that does not exist. A failing step of
    /// the stage itself is [`Shell::failed`].
    pub fn shell(&self, name: &Name, stage: Option<&str>) -> Result<Shell<'_>, Error> {
        if let Some(wanted) = stage {
            self.check_stage(name, wanted)?;
        }
        let needs = self.build_needs(name)?;
        let package = self.package(name, needs);
        let plan = package.plan(stage)?;
        let mut build = Build::new(&package, &plan, is_image(&package, &plan))?;
        let (place, files, failed) = match build.run() {
            Ok(files) => (plan.stages.len() - 1, files, None),
            Err(error) => match build.take_partial() {
                Some((place, files)) => (place, files, Some(error)),
                None => return Err(error),
            },
        };
        Ok(Shell {
            engine: self,
            name: name.clone(),
            stage: build.stage_name(place),
            files,
            config: plan.stages[place].config.clone(),
            failed,
        })
    }
}

impl Shell<'_> {
    /// The stage it opens in.
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// Runs `argv` (the stage's shell if empty) and waits for its end.
    pub fn open(&self, argv: &[String], streams: Streams) -> Result<ShellEnd, Error> {
        let failed = |cause: Cause| Error::Shell {
            package: self.name.clone(),
            stage: self.stage.clone(),
            cause: Box::new(cause),
        };
        self.enter(argv, streams).map_err(failed)
    }

    fn enter(&self, argv: &[String], streams: Streams) -> Result<ShellEnd, Cause> {
        let trees = &self.engine.trees;
        let view = trees.view(&self.files.chain)?;
        let (uid, gid) = users::resolve(&account(&self.config.user), &view)?;
        let split = |pair: &String| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        };
        let mut env: Vec<(String, String)> = self.config.env.iter().map(split).collect();
        for (name, value) in [("HOME", users::home(uid, &view)?), ("TERM", "xterm".to_owned())] {
            if !env.iter().any(|(known, _)| known == name) {
                env.push((name.to_owned(), value));
            }
        }
        let request = Request {
            chain: self.files.chain.clone(),
            argv: if argv.is_empty() { vec!["/bin/sh".to_owned()] } else { argv.to_vec() },
            env,
            cwd: match self.config.working_dir.as_str() {
                "" => "/".to_owned(),
                cwd => cwd.to_owned(),
            },
            uid,
            gid,
            mounts: Vec::new(),
            files: Vec::new(),
            layer: false,
        };
        let tmp = self.engine.store.tmp_dir()?;
        let [upper, work, files] = ["tree", "work", "files"].map(|name| tmp.path().join(name));
        for dir in [&upper, &work, &files] {
            fs::create_dir(dir)?;
        }
        Upper::new(upper.clone(), &view)?.finish()?;
        let (log, terminal) = match streams {
            Streams::Terminal(terminal) => (terminal.try_clone()?, Some(terminal)),
            Streams::Output(output) => (output, None),
        };
        let places = Places { upper, work, files, scratch: Vec::new(), log };
        let circumstances = &self.engine.options.circumstances;
        let mut request = request.to_sandbox(trees, places, circumstances);
        if terminal.is_some() {
            request.log = None;
            request.terminal = terminal;
        }
        Ok(ShellEnd { status: cairn_sandbox::run(&request)?.status })
    }
}

/// `USER` as the configuration has it.
fn account(text: &str) -> Account {
    let id = |text: &str| match text.parse() {
        Ok(number) => Id::Number(number),
        Err(_) => Id::Name(text.to_owned()),
    };
    match text.split_once(':') {
        _ if text.is_empty() => Account::ROOT,
        Some((user, group)) => Account { user: id(user), group: Some(id(group)) },
        None => Account { user: id(text), group: None },
    }
}
