//! What a signature or a verification is about: packages, as the tree has them now.

use crate::commands::build;
use crate::error::{Failure, Result, doing};
use crate::project::Project;
use cairn_build::digests::Digests;
use cairn_core::digest::Digest;
use cairn_core::graph;
use cairn_core::store::Store;
use cairn_core::tree::{Name, Tree};
use cairn_trust::quorum::Question;
use std::collections::BTreeMap;

/// The only platform that this tree builds for today.
pub const PLATFORM: &str = "linux/amd64";

/// One package of the tree, with the image that `digests/` records for it.
#[derive(Debug, Clone)]
pub struct Subject {
    pub name: Name,
    pub version: String,
    pub definition: Digest,
    /// `None`: nobody has recorded one.
    pub image: Option<Digest>,
}

impl Subject {
    /// Is `image` what this definition gives?
    pub fn question(&self, image: Digest, now: i64) -> Question {
        Question {
            name: self.name.clone(),
            version: self.version.clone(),
            definition: self.definition,
            image,
            platform: PLATFORM.to_owned(),
            now,
        }
    }
}

/// Every package, in build order. A definition digest contains the images of the
/// dependencies, so a package above one without a recorded image is left out.
pub fn all(project: &Project, store: &Store) -> Result<Vec<Subject>> {
    let tree: Tree = build::tree(project, store)?;
    let digests = Digests::load(&project.digests()).map_err(doing("read digests/"))?;
    let names: Vec<Name> = tree.packages.keys().cloned().collect();
    let order = graph::order(&tree, &names)
        .map_err(|e| Failure::failed("the packages cannot be ordered").because(&e))?;
    let mut subjects = Vec::new();
    for node in order {
        let needs: Option<BTreeMap<Name, Digest>> =
            node.needs.iter().map(|need| Some((need.clone(), digests.get(need)?.image))).collect();
        let Some(needs) = needs else { continue };
        let entry = digests.get(&node.name);
        subjects.push(Subject {
            definition: graph::definition_digest(&tree.packages[&node.name], &needs),
            // digests/ writes an absent version as `-`.
            version: entry.map(|e| e.version.clone()).filter(|v| v != "-").unwrap_or_default(),
            image: entry.map(|e| e.image),
            name: node.name,
        });
    }
    Ok(subjects)
}

/// Those that were named, or all.
pub fn chosen(project: &Project, store: &Store, names: &[Name]) -> Result<Vec<Subject>> {
    let mut subjects = all(project, store)?;
    for name in names {
        if !subjects.iter().any(|s| s.name == *name) {
            return Err(Failure::failed(format!("{name} is no package whose dependencies all have digests"))
                .hint(format!("cairn build {name}")));
        }
    }
    if !names.is_empty() {
        subjects.retain(|s| names.contains(&s.name));
    }
    Ok(subjects)
}

/// The digest of one package's definition; `None` while something it needs has none.
pub fn definition(project: &Project, store: &Store, name: &Name) -> Result<Option<Digest>> {
    Ok(all(project, store)?.into_iter().find(|s| s.name == *name).map(|s| s.definition))
}
