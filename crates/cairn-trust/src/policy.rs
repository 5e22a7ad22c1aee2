//! How many people are enough: `trust/policy.toml`.
//!
//! ```toml
//! version = 1
//! repository = "registry.example/cairn"    # what signed image names begin with
//!
//! [algorithms]
//! openpgp = ["ed25519", "rsa", "p256", "p384"]
//! ssh = ["ssh-ed25519", "sk-ssh-ed25519@openssh.com"]
//! hashes = ["sha256", "sha384", "sha512"]
//! rsa-minimum-bits = 3072
//!
//! [maximum-age]
//! signature-days = 400
//! snapshot-days = 30
//!
//! [snapshot]
//! threshold = 2                            # maintainers who sign the whole set
//!
//! [groups.default]                         # a group without its own table
//! maintainers = 1                          # who proposed the definition
//! reviewers = 1                            # who read it; never its author
//! reproducers = 2                          # who rebuilt it
//! organisations = 2                        # at least so many among the reproducers;
//! cpu-vendors = 1                          # each of these four is 1 unless given
//! engines = 1
//! distributions = 1
//!
//! [groups.bootstrap]
//! …
//! ```
//!
//! A field that is unknown, a threshold of 0 or one that the people in the tree can
//! never reach is refused when the policy is loaded, not when an image is.

use crate::people::{People, Person, Role};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The whole policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    version: u32,
    /// What every signed image name begins with.
    pub repository: String,
    /// What keys and signatures may be made of.
    pub algorithms: Algorithms,
    /// How old what may be.
    pub maximum_age: MaximumAge,
    /// Who signs the whole set.
    pub snapshot: SnapshotRule,
    groups: BTreeMap<String, Group>,
}

/// What keys and signatures may be made of. What is not listed is refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Algorithms {
    /// `ed25519`, `rsa`, `p256`, `p384`.
    pub openpgp: BTreeSet<String>,
    /// Key types as SSH names them.
    pub ssh: BTreeSet<String>,
    /// `sha256`, `sha384`, `sha512`.
    pub hashes: BTreeSet<String>,
    /// Shorter RSA keys are refused.
    pub rsa_minimum_bits: u32,
}

/// Ages in days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MaximumAge {
    /// Of a signature.
    pub signature_days: u32,
    /// Of a snapshot, whatever expiry it claims.
    pub snapshot_days: u32,
}

/// Who signs the whole set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRule {
    /// This many maintainers.
    pub threshold: u32,
}

/// What an image of a group needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// People who proposed the definition.
    pub maintainers: u32,
    /// People who read it and did not propose it.
    pub reviewers: u32,
    /// People who rebuilt it.
    pub reproducers: u32,
    /// Distinct organisations among the reproducers.
    #[serde(default = "one")]
    pub organisations: u32,
    /// Distinct processor vendors.
    #[serde(default = "one")]
    pub cpu_vendors: u32,
    /// Distinct build engines.
    #[serde(default = "one")]
    pub engines: u32,
    /// Distinct host distributions.
    #[serde(default = "one")]
    pub distributions: u32,
}

fn one() -> u32 {
    1
}

/// Why a policy is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No TOML, or a field that is unknown, missing or of the wrong kind.
    #[error("{0}")]
    Syntax(String),
    /// A value that makes no sense whoever the people are.
    #[error("{field}: {rule}")]
    Rule {
        /// Where.
        field: String,
        /// The rule.
        rule: String,
    },
    /// More than the people in the tree can ever give.
    #[error("{field} is {wanted}, but there are only {available} {of}")]
    Unreachable {
        /// Where.
        field: String,
        /// The threshold.
        wanted: u32,
        /// How many there are.
        available: usize,
        /// What.
        of: &'static str,
    },
}

/// What this version of cairn knows; another word in the policy is a mistake.
const OPENPGP: [&str; 4] = ["ed25519", "p256", "p384", "rsa"];
const HASHES: [&str; 3] = ["sha256", "sha384", "sha512"];
const SSH: [&str; 5] =
    ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "sk-ssh-ed25519@openssh.com", "ssh-ed25519", "ssh-rsa"];

