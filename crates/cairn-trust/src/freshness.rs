//! The whole set at one time: `snapshots/N/`, so that nobody can offer an old image
//! that was trusted once, or a mixture of two sets.
//!
//! Only the highest N counts. A signature counts if its key counts *now* and its person
//! is a maintainer. Of two sets with one number, each signed by enough, none is used,
//! unless this client has seen one of them before.

use crate::folder::{self, FolderError, Trust};
use crate::people::Role;
use crate::roots::{self, Seen, Unaccepted};
use crate::statement::{Snapshot, Statement};
use cairn_core::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Why there is no set to compare an image with.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Stale {
    #[error("there is no snapshot of the whole set")]
    None,
    #[error("snapshot {0} exists in two versions")]
    Two(i64),
    #[error("snapshot {number}: {source}")]
    Unaccepted { number: i64, source: Unaccepted },
    #[error("the snapshots cannot be read: {0}")]
    Unreadable(#[from] FolderError),
}

/// The newest snapshot below `tree`, and what to remember of it. `seen` is what was
/// remembered before.
pub fn newest(trust: &Trust, tree: &Path, seen: Option<Seen>, now: i64) -> Result<(Snapshot, Seen), Stale> {
    let number = *folder::numbered(&tree.join("snapshots"))?.last().ok_or(Stale::None)?;
    let rule = (trust.policy.snapshot.threshold as usize, trust.policy.maximum_age.snapshot_days);
    let nobody = Unaccepted::TooFew { whose: "maintainers", have: 0, need: rule.0 };
    let mut refused = Stale::Unaccepted { number, source: nobody };
    let mut accepted = Vec::new();
    for (digest, (snapshot, signers)) in candidates(trust, tree, number, now)? {
        match roots::accept_snapshot(&snapshot, digest, seen, signers.len(), rule, now) {
            Ok(()) => accepted.push((snapshot, Seen { number, digest })),
            Err(source) => refused = Stale::Unaccepted { number, source },
        }
    }
    match accepted.pop() {
        Some(_) if !accepted.is_empty() => Err(Stale::Two(number)),
        Some(one) => Ok(one),
        None => Err(refused),
    }
}

/// Each distinct snapshot of that number, with the maintainers who signed it.
fn candidates(
    trust: &Trust,
    tree: &Path,
    number: i64,
    now: i64,
) -> Result<BTreeMap<Digest, (Snapshot, BTreeSet<String>)>, Stale> {
    let mut all = BTreeMap::new();
    for signed in trust.snapshot(tree, number)?.signed {
        let Statement::Snapshot(snapshot) = &signed.statement else { continue };
        let Some((person, key)) = trust.people.owner(&signed.fingerprint) else { continue };
        let counts = key.revoked.is_none() && (key.not_before.0..key.not_after.0).contains(&now);
        if snapshot.number != number || !counts || !person.roles.contains(&Role::Maintainer) {
            continue;
        }
        let digest = Digest::of(&signed.statement.to_bytes());
        let (_, signers) = all.entry(digest).or_insert_with(|| (snapshot.clone(), BTreeSet::new()));
        signers.insert(person.id.clone());
    }
    Ok(all)
}
