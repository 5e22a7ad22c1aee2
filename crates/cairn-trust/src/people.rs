//! Who the people are: `trust/keys/PERSON/person.toml`.
//!
//! ```toml
//! name = "Ada Lovelace"
//! organisation = "analytical"
//! roles = ["maintainer", "reproducer", "root"]
//!
//! [[key]]
//! kind = "openpgp"                       # or "ssh"
//! file = "yubikey.asc"                   # in the same folder
//! fingerprint = "0123…"                  # 40 hex digits; ssh: "SHA256:…"
//! not-before = "2026-01-01"
//! not-after = "2028-01-01"
//! # revoked = "2026-07-01"               # nothing it ever signed counts any more
//! ```
//!
//! PERSON, the folder's name, is the identity that is counted: lower-case letters,
//! digits and `-`. A machine has the role `machine` and no other.

use crate::date::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Role {
    /// Proposes definitions.
    Maintainer,
    /// Reads definitions of others.
    Reviewer,
    /// Rebuilds, and votes.
    Reproducer,
    /// Vouches for people, keys and policy.
    Root,
    /// Rebuilds; never a vote.
    Machine,
}

/// The two families of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum KeyKind {
    /// An OpenPGP certificate; its primary key signs.
    Openpgp,
    /// An SSH public key.
    Ssh,
}

// By hand, because serde also reads the table `{ openpgp = {} }` as the word `openpgp`.
impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(word: String) -> Result<Role, String> {
        match word.as_str() {
            "maintainer" => Ok(Role::Maintainer),
            "reviewer" => Ok(Role::Reviewer),
            "reproducer" => Ok(Role::Reproducer),
            "root" => Ok(Role::Root),
            "machine" => Ok(Role::Machine),
            _ => Err(format!("`{word}` is no role")),
        }
    }
}

impl TryFrom<String> for KeyKind {
    type Error = String;

    fn try_from(word: String) -> Result<KeyKind, String> {
        match word.as_str() {
            "openpgp" => Ok(KeyKind::Openpgp),
            "ssh" => Ok(KeyKind::Ssh),
            _ => Err(format!("`{word}` is no kind of key")),
        }
    }
}

/// One key of a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Key {
    /// What it is.
    pub kind: KeyKind,
    /// The file with its public half, in the person's folder.
    pub file: String,
    /// OpenPGP: lower-case hex of the primary key. SSH: `SHA256:…` as ssh-keygen prints it.
    pub fingerprint: String,
    /// Signatures made earlier do not count.
    pub not_before: Date,
    /// Signatures made from this day on do not count.
    pub not_after: Date,
    /// If set, no signature counts, whenever it was made.
    pub revoked: Option<Date>,
}

/// A person, or a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The folder's name.
    pub id: String,
    /// For people to read.
    pub name: String,
    /// Whose interests this person may share.
    pub organisation: String,
    /// What may be signed.
    pub roles: BTreeSet<Role>,
    /// At least one.
    pub keys: Vec<Key>,
}

/// Why a `person.toml`, or the set of them, is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// No TOML, or a field that is unknown, missing or of the wrong kind.
    #[error("{person}: {problem}")]
    Syntax {
        /// Whose file.
        person: String,
        /// What the reader said.
        problem: String,
    },
    /// A rule about one person is broken.
    #[error("{person}: {rule}")]
    Rule {
        /// Whose file.
        person: String,
        /// The rule.
        rule: &'static str,
    },
    /// Two people, or one twice, claim a key: a vote could be counted twice.
    #[error("key {fingerprint} is listed for {first} and for {second}")]
    SharedKey {
        /// The key.
        fingerprint: String,
        /// Who has it.
        first: String,
        /// Who has it too.
        second: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    organisation: String,
    roles: Vec<Role>,
    key: Vec<Key>,
}

impl Person {
    /// Reads one `person.toml`; `id` is the folder's name.
    pub fn parse(id: &str, text: &str) -> Result<Person, PeopleError> {
        let file: File = toml::from_str(text)
            .map_err(|e| PeopleError::Syntax { person: id.to_owned(), problem: e.to_string() })?;
        let person = Person {
            id: id.to_owned(),
            name: file.name,
            organisation: file.organisation,
            roles: file.roles.iter().copied().collect(),
            keys: file.key,
        };
        match person.broken_rule(file.roles.len()) {
            Some(rule) => Err(PeopleError::Rule { person: id.to_owned(), rule }),
            None => Ok(person),
        }
    }

    fn broken_rule(&self, roles: usize) -> Option<&'static str> {
        let rules = [
            (is_word(&self.id), "the folder's name must be lower-case letters, digits and `-`"),
            (is_word(&self.organisation), "`organisation` must be lower-case letters, digits and `-`"),
            (
                !self.roles.is_empty() && roles == self.roles.len(),
                "`roles` must name at least one role, each once",
            ),
            (!self.is_machine() || self.roles.len() == 1, "a machine has the role `machine` and no other"),
            (!self.keys.is_empty(), "at least one key is needed"),
            (self.keys.iter().all(|k| is_file(&k.file)), "`file` must be a name in the person's own folder"),
            (
                self.keys.iter().all(is_fingerprint),
                "`fingerprint` must be 40 lower-case hex digits, or SHA256:…",
            ),
            (
                self.keys.iter().all(|k| k.not_before < k.not_after),
                "`not-after` must be later than `not-before`",
            ),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
    }

    /// Whether its votes never count.
    pub fn is_machine(&self) -> bool {
        self.roles.contains(&Role::Machine)
    }
}

fn is_word(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-')
}

fn is_file(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'@');
    (1..=128).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
}

fn is_fingerprint(key: &Key) -> bool {
    let text = &key.fingerprint;
    match key.kind {
        KeyKind::Openpgp => text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
        KeyKind::Ssh => {
            let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
            text.strip_prefix("SHA256:").is_some_and(|t| t.len() == 43 && t.bytes().all(base64))
        }
    }
}

/// Everybody, no key held by two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    people: BTreeMap<String, Person>,
    owners: BTreeMap<String, (String, usize)>,
}

impl People {
    /// Checks the set as a whole.
    pub fn new(people: impl IntoIterator<Item = Person>) -> Result<People, PeopleError> {
        let mut all = People::default();
        for person in people {
            for (index, key) in person.keys.iter().enumerate() {
                let owner = (person.id.clone(), index);
                if let Some((first, _)) = all.owners.insert(key.fingerprint.clone(), owner) {
                    return Err(PeopleError::SharedKey {
                        fingerprint: key.fingerprint.clone(),
                        first,
                        second: person.id,
                    });
                }
            }
            all.people.insert(person.id.clone(), person);
        }
        Ok(all)
    }

    /// Whose key this is.
    pub fn owner(&self, fingerprint: &str) -> Option<(&Person, &Key)> {
        let (id, index) = self.owners.get(fingerprint)?;
        let person = self.people.get(id)?;
        Some((person, person.keys.get(*index)?))
    }

    /// By folder name.
    pub fn get(&self, id: &str) -> Option<&Person> {
        self.people.get(id)
    }

    /// Sorted by folder name.
    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// Everybody with a role.
    pub fn with(&self, role: Role) -> impl Iterator<Item = &Person> {
        self.iter().filter(move |p| p.roles.contains(&role))
    }
}
