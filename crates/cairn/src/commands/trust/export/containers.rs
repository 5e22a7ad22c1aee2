//! For podman and skopeo: `policy.json`, keyrings, `registries.d`, a lookaside.
//!
//! They know "signed by any key of this keyring", and that every requirement of a list
//! must hold; [`super::sets`] says k of n people with that.

use super::{Export, voters};
use crate::commands::trust::subject::Subject;
use crate::commands::trust::write_whole;
use crate::error::{Result, doing};
use cairn_core::json::Value;
use cairn_trust::folder;
use cairn_trust::people::KeyKind;
use cairn_trust::statement::{Reproducer, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Writes all of it; gives the number of signatures in the lookaside.
pub fn write(export: &Export<'_>) -> Result<usize> {
    let Export { dir, trust, .. } = export;
    let groups: BTreeSet<&str> = export.subjects.iter().map(|s| s.name.group()).collect();
    let mut scopes = Vec::new();
    for group in groups {
        let scope = format!("{}/{group}", trust.policy.repository);
        scopes.push((scope, Value::Array(requirements(export, group)?)));
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
    let mut signatures = 0;
    for subject in &export.subjects {
        signatures += write_lookaside(export, subject)?;
    }
    Ok(signatures)
}

fn requirements(export: &Export<'_>, group: &str) -> Result<Vec<Value>> {
    let people = voters(export.trust);
    let need = export.trust.policy.group(group).reproducers as usize;
    let mut requirements = Vec::new();
    for set in super::sets(&people, need, &format!("reproducers of {group}"))? {
        let path = export.dir.join("keyrings").join(format!("{}.gpg", super::set_name(&set)));
        write_whole(&path, &export.keyring(&set)?)?;
        requirements.push(Value::object([
            ("type", Value::from("signedBy")),
            ("keyType", "GPGKeys".into()),
            ("keyPath", path.to_string_lossy().into_owned().into()),
            ("signedIdentity", Value::object([("type", Value::from("matchRepository"))])),
        ]));
    }
    Ok(requirements)
}

/// `REPOSITORY@sha256=HEX/signature-N`, without gaps and only of people who vote: a gap
/// or a file that is no signature makes the clients refuse the image. One signature for
/// each person is enough for them.
fn write_lookaside(export: &Export<'_>, subject: &Subject) -> Result<usize> {
    let Export { project, trust, dir, .. } = export;
    let found = trust
        .signatures(&project.root, &subject.name, &subject.definition)
        .map_err(doing(format!("read the signatures of {}", subject.name)))?;
    let folder = folder::signature_folder(&project.root, &subject.name, &subject.definition);
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
