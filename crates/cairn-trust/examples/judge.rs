//! Answers one question a line, for the vectors that two verifiers must agree on.
//!
//! ```text
//! TREE NAME VERSION DEFINITION IMAGE PLATFORM NOW ROOT SNAPSHOT     parted by tabs
//! ```
//!
//! ROOT and SNAPSHOT are `NUMBER:sha256:…` as a client remembers them, or `-`. The
//! answer is `accepted`, or `refused` and the reasons, parted by tabs.

use cairn_core::digest::Digest;
use cairn_trust::folder::{KnownRoot, Trust};
use cairn_trust::freshness;
use cairn_trust::quorum::{Question, decide};
use cairn_trust::roots::Seen;
use std::error::Error;
use std::io::BufRead;
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let reasons = judge(&line).unwrap_or_else(|e| vec![e.to_string()]);
        let verdict = if reasons.is_empty() { "accepted" } else { "refused" };
        let reasons: Vec<String> = reasons.iter().map(|r| r.replace(['\n', '\t'], " ")).collect();
        println!("{verdict}\t{}", reasons.join("\t"));
    }
    Ok(())
}

fn judge(line: &str) -> Result<Vec<String>> {
    let words: Vec<&str> = line.split('\t').collect();
    let [tree, name, version, definition, image, platform, now, root, seen] = words.as_slice() else {
        return Err("nine words are needed".into());
    };
    let (tree, now) = (Path::new(tree), now.parse()?);
    let question = Question {
        name: name.parse()?,
        version: (*version).to_owned(),
        definition: definition.parse()?,
        image: image.parse()?,
        platform: (*platform).to_owned(),
        now,
    };
    let known = remembered(root)?.map(|(version, digest)| KnownRoot { version, digest });
    let trust = Trust::load(tree, known, now)?;
    let found = trust.signatures(tree, &question.name, &question.definition)?;
    let mut reasons = Vec::new();
    if let Err(refusal) = decide(&question, &found.signed, trust.rules()) {
        reasons.extend(refusal.reasons.iter().map(ToString::to_string));
        reasons.extend(refusal.tally.ignored.iter().map(|(file, why)| format!("{file}: {why}")));
        reasons.extend(found.bad.iter().map(|(file, why)| format!("{file}: {why}")));
    }
    let seen = remembered(seen)?.map(|(number, digest)| Seen { number, digest });
    match freshness::newest(&trust, tree, seen, now) {
        Err(stale) => reasons.push(stale.to_string()),
        Ok((snapshot, _)) => {
            let listed = snapshot.entries.iter().any(|e| {
                e.name == question.name.as_str()
                    && e.version == question.version
                    && e.definition == question.definition
                    && e.platform == question.platform
                    && e.image == question.image
            });
            if !listed {
                reasons.push(format!("snapshot {} does not list this image", snapshot.number));
            }
        }
    }
    Ok(reasons)
}

fn remembered(text: &str) -> Result<Option<(i64, Digest)>> {
    match text.split_once(':') {
        None => Ok(None),
        Some((number, digest)) => Ok(Some((number.parse()?, digest.parse()?))),
    }
}
