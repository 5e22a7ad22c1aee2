//! `cairn policy export`: the same rule for clients that are not ours.
//!
//! podman and skopeo know "signed by any key of this keyring", and that every
//! requirement of a list must hold. k of n people is said with these two words: for
//! *each* set of n − k + 1 people, somebody of that set must have signed. If fewer than
//! k signed, the others are at least n − k + 1, and the set made of them fails. A
//! person's keys are always in one keyring together, so two keys are not two people.

use super::subject::{self, Subject};
use super::write_whole;
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::Project;
use cairn_core::json::Value;
use cairn_core::store::Store;
use cairn_trust::date;
use cairn_trust::folder::Trust;
use cairn_trust::people::{Key, KeyKind, Person, Role};
use cairn_trust::statement::{Reproducer, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// More requirements than a client should be asked to check for one image.
const MAX_REQUIREMENTS: usize = 1000;

pub fn run(project: &Project, store: &Store, trust: &Trust, dir: &Path, output: Output) -> Result<()> {
    fs::create_dir_all(dir).map_err(doing(format!("make {}", dir.display())))?;
    let dir = dir.canonicalize().map_err(doing(format!("open {}", dir.display())))?;
    let subjects: Vec<Subject> =
        subject::all(project, store)?.into_iter().filter(|s| s.image.is_some()).collect();
    let groups: BTreeSet<&str> = subjects.iter().map(|s| s.name.group()).collect();
    let mut scopes = Vec::new();
    for group in groups {
        let requirements = requirements(project, trust, group, &dir)?;
        scopes.push((format!("{}/{group}", trust.policy.repository), Value::Array(requirements)));
    }
    let reject = Value::Array(vec![Value::object([("type", Value::from("reject"))])]);
    let policy = Value::object([
        ("default", reject),
        ("transports", Value::object([("docker", Value::Object(scopes))])),
    ]);
    write_whole(&dir.join("policy.json"), policy.indented().as_bytes())?;
    let lookaside = format!(
        "docker:\n  {}:\n    lookaside: file://{}/lookaside\n",
        trust.policy.repository,
        dir.display()
    );
    write_whole(&dir.join("registries.d/cairn.yaml"), lookaside.as_bytes())?;
    write_whole(&dir.join("allowed_signers"), allowed_signers(project, trust)?.as_bytes())?;
    let mut signatures = 0;
    for subject in &subjects {
        signatures += write_lookaside(project, trust, subject, &dir)?;
    }
    output.note(&format!(
        "{}: policy.json, registries.d, keyrings, allowed_signers, {signatures} signatures",
        dir.display()
    ));
    Ok(())
}

/// People who can reproduce and have an OpenPGP key that counts: podman knows no other.
fn voters(trust: &Trust) -> Vec<&Person> {
    trust.people.with(Role::Reproducer).filter(|p| openpgp(p).next().is_some()).collect()
}

fn openpgp(person: &Person) -> impl Iterator<Item = &Key> {
    person.keys.iter().filter(|k| k.kind == KeyKind::Openpgp && k.revoked.is_none())
}

fn requirements(project: &Project, trust: &Trust, group: &str, dir: &Path) -> Result<Vec<Value>> {
    let people = voters(trust);
    let need = trust.policy.group(group).reproducers as usize;
    if people.len() < need {
        return Err(Failure::failed(format!(
            "{group} needs {need} reproducers, and only {} have OpenPGP keys",
            people.len()
        ))
        .cause("podman and skopeo verify no other keys"));
    }
    let sets = combinations(people.len(), people.len() - need + 1);
    if sets.len() > MAX_REQUIREMENTS {
        return Err(Failure::failed(format!(
            "{need} of {} people would be {} requirements",
            people.len(),
            sets.len()
        )));
    }
    let mut requirements = Vec::new();
    for set in sets {
        let members: Vec<&Person> = set.iter().map(|n| people[*n]).collect();
        let names: Vec<&str> = members.iter().map(|p| p.id.as_str()).collect();
        let path = dir.join("keyrings").join(format!("{}.gpg", names.join("+")));
        let mut ring = Vec::new();
        for person in members {
            for key in openpgp(person) {
                ring.extend(binary_certificate(project, person, key)?);
            }
        }
        write_whole(&path, &ring)?;
        requirements.push(Value::object([
            ("type", Value::from("signedBy")),
            ("keyType", "GPGKeys".into()),
            ("keyPath", path.to_string_lossy().into_owned().into()),
            ("signedIdentity", Value::object([("type", Value::from("matchRepository"))])),
        ]));
    }
    Ok(requirements)
}

/// Every way to choose `size` of `n`, in order.
fn combinations(n: usize, size: usize) -> Vec<Vec<usize>> {
    fn extend(from: usize, n: usize, size: usize, chosen: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
        if chosen.len() == size {
            all.push(chosen.clone());
            return;
        }
        for next in from..n {
            if all.len() > MAX_REQUIREMENTS {
                return;
            }
            chosen.push(next);
            extend(next + 1, n, size, chosen, all);
            chosen.pop();
        }
    }
    let mut all = Vec::new();
    extend(0, n, size, &mut Vec::new(), &mut all);
    all
}

/// The certificate without armor: keyrings are plain concatenations.
fn binary_certificate(project: &Project, person: &Person, key: &Key) -> Result<Vec<u8>> {
    let path = project.root.join("trust/keys").join(&person.id).join(&key.file);
    let bytes = fs::read(&path).map_err(doing(format!("read {}", path.display())))?;
    cairn_trust::envelope::dearmor(&bytes).map_err(|e| Failure::failed(format!("{}: {e}", path.display())))
}

/// One line a key: `ssh-keygen -Y verify` honours namespace and days.
fn allowed_signers(project: &Project, trust: &Trust) -> Result<String> {
    let mut text = String::new();
    for person in trust.people.iter() {
        for key in person.keys.iter().filter(|k| k.kind == KeyKind::Ssh && k.revoked.is_none()) {
            let path = project.root.join("trust/keys").join(&person.id).join(&key.file);
            let public = fs::read_to_string(&path).map_err(doing(format!("read {}", path.display())))?;
            let words: Vec<&str> = public.split_whitespace().take(2).collect();
            let day = |d: i64| date::show(d).replace('-', "");
            text += &format!(
                "{} namespaces=\"{}\",valid-after=\"{}\",valid-before=\"{}\" {}\n",
                person.id,
                cairn_trust::envelope::SSH_NAMESPACE,
                day(key.not_before.0),
                day(key.not_after.0),
                words.join(" ")
            );
        }
    }
    Ok(text)
}

/// `REPOSITORY@sha256=HEX/signature-N`, without gaps and only of people who vote: a gap
/// or a file that is no signature makes the clients refuse the image. One signature for
/// each person is enough for them.
fn write_lookaside(project: &Project, trust: &Trust, subject: &Subject, dir: &Path) -> Result<usize> {
    let found = trust
        .signatures(&project.root, &subject.name, &subject.definition)
        .map_err(doing(format!("read the signatures of {}", subject.name)))?;
    let folder = cairn_trust::folder::signature_folder(&project.root, &subject.name, &subject.definition);
    let voters: BTreeSet<&str> = voters(trust).iter().map(|p| p.id.as_str()).collect();
    let mut newest: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for signed in &found.signed {
        let Statement::Reproduction(said) = &signed.statement else { continue };
        let Some((person, key)) = trust.people.owner(&signed.fingerprint) else { continue };
        let counts = Some(said.image) == subject.image
            && said.role == Reproducer::Person
            && key.kind == KeyKind::Openpgp
            && key.revoked.is_none()
            && voters.contains(person.id.as_str());
        if counts && newest.get(person.id.as_str()).is_none_or(|(at, _)| *at < said.timestamp) {
            newest.insert(&person.id, (said.timestamp, &signed.source));
        }
    }
    // The clients leave the registry's host out of the path.
    let path = trust.policy.repository.split_once('/').map_or("", |(_, path)| path);
    let image = subject.image.expect("packages without an image were left out");
    let target = dir.join("lookaside").join(format!("{path}/{}@sha256={}", subject.name, image.hex()));
    for (index, (_, file)) in newest.values().enumerate() {
        let bytes = fs::read(folder.join(file)).map_err(doing(format!("read {file}")))?;
        write_whole(&target.join(format!("signature-{}", index + 1)), &bytes)?;
    }
    Ok(newest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_that_must_hold_is_listed_once() {
        assert_eq!(combinations(3, 2), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(combinations(5, 3).len(), 10);
        assert_eq!(combinations(2, 1), [[0], [1]]);
    }
}
