//! `cairn sign --snapshot`: the whole set as `digests/` has it now.

use super::now;
use super::sign::Work;
use super::subject::{self, PLATFORM, Subject};
use crate::error::{Result, doing};
use cairn_trust::date::DAY;
use cairn_trust::folder;
use cairn_trust::people::Role;
use cairn_trust::statement::{Entry, Snapshot, Statement};

impl Work<'_> {
    /// Signs the newest snapshot if it says what the tree says; otherwise makes the next.
    pub fn snapshot(&mut self) -> Result<()> {
        self.needs(Role::Maintainer)?;
        let root = &self.project.root;
        let entries = entries(&subject::all(self.project, self.store)?);
        let numbers = folder::numbered(&root.join("snapshots")).map_err(doing("read snapshots/"))?;
        let newest = numbers.last().copied().unwrap_or(0);
        let found = self.trust.snapshot(root, newest).map_err(doing("read the newest snapshot"))?;
        let current = found.signed.into_iter().find_map(|signed| match signed.statement {
            Statement::Snapshot(s) if s.entries == entries && s.expires > now().unwrap_or(i64::MAX) => {
                Some(s)
            }
            _ => None,
        });
        let snapshot = match current {
            Some(snapshot) => snapshot,
            None => {
                let created = now()?;
                let days = i64::from(self.trust.policy.maximum_age.snapshot_days);
                Snapshot { number: newest + 1, created, expires: created + days * DAY, entries }
            }
        };
        let folder = root.join("snapshots").join(snapshot.number.to_string());
        println!("snapshot {} ({} images)", snapshot.number, snapshot.entries.len());
        self.write_in(&folder, "snapshot", &Statement::Snapshot(snapshot))
    }
}

/// The set as the tree has it, in a snapshot's order.
pub fn entries(subjects: &[Subject]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = subjects
        .iter()
        .filter_map(|s| {
            Some(Entry {
                name: s.name.to_string(),
                version: s.version.clone(),
                definition: s.definition,
                platform: PLATFORM.to_owned(),
                image: s.image?,
            })
        })
        .collect();
    entries.sort_by(|a, b| (&a.name, &a.platform).cmp(&(&b.name, &b.platform)));
    entries
}
