//! The rule: an image is used only if enough people vouch for it and nobody objects.
//!
//! [`decide`] is pure. It is given a question (is this image what this definition
//! gives?), every statement whose signature was found good, the policy, the people and
//! the time, and answers [`Verified`] or [`Refusal`]. In this order:
//!
//! 1. A statement counts for its signer only while the key counts: known, not revoked,
//!    the statement's time within the key's days and not in the future.
//! 2. *Disagreement.* Two counting reproducers, machines included, with different images
//!    for one (definition, platform), or one counting dispute about it, block every image
//!    of it, unless as many roots as the root threshold settle it for this image. As many
//!    who settle for another image block it in any case.
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

use crate::date::{self, DAY};
use crate::people::{Key, People, Person, Role};
use crate::policy::{Group, Policy};
use crate::statement::{Reproducer, Reproduction, Statement};
use cairn_core::digest::Digest;
use cairn_core::tree::Name;
use std::collections::{BTreeMap, BTreeSet};

/// Clocks of honest people differ; a statement may be this far in the future, in seconds.
pub const CLOCK_SLACK: i64 = DAY;

/// A statement whose signature is cryptographically good, and the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The key's fingerprint, as in `person.toml`.
    pub fingerprint: String,
    /// What it signed.
    pub statement: Statement,
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
    let mut count = Count {
        question,
        rules,
        group: rules.policy.group(question.name.group()),
        tally: Tally::default(),
        images: BTreeMap::new(),
        disputes: BTreeSet::new(),
        settled: BTreeMap::new(),
        votes: BTreeMap::new(),
        reviews: Vec::new(),
    };
    for one in signed {
        if let Err(why) = count.take(one) {
            count.tally.ignored.push((one.source.clone(), why));
        }
    }
    count.answer()
}

struct Count<'a> {
    question: &'a Question,
    rules: Rules<'a>,
    group: &'a Group,
    tally: Tally,
    /// Every image that a counting reproducer got, with who did.
    images: BTreeMap<Digest, BTreeSet<String>>,
    disputes: BTreeSet<String>,
    /// Every image that roots call the right one, with who does and when.
    settled: BTreeMap<String, (i64, Digest)>,
    /// By person; the newest statement.
    votes: BTreeMap<String, (String, Vote)>,
    /// Where found, and by whom: judged when every author is known.
    reviews: Vec<(String, String)>,
}

impl<'a> Count<'a> {
    /// Takes one statement in, or says why it does not count.
    fn take(&mut self, one: &'a Signed) -> Result<(), Ignored> {
        let owner = self.rules.people.owner(&one.fingerprint);
        let (person, key) = owner.ok_or(Ignored::UnknownKey)?;
        match &one.statement {
            Statement::Reproduction(said) => {
                self.valid(person, key, said.timestamp)?;
                self.reproduction(one, person, said)
            }
            Statement::Dispute(said) => {
                self.valid(person, key, said.timestamp)?;
                self.same(&said.definition, &said.platform)?;
                needs_any(person, &[Role::Reproducer, Role::Machine], "reproducer")?;
                self.disputes.insert(person.id.clone());
                Ok(())
            }
            Statement::Settlement(said) => {
                self.valid(person, key, said.timestamp)?;
                self.same(&said.definition, &said.platform)?;
                needs_any(person, &[Role::Root], "root")?;
                let newest = (said.timestamp, said.image);
                let kept = self.settled.entry(person.id.clone()).or_insert(newest);
                *kept = (*kept).max(newest);
                Ok(())
            }
            Statement::Maintainer(said) => {
                self.valid(person, key, said.timestamp)?;
                self.about(&said.name, &said.definition)?;
                needs_any(person, &[Role::Maintainer], "maintainer")?;
                self.tally.maintainers.insert(person.id.clone());
                Ok(())
            }
            Statement::Review(said) => {
                self.valid(person, key, said.timestamp)?;
                self.about(&said.name, &said.definition)?;
                needs_any(person, &[Role::Reviewer], "reviewer")?;
                self.reviews.push((one.source.clone(), person.id.clone()));
                Ok(())
            }
            Statement::Snapshot(_) => Err(Ignored::OtherSubject("the whole set".to_owned())),
            Statement::Root(_) => Err(Ignored::OtherSubject("the policy".to_owned())),
        }
    }

    /// Rule 1: the key counts, and did when it signed.
    fn valid(&self, person: &Person, key: &Key, at: i64) -> Result<(), Ignored> {
        if let Some(revoked) = key.revoked {
            return Err(Ignored::Revoked(person.id.clone(), date::show(revoked.0)));
        }
        if at > self.question.now.saturating_add(CLOCK_SLACK) {
            return Err(Ignored::Future(date::show(at)));
        }
        if at < key.not_before.0 || at >= key.not_after.0 {
            return Err(Ignored::OutsideValidity(date::show(at), person.id.clone()));
        }
        Ok(())
    }

    fn same(&self, definition: &Digest, platform: &str) -> Result<(), Ignored> {
        if *definition != self.question.definition {
            return Err(Ignored::OtherSubject(format!("definition {definition}")));
        }
        if platform != self.question.platform {
            return Err(Ignored::OtherSubject(format!("platform {platform}")));
        }
        Ok(())
    }

    fn about(&self, name: &str, definition: &Digest) -> Result<(), Ignored> {
        if name != self.question.name.as_str() {
            return Err(Ignored::OtherSubject(name.to_owned()));
        }
        self.same(definition, &self.question.platform)
    }