impl Policy {
    /// Reads the file's text and checks it against the people it will count.
    pub fn parse(text: &str, people: &People) -> Result<Policy, PolicyError> {
        let policy: Policy = toml::from_str(text).map_err(|e| PolicyError::Syntax(e.to_string()))?;
        policy.check(people)?;
        Ok(policy)
    }

    /// The rule for a group: its own table, or `default`.
    pub fn group(&self, name: &str) -> &Group {
        let own = self.groups.get(name).or_else(|| self.groups.get("default"));
        own.expect("a policy without groups.default is refused when it is read")
    }

    fn check(&self, people: &People) -> Result<(), PolicyError> {
        let rule = |holds: bool, field: &str, rule: &str| match holds {
            true => Ok(()),
            false => Err(PolicyError::Rule { field: field.to_owned(), rule: rule.to_owned() }),
        };
        rule(self.version == 1, "version", "this cairn reads version 1")?;
        rule(
            !self.repository.is_empty() && !self.repository.ends_with('/'),
            "repository",
            "must be HOST/PATH",
        )?;
        rule(self.groups.contains_key("default"), "groups", "`default` is missing")?;
        rule(
            self.algorithms.rsa_minimum_bits >= 3072,
            "algorithms.rsa-minimum-bits",
            "must be at least 3072",
        )?;
        known("algorithms.openpgp", &self.algorithms.openpgp, &OPENPGP)?;
        known("algorithms.ssh", &self.algorithms.ssh, &SSH)?;
        known("algorithms.hashes", &self.algorithms.hashes, &HASHES)?;
        for (field, days) in [
            ("maximum-age.signature-days", self.maximum_age.signature_days),
            ("maximum-age.snapshot-days", self.maximum_age.snapshot_days),
        ] {
            rule((1..=3650).contains(&days), field, "must be between 1 and 3650")?;
        }
        reach(
            "snapshot.threshold",
            self.snapshot.threshold,
            people.with(Role::Maintainer).count(),
            "maintainers",
        )?;
        self.groups.iter().try_for_each(|(name, group)| group.check(&format!("groups.{name}"), people))
    }
}

impl Group {
    fn check(&self, path: &str, people: &People) -> Result<(), PolicyError> {
        let count = |role| people.with(role).count();
        let field = |name: &str| format!("{path}.{name}");
        let reproducers = count(Role::Reproducer);
        reach(&field("maintainers"), self.maintainers, count(Role::Maintainer), "maintainers")?;
        reach(&field("reviewers"), self.reviewers, count(Role::Reviewer), "reviewers")?;
        reach(&field("reproducers"), self.reproducers, reproducers, "reproducers")?;
        let organisations: BTreeSet<&str> =
            people.with(Role::Reproducer).map(|p: &Person| p.organisation.as_str()).collect();
        reach(
            &field("organisations"),
            self.organisations,
            organisations.len(),
            "organisations with a reproducer",
        )?;
        for (name, wanted) in [
            ("cpu-vendors", self.cpu_vendors),
            ("engines", self.engines),
            ("distributions", self.distributions),
        ] {
            reach(&field(name), wanted, reproducers, "reproducers to differ in it")?;
        }
        Ok(())
    }
}

fn reach(field: &str, wanted: u32, available: usize, of: &'static str) -> Result<(), PolicyError> {
    if wanted == 0 {
        return Err(PolicyError::Rule { field: field.to_owned(), rule: "must be at least 1".to_owned() });
    }
    if wanted as usize > available {
        return Err(PolicyError::Unreachable { field: field.to_owned(), wanted, available, of });
    }
    Ok(())
}

fn known(field: &str, given: &BTreeSet<String>, known: &[&str]) -> Result<(), PolicyError> {
    match given.iter().find(|word| !known.contains(&word.as_str())) {
        Some(word) => Err(PolicyError::Rule {
            field: field.to_owned(),
            rule: format!("`{word}` is none of {}", known.join(", ")),
        }),
        None if given.is_empty() => {
            Err(PolicyError::Rule { field: field.to_owned(), rule: "must not be empty".to_owned() })
        }
        None => Ok(()),
    }
}
