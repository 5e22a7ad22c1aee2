//! For ssh-keygen: `allowed_signers`, one line a key.
//!
//! ssh-keygen checks one signature of one person. Two keys of a person have the same
//! name there, so whoever counts names counts people.

use super::Export;
use crate::commands::trust::write_whole;
use crate::error::Result;
use cairn_trust::date;
use cairn_trust::envelope::SSH_NAMESPACE;
use cairn_trust::people::KeyKind;

/// Namespace and days are honoured by `ssh-keygen -Y verify`.
pub fn write(export: &Export<'_>) -> Result<()> {
    let mut text = String::new();
    for person in export.trust.people.iter() {
        for key in person.keys.iter().filter(|k| k.kind == KeyKind::Ssh && k.revoked.is_none()) {
            let public = String::from_utf8_lossy(&export.key_file(person, key)?).into_owned();
            let words: Vec<&str> = public.split_whitespace().take(2).collect();
            let day = |d: i64| date::show(d).replace('-', "");
            text += &format!(
                "{} namespaces=\"{SSH_NAMESPACE}\",valid-after=\"{}\",valid-before=\"{}\" {}\n",
                person.id,
                day(key.not_before.0),
                day(key.not_after.0),
                words.join(" ")
            );
        }
    }
    write_whole(&export.dir.join("allowed_signers"), text.as_bytes())
}
