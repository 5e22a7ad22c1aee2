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
use cairn_trust::folder::{Found, Trust};
use cairn_trust::freshness;
use cairn_trust::quorum::{Question, Refusal, Rules, Tally, Verified, decide};
use cairn_trust::statement::Snapshot;
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
    let mut memory = Memory::load(global)?;
    match freshness::newest(trust, &project.root, memory.snapshot, now()?) {
        Err(stale) => Ok(Err(stale.to_string())),
        Ok((snapshot, seen)) => {
            memory.snapshot = Some(seen);
            memory.save(global)?;
            Ok(Ok(snapshot))
        }
    }
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
