//! Who vouches for the people and the policy themselves.
//!
//! A root document lists the hash of every trusted file and the people whose signatures
//! make the next one. Trust moves by signatures only: version N + 1 must be signed by
//! the threshold of version N, with keys that were good there, *and* by its own. So
//! nobody can be added or removed without enough of those who were there before, and
//! nobody can be named who does not hold his key.

use crate::date::DAY;
use crate::people::{People, Role};
use crate::statement::{Root, Snapshot};
use std::collections::BTreeSet;

/// Why a root or a snapshot is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Unaccepted {
    #[error("version {next} does not follow version {known}")]
    NotNext { known: i64, next: i64 },
    #[error("number {number} is older than {known}, which was seen here before")]
    Rollback { known: i64, number: i64 },
    #[error("number {0} was seen here before with other content")]
    Replaced(i64),
    #[error("it expired")]
    Expired,
    #[error("{have} of {need} {whose} signed it")]
    TooFew { whose: &'static str, have: usize, need: usize },
    #[error("{0} is named a root, but trust/keys does not have that person, role and keys")]
    NoSuchRoot(String),
}

/// Accepts the first root that a client sees, or `next` after `known`.
///
/// `signed` are the fingerprints of the keys whose signature over `next` is good. Which
/// of them count is what the two documents say, nothing else: expiry is of the
/// document, and a lost key is dropped by the next version.
pub fn accept(known: Option<&Root>, next: &Root, signed: &BTreeSet<String>) -> Result<(), Unaccepted> {
    if let Some(known) = known {
        if known.version.checked_add(1) != Some(next.version) {
            return Err(Unaccepted::NotNext { known: known.version, next: next.version });
        }
        enough("roots known before", known, signed)?;
    }
    enough("roots that it names", next, signed)
}

fn enough(whose: &'static str, root: &Root, signed: &BTreeSet<String>) -> Result<(), Unaccepted> {
    let has_signed = |keys: &Vec<String>| keys.iter().any(|key| signed.contains(key));
    let have = root.people.iter().filter(|(_, keys)| has_signed(keys)).count();
    // A root document is refused when it is read if its threshold is below 1.
    let need = usize::try_from(root.threshold).unwrap_or(usize::MAX);
    if have < need { Err(Unaccepted::TooFew { whose, have, need }) } else { Ok(()) }
}

/// Checks the newest root against the clock and the people in the tree: a key that
/// `trust/keys` does not give to that person must not count as that person's.
pub fn check_current(root: &Root, people: &People, now: i64) -> Result<(), Unaccepted> {
    if root.expires <= now {
        return Err(Unaccepted::Expired);
    }
    for (id, keys) in &root.people {
        let is_root = people.get(id).is_some_and(|p| p.roles.contains(&Role::Root));
        let owns = |key: &String| people.owner(key).is_some_and(|(p, k)| p.id == *id && k.revoked.is_none());
        if !is_root || !keys.iter().all(owns) {
            return Err(Unaccepted::NoSuchRoot(id.clone()));
        }
    }
    Ok(())
}

/// What a client remembers of the last snapshot that it accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub number: i64,
    /// The digest of its bytes.
    pub digest: cairn_core::digest::Digest,
}

/// Accepts a snapshot signed by enough maintainers, not older than what was seen, and
/// not expired by its own word or by the policy's.
pub fn accept_snapshot(
    snapshot: &Snapshot,
    digest: cairn_core::digest::Digest,
    seen: Option<Seen>,
    maintainers: usize,
    rule: (usize, u32),
    now: i64,
) -> Result<(), Unaccepted> {
    let (need, days) = rule;
    if let Some(seen) = seen {
        if snapshot.number < seen.number {
            return Err(Unaccepted::Rollback { known: seen.number, number: snapshot.number });
        }
        if snapshot.number == seen.number && digest != seen.digest {
            return Err(Unaccepted::Replaced(snapshot.number));
        }
    }
    let too_old = now.saturating_sub(snapshot.created) > i64::from(days) * DAY;
    if snapshot.expires <= now || too_old || snapshot.created > now.saturating_add(DAY) {
        return Err(Unaccepted::Expired);
    }
    if maintainers < need {
        return Err(Unaccepted::TooFew { whose: "maintainers", have: maintainers, need });
    }
    Ok(())
}
