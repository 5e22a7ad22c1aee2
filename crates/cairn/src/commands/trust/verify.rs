//! `cairn verify`: is there reason to use this image?
//!
//! Policy, people, votes, diversity, disagreements, freshness, and then every byte that
//! is here. The answer names who vouches, or what is missing.

use super::sign::entries;
use super::subject::{self, PLATFORM, Subject};
use super::{Memory, load, now};
use crate::args::{Global, Verify};
use crate::error::{Failure, Kind, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::digest::Digest;
use cairn_core::image;
use cairn_core::json::Value;
use cairn_core::store::Store;
use cairn_trust::date;
use cairn_trust::folder::{self, Found, Trust};
use cairn_trust::people::Role;
use cairn_trust::quorum::{Question, Refusal, Rules, Signed, Tally, Verified, decide};
use cairn_trust::roots::{self, Seen, Unaccepted};
use cairn_trust::statement::{Snapshot, Statement};
use std::collections::{BTreeMap, BTreeSet};

pub fn run(global: &Global, args: &Verify, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let trust = load(global, &project)?;
    let store = project::store(global)?;
    let subjects = wanted(&project, &store, args)?;
    let fresh = freshness(global, &project, &trust)?;
    let mut refused = Vec::new();
    for subject in &subjects {
        let judged = judge(&project, &trust, subject, fresh.as_ref());
        let judged = judged.and_then(|verified| Ok((bytes(&store, subject)?, verified)));
        match &judged {
            Ok((here, verified)) => show(subject, Ok((verified, *here)), output),
            Err(failure) => show(subject, Err(failure), output),
        }
        if judged.is_err() {
            refused.push(subject.name.to_string());
        }
    }
    match refused.as_slice() {
        [] if subjects.is_empty() => {
            Err(Failure::failed("digests/ records no image").hint("cairn build --update"))
        }
        [] => Ok(()),
        names => Err(Failure::new(Kind::Untrusted, format!("not trusted: {}", names.join(", ")))
            .hint("the reasons stand above; docs/trust.md explains each")),
    }
}

/// `NAME`, `NAME@sha256:…`, or everything that has a digest.
fn wanted(project: &Project, store: &Store, args: &Verify) -> Result<Vec<Subject>> {
    let mut asked: BTreeMap<_, Option<Digest>> = BTreeMap::new();
    for text in &args.images {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => {
                let parsed = digest.parse().map_err(|e| Failure::usage(format!("{digest}: {e}")))?;
                (name, Some(parsed))
            }
            None => (text.as_str(), None),
        };
        asked.insert(project::name(name)?, digest);
    }
    let names: Vec<_> = asked.keys().cloned().collect();
    let mut subjects = subject::chosen(project, store, &names)?;
    for subject in &mut subjects {
        if let Some(Some(digest)) = asked.get(&subject.name) {
            subject.image = Some(*digest);
        }
    }
    if asked.is_empty() {
        subjects.retain(|s| s.image.is_some());
    }
    Ok(subjects)
}

/// The newest snapshot, accepted and remembered; `Err` inside says why there is none.
fn freshness(
    global: &Global,
    project: &Project,
    trust: &Trust,
) -> Result<std::result::Result<Snapshot, String>> {
    let numbers = folder::numbered(&project.root.join("snapshots")).map_err(doing("read snapshots/"))?;
    let mut memory = Memory::load(global)?;
    let Some(newest) = numbers.last().copied() else {
        return Ok(Err("there is no snapshot of the whole set".to_owned()));
    };
    let found = trust.snapshot(&project.root, newest).map_err(doing("read the newest snapshot"))?;
    let rule = (trust.policy.snapshot.threshold as usize, trust.policy.maximum_age.snapshot_days);
    let mut best: std::result::Result<Snapshot, Unaccepted> =
        Err(Unaccepted::TooFew { whose: "maintainers", have: 0, need: rule.0 });
    for (snapshot, digest, signers) in candidates(trust, &found, newest, now()?) {
        let accepted =
            roots::accept_snapshot(&snapshot, digest, memory.snapshot, signers.len(), rule, now()?);
        best = match accepted {
            // Two different sets, each signed by enough people, are no set at all.
            Ok(()) if best.is_ok() => return Ok(Err(format!("snapshot {newest} exists in two versions"))),
            Ok(()) => {
                memory.snapshot = Some(Seen { number: newest, digest });
                Ok(snapshot)
            }
            Err(_) if best.is_ok() => best,
            Err(error) => Err(error),
        };
    }
    if best.is_ok() {
        memory.save(global)?;
    }
    Ok(best.map_err(|e| format!("snapshot {newest}: {e}")))
}

/// Each distinct snapshot of that number, with the maintainers who signed it.
fn candidates(
    trust: &Trust,
    found: &Found,
    number: i64,
    now: i64,
) -> Vec<(Snapshot, Digest, BTreeSet<String>)> {
    let mut all: Vec<(Snapshot, Digest, BTreeSet<String>)> = Vec::new();
    for Signed { fingerprint, statement, .. } in &found.signed {
        let Statement::Snapshot(snapshot) = statement else { continue };
        let Some((person, key)) = trust.people.owner(fingerprint) else { continue };
        let counts = key.revoked.is_none() && (key.not_before.0..key.not_after.0).contains(&now);
        if snapshot.number != number || !counts || !person.roles.contains(&Role::Maintainer) {
            continue;
        }
        let digest = Digest::of(&statement.to_bytes());
        match all.iter_mut().find(|(_, known, _)| *known == digest) {
            Some((_, _, signers)) => {
                signers.insert(person.id.clone());
            }
            None => all.push((snapshot.clone(), digest, BTreeSet::from([person.id.clone()]))),
        }
    }
    all
}

