//! `cairn sign`: votes, reviews, proposals, settlements and snapshots.
//!
//! Without a name it signs what this machine itself built: for each package, the record
//! of the local build is compared with `digests/`. Equal is a vote; different is a
//! dispute *and* a vote for the other image. What was downloaded is never signed.

use super::signer::Signer;
use super::subject::{self, Subject};
use super::{load, now, write_whole};
use crate::args::{Global, Sign, SignWhat};
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::store::Store;
use cairn_trust::folder::{self, Trust};
use cairn_trust::people::{Person, Role};
use cairn_trust::statement::{Opinion, Statement};
use std::path::Path;

pub fn run(global: &Global, args: &Sign, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let trust = load(global, &project)?;
    let person = person(&trust, args)?;
    let signer = Signer::find(person, args.ssh_key.as_deref(), &project.root.join("trust"), now()?)?;
    let names = project::names(&args.packages.names)?;
    let store = project::store(global)?;
    let (project, trust, store, in_toto) = (&project, &trust, &store, args.in_toto);
    let mut work = Work { project, trust, store, signer, output, in_toto, written: 0 };
    if args.what.snapshot {
        work.snapshot()?;
    } else {
        for subject in &subject::chosen(project, store, &names)? {
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

/// One person at one sitting. What is signed stands in `vote`, `settle` and `snapshot`.
pub struct Work<'a> {
    pub project: &'a Project,
    pub trust: &'a Trust,
    pub store: &'a Store,
    pub signer: Signer<'a>,
    pub output: Output,
    /// Votes are signed for in-toto, too.
    pub in_toto: bool,
    written: usize,
}

impl Work<'_> {
    fn subject(&mut self, subject: &Subject, args: &Sign, named: bool) -> Result<()> {
        let SignWhat { review, propose, settle, .. } = &args.what;
        let opinion = || -> Result<Opinion> {
            Ok(Opinion { name: subject.name.to_string(), definition: subject.definition, timestamp: now()? })
        };
        if !*review && !*propose && settle.is_none() {
            return self.vote(subject, named);
        }
        if !named {
            return Err(
                Failure::usage("name the packages that this is about").hint("cairn sign --review NAME…")
            );
        }
        let (role, kind, statement) = match settle {
            Some(image) => (Role::Root, "settlement", self.settlement(subject, image)?),
            None if *review => (Role::Reviewer, "review", Statement::Review(opinion()?)),
            None => (Role::Maintainer, "maintainer", Statement::Maintainer(opinion()?)),
        };
        self.needs(role)?;
        if *review {
            self.not_the_author(subject)?;
        }
        self.write(subject, kind, &statement)
    }

    /// A review of one's own proposal would be signed in vain.
    fn not_the_author(&self, subject: &Subject) -> Result<()> {
        let found = self
            .trust
            .signatures(&self.project.root, &subject.name, &subject.definition)
            .map_err(doing(format!("read the signatures of {}", subject.name)))?;
        let me = &self.signer.person.id;
        let own = found.signed.iter().any(|signed| {
            let signer = self.trust.people.owner(&signed.fingerprint).map(|(person, _)| &person.id);
            matches!(signed.statement, Statement::Maintainer(_)) && signer == Some(me)
        });
        match own {
            true => Err(Failure::failed(format!("{me} proposed {} and cannot review it", subject.name))
                .cause("who wrote a definition is not counted as its reader")),
            false => Ok(()),
        }
    }

    /// Fails if the signer does not have the role.
    pub fn needs(&self, role: Role) -> Result<()> {
        let person = self.signer.person;
        if person.roles.contains(&role) {
            return Ok(());
        }
        Err(Failure::failed(format!("{} does not have the role {role:?}", person.id))
            .cause(format!("trust/keys/{}/person.toml lists the roles", person.id)))
    }

    /// Signs a statement into the definition's folder.
    pub fn write(&mut self, subject: &Subject, kind: &str, statement: &Statement) -> Result<()> {
        let folder = folder::signature_folder(&self.project.root, &subject.name, &subject.definition);
        self.write_in(&folder, kind, statement)?;
        if !self.output.json {
            println!("{} {kind} {}", subject.name, self.signer.person.id);
        }
        Ok(())
    }

    /// Signs a statement into `folder`.
    pub fn write_in(&mut self, folder: &Path, kind: &str, statement: &Statement) -> Result<()> {
        let path = folder.join(self.signer.file_name(kind));
        write_whole(&path, &self.signer.sign(statement)?)?;
        self.written += 1;
        Ok(())
    }
}
