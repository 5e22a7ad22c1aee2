//! `cairn test`: whether finished images do what they are for.
//!
//! A test is the Containerfile `packages/GROUP/NAME/test`; its steps must succeed. To
//! the engine it is a package `tests/GROUP-NAME` that nothing is built on, so it has the
//! sandbox, logs and step cache of a build: an unchanged test of an unchanged image is
//! not run again.

use crate::args::{Global, Test};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::{Output, duration};
use cairn_build::{Attempt, Engine};
use cairn_core::json::Value;
use cairn_core::tree::{Name, Tree};

/// How the test of one package ended.
enum Outcome {
    /// It passed, now or (`None`) before.
    Passed(Option<f64>),
    /// It failed; the whole message.
    Failed(String),
    /// Something it needs could not be built.
    NotRun,
    /// There is none.
    Missing,
}

pub fn run(global: &Global, args: &Test, output: Output) -> Result<()> {
    let mut engine = build::engine_on(global, &args.how, false, output, Tree::with_tests)?;
    engine.options.retest = args.again;
    let names = build::targets(&engine.tree, &args.packages)?;
    let names: Vec<Name> = names.iter().map(tested).collect();
    let tests: Vec<Name> = names.iter().map(Name::test).filter(|test| exists(&engine, test)).collect();
    tests.iter().try_for_each(|test| build::known(&engine.tree, test))?;
    let attempt = engine.attempt(&tests).map_err(|e| build::failure(&e))?;
    let mut wrong = Vec::new();
    for name in &names {
        let outcome = outcome(&engine, name, &attempt);
        report(name, &outcome, output);
        if !matches!(outcome, Outcome::Passed(_)) {
            wrong.push(name);
        }
    }
    for (name, error) in attempt.failed.iter().filter(|(name, _)| !name.is_test()) {
        output.note(&format!("{name} is not built: {error}"));
    }
    let Some(first) = wrong.first() else { return Ok(()) };
    let failure = Failure::failed(format!("{} of {} tests did not pass", wrong.len(), names.len()));
    Err(if exists(&engine, &first.test()) {
        failure.hint(format!("cairn log {0}   or   cairn shell {0}", first.test()))
    } else {
        failure.hint(format!("write packages/{first}/test: docs/packaging.md has an example"))
    })
}

fn exists(engine: &Engine, test: &Name) -> bool {
    engine.tree.packages.contains_key(test) || engine.tree.broken.contains_key(test)
}

/// The package, also if its test was named.
fn tested(name: &Name) -> Name {
    name.tested().unwrap_or_else(|| name.clone())
}

fn outcome(engine: &Engine, name: &Name, attempt: &Attempt) -> Outcome {
    let test = name.test();
    if let Some(built) = attempt.built.iter().find(|built| built.record.name == test) {
        return Outcome::Passed((!built.cached).then_some(built.seconds));
    }
    match attempt.failed.iter().find(|(failed, _)| *failed == test) {
        Some((_, error)) => Outcome::Failed(error.to_string()),
        None if exists(engine, &test) => Outcome::NotRun,
        None => Outcome::Missing,
    }
}

fn report(name: &Name, outcome: &Outcome, output: Output) {
    if output.json {
        println!("{}", json(name, outcome).compact());
        return;
    }
    match outcome {
        Outcome::Passed(Some(seconds)) => println!("passed   {name}  {}", duration(*seconds)),
        Outcome::Passed(None) => println!("passed   {name}  before, on the same images"),
        Outcome::Failed(error) => {
            println!("FAILED   {name}");
            error.lines().for_each(|line| println!("  {line}"));
        }
        Outcome::NotRun => println!("NOT RUN  {name}  something it needs is not built"),
        Outcome::Missing => println!("NO TEST  {name}  expected packages/{name}/test"),
    }
}

fn json(name: &Name, outcome: &Outcome) -> Value {
    let (result, cached, milliseconds, message) = match outcome {
        Outcome::Passed(seconds) => ("passed", seconds.is_none(), *seconds, None),
        Outcome::Failed(error) => ("failed", false, None, Some(error.as_str())),
        Outcome::NotRun => ("not-run", false, None, None),
        Outcome::Missing => ("missing", false, None, None),
    };
    let number = |seconds: f64| Value::Number((seconds * 1000.0).round() as i64);
    Value::object([
        ("event", Value::from("test")),
        ("package", name.as_str().into()),
        ("result", result.into()),
        ("cached", Value::Bool(cached)),
        ("ms", milliseconds.map_or(Value::Null, number)),
        ("message", message.map_or(Value::Null, Value::from)),
    ])
}
