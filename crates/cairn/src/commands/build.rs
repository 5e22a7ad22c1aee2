//! `cairn build` and `cairn fetch`.

use crate::args::{Build, EngineName, Global, How, Names};
use crate::commands::{part, trust};
use crate::error::{Failure, Kind, Result};
use crate::output::Output;
use crate::project::{self, Project};
use crate::sources::StoreSources;
use cairn_build::drivers::Foreign;
use cairn_build::reproduce::{Same, conditions};
use cairn_build::request::Circumstances;
use cairn_build::{Built, Engine, Options, Sources as _};
use cairn_core::json::Value;
use cairn_core::store::Store;
use cairn_core::tree::{self, Name, StatCache, Tree};
use rustix::process::{Signal, set_parent_process_death_signal};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Builds and compares; prints `sha256:… NAME` for each package that was asked for.
pub fn build(global: &Global, args: &Build, output: Output) -> Result<()> {
    let (stages, packages): (Vec<_>, Vec<_>) = args.names.iter().cloned().partition(|n| n.contains(':'));
    if !stages.is_empty() {
        part::check(args)?;
    }
    let mut engine = engine(global, &args.how, args.update, output)?;
    if args.elsewhere {
        // Nobody waits for a second build whose comparison was killed.
        set_parent_process_death_signal(Some(Signal::TERM)).map_err(|error| {
            Failure::failed("the end of the comparison cannot be watched").because(&error)
        })?;
        let same: Vec<Same> = args.same.iter().map(|same| (*same).into()).collect();
        engine.options.circumstances = conditions::other(&engine.options.circumstances, &same);
    }
    if stages.is_empty() || !packages.is_empty() {
        let targets = targets(&engine.tree, &Names { names: packages })?;
        engine.imported = trust::finished(global, &engine, &args.finished, &targets, output)?;
        build_packages(&engine, &targets, output)?;
    }
    part::build(&engine, &stages, output)
}

fn build_packages(engine: &Engine, targets: &[Name], output: Output) -> Result<()> {
    for built in run(engine, targets)? {
        let record = &built.record;
        if targets.contains(&record.name) {
            if output.json {
                println!("{}", result(&built, engine.imported.contains_key(&record.name)).compact());
            } else {
                println!("{} {}", record.image, record.name);
            }
        }
    }
    Ok(())
}

fn result(built: &Built, imported: bool) -> Value {
    let record = &built.record;
    Value::object([
        ("event", Value::from("built")),
        ("package", record.name.as_str().into()),
        ("version", record.version.as_str().into()),
        ("image", record.image.to_string().into()),
        ("definition", record.definition.to_string().into()),
        ("platform", record.platform.as_str().into()),
        ("cached", Value::Bool(built.cached)),
        ("imported", Value::Bool(imported)),
    ])
}

/// The engine for this project, with everything a person may choose.
pub fn engine(global: &Global, how: &How, update: bool, output: Output) -> Result<Engine> {
    engine_on(global, how, update, output, |tree| tree)
}

/// The same on another tree than that of the project, made from it.
pub fn engine_on(
    global: &Global,
    how: &How,
    update: bool,
    output: Output,
    change: impl FnOnce(Tree) -> Tree,
) -> Result<Engine> {
    let project = Project::find(global)?;
    let store = Arc::new(project::store(global)?);
    let tree = Arc::new(change(tree(&project, &store)?));
    let circumstances = Circumstances { cpus: how.cpus, ..Circumstances::default() };
    let options = Options {
        jobs: how.jobs.map_or_else(default_jobs, |jobs| jobs.into()),
        circumstances,
        update,
        no_cache: how.no_cache,
        foreign: match how.engine {
            EngineName::Embedded => None,
            EngineName::Docker => Some(Foreign::Docker),
            EngineName::Podman => Some(Foreign::Podman),
            EngineName::Buildah => Some(Foreign::Buildah),
        },
        ..Options::default()
    };
    let mut engine = Engine::new(store.clone(), tree, options);
    engine.load_digests(&project.digests()).map_err(|e| failure(&e))?;
    engine.sources = Arc::new(StoreSources::new(&project, store, how.offline)?);
    engine.progress = output.progress();
    Ok(engine)
}

/// Reads `packages/`; files that have not changed since the last time are not hashed.
pub fn tree(project: &Project, store: &Store) -> Result<Tree> {
    let memory = store.home().join("stat");
    let cache = StatCache::read(&memory, SystemTime::now());
    let tree = Tree::load_with(&project.packages(), BTreeMap::new(), &cache)
        .map_err(|e| Failure::failed("the package tree cannot be read").because(&e))?;
    // It only saves time: a full or read-only disk is told by what needs the space.
    let _ = cache.write(&memory);
    Ok(tree)
}

/// What was named, or everything.
pub fn targets(tree: &Tree, given: &Names) -> Result<Vec<Name>> {
    let names = project::names(&given.names)?;
    names.iter().try_for_each(|name| known(tree, name))?;
    if !names.is_empty() {
        return Ok(names);
    }
    match tree.broken.iter().next() {
        Some((name, error)) => Err(broken(name, error)),
        None => Ok(tree.packages.keys().filter(|name| !name.is_test()).cloned().collect()),
    }
}

/// Refuses a name that is no package, or one whose definition cannot be read.
pub fn known(tree: &Tree, name: &Name) -> Result<()> {
    if tree.packages.contains_key(name) {
        return Ok(());
    }
    if let Some(error) = tree.broken.get(name) {
        return Err(broken(name, error));
    }
    let failure = Failure::usage(format!("there is no package {name}"));
    Err(match tree.nearest(name.as_str()) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint("cairn graph    # lists the packages"),
    })
}

fn broken(name: &Name, error: &tree::Error) -> Failure {
    Failure::failed(format!("{name} cannot be built")).because(error)
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
    let hints = error.hint().unwrap_or_default();
    hints.lines().fold(failure, Failure::hint)
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2))
}

/// Brings sources into the store, so that a build can follow without a network.
pub fn fetch(global: &Global, args: &Names, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let store = Arc::new(project::store(global)?);
    let tree = tree(&project, &store)?;
    let sources = StoreSources::new(&project, store, false)?;
    for name in targets(&tree, args)? {
        for (checksum, source) in &tree.packages[&name].needs.sources {
            output.note(&format!("{name}: {}", source.url));
            sources
                .fetch(&source.url, checksum, &mut |_, _| {})
                .map_err(|e| Failure::failed(format!("{name}: a source cannot be had")).cause(e))?;
            if !output.json {
                println!("{checksum} {}", source.url);
            }
        }
    }
    Ok(())
}
