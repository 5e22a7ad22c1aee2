//! `cairn completions` and `cairn man`: derived from the command line's definition.

use crate::args::Cli;
use crate::error::{Result, doing};
use clap::CommandFactory;
use std::fs;
use std::path::Path;

pub fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cairn", &mut script);
    print!("{}", String::from_utf8_lossy(&script));
}

/// `cairn.1`, and one page for each command.
pub fn man(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(doing(format!("make {}", folder.display())))?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(doing(format!("write to {}", folder.display())))
}
