//! For in-toto: one layout a package, and the links that people signed beside their votes.
//!
//! ```text
//! in-toto/GROUP-NAME/root.layout           to be signed by whoever exports
//! in-toto/GROUP-NAME/build.KEYID.link      one a person
//! ```
//!
//! The layout asks for k links of the step `build` whose products are equal, and that
//! the file `manifest.json` in the folder of the verification is that product. in-toto
//! counts keys: so the layout lists one key a person, and a second key of the same
//! person signs for nobody. The layout is not signed here; who uses it signs it with a
//! key of his own, having verified the tree.

use super::{Export, openpgp, voters};
use crate::commands::trust::in_toto::{DEFINITION, MANIFEST, STEP};
use crate::commands::trust::subject::Subject;
use crate::commands::trust::write_whole;
use crate::error::{Result, doing};
use cairn_core::json::Value;
use cairn_trust::date;
use cairn_trust::envelope::parts::{Detached, KeyNumbers, detach, key_numbers};
use cairn_trust::folder;
use cairn_trust::people::Person;
use std::fs;

/// A person's link, ready to be written.
struct Link {
    fingerprint: String,
    text: String,
}

/// Writes all layouts; gives the number of links.
pub fn write(export: &Export<'_>) -> Result<usize> {
    let mut links = 0;
    for subject in &export.subjects {
        links += package(export, subject)?;
    }
    Ok(links)
}

fn package(export: &Export<'_>, subject: &Subject) -> Result<usize> {
    let dir = export.dir.join("in-toto").join(subject.name.as_str().replacen('/', "-", 1));
    let mut keys = Vec::new();
    let mut links = 0;
    for person in voters(export.trust) {
        let link = link(export, subject, person)?;
        let first = openpgp(person).next().map(|key| key.fingerprint.clone());
        let used = link.as_ref().map(|link| link.fingerprint.clone()).or(first);
        let key = openpgp(person).find(|key| Some(&key.fingerprint) == used.as_ref());
        let Some(key) = key else { continue };
        match key_numbers(&export.key_file(person, key)?).map_err(doing("read a key"))? {
            Some(numbers) => keys.push((key.fingerprint.clone(), public_key(&key.fingerprint, numbers))),
            None => {
                export
                    .output
                    .note(&format!("in-toto: {}'s key is of a kind that it does not know", person.id));
                continue;
            }
        }
        if let Some(link) = link {
            write_whole(&dir.join(format!("{STEP}.{:.8}.link", link.fingerprint)), link.text.as_bytes())?;
            links += 1;
        }
    }
    let threshold = export.trust.policy.group(subject.name.group()).reproducers;
    let layout = layout(keys, threshold, export.trust.root.expires);
    write_whole(&dir.join("root.layout"), layout.indented().as_bytes())?;
    Ok(links)
}

/// The first key of the person with a good link about this definition.
fn link(export: &Export<'_>, subject: &Subject, person: &Person) -> Result<Option<Link>> {
    let folder = folder::signature_folder(&export.project.root, &subject.name, &subject.definition);
    for key in openpgp(person) {
        let path = folder.join(format!("{}.{}.link", person.id, key.fingerprint));
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            bytes => bytes.map_err(doing(format!("read {}", path.display())))?,
        };
        let (keyring, algorithms) = (&export.trust.keyring, &export.trust.policy.algorithms);
        let good = keyring.message(&bytes, algorithms).is_ok_and(|(signer, _)| signer == key.fingerprint);
        let about = |link: &Value| {
            let digest = link.get("materials")?.get(DEFINITION)?.get("sha256")?.as_str()?;
            Some(digest == subject.definition.hex())
        };
        let Some(detached) = detach(&bytes).ok().filter(|_| good) else { continue };
        if let Some(signed) = Value::parse(&detached.payload).ok().filter(|l| about(l) == Some(true)) {
            let fingerprint = key.fingerprint.clone();
            let text = metablock(signed, &fingerprint, &detached).compact();
            return Ok(Some(Link { fingerprint, text }));
        }
    }
    Ok(None)
}

/// A signed document in in-toto's frame.
fn metablock(signed: Value, fingerprint: &str, detached: &Detached) -> Value {
    // Of RSA one number, of Ed25519 two of 32 bytes each.
    let wide = |number: &Vec<u8>| match detached.numbers.len() {
        2 => [vec![0; 32_usize.saturating_sub(number.len())], number.clone()].concat(),
        _ => number.clone(),
    };
    let values: Vec<u8> = detached.numbers.iter().flat_map(wide).collect();
    let signature = Value::object([
        ("keyid", Value::from(fingerprint)),
        ("other_headers", hex(&detached.head).into()),
        ("signature", hex(&values).into()),
    ]);
    Value::object([("signatures", Value::Array(vec![signature])), ("signed", signed)])
}

fn public_key(fingerprint: &str, numbers: KeyNumbers) -> Value {
    let (kind, method, public) = match numbers {
        KeyNumbers::Ed25519(q) => {
            ("eddsa", "pgp+eddsa-ed25519", Value::object([("q", Value::from(hex(&q)))]))
        }
        KeyNumbers::Rsa(n, e) => {
            ("rsa", "pgp+rsa-pkcsv1.5", Value::object([("e", Value::from(hex(&e))), ("n", hex(&n).into())]))
        }
    };
    Value::object([
        ("hashes", Value::strings(["pgp+SHA2"])),
        ("keyid", fingerprint.into()),
        ("keyval", Value::object([("private", Value::from("")), ("public", public)])),
        ("method", method.into()),
        ("type", kind.into()),
    ])
}

fn layout(keys: Vec<(String, Value)>, threshold: u32, expires: i64) -> Value {
    let rules = |rules: &[&[&str]]| {
        Value::Array(rules.iter().map(|rule| Value::strings(rule.iter().copied())).collect())
    };
    let step = Value::object([
        ("_type", Value::from("step")),
        ("expected_command", Value::Array(Vec::new())),
        (
            "expected_materials",
            rules(&[&["REQUIRE", DEFINITION], &["ALLOW", DEFINITION], &["DISALLOW", "*"]]),
        ),
        ("expected_products", rules(&[&["REQUIRE", MANIFEST], &["ALLOW", MANIFEST], &["DISALLOW", "*"]])),
        ("name", STEP.into()),
        ("pubkeys", Value::strings(keys.iter().map(|(fingerprint, _)| fingerprint.clone()))),
        ("threshold", Value::Number(i64::from(threshold))),
    ]);
    let matched = ["MATCH", MANIFEST, "WITH", "PRODUCTS", "FROM", STEP];
    let inspection = Value::object([
        ("_type", Value::from("inspection")),
        ("expected_materials", rules(&[&["REQUIRE", MANIFEST], &matched, &["DISALLOW", MANIFEST]])),
        ("expected_products", rules(&[])),
        ("name", "image".into()),
        ("run", Value::strings(["true"])),
    ]);
    let signed = Value::object([
        ("_type", Value::from("layout")),
        ("expires", format!("{}T00:00:00Z", date::show(expires)).into()),
        ("inspect", Value::Array(vec![inspection])),
        ("keys", Value::object(keys)),
        ("readme", "".into()),
        ("steps", Value::Array(vec![step])),
    ]);
    Value::object([("signatures", Value::Array(Vec::new())), ("signed", signed)])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
