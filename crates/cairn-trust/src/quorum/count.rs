//! Taking statements in one by one, then counting what was taken.

use super::objections::{Objection, Objections};
use super::{CLOCK_SLACK, Ignored, Question, Reason, Refusal, Rules, Signed, Tally, Verified, Vote, tag};
use crate::date::{self, DAY};
use crate::people::{Key, Person, Role};
use crate::statement::{Dispute, Reproducer, Reproduction, Statement};
use cairn_core::digest::Digest;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Takes in every statement; what does not count is in [`Tally::ignored`].
pub fn all<'a>(question: &'a Question, signed: &[Signed], rules: Rules<'a>) -> Count<'a> {
    let mut count = Count {
        question,
        rules,
        tally: Tally::default(),
        objections: Objections::default(),
        votes: BTreeMap::new(),
        reviews: Vec::new(),
    };
    for one in signed {
        if let Err(why) = count.take(one) {
            count.tally.ignored.push((one.source.clone(), why));
        }
    }
    count
}

pub struct Count<'a> {
    question: &'a Question,
    rules: Rules<'a>,
    tally: Tally,
    pub(super) objections: Objections,
    /// By person: where the newest was found, and the newest.
    votes: BTreeMap<String, (String, Vote)>,
    /// Where found, and by whom: judged when every author is known.
    reviews: Vec<(String, String)>,
}

impl Count<'_> {
    /// Takes one statement in, or says why it does not count.
    fn take(&mut self, one: &Signed) -> Result<(), Ignored> {
        let owner = self.rules.people.owner(&one.fingerprint);
        let (person, key) = owner.ok_or(Ignored::UnknownKey)?;
        match &one.statement {
            Statement::Reproduction(said) => {
                self.valid(person, key, said.timestamp)?;
                self.reproduction(one, person, said)
            }
            Statement::Dispute(said) => {
                self.valid(person, key, said.timestamp)?;
                self.dispute(one, person, said)
            }
            Statement::Settlement(said) => {
                self.valid(person, key, said.timestamp)?;
                self.same(&said.definition, &said.platform)?;
                needs_any(person, &[Role::Root], "root")?;
                self.objections.settle(&person.id, said);
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

    fn dispute(&mut self, one: &Signed, person: &Person, said: &Dispute) -> Result<(), Ignored> {
        self.same(&said.definition, &said.platform)?;
        needs_any(person, &[Role::Reproducer, Role::Machine], "reproducer")?;
        self.object(one, person, said.got, true, said.timestamp);
        Ok(())
    }

    fn object(&mut self, one: &Signed, person: &Person, got: Digest, disputes: bool, timestamp: i64) {
        let (person, statement) = (person.id.clone(), one.digest);
        self.objections.raise(Objection { person, statement, got, disputes, timestamp });
    }

    fn reproduction(&mut self, one: &Signed, person: &Person, said: &Reproduction) -> Result<(), Ignored> {
        self.same(&said.definition, &said.platform)?;
        needs_any(person, &[Role::Reproducer, Role::Machine], "reproducer")?;
        let question = self.question;
        if said.image != question.image {
            // An alarm has no age: whoever got something else once has got it.
            self.object(one, person, said.image, false, said.timestamp);
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
    /// fingerprint, then the lower engine, so that the order of files decides nothing.
    fn vote(&mut self, one: &Signed, person: &Person, said: &Reproduction) -> Result<(), Ignored> {
        let vote = Vote {
            person: person.id.clone(),
            organisation: person.organisation.clone(),
            fingerprint: one.fingerprint.clone(),
            said: said.clone(),
        };
        let rank =
            |v: &Vote| (v.said.timestamp, Reverse((v.fingerprint.clone(), v.said.host.engine.clone())));
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

    /// Rules 2 to 6 over what was taken in.
    pub fn answer(mut self) -> Result<Verified, Refusal> {
        let against = self.objections.against(self.question.image, self.rules);
        let mut reasons: Vec<Reason> = against.into_iter().map(Reason::Disagreement).collect();
        self.count_reviews();
        self.tally.votes = std::mem::take(&mut self.votes).into_values().map(|(_, vote)| vote).collect();
        reasons.extend(self.too_few());
        if reasons.is_empty() {
            Ok(Verified { question: self.question.clone(), tally: self.tally })
        } else {
            Err(Refusal { reasons, tally: Box::new(self.tally) })
        }
    }

    /// Who proposed a definition does not review it.
    fn count_reviews(&mut self) {
        for (source, person) in std::mem::take(&mut self.reviews) {
            if self.tally.maintainers.contains(&person) {
                self.tally.ignored.push((source, Ignored::OwnWork(person)));
            } else {
                self.tally.reviewers.insert(person);
            }
        }
    }

    /// Every number that does not reach the group's threshold.
    fn too_few(&self) -> Vec<Reason> {
        let votes = &self.tally.votes;
        let distinct = |fact: fn(&Vote) -> &str| {
            let values: BTreeSet<&str> = votes.iter().map(fact).filter(|value| !value.is_empty()).collect();
            values.len()
        };
        let group = self.rules.policy.group(self.question.name.group());
        let rules = [
            ("reproducers", votes.len(), group.reproducers),
            ("organisations", distinct(|v| &v.organisation), group.organisations),
            ("CPU vendors", distinct(|v| &v.said.host.cpu), group.cpu_vendors),
            ("engines", distinct(|v| &v.said.host.engine), group.engines),
            ("distributions", distinct(|v| &v.said.host.distribution), group.distributions),
            ("maintainers", self.tally.maintainers.len(), group.maintainers),
            ("reviewers", self.tally.reviewers.len(), group.reviewers),
        ];
        let counted = rules.map(|(what, have, need)| (what, u32::try_from(have).unwrap_or(u32::MAX), need));
        let short = counted.into_iter().filter(|(_, have, need)| have < need);
        short.map(|(what, have, need)| Reason::TooFew { what, have, need }).collect()
    }
}

fn needs_any(person: &Person, roles: &[Role], role: &'static str) -> Result<(), Ignored> {
    if roles.iter().any(|r| person.roles.contains(r)) {
        Ok(())
    } else {
        Err(Ignored::WrongRole(person.id.clone(), role))
    }
}
