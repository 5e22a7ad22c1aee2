//! For sqv and gpgv: the whole set, signed by as many maintainers as the policy asks for.
//!
//! ```text
//! sqv/snapshot.json         every package with its version, definition and image
//! sqv/PERSON.KEY.sig        detached signatures over it
//! sqv/snapshot.sig          all of them in one file
//! sqv/ADA+BOB.pgp           for each set of people: somebody of it must have signed
//! sqv/verify                runs sqv for each set; ends with 0 if all agree
//! ```
//!
//! A vote is no such list: every vote is a document of its own, with its own time, so
//! its signatures cannot be counted by a tool that counts signatures over one file.

use super::{Export, set_name, sets, with_openpgp};
use crate::commands::trust::write_whole;
use crate::error::{Result, doing};
use cairn_trust::envelope::parts::{Detached, detach};
use cairn_trust::folder;
use cairn_trust::people::Role;
use cairn_trust::statement::Statement;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Fails closed: a set that nobody signed has no good signature, and sqv says so.
const VERIFY: &str = r#"#!/bin/sh
# Every set of people needs one good signature: then k people have signed.
cd "$(dirname "$0")" || exit 1
for ring in *.pgp; do
    sqv --keyring "$ring" --signatures 1 snapshot.sig snapshot.json >/dev/null ||
        { echo "nobody of ${ring%.pgp} has signed snapshot.json" >&2; exit 1; }
done
"#;

/// Writes the newest snapshot and its signatures; without a snapshot, the keyrings only.
pub fn write(export: &Export<'_>) -> Result<()> {
    let dir = export.dir.join("sqv");
    let need = export.trust.policy.snapshot.threshold as usize;
    let sets = match sets(&with_openpgp(export.trust, Role::Maintainer), need, "maintainers") {
        Ok(sets) => sets,
        Err(failure) => {
            export.output.note(&format!("no sqv/: {}", failure.what));
            return Ok(());
        }
    };
    for set in sets {
        write_whole(&dir.join(format!("{}.pgp", set_name(&set))), &export.keyring(&set)?)?;
    }
    let script = dir.join("verify");
    write_whole(&script, VERIFY.as_bytes())?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).map_err(doing("make sqv/verify run"))?;
    let root = &export.project.root;
    let numbers = folder::numbered(&root.join("snapshots")).map_err(doing("read snapshots/"))?;
    let Some(number) = numbers.last() else {
        export.output.note("there is no snapshot: sqv/ has keyrings only");
        return Ok(());
    };
    let signatures = signatures(export, *number)?;
    // Of several documents under one number the one with the most signatures; the
    // keyrings decide whether that is enough.
    let Some((document, signed)) = signatures.into_iter().max_by_key(|(_, signed)| signed.len()) else {
        return Ok(());
    };
    write_whole(&dir.join("snapshot.json"), &document)?;
    write_whole(&dir.join("snapshot.sig"), &signed.values().flatten().copied().collect::<Vec<u8>>())?;
    for (file, packet) in &signed {
        write_whole(&dir.join(file), packet)?;
    }
    Ok(())
}

/// Detached signatures by file name.
type Signatures = BTreeMap<String, Vec<u8>>;

/// The good signatures, by the document that they sign.
fn signatures(export: &Export<'_>, number: i64) -> Result<BTreeMap<Vec<u8>, Signatures>> {
    let root = &export.project.root;
    let found = export.trust.snapshot(root, number).map_err(doing("read the newest snapshot"))?;
    let mut all: BTreeMap<Vec<u8>, Signatures> = BTreeMap::new();
    for signed in &found.signed {
        let path = root.join("snapshots").join(number.to_string()).join(&signed.source);
        let bytes = fs::read(&path).map_err(doing(format!("read {}", path.display())))?;
        let is_this = matches!(&signed.statement, Statement::Snapshot(s) if s.number == number);
        // What was signed with an SSH key is no OpenPGP message.
        let Some(Detached { payload, packet, .. }) = detach(&bytes).ok().filter(|_| is_this) else {
            continue;
        };
        all.entry(payload).or_default().insert(signed.source.clone(), packet);
    }
    Ok(all)
}
