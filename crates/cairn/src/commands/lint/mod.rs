//! `cairn lint`: what a package does not do as the others do.
//!
//! Four parts: the definition and its test ([`cairn_core::lint`]), what nobody can read
//! in its sources ([`sources`]), what does not belong into its image ([`image`]), and,
//! only if asked, dependencies that it builds without ([`unneeded`]).

mod image;
mod sources;
mod unneeded;

use crate::args::{Global, How, Lint};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::Output;
use cairn_core::containerfile;
use cairn_core::json::Value;
use cairn_core::lint;
use cairn_core::tree::{Package, Tree};

/// One thing that could be better.
struct Finding {
    rule: &'static str,
    /// `path`, or `path:line:column`.
    place: String,
    message: String,
    hint: String,
    /// As a person reads it.
    shown: String,
}

impl Finding {
    /// One about a whole file.
    fn about(rule: &'static str, place: String, message: String, hint: String) -> Finding {
        let shown = format!("{place}: {message} [{rule}]\n       = {hint}");
        Finding { rule, place, message, hint, shown }
    }
}

pub fn run(global: &Global, args: &Lint, output: Output) -> Result<()> {
    if args.unneeded {
        return unneeded::run(global, &args.packages, output);
    }
    let engine = build::engine(global, &How::default(), false, output)?;
    let tree = &engine.tree;
    let names = build::targets(tree, &args.packages)?;
    let (mut count, mut unseen, mut unbuilt) = (0, Vec::new(), Vec::new());
    for name in &names {
        let package = &tree.packages[name];
        let sources = sources::lint(package, &engine.store)?;
        unseen.extend(sources.unseen.iter().map(|url| format!("{name}: {url}")));
        let image = image::lint(&engine, package)?;
        if image.is_none() {
            unbuilt.push(name.as_str());
        }
        let found = definition(tree, package).into_iter().chain(sources.findings);
        for finding in found.chain(image.unwrap_or_default()) {
            count += 1;
            report(package, &finding, output);
        }
        if !args.packages.names.is_empty() && sources.data > 0 {
            output.note(&format!("{name}: {} images, fonts and the like in its sources", sources.data));
        }
    }
    if !unseen.is_empty() {
        output.note(&format!(
            "{} sources were not looked into, since they are not in the store:\n  {}\n  to bring them: cairn fetch",
            unseen.len(),
            unseen.join("\n  ")
        ));
    }
    if !unbuilt.is_empty() {
        output.note(&format!(
            "{} images were not looked into, since they are not built here: {}",
            unbuilt.len(),
            unbuilt.join(", ")
        ));
    }
    match count {
        0 => {
            output.note(&format!("{} definitions, nothing to say", names.len()));
            Ok(())
        }
        n => Err(Failure::failed(format!("{n} findings"))),
    }
}

/// The habits of the definition, and of its test.
fn definition(tree: &Tree, package: &Package) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        lint::lint(package).iter().map(|one| drawn(one.rule, &one.show(&package.recipe))).collect();
    match tree.tests.get(&package.name) {
        Some(Err(error)) => found.push(Finding {
            rule: "test",
            place: format!("packages/{}/test", package.name),
            message: "the test cannot be read".to_owned(),
            hint: error.to_string(),
            shown: error.to_string(),
        }),
        Some(Ok(test)) => {
            let one = lint::lint_test(package, Some(test));
            found.extend(one.map(|one| drawn(one.rule, &one.show(&test.recipe))));
        }
        None => {
            let one = lint::lint_test(package, None);
            found.extend(one.map(|one| drawn(one.rule, &one.show(&package.recipe))));
        }
    }
    found
}

/// A finding that has a place in a Containerfile.
fn drawn(rule: &'static str, error: &containerfile::Error) -> Finding {
    Finding {
        rule,
        place: format!("{}:{}:{}", error.path, error.line, error.column),
        message: error.message.to_string(),
        hint: error.expected.to_string(),
        shown: error.to_string(),
    }
}

fn report(package: &Package, finding: &Finding, output: Output) {
    if !output.json {
        println!("{}", finding.shown);
        return;
    }
    let value = Value::object([
        ("event", Value::from("finding")),
        ("package", package.name.as_str().into()),
        ("rule", finding.rule.into()),
        ("place", finding.place.as_str().into()),
        ("message", finding.message.as_str().into()),
        ("hint", finding.hint.as_str().into()),
    ]);
    println!("{}", value.compact());
}