    fn reproduction(&mut self, one: &Signed, person: &Person, said: &Reproduction) -> Result<(), Ignored> {
        self.same(&said.definition, &said.platform)?;
        needs_any(person, &[Role::Reproducer, Role::Machine], "reproducer")?;
        // An alarm has no age: whoever got something else once has got it.
        self.images.entry(said.image).or_default().insert(person.id.clone());
        let question = self.question;
        if said.image != question.image {
            return Err(Ignored::OtherSubject(format!("image {}", said.image)));
        }
        let reference =
            format!("{}/{}:{}", self.rules.policy.repository, question.name, tag(&question.version));
        if said.name != question.name.as_str()
            || said.version != question.version
            || said.reference != reference
        {
            return Err(Ignored::OtherSubject(format!("{} {}", said.reference, said.version)));
        }
        let age = i64::from(self.rules.policy.maximum_age.signature_days) * DAY;
        if question.now.saturating_sub(said.timestamp) > age {
            return Err(Ignored::TooOld(date::show(said.timestamp)));
        }
        if person.is_machine() || said.role == Reproducer::Machine {
            self.tally.machines.push(person.id.clone());
            return Ok(());
        }
        self.vote(one, person, said)
    }

    /// Keeps a person's newest statement; of two at one second, the one with the lower
    /// fingerprint, so that the order of files decides nothing.
    fn vote(&mut self, one: &Signed, person: &Person, said: &Reproduction) -> Result<(), Ignored> {
        let vote = Vote {
            person: person.id.clone(),
            organisation: person.organisation.clone(),
            fingerprint: one.fingerprint.clone(),
            said: said.clone(),
        };
        let rank = |v: &Vote| {
            (v.said.timestamp, std::cmp::Reverse((v.fingerprint.clone(), v.said.host.engine.clone())))
        };
        let superseded = Ignored::Superseded(person.id.clone());
        match self.votes.get(&person.id) {
            Some((_, kept)) if rank(kept) >= rank(&vote) => Err(superseded),
            _ => {
                if let Some((source, _)) = self.votes.insert(person.id.clone(), (one.source.clone(), vote)) {
                    self.tally.ignored.push((source, superseded));
                }
                Ok(())
            }
        }
    }

    fn answer(mut self) -> Result<Verified, Refusal> {
        let mut reasons = Vec::new();
        if let Some(disagreement) = self.disagreement() {
            reasons.push(Reason::Disagreement(disagreement));
        }
        self.count_reviews();
        self.tally.votes = std::mem::take(&mut self.votes).into_values().map(|(_, vote)| vote).collect();
        let distinct = |fact: &dyn Fn(&Vote) -> String| {
            let values: BTreeSet<_> = self.tally.votes.iter().map(fact).filter(|v| !v.is_empty()).collect();
            values.len()
        };
        let group = self.group;
        for (what, have, need) in [
            ("reproducers", self.tally.votes.len(), group.reproducers),
            ("organisations", distinct(&|v| v.organisation.clone()), group.organisations),
            ("CPU vendors", distinct(&|v| v.said.host.cpu.clone()), group.cpu_vendors),
            ("engines", distinct(&|v| v.said.host.engine.clone()), group.engines),
            ("distributions", distinct(&|v| v.said.host.distribution.clone()), group.distributions),
            ("maintainers", self.tally.maintainers.len(), group.maintainers),
            ("reviewers", self.tally.reviewers.len(), group.reviewers),
        ] {
            let have = u32::try_from(have).unwrap_or(u32::MAX);
            if have < need {
                reasons.push(Reason::TooFew { what, have, need });
            }
        }
        if reasons.is_empty() {
            Ok(Verified { question: self.question.clone(), tally: self.tally })
        } else {
            Err(Refusal { reasons, tally: Box::new(self.tally) })
        }
    }

    fn count_reviews(&mut self) {
        for (source, person) in std::mem::take(&mut self.reviews) {
            if self.tally.maintainers.contains(&person) {
                self.tally.ignored.push((source, Ignored::OwnWork(person)));
            } else {
                self.tally.reviewers.insert(person);
            }
        }
    }

    /// Rule 2, in a sentence.
    fn disagreement(&self) -> Option<String> {
        let settled_for = |image: &Digest| {
            let roots = self.settled.values().filter(|(_, settled)| settled == image).count();
            roots >= self.rules.root_threshold
        };
        let this = self.question.image;
        if let Some((_, other)) =
            self.settled.values().find(|(_, image)| *image != this && settled_for(image))
        {
            return Some(format!("not everybody got this image: the roots settled for {other}"));
        }
        let names = |people: &BTreeSet<String>| people.iter().cloned().collect::<Vec<_>>().join(", ");
        let others: Vec<String> = self
            .images
            .iter()
            .filter(|(image, _)| **image != self.question.image)
            .map(|(image, people)| format!("{} got {image}", names(people)))
            .collect();
        if settled_for(&this) || (others.is_empty() && self.disputes.is_empty()) {
            return None;
        }
        let mut parts = others;
        if !self.disputes.is_empty() {
            parts.push(format!("{} signed a dispute", names(&self.disputes)));
        }
        Some(format!("not everybody got this image: {}", parts.join("; ")))
    }
}

/// The part of a reference after the colon: an empty version is `latest`.
pub fn tag(version: &str) -> &str {
    if version.is_empty() { "latest" } else { version }
}

fn needs_any(person: &Person, roles: &[Role], role: &'static str) -> Result<(), Ignored> {
    if roles.iter().any(|r| person.roles.contains(r)) {
        Ok(())
    } else {
        Err(Ignored::WrongRole(person.id.clone(), role))
    }
}
