//! `cairn graph` and `cairn why`.

use crate::args::{Global, Names, Why};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::graph;
use cairn_core::json::Value;
use cairn_core::tree::{Name, Tree};
use std::collections::{BTreeMap, VecDeque};

/// Packages in build order, each with what it needs.
pub fn graph(global: &Global, args: &Names, output: Output) -> Result<()> {
    let tree = build::tree(&Project::find(global)?)?;
    for node in order(&tree, &build::targets(&tree, args)?)? {
        if output.json {
            let value = Value::object([
                ("package", Value::from(node.name.as_str())),
                ("needs", Value::strings(node.needs.iter().map(Name::to_string))),
            ]);
            println!("{}", value.compact());
        } else if node.needs.is_empty() {
            println!("{}", node.name);
        } else {
            let needs: Vec<_> = node.needs.iter().map(Name::as_str).collect();
            println!("{}  <-  {}", node.name, needs.join("  "));
        }
    }
    Ok(())
}

fn order(tree: &Tree, targets: &[Name]) -> Result<Vec<graph::Node>> {
    graph::order(tree, targets).map_err(|e| Failure::failed("the packages cannot be ordered").because(&e))
}

/// The shortest chain from the package that needs to the one that is needed.
pub fn why(global: &Global, args: &Why, _: Output) -> Result<()> {
    let tree = build::tree(&Project::find(global)?)?;
    let needed = project::name(&args.needed)?;
    let by = project::name(&args.by)?;
    let nodes = order(&tree, std::slice::from_ref(&by))?;
    let needs: BTreeMap<&Name, &Vec<Name>> = nodes.iter().map(|n| (&n.name, &n.needs)).collect();
    let mut came_from: BTreeMap<&Name, &Name> = BTreeMap::new();
    let mut open = VecDeque::from([&by]);
    while let Some(name) = open.pop_front() {
        if *name == needed {
            print_chain(name, &came_from);
            return Ok(());
        }
        for next in needs.get(name).into_iter().flat_map(|n| n.iter()) {
            if *next != by && !came_from.contains_key(next) {
                came_from.insert(next, name);
                open.push_back(next);
            }
        }
    }
    Err(Failure::failed(format!("{by} does not need {needed}")).hint(format!("cairn graph {by}")))
}

fn print_chain(needed: &Name, came_from: &BTreeMap<&Name, &Name>) {
    let mut chain = vec![needed];
    while let Some(next) = chain.last().and_then(|last| came_from.get(last)) {
        chain.push(next);
    }
    let words: Vec<_> = chain.iter().rev().map(|n| n.as_str()).collect();
    println!("{}", words.join(" needs "));
}
