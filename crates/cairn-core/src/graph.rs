//! The order of packages: who needs whom, what comes first, and what a package is.
//!
//! ```text
//! FROM core/gcc      COPY --from=core/make      RUN --mount=from=core/sed
//!        └───────────────────┴──── edges ────────────────┘
//! ```
//!
//! Only the stages that the last one needs make edges. The order is stable: of those
//! that could come next, the first by name does.

mod definition;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::containerfile;
use crate::plan::ImageRef;
use crate::tree::{Name, Tree};

pub use definition::{definition_digest, definition_list};

/// A package in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which.
    pub name: Name,
    /// The packages it needs directly, sorted; all of them come before.
    pub needs: Vec<Name>,
    /// The cost of the longest chain of packages that waits for this one, itself
    /// included: of those that can start, the largest should.
    pub weight: u64,
}

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A target that does not exist.
    #[error("there is no package {name}{}", hint(.nearest))]
    NoTarget {
        /// What was asked for.
        name: Name,
        /// What might be meant.
        nearest: Option<Name>,
    },
    /// A recipe names a package that does not exist; shows the line.
    #[error("{0}")]
    Unknown(Box<containerfile::Error>),
    /// A package that is needed cannot be read.
    #[error("{reason}")]
    Broken {
        /// Which.
        name: Name,
        /// Why.
        reason: String,
    },
    /// Packages that need each other: the shortest such circle, first name repeated.
    #[error("these packages need each other: {}", circle(.0))]
    Cycle(Vec<Name>),
}

fn hint(nearest: &Option<Name>) -> String {
    nearest.as_ref().map(|name| format!("; perhaps {name}")).unwrap_or_default()
}

fn circle(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(" -> ")
}

/// `targets` and all they need, each after its needs; every package costs the same.
pub fn order(tree: &Tree, targets: &[Name]) -> Result<Vec<Node>, Error> {
    order_by(tree, targets, &|_| 1)
}

/// As [`order`], with the cost of each package, in any unit.
pub fn order_by(tree: &Tree, targets: &[Name], cost: &dyn Fn(&Name) -> u64) -> Result<Vec<Node>, Error> {
    let edges = closure(tree, targets)?;
    let mut waiting: BTreeMap<&Name, usize> = edges.iter().map(|(name, needs)| (name, needs.len())).collect();
    let mut dependents: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
    for (name, needs) in &edges {
        for need in needs {
            dependents.entry(need).or_default().push(name);
        }
    }
    let mut ready: BTreeSet<&Name> =
        waiting.iter().filter(|(_, left)| **left == 0).map(|(name, _)| *name).collect();
    let mut sorted: Vec<&Name> = Vec::with_capacity(edges.len());
    while let Some(name) = ready.pop_first() {
        sorted.push(name);
        for dependent in dependents.get(name).into_iter().flatten() {
            let left = waiting.get_mut(dependent).expect("every edge leads to a package of the closure");
            *left -= 1;
            if *left == 0 {
                ready.insert(dependent);
            }
        }
    }
    if sorted.len() < edges.len() {
        return Err(Error::Cycle(shortest_cycle(&edges)));
    }
    let mut weights: BTreeMap<&Name, u64> = BTreeMap::new();
    for name in sorted.iter().rev() {
        let above = dependents.get(name).into_iter().flatten().map(|above| weights[above]).max();
        weights.insert(name, cost(name).saturating_add(above.unwrap_or(0)));
    }
    let node = |name: &Name| Node { name: name.clone(), needs: edges[name].clone(), weight: weights[name] };
    Ok(sorted.into_iter().map(node).collect())
}

/// What is reached from the targets, with its edges.
fn closure(tree: &Tree, targets: &[Name]) -> Result<BTreeMap<Name, Vec<Name>>, Error> {
    let mut edges: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
    let mut left: Vec<Name> = Vec::new();
    for target in targets {
        if !tree.packages.contains_key(target) && !tree.broken.contains_key(target) {
            let nearest = tree.nearest(target.as_str()).cloned();
            return Err(Error::NoTarget { name: target.clone(), nearest });
        }
        left.push(target.clone());
    }
    while let Some(name) = left.pop() {
        if edges.contains_key(&name) {
            continue;
        }
        if let Some(error) = tree.broken.get(&name) {
            return Err(Error::Broken { name, reason: error.to_string() });
        }
        let package = &tree.packages[&name];
        for (image, span) in &package.needs.images {
            let ImageRef::Package(need) = image else { continue };
            if !tree.packages.contains_key(need) && !tree.broken.contains_key(need) {
                let expected = match tree.nearest(need.as_str()) {
                    Some(near) => format!("perhaps {near}"),
                    None => "a package of this tree".to_owned(),
                };
                let message = format!("there is no package {need}");
                return Err(Error::Unknown(Box::new(package.recipe.error(*span, message, expected))));
            }
            left.push(need.clone());
        }
        edges.insert(name, package.dependencies().into_iter().cloned().collect());
    }
    Ok(edges)
}

/// The shortest circle; of several the first by name, begun at its first name.
fn shortest_cycle(edges: &BTreeMap<Name, Vec<Name>>) -> Vec<Name> {
    let mut best: Option<Vec<Name>> = None;
    for start in edges.keys() {
        let found =
            edges[start].iter().filter_map(|next| shortest_path(edges, next, start)).min_by_key(Vec::len);
        if let Some(mut path) = found
            && best.as_ref().is_none_or(|best| path.len() + 1 < best.len())
        {
            path.insert(0, start.clone());
            best = Some(path);
        }
    }
    best.unwrap_or_default()
}

/// The shortest way from one package down to another, both included.
fn shortest_path(edges: &BTreeMap<Name, Vec<Name>>, from: &Name, to: &Name) -> Option<Vec<Name>> {
    let mut came_from: BTreeMap<&Name, Option<&Name>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(name) = queue.pop_front() {
        if name == to {
            let steps = std::iter::successors(Some(name), |name| came_from[*name]);
            let mut path: Vec<Name> = steps.cloned().collect();
            path.reverse();
            return Some(path);
        }
        for next in edges.get(name).into_iter().flatten() {
            if !came_from.contains_key(next) {
                came_from.insert(next, Some(name));
                queue.push_back(next);
            }
        }
    }
    None
}

/// Why `from` needs `to`: the shortest chain, both included; `None` if it does not.
pub fn why(tree: &Tree, from: &Name, to: &Name) -> Result<Option<Vec<Name>>, Error> {
    let edges = closure(tree, std::slice::from_ref(from))?;
    Ok(shortest_path(&edges, from, to))
}

#[cfg(test)]
#[path = "graph/tests.rs"]
mod tests;
