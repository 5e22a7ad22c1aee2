//! `cairn shell NAME[:STAGE]`: look around where a RUN line runs.

use crate::args::{Global, How, Shell};
use crate::commands::build;
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project;
use cairn_build::Streams;
use cairn_core::tree::Tree;
use cairn_sandbox::Status;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::process::ExitCode;

pub fn run(global: &Global, args: &Shell, output: Output) -> Result<ExitCode> {
    let (name, stage) = project::name_and_stage(&args.stage)?;
    let streams = streams(args)?;
    let how = How { offline: false, ..How::default() };
    let engine = build::engine_on(global, &how, false, output, Tree::with_tests)?;
    build::known(&engine.tree, &name)?;
    let shell = engine.shell(&name, stage).map_err(|e| build::failure(&e))?;
    if let Some(error) = &shell.failed {
        output
            .note(&format!("{error}\nThese are the files before that step. What you change is thrown away."));
    }
    let end = shell.open(&args.command, streams).map_err(|e| build::failure(&e))?;
    Ok(match end.status {
        Status::Exit(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        _ => ExitCode::FAILURE,
    })
}

/// The terminal, if a person sits at it; otherwise a program may still write to a pipe.
fn streams(args: &Shell) -> Result<Streams> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        let terminal = File::options().read(true).write(true).open("/dev/tty");
        return Ok(Streams::Terminal(terminal.map_err(doing("use the terminal"))?));
    }
    if args.command.is_empty() {
        return Err(Failure::usage("a shell needs a terminal, and this is none")
            .hint(format!("cairn shell {} -- PROGRAM", args.stage)));
    }
    let output = io::stdout().as_fd().try_clone_to_owned().map_err(doing("use standard output"))?;
    Ok(Streams::Output(output.into()))
}
