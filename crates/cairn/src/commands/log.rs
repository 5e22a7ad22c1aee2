//! `cairn log NAME`: what the last build of a package printed.

use crate::args::{Global, Log};
use crate::error::{Failure, Result, doing};
use crate::project;
use cairn_build::logs;
use std::fs::File;
use std::io;

pub fn run(global: &Global, args: &Log) -> Result<()> {
    let name = project::name(&args.name)?;
    let store = project::store(global)?;
    let mut entries = logs::list(&store.logs(), &name).map_err(doing(format!("list the logs of {name}")))?;
    if entries.is_empty() {
        return Err(Failure::failed(format!("{name} has no logs: no step of it has run here"))
            .hint(format!("cairn build --no-cache {name}")));
    }
    if !args.all {
        entries.drain(..entries.len() - 1);
    }
    for entry in entries {
        println!("==> {} {} ({})", entry.place, entry.text, entry.state);
        let mut file = File::open(&entry.path).map_err(doing(format!("open {}", entry.path.display())))?;
        io::copy(&mut file, &mut io::stdout().lock()).map_err(doing("write to standard output"))?;
    }
    Ok(())
}
