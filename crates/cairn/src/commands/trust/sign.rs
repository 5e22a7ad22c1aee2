//! `cairn sign`: votes, reviews, proposals, settlements and snapshots.
//!
//! Without a name it signs what this machine itself built: for each package, the record
//! of the local build is compared with `digests/`. Equal is a vote; different is a
//! dispute *and* a vote for the other image. What was downloaded is never signed.

use super::signer::Signer;
use super::subject::{self, PLATFORM, Subject};
use super::{host, load, now, write_whole};
use crate::args::{Global, Sign, SignWhat};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_build::record::{BuildRecord, Origin};
use cairn_core::store::Store;
use cairn_trust::date::DAY;
use cairn_trust::folder::{self, Trust};
use cairn_trust::people::{Person, Role};
use cairn_trust::quorum::tag;
use cairn_trust::statement::{
    Dispute, Entry, Opinion, Reproducer, Reproduction, Settlement, Snapshot, Statement,
};
use std::path::{Path, PathBuf};

const CREATOR: &str = concat!("cairn ", env!("CARGO_PKG_VERSION"));

pub fn run(global: &Global, args: &Sign, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let trust = load(global, &project)?;
    let person = person(&trust, args)?;
    let signer = Signer::find(person, args.ssh_key.as_deref(), &project.root.join("trust"), now()?)?;
    let names = project::names(&args.packages.names)?;
    let store = project::store(global)?;
    let mut work = Work { project: &project, trust: &trust, store: &store, signer, output, written: 0 };
    if args.what.snapshot {
        work.snapshot()?;
    } else {
        for subject in &subject::chosen(&project, &store, &names)? {
            work.subject(subject, args, !names.is_empty())?;
        }
    }
    match work.written {
        0 => Err(Failure::failed("there is nothing to sign")
            .cause("no package with a recorded digest was built on this machine from its current definition")
            .hint("cairn reproduce   or   cairn build --no-cache NAME")),
        n => {
            output
                .note(&format!("{n} signatures by {} written: commit signatures/ and snapshots/", person.id));
            Ok(())
        }
    }
}

/// `--as`, or the only person who can sign here.
fn person<'a>(trust: &'a Trust, args: &Sign) -> Result<&'a Person> {
    let known = |id: &str| {
        trust.people.get(id).ok_or_else(|| {
            Failure::usage(format!("nobody in trust/keys is called {id}")).hint("cairn key list")
        })
    };
    match &args.person {
        Some(id) => known(id),
        None => {
            Err(Failure::usage("who signs?")
                .hint("cairn sign --as PERSON, or set CAIRN_PERSON; cairn key list"))
        }
    }
}

struct Work<'a> {
    project: &'a Project,
    trust: &'a Trust,
    store: &'a Store,
    signer: Signer<'a>,
    output: Output,
    written: usize,
}

impl Work<'_> {
    fn subject(&mut self, subject: &Subject, args: &Sign, named: bool) -> Result<()> {
        let SignWhat { review, propose, settle, .. } = &args.what;
        let opinion = || -> Result<Opinion> {
            Ok(Opinion { name: subject.name.to_string(), definition: subject.definition, timestamp: now()? })
        };
        if *review || *propose || settle.is_some() {
            if !named {
                return Err(
                    Failure::usage("name the packages that this is about").hint("cairn sign --review NAME…")
                );
            }
            let (role, kind, statement) = match settle {
                Some(image) => {
                    let image =
                        image.parse().map_err(|_| Failure::usage(format!("{image} is no image digest")))?;
                    let (definition, platform) = (subject.definition, PLATFORM.to_owned());
                    let settled = Settlement { definition, platform, image, timestamp: now()? };
                    (Role::Root, "settlement", Statement::Settlement(settled))
                }
                None if *review => (Role::Reviewer, "review", Statement::Review(opinion()?)),
                None => (Role::Maintainer, "maintainer", Statement::Maintainer(opinion()?)),
            };
            self.needs(role)?;
            return self.write(subject, kind, &statement);
        }
        self.vote(subject, named)
    }

    fn needs(&self, role: Role) -> Result<()> {
        let person = self.signer.person;
        if person.roles.contains(&role) {
            return Ok(());
        }
        Err(Failure::failed(format!("{} does not have the role {role:?}", person.id))
            .cause(format!("trust/keys/{}/person.toml lists the roles", person.id)))
    }

    fn vote(&mut self, subject: &Subject, named: bool) -> Result<()> {
        let machine = self.signer.person.is_machine();
        if !machine {
            self.needs(Role::Reproducer)?;
        }
        let record = self
            .store
            .get_step(&BuildRecord::key(&subject.definition))
            .map_err(doing("read the build records"))?
            .and_then(|bytes| BuildRecord::decode(&bytes))
            .filter(|record| record.origin == Origin::Built);
        let Some(record) = record else {
            if named {
                return Err(Failure::failed(format!(
                    "{} was not built here from its current definition",
                    subject.name
                ))
                .hint(format!("cairn build --no-cache {}", subject.name)));
            }
            return Ok(());
        };
        let facts = host::facts(&record.engine);
        let reproduction = Reproduction {
            reference: format!("{}/{}:{}", self.trust.policy.repository, subject.name, tag(&record.version)),
            image: record.image,
            creator: CREATOR.to_owned(),
            timestamp: now()?,
            role: if machine { Reproducer::Machine } else { Reproducer::Person },
            name: subject.name.to_string(),
            version: record.version.clone(),
            definition: subject.definition,
            platform: record.platform.clone(),
            host: facts.clone(),
        };
        match subject.image {
            Some(expected) if expected != record.image => {
                self.dispute(subject, &record, expected, facts)?;
                self.write(subject, "reproduction", &Statement::Reproduction(reproduction))
            }
            Some(_) => self.write(subject, "reproduction", &Statement::Reproduction(reproduction)),
            None => {
                self.output.note(&format!("{}: not signed, digests/ has no image for it yet", subject.name));
                Ok(())
            }
        }
    }

    fn dispute(
        &mut self,
        subject: &Subject,
        record: &BuildRecord,
        expected: cairn_core::digest::Digest,
        host: cairn_trust::statement::Host,
    ) -> Result<()> {
        self.output.note(&format!(
            "{}: this machine got {} and digests/ says {expected}: signing a dispute",
            subject.name, record.image
        ));
        let dispute = Dispute {
            name: subject.name.to_string(),
            definition: subject.definition,
            platform: record.platform.clone(),
            expected,
            got: record.image,
            files: Vec::new(),
            timestamp: now()?,
            host,
        };
        self.write(subject, "dispute", &Statement::Dispute(dispute))
    }

    fn write(&mut self, subject: &Subject, kind: &str, statement: &Statement) -> Result<()> {
        let folder = folder::signature_folder(&self.project.root, &subject.name, &subject.definition);
        self.write_in(&folder, kind, statement)?;
        if !self.output.json {
            println!("{} {kind} {}", subject.name, self.signer.person.id);
        }
        Ok(())
    }

    fn write_in(&mut self, folder: &Path, kind: &str, statement: &Statement) -> Result<()> {
        let path: PathBuf = folder.join(self.signer.file_name(kind));
        write_whole(&path, &self.signer.sign(statement)?)?;
        self.written += 1;
        Ok(())
    }

    /// Signs the newest snapshot if it says what the tree says; otherwise makes the next.
    fn snapshot(&mut self) -> Result<()> {
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
