//! `--from-layout DIR`: finished images from a mirror, instead of building them.
//!
//! An image is taken only with the [`Verified`] of [`super::judge`], and only the bytes
//! that its digest names: each blob is hashed while it is copied into the store. Nothing
//! of it is remembered as built here, so it is never signed, and the next build without
//! a mirror builds.

use super::judge::Judge;
use super::subject::{self, PLATFORM, Subject};
use crate::args::{Finished, Global};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::Project;
use cairn_build::Engine;
use cairn_build::record::{BuildRecord, Origin};
use cairn_core::graph;
use cairn_core::layout;
use cairn_core::store::Store;
use cairn_core::tree::Name;
use cairn_trust::quorum::Verified;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What of `targets`, or of what they need, need not be built. Says for each package
/// which it is, and why.
pub fn finished(
    global: &Global,
    engine: &Engine,
    args: &Finished,
    targets: &[Name],
    output: Output,
) -> Result<BTreeMap<Name, BuildRecord>> {
    let mut taken = BTreeMap::new();
    if args.from_layout.is_empty() {
        return Ok(taken);
    }
    let project = Project::find(global)?;
    let judge = match Judge::open(global, &project) {
        Ok(judge) => judge,
        Err(failure) => {
            output.note(&format!("nothing is taken from a mirror, building: {}", sentence(&failure)));
            return Ok(taken);
        }
    };
    let subjects: BTreeMap<Name, Subject> =
        subject::all(&project, &engine.store)?.into_iter().map(|s| (s.name.clone(), s)).collect();
    let order = graph::order(&engine.tree, targets).map_err(doing("order the packages"))?;
    // From the targets down: what is taken needs nothing below it.
    let mut wanted: BTreeSet<Name> = targets.iter().cloned().collect();
    for node in order.into_iter().rev() {
        if !wanted.contains(&node.name) {
            continue;
        }
        let name = &node.name;
        match take(&judge, &engine.store, &args.from_layout, subjects.get(name)) {
            Ok((record, people)) => {
                output.note(&format!("{name}: taken from a mirror; rebuilt by {people}"));
                taken.insert(node.name, record);
            }
            Err(why) => {
                output.note(&format!("{name}: not taken from a mirror, building: {why}"));
                wanted.extend(node.needs);
            }
        }
    }
    Ok(taken)
}

/// One image into the store, and who vouches for it.
fn take(
    judge: &Judge<'_>,
    store: &Store,
    layouts: &[PathBuf],
    subject: Option<&Subject>,
) -> std::result::Result<(BuildRecord, String), String> {
    let subject = subject.ok_or("what it needs has no recorded digests")?;
    let verified = judge.judge(subject).map_err(|failure| sentence(&failure))?;
    let mut problems = Vec::new();
    for dir in layouts {
        match import(store, dir, &verified, subject) {
            Ok(record) => {
                let people = verified.tally().votes.iter().map(|vote| vote.person.as_str());
                return Ok((record, people.collect::<Vec<_>>().join(", ")));
            }
            Err(problem) => problems.push(problem),
        }
    }
    Err(problems.join("; "))
}

/// Only with a [`Verified`] in hand, and only the image that it is about.
fn import(
    store: &Store,
    dir: &std::path::Path,
    verified: &Verified,
    subject: &Subject,
) -> std::result::Result<BuildRecord, String> {
    let question = verified.question();
    let image = layout::import(store, dir, &question.image).map_err(|error| error.to_string())?;
    let platform = format!("{}/{}", image.config.os, image.config.architecture);
    if platform != PLATFORM {
        return Err(format!("it is for {platform}"));
    }
    Ok(BuildRecord {
        name: question.name.clone(),
        version: subject.version.clone(),
        definition: question.definition,
        image: image.manifest,
        config: image.config_digest,
        layers: image.layers.iter().map(|layer| layer.digest).collect(),
        platform,
        engine: "import".to_owned(),
        origin: Origin::Imported,
        finished: 0,
        milliseconds: 0,
        host: Vec::new(),
    })
}

/// A failure in one line.
fn sentence(failure: &Failure) -> String {
    let parts = std::iter::once(failure.what.as_str()).chain(failure.causes.iter().map(String::as_str));
    parts.collect::<Vec<_>>().join("; ")
}
