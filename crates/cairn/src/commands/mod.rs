//! One file a command. Each takes its arguments and gives an exit status or a failure.

mod build;
mod diff;
mod doctor;
mod export;
mod graph;
mod help;
mod lint;
mod log;
mod new;
mod part;
mod reproduce;
mod review;
mod seeds;
mod shell;
mod store;
mod test;
mod trust;
mod update;

use crate::args::{Cli, Command};
use crate::error::Result;
use crate::output::Output;
use std::process::ExitCode;

/// Runs what the command line says.
pub fn run(cli: &Cli, output: Output) -> Result<ExitCode> {
    let global = &cli.global;
    match &cli.command {
        Command::Build(args) => build::build(global, args, output)?,
        Command::Reproduce(args) => reproduce::run(global, args, output)?,
        Command::Test(args) => test::run(global, args, output)?,
        Command::Fetch(args) => build::fetch(global, args, output)?,
        Command::Export(args) => export::run(global, args, output)?,
        Command::Graph(args) => graph::graph(global, args, output)?,
        Command::Why(args) => graph::why(global, args, output)?,
        Command::Log(args) => log::run(global, args, output)?,
        Command::Diff(args) => diff::run(global, args, output)?,
        Command::Shell(args) => return shell::run(global, args, output),
        Command::Seeds(args) => seeds::run(global, args, output)?,
        Command::Verify(args) => trust::verify(global, args, output)?,
        Command::Review(args) => review::run(global, args, output)?,
        Command::Sign(args) => trust::sign(global, args, output)?,
        Command::Key(command) => trust::key(global, command, output)?,
        Command::Policy(command) => trust::policy(global, command, output)?,
        Command::Lint(args) => lint::run(global, args, output)?,
        Command::New(args) => new::run(global, args, output)?,
        Command::Update(args) => update::run(global, args, output)?,
        Command::Gc => store::gc(global, output)?,
        Command::Fsck(args) => store::fsck(global, args, output)?,
        Command::Doctor => doctor::run(global, output)?,
        Command::Completions { shell } => help::completions(*shell),
        Command::Man { dir } => help::man(dir)?,
    }
    Ok(ExitCode::SUCCESS)
}
