//! `cairn`: connects the libraries to a command line, and nothing more.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod error;
mod output;
mod project;
mod sources;

use args::Cli;
use clap::Parser;
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    match commands::run(&cli, output) {
        Ok(code) => code,
        Err(failure) => failure.report(output.json, output.colours),
    }
}
