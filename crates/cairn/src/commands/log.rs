//! `cairn log NAME`: what the last build of a package printed, and where its time goes.

use crate::args::{Global, Log};
use crate::commands::{build, part};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_build::logs::{self, Entry};
use cairn_core::json::Value;
use std::fs::File;
use std::io;

pub fn run(global: &Global, args: &Log, output: Output) -> Result<()> {
    if args.times {
        return part::times(global, &args.name, output);
    }
    let (name, stage) = project::name_and_stage(&args.name)?;
    if stage.is_some() {
        return Err(Failure::usage("logs are kept for whole packages")
            .hint(format!("cairn log {name} --all"))
            .hint(format!("cairn log {} --times", args.name)));
    }
    let store = project::store(global)?;
    let mut entries = logs::list(&store.logs(), &name).map_err(doing(format!("list the logs of {name}")))?;
    if entries.is_empty() {
        // Outside a tree there is nobody to ask whether the name is right.
        if let Ok(tree) = Project::find(global).and_then(|project| build::tree(&project, &store)) {
            build::known(&tree, &name)?;
        }
        return Err(Failure::failed(format!("{name} has no logs: no step of it has run here"))
            .hint(format!("cairn build --no-cache {name}")));
    }
    if !args.all {
        entries.drain(..entries.len() - 1);
    }
    entries.iter().try_for_each(|entry| if output.json { show_json(entry) } else { show(entry) })
}

fn show(entry: &Entry) -> Result<()> {
    println!("==> {} {} ({})", entry.place, entry.text, entry.state);
    let mut file = File::open(&entry.path).map_err(doing(format!("open {}", entry.path.display())))?;
    match io::copy(&mut file, &mut io::stdout().lock()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(doing("write to standard output")(error))
        }
        _ => Ok(()),
    }
}

/// The path instead of the bytes, which may be no text.
fn show_json(entry: &Entry) -> Result<()> {
    let value = Value::object([
        ("event", Value::from("log")),
        ("place", entry.place.as_str().into()),
        ("text", entry.text.as_str().into()),
        ("state", entry.state.as_str().into()),
        ("path", entry.path.to_string_lossy().into_owned().into()),
    ]);
    println!("{}", value.compact());
    Ok(())
}
