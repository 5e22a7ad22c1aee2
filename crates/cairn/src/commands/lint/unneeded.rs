//! `cairn lint --unneeded NAME`: dependencies without which the same image comes out.
//!
//! The package is built once for each line `COPY --from=GROUP/NAME`, without that line.
//! A build that fails, or gives another image, needs the line. This takes as long as it
//! sounds, so it is done only on request.

use crate::args::{Global, How, Names};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::Output;
use cairn_build::{Engine, Options};
use cairn_core::containerfile::{Kind, Recipe, Span};
use cairn_core::digest::Digest;
use cairn_core::json::Value;
use cairn_core::plan;
use cairn_core::tree::{FileKind, LazyRecipe, Name, Package, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn run(global: &Global, names: &Names, output: Output) -> Result<()> {
    let engine = build::engine(global, &How { offline: false, ..How::default() }, false, output)?;
    let mut count = 0;
    for name in build::targets(&engine.tree, names)? {
        let built = build::run(&engine, std::slice::from_ref(&name))?;
        let image = built.iter().find(|built| built.record.name == name).map(|built| built.record.image);
        let package = engine.tree.packages[&name].clone();
        for (span, dependency) in dependencies(&package.recipe) {
            let needed = is_needed(&engine, &package, span, image)?;
            report(&name, &dependency, needed, output);
            count += usize::from(!needed);
        }
    }
    match count {
        0 => Ok(()),
        n => Err(Failure::failed(format!("{n} dependencies that are not needed"))),
    }
}

fn report(name: &Name, dependency: &str, needed: bool, output: Output) {
    if output.json {
        let value = Value::object([
            ("event", Value::from("dependency")),
            ("package", name.as_str().into()),
            ("dependency", dependency.into()),
            ("needed", Value::Bool(needed)),
        ]);
        println!("{}", value.compact());
    } else if needed {
        println!("needed      {name}: {dependency}");
    } else {
        println!("NOT NEEDED  {name}: {dependency}: without it the same image comes out");
    }
}

/// The lines that copy from a package, and its name.
fn dependencies(recipe: &Recipe) -> Vec<(Span, String)> {
    let lines = recipe.stages.iter().flat_map(|stage| &stage.instructions);
    let from = lines.filter_map(|line| match &line.kind {
        Kind::Copy(copy) => Some((line.span, copy.from.as_ref()?.text.clone())),
        _ => None,
    });
    from.filter(|(_, name)| name.parse::<Name>().is_ok()).collect()
}

/// Builds without one line and compares.
fn is_needed(engine: &Engine, package: &Package, line: Span, image: Option<Digest>) -> Result<bool> {
    // A recipe that makes no sense without the line needs it.
    let Some(without) = without(package, line) else { return Ok(true) };
    let packages: BTreeMap<Name, Package> = engine.tree.packages.clone();
    let mut tree = Tree { packages, ..Tree::default() };
    let name = package.name.clone();
    tree.packages.insert(name.clone(), without);
    let options = Options { update: false, no_cache: false, ..engine.options.clone() };
    let mut other = Engine::new(engine.store.clone(), Arc::new(tree), options);
    other.sources = engine.sources.clone();
    other.progress = engine.progress.clone();
    let attempt = other.attempt(std::slice::from_ref(&name)).map_err(|e| build::failure(&e))?;
    let built = attempt.built.iter().find(|built| built.record.name == name);
    Ok(built.is_none_or(|built| Some(built.record.image) != image))
}

/// The package without the instruction at `line`.
fn without(package: &Package, line: Span) -> Option<Package> {
    let text = &package.recipe.text;
    let (start, end) = (line.start as usize, line.end as usize);
    let text = format!("{}{}", text.get(..start)?, text.get(end..)?);
    let kind = FileKind::File { digest: Digest::of(text.as_bytes()), executable: false };
    let mut without = package.clone();
    without.recipe = LazyRecipe::parse(&package.recipe.path, text).ok()?;
    without.needs = plan::needs(&without.recipe, &package.args).ok()?;
    // A recipe in the context is the file as it is, which only a COPY of it would see.
    without.containerfile.kind = kind;
    Some(without)
}