fn judge(
    project: &Project,
    trust: &Trust,
    subject: &Subject,
    fresh: std::result::Result<&Snapshot, &String>,
) -> Result<Verified> {
    let untrusted = |why: String| Failure::new(Kind::Untrusted, subject.name.to_string()).cause(why);
    let image = subject.image.ok_or_else(|| untrusted("digests/ records no image for it".to_owned()))?;
    let question = Question {
        name: subject.name.clone(),
        version: subject.version.clone(),
        definition: subject.definition,
        image,
        platform: PLATFORM.to_owned(),
        now: now()?,
    };
    let found = trust
        .signatures(&project.root, &subject.name, &subject.definition)
        .map_err(doing(format!("read the signatures of {}", subject.name)))?;
    let root_threshold = usize::try_from(trust.root.threshold).unwrap_or(usize::MAX);
    let rules = Rules { policy: &trust.policy, people: &trust.people, root_threshold };
    let decided = decide(&question, &found.signed, rules);
    let mut failure = match &decided {
        Ok(_) => Failure::new(Kind::Untrusted, subject.name.to_string()),
        Err(refusal) => refusal_text(subject, refusal, &found),
    };
    let entry = match fresh {
        Err(why) => Some(why.clone()),
        Ok(snapshot) => {
            let wanted = entries(std::slice::from_ref(&Subject { image: Some(image), ..subject.clone() }));
            let listed = wanted.iter().all(|e| snapshot.entries.contains(e));
            (!listed).then(|| format!("snapshot {} does not list this image", snapshot.number))
        }
    };
    failure.causes.extend(entry);
    match decided {
        Ok(verified) if failure.causes.is_empty() => Ok(verified),
        _ => Err(failure),
    }
}

fn refusal_text(subject: &Subject, refusal: &Refusal, found: &Found) -> Failure {
    let mut failure = Failure::new(Kind::Untrusted, subject.name.to_string());
    for reason in &refusal.reasons {
        failure = failure.cause(reason);
    }
    for (file, why) in &refusal.tally.ignored {
        failure = failure.cause(format!("{file}: {why}"));
    }
    for (file, why) in &found.bad {
        failure = failure.cause(format!("{file}: {why}"));
    }
    failure
}

/// Re-hashes the image if it is here; gives whether it is.
fn bytes(store: &Store, subject: &Subject) -> Result<bool> {
    let Some(manifest) = subject.image.filter(|d| store.has_blob(d)) else { return Ok(false) };
    let damaged = |e: &dyn std::error::Error| {
        Failure::new(Kind::Untrusted, subject.name.to_string())
            .cause("its bytes in the store are not right")
            .because(e)
    };
    let limit = image::MAX_DOCUMENT as u64;
    let document = store.read_blob_small(&manifest, limit).map_err(|e| damaged(&e))?;
    let config = Value::parse(&document)
        .ok()
        .and_then(|v| v.get("config")?.get("digest")?.as_str()?.parse::<Digest>().ok())
        .ok_or_else(|| damaged(&std::io::Error::other("the manifest names no configuration")))?;
    let config = store.read_blob_small(&config, limit).map_err(|e| damaged(&e))?;
    let image = image::read(&document, &config).map_err(|e| damaged(&e))?;
    for layer in &image.layers {
        store.copy_blob(&layer.digest, std::io::sink()).map_err(|e| damaged(&e))?;
    }
    Ok(true)
}

fn show(subject: &Subject, judged: std::result::Result<(&Verified, bool), &Failure>, output: Output) {
    if output.json {
        println!("{}", json(subject, judged).compact());
        return;
    }
    let image = subject.image.map_or("no image".to_owned(), |d| d.to_string());
    match judged {
        Ok((verified, here)) => {
            println!("trusted {} {image}", subject.name);
            people(verified.tally());
            println!(
                "  {}",
                if here { "every byte in the store is right" } else { "its bytes are not in the store" }
            );
        }
        Err(failure) => {
            println!("NOT TRUSTED {} {image}", subject.name);
            for cause in &failure.causes {
                println!("  {cause}");
            }
        }
    }
}

fn people(tally: &Tally) {
    for vote in &tally.votes {
        let host = &vote.said.host;
        let facts = [host.engine.as_str(), &host.cpu, &host.distribution];
        println!(
            "  reproduced by {} ({}) on {} with {}",
            vote.person,
            vote.organisation,
            date::show(vote.said.timestamp),
            facts.join(", ")
        );
    }
    let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    println!("  proposed by {}, read by {}", list(&tally.maintainers), list(&tally.reviewers));
    if !tally.machines.is_empty() {
        println!("  machines that agree: {}", tally.machines.join(", "));
    }
    for (file, why) in &tally.ignored {
        println!("  not counted: {file}: {why}");
    }
}

fn json(subject: &Subject, judged: std::result::Result<(&Verified, bool), &Failure>) -> Value {
    let mut members = vec![
        ("package", Value::from(subject.name.as_str())),
        ("image", subject.image.map_or(Value::Null, |d| d.to_string().into())),
        ("definition", subject.definition.to_string().into()),
        ("trusted", Value::Bool(judged.is_ok())),
    ];
    match judged {
        Ok((verified, here)) => {
            let votes = verified.tally().votes.iter().map(|v| Value::from(v.person.as_str())).collect();
            members.push(("reproducers", Value::Array(votes)));
            members.push(("here", Value::Bool(here)));
        }
        Err(failure) => members.push(("reasons", Value::strings(failure.causes.iter().cloned()))),
    }
    Value::object(members)
}
