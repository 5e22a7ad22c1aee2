//! `cairn lint`: what a definition does not do as the others do.

use crate::args::{Global, Names};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::lint;

pub fn run(global: &Global, args: &Names, output: Output) -> Result<()> {
    let tree = build::tree(&Project::find(global)?, &project::store(global)?)?;
    let mut count = 0;
    let names = build::targets(&tree, args)?;
    for name in &names {
        let package = &tree.packages[name];
        for finding in lint::lint(package) {
            count += 1;
            println!("{}", finding.show(&package.recipe));
        }
    }
    match count {
        0 => {
            output.note(&format!("{} definitions, nothing to say", names.len()));
            Ok(())
        }
        n => Err(Failure::failed(format!("{n} findings"))),
    }
}
