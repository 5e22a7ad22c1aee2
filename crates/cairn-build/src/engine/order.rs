//! Which packages a build touches.

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::graph::Node;
use cairn_core::tree::Name;

use super::schedule::Task;
use crate::record::BuildRecord;

/// The order without what only imported packages need.
pub fn prune(mut order: Vec<Node>, targets: &[Name], imported: &BTreeMap<Name, BuildRecord>) -> Vec<Node> {
    let mut wanted: BTreeSet<Name> = targets.iter().cloned().collect();
    for node in order.iter_mut().rev() {
        if imported.contains_key(&node.name) {
            node.needs.clear();
        }
        if wanted.contains(&node.name) {
            wanted.extend(node.needs.iter().cloned());
        }
    }
    order.retain(|node| wanted.contains(&node.name));
    order
}

/// All tasks that need `place`, directly or not. Tasks come after what they need.
pub fn above(tasks: &[Task], place: usize) -> impl Iterator<Item = usize> {
    let mut reached = vec![false; tasks.len()];
    reached[place] = true;
    for (index, task) in tasks.iter().enumerate() {
        reached[index] |= task.needs.iter().any(|need| reached[*need]);
    }
    reached[place] = false;
    (0..reached.len()).filter(move |index| reached[*index])
}
