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

/// What a shell reports of a program that SIGPIPE ended.
const CLOSED_PIPE: i32 = 128 + 13;

/// `cairn graph | head -1` is no failure: whoever reads has seen enough. `println!` can
/// say so only by panicking.
fn end_quietly_at_a_closed_pipe() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if text.starts_with("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(CLOSED_PIPE);
        }
        default(panic);
    }));
}

fn main() -> ExitCode {
    end_quietly_at_a_closed_pipe();
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    match commands::run(&cli, output) {
        Ok(code) => code,
        Err(failure) => failure.report(output.json, output.colours),
    }
}
