//! `cairn shell NAME[:STAGE]`: look around where a RUN line runs.

use crate::args::{Global, How, Shell};
use crate::commands::build;
use crate::error::{Result, doing};
use crate::output::Output;
use crate::project;
use cairn_sandbox::Status;
use std::fs::File;
use std::process::ExitCode;

pub fn run(global: &Global, args: &Shell, output: Output) -> Result<ExitCode> {
    let (name, stage) = project::name_and_stage(&args.stage)?;
    let engine = build::engine(global, &How { offline: false, ..How::default() }, false, output)?;
    build::known(&engine.tree, &name)?;
    let shell = engine.shell(&name, stage).map_err(|e| build::failure(&e))?;
    if let Some(error) = &shell.failed {
        output
            .note(&format!("{error}\nThese are the files before that step. What you change is thrown away."));
    }
    // Where a person types; in a pipe or a test, what standard input gives.
    let terminal = File::options().read(true).write(true).open("/dev/tty");
    let terminal = terminal.or_else(|_| File::open("/dev/stdin")).map_err(doing("use the terminal"))?;
    let end = shell.open(&args.command, terminal).map_err(|e| build::failure(&e))?;
    Ok(match end.status {
        Status::Exit(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        _ => ExitCode::FAILURE,
    })
}
