//! `cairn build` and `cairn fetch`.

use crate::args::{Build, Global, How, Names};
use crate::error::{Failure, Kind, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use crate::sources::StoreSources;
use cairn_build::request::Circumstances;
use cairn_build::{Built, Engine, Options, Sources as _};
use cairn_core::json::Value;
use cairn_core::tree::{Name, Tree};
use std::sync::Arc;

/// Builds and compares; prints `sha256:… NAME` for each package that was asked for.
pub fn build(global: &Global, args: &Build, output: Output) -> Result<()> {
    let engine = engine(global, &args.how, args.update, output)?;
    let targets = targets(&engine.tree, &args.packages)?;
    for built in run(&engine, &targets)? {
        let record = &built.record;
        if targets.contains(&record.name) {
            if output.json {
                println!("{}", result(&built).compact());
            } else {
                println!("{} {}", record.image, record.name);
            }
        }
    }
    Ok(())
}

fn result(built: &Built) -> Value {
    let record = &built.record;
    Value::object([
        ("event", Value::from("built")),
        ("package", record.name.as_str().into()),
        ("version", record.version.as_str().into()),
        ("image", record.image.to_string().into()),
        ("definition", record.definition.to_string().into()),
        ("platform", record.platform.as_str().into()),
        ("cached", Value::Bool(built.cached)),
    ])
}

/// The engine for this project, with everything a person may choose.
pub fn engine(global: &Global, how: &How, update: bool, output: Output) -> Result<Engine> {
    let project = Project::find(global)?;
    let store = Arc::new(project::store(global)?);
    let tree = Arc::new(tree(&project)?);
    let circumstances = Circumstances { cpus: how.cpus, ..Circumstances::default() };
    let options = Options {
        jobs: how.jobs.unwrap_or_else(default_jobs),
        circumstances,
        update,
        ..Options::default()
    };
    let mut engine = Engine::new(store.clone(), tree, options);
    engine.load_digests(&project.digests()).map_err(|e| failure(&e))?;
    engine.sources = Arc::new(StoreSources::new(&project, store, how.offline)?);
    engine.progress = output.progress();
    Ok(engine)
}

/// Reads `packages/`.
pub fn tree(project: &Project) -> Result<Tree> {
    Tree::load(&project.packages()).map_err(|e| Failure::failed("the package tree cannot be read").because(&e))
}

/// What was named, or everything.
pub fn targets(tree: &Tree, given: &Names) -> Result<Vec<Name>> {
    let names = project::names(&given.names)?;
    if let Some(unknown) = names.iter().find(|n| !tree.packages.contains_key(n)) {
        return Err(Failure::usage(format!("there is no package {unknown}")).hint("cairn graph lists the packages"));
    }
    Ok(if names.is_empty() { tree.packages.keys().cloned().collect() } else { names })
}

/// Builds, and turns what goes wrong into a failure.
pub fn run(engine: &Engine, targets: &[Name]) -> Result<Vec<Arc<Built>>> {
    engine.build(targets).map_err(|e| failure(&e))
}

/// What, why, next: from an error of the engine.
pub fn failure(error: &cairn_build::Error) -> Failure {
    let kind = match error.kind() {
        cairn_build::Kind::Failed => Kind::Failed,
        cairn_build::Kind::DigestDiffers => Kind::Differs,
    };
    let mut failure = Failure::new(kind, error.to_string());
    let mut below = std::error::Error::source(error);
    while let Some(error) = below {
        let text = error.to_string();
        if !failure.what.contains(&text) {
            failure = failure.cause(text);
        }
        below = error.source();
    }
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2))
}

/// Brings sources into the store, so that a build can follow without a network.
pub fn fetch(global: &Global, args: &Names, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let store = Arc::new(project::store(global)?);
    let tree = tree(&project)?;
    let sources = StoreSources::new(&project, store, false)?;
    for name in targets(&tree, args)? {
        let package = &tree.packages[&name];
        for (source, checksum) in package.sources().map_err(doing(format!("plan {name}")))? {
            output.note(&format!("{name}: {source}"));
            sources.fetch(&source, &checksum, &mut |_, _| {}).map_err(|e| {
                Failure::failed(format!("{name}: a source cannot be had")).cause(e)
            })?;
            if !output.json {
                println!("{checksum} {source}");
            }
        }
    }
    Ok(())
}
