//! Rule 2: who got something else, and what the roots settled.

use super::Rules;
use crate::date;
use crate::statement::Settlement;
use cairn_core::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A counting statement of somebody who did not get the image in question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Objection {
    /// Who.
    pub person: String,
    /// Of the bytes that were signed.
    pub statement: Digest,
    /// The image that was got instead.
    pub got: Digest,
    /// A dispute; otherwise a vote for the other image.
    pub disputes: bool,
    /// Seconds since 1970, by the signer's word.
    pub timestamp: i64,
}

impl Objection {
    /// What a settlement calls it: `PERSON sha256:…`.
    pub fn name(&self) -> String {
        format!("{} {}", self.person, self.statement)
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Objection { person, got, .. } = self;
        match self.disputes {
            true => write!(f, "{person} signed a dispute on {}, got {got}", date::show(self.timestamp)),
            false => write!(f, "{person} got {got} on {}", date::show(self.timestamp)),
        }
    }
}

/// All of them, and every root's newest word.
#[derive(Debug, Default)]
pub(super) struct Objections {
    raised: BTreeSet<Objection>,
    settlements: BTreeMap<String, Word>,
}

/// When a root settled, for which image, and what: greater is what counts.
type Word = (i64, Digest, Vec<String>);

impl Objections {
    pub fn raise(&mut self, objection: Objection) {
        self.raised.insert(objection);
    }

    /// Keeps a root's newest settlement; of two at one second the one with the greater
    /// image, then the greater list, so that the order of files decides nothing.
    pub fn settle(&mut self, root: &str, said: &Settlement) {
        let word = (said.timestamp, said.image, said.settles.clone());
        let newest = match self.settlements.remove(root) {
            Some(kept) => kept.max(word),
            None => word,
        };
        self.settlements.insert(root.to_owned(), newest);
    }

    pub fn raised(&self) -> impl Iterator<Item = &Objection> {
        self.raised.iter()
    }

    /// Why the image must not be used, in a sentence; `None` if nothing stands against it.
    pub fn against(&self, image: Digest, rules: Rules<'_>) -> Option<String> {
        let settled_for: BTreeSet<Digest> = self.settlements.values().map(|(_, image, _)| *image).collect();
        let other = |o: &&Digest| **o != image && self.roots(|s| s.1 == **o) >= rules.root_threshold;
        if let Some(other) = settled_for.iter().find(other) {
            return Some(format!("not everybody got this image: the roots settled for {other}"));
        }
        let open = |objection: &&Objection| {
            let name = objection.name();
            self.roots(|(_, right, settles)| *right == image && settles.contains(&name))
                < rules.root_threshold
        };
        let open: Vec<String> = self.raised.iter().filter(open).map(Objection::to_string).collect();
        (!open.is_empty()).then(|| format!("not everybody got this image: {}", open.join("; ")))
    }

    /// How many roots' newest settlement is so.
    fn roots(&self, holds: impl Fn(&Word) -> bool) -> usize {
        self.settlements.values().filter(|word| holds(word)).count()
    }
}
