//! The one door: whatever uses an image that it did not build asks here.
//!
//! Policy, people, votes, diversity, disagreements, freshness. `cairn verify` shows the
//! answer, `cairn build --from-layout` acts on it; there is no second way to a
//! [`Verified`].

use super::snapshot::entries;
use super::subject::Subject;
use super::{Memory, load, now};
use crate::args::Global;
use crate::error::{Failure, Kind, Result, doing};
use crate::project::Project;
use cairn_trust::folder::{Found, Trust};
use cairn_trust::freshness;
use cairn_trust::quorum::{Refusal, Verified, decide};
use cairn_trust::statement::Snapshot;

/// The trusted files and the newest set, read once.
pub struct Judge<'a> {
    project: &'a Project,
    trust: Trust,
    /// Or why there is none.
    fresh: std::result::Result<Snapshot, String>,
}

impl<'a> Judge<'a> {
    /// Reads the trusted files; what was accepted is remembered.
    pub fn open(global: &Global, project: &'a Project) -> Result<Judge<'a>> {
        let trust = load(global, project)?;
        let mut memory = Memory::load(global)?;
        let fresh = match freshness::newest(&trust, &project.root, memory.snapshot, now()?) {
            Err(stale) => Err(stale.to_string()),
            Ok((snapshot, seen)) => {
                memory.snapshot = Some(seen);
                memory.save(global)?;
                Ok(snapshot)
            }
        };
        Ok(Judge { project, trust, fresh })
    }

    /// Whether the subject's image may be used; a failure holds every reason.
    pub fn judge(&self, subject: &Subject) -> Result<Verified> {
        let untrusted = |why: String| Failure::new(Kind::Untrusted, subject.name.to_string()).cause(why);
        let image = subject.image.ok_or_else(|| untrusted("digests/ records no image for it".to_owned()))?;
        let found = self
            .trust
            .signatures(&self.project.root, &subject.name, &subject.definition)
            .map_err(doing(format!("read the signatures of {}", subject.name)))?;
        let decided = decide(&subject.question(image, now()?), &found.signed, self.trust.rules());
        let mut failure = match &decided {
            Ok(_) => Failure::new(Kind::Untrusted, subject.name.to_string()),
            Err(refusal) => refusal_text(subject, refusal, &found),
        };
        failure.causes.extend(self.not_listed(subject));
        match decided {
            Ok(verified) if failure.causes.is_empty() => Ok(verified),
            _ => Err(failure),
        }
    }

    /// Why the newest set does not have exactly this image.
    fn not_listed(&self, subject: &Subject) -> Option<String> {
        match &self.fresh {
            Err(why) => Some(why.clone()),
            Ok(snapshot) => {
                let wanted = entries(std::slice::from_ref(subject));
                let listed = wanted.iter().all(|entry| snapshot.entries.contains(entry));
                (!listed).then(|| format!("snapshot {} does not list this image", snapshot.number))
            }
        }
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
