//! `cairn graph` and `cairn why`.

use crate::args::{Global, Names, Why};
use crate::commands::build;
use crate::error::{Failure, Result};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::graph;
use cairn_core::json::Value;
use cairn_core::tree::{Name, Tree};

/// Packages in build order, each with what it needs.
pub fn graph(global: &Global, args: &Names, output: Output) -> Result<()> {
    let tree = tree(global)?;
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
pub fn why(global: &Global, args: &Why, output: Output) -> Result<()> {
    let tree = tree(global)?;
    let (needed, by) = (project::name(&args.needed)?, project::name(&args.by)?);
    build::known(&tree, &needed)?;
    build::known(&tree, &by)?;
    let chain = graph::why(&tree, &by, &needed)
        .map_err(|e| Failure::failed("the packages cannot be ordered").because(&e))?;
    let Some(chain) = chain else {
        return Err(Failure::failed(format!("{by} does not need {needed}")).hint(format!("cairn graph {by}")));
    };
    if output.json {
        println!("{}", Value::strings(chain.iter().map(Name::to_string)).compact());
    } else {
        println!("{}", chain.iter().map(Name::as_str).collect::<Vec<_>>().join(" needs "));
    }
    Ok(())
}

fn tree(global: &Global) -> Result<Tree> {
    build::tree(&Project::find(global)?, &project::store(global)?)
}
