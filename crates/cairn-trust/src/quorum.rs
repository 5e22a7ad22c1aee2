//! The rule: an image is used only if enough people vouch for it and nobody objects.
//!
//! [`decide`] is pure. It is given a question (is this image what this definition
//! gives?), every statement whose signature was found good, the policy, the people and
//! the time, and answers [`Verified`] or [`Refusal`]. In this order:
//!
//! 1. A statement counts for its signer only while the key counts: known, not revoked,
//!    the statement's time within the key's days and not in the future.
//! 2. *Disagreement.* A counting reproducer, machines included, who got another image for
//!    this (definition, platform), or who signed a dispute about it, has objected. Every
//!    objection blocks the image until as many roots as the root threshold settle it by
//!    name, so that a later one blocks again. As many who settle for another image block
//!    this one in any case.
//! 3. *Reproducers.* Those who say exactly this (name, definition, platform, image,
//!    reference), are people with that role, and said so within the maximum age. A
//!    person is one vote, whatever the number of keys, roles or signatures; the newest
//!    statement gives the facts of the machine.
//! 4. *Diversity.* Distinct organisations, CPU vendors, engines, distributions among them.
//!    An empty fact is no value.
//! 5. *Maintainers and reviewers* of this definition; who proposed it does not review it.
//!
//! Nothing that is wrong with one signature makes another one count less: junk is
//! listed in [`Tally::ignored`] and changes no answer.

mod count;
mod objections;

pub use objections::Objection;

use crate::date::DAY;
use crate::people::People;
use crate::policy::Policy;
use crate::statement::{Reproduction, Statement};
use cairn_core::digest::Digest;
use cairn_core::tree::Name;
use std::collections::BTreeSet;

/// Clocks of honest people differ; a statement may be this far in the future, in seconds.
pub const CLOCK_SLACK: i64 = DAY;

/// A statement whose signature is cryptographically good, and the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The key's fingerprint, as in `person.toml`.
    pub fingerprint: String,
    /// What it signed.
    pub statement: Statement,
    /// Of the bytes that were signed: what a settlement calls it by.
    pub digest: Digest,
    /// Where it was found, for people to read.
    pub source: String,
}

/// Is `image` what `definition` gives?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The package.
    pub name: Name,
    /// Its version; part of the signed reference.
    pub version: String,
    /// The definition in the tree.
    pub definition: Digest,
    /// The image in hand.
    pub image: Digest,
    /// `linux/amd64`.
    pub platform: String,
    /// Seconds since 1970.
    pub now: i64,
}

/// The trusted input.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// How many are enough.
    pub policy: &'a Policy,
    /// Who they are.
    pub people: &'a People,
    /// How many roots settle a disagreement.
    pub root_threshold: usize,
}

/// One person's vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The person's folder name.
    pub person: String,
    /// Their organisation.
    pub organisation: String,
    /// The key that was used.
    pub fingerprint: String,
    /// What was said.
    pub said: Reproduction,
}

/// Who said what, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// People who rebuilt the image, by name.
    pub votes: Vec<Vote>,
    /// Machines that did: shown, never counted.
    pub machines: Vec<String>,
    /// Who proposed the definition.
    pub maintainers: BTreeSet<String>,
    /// Who reviewed it.
    pub reviewers: BTreeSet<String>,
    /// What does not count: where it was found, and why.
    pub ignored: Vec<(String, Ignored)>,
}

/// Proof that an image passed; only [`decide`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    question: Question,
    tally: Tally,
}

impl Verified {
    /// What was asked.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Who vouches.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

/// Why one statement does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Ignored {
    #[error("nobody in trust/keys has this key")]
    UnknownKey,
    #[error("{0}'s key was revoked on {1}")]
    Revoked(String, String),
    #[error("signed on {0}, outside the days of {1}'s key")]
    OutsideValidity(String, String),
    #[error("signed in the future ({0})")]
    Future(String),
    #[error("signed on {0}: older than the policy allows")]
    TooOld(String),
    #[error("{0} does not have the role {1}")]
    WrongRole(String, &'static str),
    #[error("is about {0}")]
    OtherSubject(String),
    #[error("{0} has a newer statement")]
    Superseded(String),
    #[error("{0} proposed this definition and cannot review it")]
    OwnWork(String),
}

/// Why an image is not trusted. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Everything that is missing or in the way.
    pub reasons: Vec<Reason>,
    /// What was counted.
    pub tally: Box<Tally>,
}

/// One thing that is missing or in the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Reason {
    #[error("{0}")]
    Disagreement(String),
    #[error("{have} of {need} {what}")]
    TooFew { what: &'static str, have: u32, need: u32 },
}

/// Answers the question. Pure.
pub fn decide(question: &Question, signed: &[Signed], rules: Rules<'_>) -> Result<Verified, Refusal> {
    count::all(question, signed, rules).answer()
}

/// Everything that stands against the image in question, settled or not: what roots read
/// before they settle. Sorted by person. Pure.
pub fn objections(question: &Question, signed: &[Signed], rules: Rules<'_>) -> Vec<Objection> {
    count::all(question, signed, rules).objections.raised().cloned().collect()
}

/// The part of a reference after the colon: an empty version is `latest`.
pub fn tag(version: &str) -> &str {
    if version.is_empty() { "latest" } else { version }
}
