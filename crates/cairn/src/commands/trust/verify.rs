//! `cairn verify`: is there reason to use this image?
//!
//! Policy, people, votes, diversity, disagreements, freshness, and then every byte that
//! is here. The answer names who vouches, or what is missing.

use super::judge::Judge;
use super::subject::{self, Subject};
use crate::args::{Global, Verify};
use crate::error::{Failure, Kind, Result};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::digest::Digest;
use cairn_core::json::Value;
use cairn_core::layout;
use cairn_core::store::Store;
use cairn_trust::date;
use cairn_trust::quorum::{Tally, Verified};
use std::collections::{BTreeMap, BTreeSet};

pub fn run(global: &Global, args: &Verify, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let judge = Judge::open(global, &project)?;
    let store = project::store(global)?;
    let subjects = wanted(&project, &store, args)?;
    let mut refused = Vec::new();
    for subject in &subjects {
        let judged = judge.judge(subject);
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

/// Re-hashes the image if it is here; gives whether it is.
fn bytes(store: &Store, subject: &Subject) -> Result<bool> {
    let Some(manifest) = subject.image.filter(|d| store.has_blob(d)) else { return Ok(false) };
    let damaged = |e: &dyn std::error::Error| {
        Failure::new(Kind::Untrusted, subject.name.to_string())
            .cause("its bytes in the store are not right")
            .because(e)
    };
    let image = layout::image(store, &manifest).map_err(|e| damaged(&e))?;
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
