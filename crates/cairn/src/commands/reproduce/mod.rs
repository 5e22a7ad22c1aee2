//! `cairn reproduce`: everything again, where nothing that must not matter is the same.
//!
//! ```text
//! ELSEWHERE/cairn  tree/          copies: another path, and readable for another user
//!          /1/                    the store of the first witness: cairn itself
//!          /2/                    the store of the second: another engine
//! ```

mod elsewhere;
mod witness;

use crate::args::{EngineName, Global, Reproduce, SameName, With};
use crate::commands::{build, diff};
use crate::error::{Failure, Kind, Result};
use crate::output::Output;
use cairn_build::drivers::Foreign;
use cairn_build::reproduce::{ReproduceError, Reproduced, Same, Witness};
use cairn_build::{Built, Engine};
use cairn_core::json::Value;
use cairn_core::tree::Name;
use elsewhere::Elsewhere;
use std::sync::Arc;
use witness::Child;

/// Builds again and compares, image by image.
pub fn run(global: &Global, args: &Reproduce, output: Output) -> Result<()> {
    let engine = build::engine(global, &args.how, false, output)?;
    let targets = build::targets(&engine.tree, &args.packages)?;
    let built = build::run(&engine, &targets)?;
    let targets = if args.all || !args.packages.names.is_empty() {
        targets
    } else {
        changed(&engine, &built, &targets, output)?
    };
    if targets.is_empty() {
        return Ok(());
    }
    let needed: Vec<Name> = built.iter().map(|built| built.record.name.clone()).collect();
    let mut elsewhere = Elsewhere::new(&engine, args, &needed)?;
    let results = ask(&engine, args, output, &targets, &elsewhere);
    let results = results.map_err(|error| {
        elsewhere.keep();
        failed(&error, &elsewhere)
    })?;
    let different = results.iter().filter(|result| !result.is_equal());
    let mut names: Vec<&str> = different.map(|result| result.first.record.name.as_str()).collect();
    names.dedup();
    results.iter().for_each(|result| show(result, output));
    if names.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Kind::Differs, format!("not reproducible: {}", names.join(", ")))
        .hint("the lines above name file, bytes and the likely cause")
        .hint("cairn reproduce --same clock NAME, and so on, tells which condition it is"))
}

/// The targets that nobody has reproduced here as they are now.
fn changed(engine: &Engine, built: &[Arc<Built>], targets: &[Name], output: Output) -> Result<Vec<Name>> {
    let mut changed = Vec::new();
    for built in built.iter().filter(|built| targets.contains(&built.record.name)) {
        let record = &built.record;
        let known = engine.reproduced(record);
        match known.map_err(|e| Failure::failed("the store cannot be read").because(&e))? {
            None => changed.push(record.name.clone()),
            Some(witnesses) if output.json => {
                let value = Value::object([
                    ("package", Value::from(record.name.as_str())),
                    ("equal", Value::Bool(true)),
                    ("first", record.image.to_string().into()),
                    ("earlier", witnesses.into()),
                ]);
                println!("{}", value.compact());
            }
            Some(witnesses) => println!("equal {} {} (earlier: {witnesses})", record.name, record.image),
        }
    }
    Ok(changed)
}

/// Lets cairn itself and the other engines build again.
fn ask(
    engine: &Engine,
    args: &Reproduce,
    output: Output,
    targets: &[Name],
    elsewhere: &Elsewhere,
) -> std::result::Result<Vec<Reproduced>, ReproduceError> {
    let told = &mut |name: &Name| output.note(&format!("{name}: comparing"));
    let mut own = Child::cairn(engine, args, output, elsewhere);
    let mut results = engine.reproduce(targets, args.all, &mut [&mut own as &mut dyn Witness], told)?;
    for (index, foreign) in engines(args).into_iter().enumerate() {
        // An engine that cannot be asked for one package can still be for the others.
        let mut able = Vec::new();
        for name in targets {
            match engine.refusal(name)? {
                None => able.push(name.clone()),
                Some(why) => output.note(&format!("{name}: not built by {}: {why}", foreign.name())),
            }
        }
        if able.is_empty() {
            continue;
        }
        let mut other = Child::foreign(foreign, engine, output, elsewhere, index + 2);
        results.extend(engine.reproduce(&able, false, &mut [&mut other as &mut dyn Witness], told)?);
    }
    Ok(results)
}

/// The other engines: those that were named, or the first that answers.
fn engines(args: &Reproduce) -> Vec<Foreign> {
    let all = [Foreign::Docker, Foreign::Podman, Foreign::Buildah];
    let first = match args.how.engine {
        EngineName::Embedded => None,
        EngineName::Docker => Some(Foreign::Docker),
        EngineName::Podman => Some(Foreign::Podman),
        EngineName::Buildah => Some(Foreign::Buildah),
    };
    let mut chosen = Vec::new();
    for with in &args.with {
        chosen.extend(match with {
            With::None => None,
            With::Auto => all.into_iter().find(|engine| Some(*engine) != first && engine.answers()),
            With::Docker => Some(Foreign::Docker),
            With::Podman => Some(Foreign::Podman),
            With::Buildah => Some(Foreign::Buildah),
        });
    }
    chosen.dedup();
    chosen
}

fn show(result: &Reproduced, output: Output) {
    let (name, first) = (&result.first.record.name, result.first.record.image);
    if output.json {
        let value = Value::object([
            ("package", Value::from(name.as_str())),
            ("witness", result.witness.as_str().into()),
            ("equal", Value::Bool(result.is_equal())),
            ("first", first.to_string().into()),
            ("second", result.second.to_string().into()),
            ("differences", Value::Array(result.differences.iter().map(diff::value).collect())),
        ]);
        println!("{}", value.compact());
    } else if result.is_equal() {
        println!("equal {name} {first} ({})", result.witness);
    } else {
        println!("DIFFERENT {name} ({})\n  first  {first}\n  second {}", result.witness, result.second);
        for difference in &result.differences {
            println!("  {difference}");
        }
    }
}

fn failed(error: &ReproduceError, elsewhere: &Elsewhere) -> Failure {
    if let ReproduceError::Build(error) = error {
        return build::failure(error);
    }
    Failure::failed("the packages could not be built again")
        .because(error)
        .hint(format!("what there is of it is kept: cairn --home {} log NAME", elsewhere.store(1).display()))
}

impl From<SameName> for Same {
    fn from(name: SameName) -> Same {
        match name {
            SameName::User => Same::User,
            SameName::Clock => Same::Clock,
            SameName::Directories => Same::Directories,
            SameName::Cpus => Same::Cpus,
            SameName::Hostname => Same::Hostname,
            SameName::Addresses => Same::Addresses,
            SameName::Kernel => Same::Kernel,
        }
    }
}
