//! `cairn policy export`: the same rule for clients that are not ours.
//!
//! ```text
//! containers   policy.json, keyrings/, registries.d/, lookaside/    podman, skopeo
//! sqv          sqv/: the snapshot, detached signatures, keyrings    sqv, gpgv
//! in_toto      in-toto/GROUP-NAME/: a layout and links              in-toto-verify
//! ssh          allowed_signers                                      ssh-keygen
//! ```
//!
//! Most of them know keys and no people. k of n people is said to them in words that
//! they have: for *each* set of n − k + 1 people, somebody of that set must have signed.
//! If fewer than k signed, the others are at least n − k + 1, and the set made of them
//! fails. A person's keys are always in one set together, so two keys are not two people.

mod containers;
mod in_toto;
mod sqv;
mod ssh;

use super::subject::{self, Subject};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::Project;
use cairn_core::store::Store;
use cairn_trust::folder::Trust;
use cairn_trust::people::{Key, KeyKind, Person, Role};
use std::fs;
use std::path::{Path, PathBuf};

/// More sets than a client should be asked to check for one image.
const MAX_SETS: usize = 1000;

/// What is exported, and where to.
pub struct Export<'a> {
    project: &'a Project,
    trust: &'a Trust,
    /// Packages with a recorded image.
    subjects: Vec<Subject>,
    /// Absolute: clients are told paths below it.
    dir: PathBuf,
    output: Output,
}

pub fn run(project: &Project, store: &Store, trust: &Trust, dir: &Path, output: Output) -> Result<()> {
    fs::create_dir_all(dir).map_err(doing(format!("make {}", dir.display())))?;
    let dir = dir.canonicalize().map_err(doing(format!("open {}", dir.display())))?;
    let subjects = subject::all(project, store)?.into_iter().filter(|s| s.image.is_some()).collect();
    let export = Export { project, trust, subjects, dir, output };
    let signatures = containers::write(&export)?;
    ssh::write(&export)?;
    sqv::write(&export)?;
    let links = in_toto::write(&export)?;
    output.note(&format!(
        "{}: policy.json, registries.d, keyrings, allowed_signers, sqv, in-toto; {signatures} signatures, {links} links",
        export.dir.display()
    ));
    Ok(())
}

impl Export<'_> {
    /// A person's key file, as it is.
    fn key_file(&self, person: &Person, key: &Key) -> Result<Vec<u8>> {
        let path = self.project.root.join("trust/keys").join(&person.id).join(&key.file);
        fs::read(&path).map_err(doing(format!("read {}", path.display())))
    }

    /// All OpenPGP keys of these people: keyrings are plain concatenations.
    fn keyring(&self, people: &[&Person]) -> Result<Vec<u8>> {
        let mut ring = Vec::new();
        for (person, key) in people.iter().flat_map(|p| openpgp(p).map(move |key| (*p, key))) {
            let certificate = cairn_trust::envelope::dearmor(&self.key_file(person, key)?);
            ring.extend(certificate.map_err(doing(format!("read the key {}", key.fingerprint)))?);
        }
        Ok(ring)
    }
}

/// People who can reproduce and have an OpenPGP key that counts.
fn voters(trust: &Trust) -> Vec<&Person> {
    with_openpgp(trust, Role::Reproducer)
}

fn with_openpgp(trust: &Trust, role: Role) -> Vec<&Person> {
    trust.people.with(role).filter(|p| openpgp(p).next().is_some()).collect()
}

/// The keys that other people's tools know and that are not revoked.
fn openpgp(person: &Person) -> impl Iterator<Item = &Key> {
    person.keys.iter().filter(|k| k.kind == KeyKind::Openpgp && k.revoked.is_none())
}

/// Every set of people of whom one must have signed, so that `need` of all have.
fn sets<'a>(people: &[&'a Person], need: usize, of: &str) -> Result<Vec<Vec<&'a Person>>> {
    if people.len() < need {
        return Err(Failure::failed(format!(
            "{need} {of} are needed, and only {} have OpenPGP keys",
            people.len()
        ))
        .cause("podman, skopeo and sqv verify no other keys"));
    }
    let sets = combinations(people.len(), people.len() - need + 1);
    if sets.len() > MAX_SETS {
        return Err(Failure::failed(format!(
            "{need} of {} {of} would be {} requirements or more",
            people.len(),
            sets.len()
        )));
    }
    Ok(sets.into_iter().map(|set| set.into_iter().map(|n| people[n]).collect()).collect())
}

/// `ada+bob`.
fn set_name(set: &[&Person]) -> String {
    set.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join("+")
}

/// Every way to choose `size` of `n`, in order.
fn combinations(n: usize, size: usize) -> Vec<Vec<usize>> {
    fn extend(from: usize, n: usize, size: usize, chosen: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
        if chosen.len() == size {
            all.push(chosen.clone());
            return;
        }
        for next in from..n {
            if all.len() > MAX_SETS {
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
