//! `cairn review NAME`: all that somebody reads before `cairn sign --review`.
//!
//! ```text
//! the definition            as it is now
//! the definition's changes  since the newest commit that had another one recorded
//! the sources' changes      both archives by hash, file by file
//! binary files              in what came new: nobody can read them
//! ```
//!
//! What strangers wrote is shown so that it cannot act on the terminal or hide from the
//! reader: see [`text::visible`].

mod archive;
mod history;
mod sources;
mod text;

use crate::args::{Global, Review};
use crate::commands::{build, trust};
use crate::error::{Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use crate::sources::StoreSources;
use cairn_core::tree::{FileKind, Package};
use history::History;
use std::fs;
use std::sync::Arc;

pub fn run(global: &Global, args: &Review, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let store = Arc::new(project::store(global)?);
    let tree = build::tree(&project, &store)?;
    let name = project::name(&args.name)?;
    build::known(&tree, &name)?;
    let package = &tree.packages[&name];
    let history = History::new(&project, &name);
    let base = match &args.since {
        Some(revision) => Some(history.commit(revision)?),
        None => history.recorded_before(),
    };
    definition(package)?;
    match &base {
        Some(base) => {
            heading(&format!("changes of the definition since {base}"));
            print(&history.changes(base)?);
        }
        None => heading("no earlier version with a recorded digest: everything is new"),
    }
    let old = match &base {
        Some(base) => history.sources(base)?,
        None => Default::default(),
    };
    let fetch = StoreSources::new(&project, store.clone(), args.offline)?;
    sources::show(&store, &fetch, &old, &package.needs.sources)?;
    match trust::definition(&project, &store, &name)? {
        Some(definition) => {
            heading(&format!("read? {definition}"));
            println!("cairn sign --as PERSON --review {name}");
        }
        None => output.note("something that it needs has no recorded digest yet: it cannot be signed"),
    }
    Ok(())
}

/// The Containerfile, and the names of what lies beside it.
fn definition(package: &Package) -> Result<()> {
    heading(&format!("definition of {}", package.name));
    print(&package.recipe.text);
    for file in &package.files {
        let path = package.dir.join(&file.path);
        let kind = match &file.kind {
            FileKind::File { digest, .. } => {
                let bytes = fs::read(&path).map_err(doing(format!("read {}", path.display())))?;
                let kind = if super::seeds::is_text(&bytes) { "text" } else { "BINARY" };
                format!("{kind}, {} bytes, {digest}", bytes.len())
            }
            FileKind::Link { target } => format!("link to {target}"),
            FileKind::EmptyDir => "empty folder".to_owned(),
        };
        print(&format!("# {}: {kind}\n", file.path));
    }
    Ok(())
}

fn heading(text: &str) {
    println!("\n==== {}", text::visible(text));
}

/// Text of strangers.
fn print(text: &str) {
    print!("{}", text::visible(text));
}
