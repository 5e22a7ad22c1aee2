//! `cairn sign` without a word: a vote for what this machine itself built, or a dispute.

use super::in_toto;
use super::sign::Work;
use super::subject::Subject;
use super::{host, now, write_whole};
use crate::error::{Failure, Result, doing};
use cairn_build::listing;
use cairn_build::record::{BuildRecord, Origin};
use cairn_build::reproduce;
use cairn_core::digest::Digest;
use cairn_core::layout;
use cairn_trust::folder;
use cairn_trust::people::Role;
use cairn_trust::quorum::tag;
use cairn_trust::statement::{Dispute, Host, Reproducer, Reproduction, Statement};

const CREATOR: &str = concat!("cairn ", env!("CARGO_PKG_VERSION"));

impl Work<'_> {
    /// Signs the record of the local build, if there is one. Only a package that was
    /// named must have one.
    pub fn vote(&mut self, subject: &Subject, named: bool) -> Result<()> {
        if !self.signer.person.is_machine() {
            self.needs(Role::Reproducer)?;
        }
        let Some(record) = self.built_here(subject)? else {
            if named {
                return Err(Failure::failed(format!(
                    "{} was not built here from its current definition",
                    subject.name
                ))
                .hint(format!("cairn build --no-cache {}", subject.name)));
            }
            return Ok(());
        };
        let Some(expected) = subject.image else {
            self.output.note(&format!("{}: not signed, digests/ has no image for it yet", subject.name));
            return Ok(());
        };
        if self.signer.person.is_machine() && !self.is_reproduced(subject, &record, named)? {
            return Ok(());
        }
        let facts = host::facts(&record.engine);
        if expected != record.image {
            self.dispute(subject, &record, expected, facts.clone())?;
        }
        let reproduction = self.reproduction(subject, &record, facts)?;
        if self.in_toto {
            self.link(subject, &reproduction)?;
        }
        self.write(subject, "reproduction", &Statement::Reproduction(reproduction))
    }

    /// A machine looks at nothing: it vouches only for what it got twice.
    fn is_reproduced(&self, subject: &Subject, record: &BuildRecord, named: bool) -> Result<bool> {
        let known = reproduce::reproduced(self.store, record).map_err(doing("read the build records"))?;
        if known.is_some() {
            return Ok(true);
        }
        let what = format!("{} was built here, but not reproduced", subject.name);
        if named {
            return Err(Failure::failed(what).hint(format!("cairn reproduce {}", subject.name)));
        }
        self.output.note(&format!("{what}: not signed"));
        Ok(false)
    }

    /// The record of a local build of this definition; never one of a downloaded image.
    fn built_here(&self, subject: &Subject) -> Result<Option<BuildRecord>> {
        let bytes = self
            .store
            .get_step(&BuildRecord::key(&subject.definition))
            .map_err(doing("read the build records"))?;
        let record = bytes.and_then(|bytes| BuildRecord::decode(&bytes));
        Ok(record.filter(|record| record.origin == Origin::Built))
    }

    fn reproduction(&self, subject: &Subject, record: &BuildRecord, host: Host) -> Result<Reproduction> {
        let machine = self.signer.person.is_machine();
        Ok(Reproduction {
            reference: format!("{}/{}:{}", self.trust.policy.repository, subject.name, tag(&record.version)),
            image: record.image,
            creator: CREATOR.to_owned(),
            timestamp: now()?,
            role: if machine { Reproducer::Machine } else { Reproducer::Person },
            name: subject.name.to_string(),
            version: record.version.clone(),
            definition: subject.definition,
            platform: record.platform.clone(),
            host,
        })
    }

    fn dispute(
        &mut self,
        subject: &Subject,
        record: &BuildRecord,
        expected: Digest,
        host: Host,
    ) -> Result<()> {
        self.output.note(&format!(
            "{}: this machine got {} and digests/ says {expected}: signing a dispute",
            subject.name, record.image
        ));
        let files = self.differing(expected, record.image)?;
        let dispute = Dispute {
            name: subject.name.to_string(),
            definition: subject.definition,
            platform: record.platform.clone(),
            expected,
            got: record.image,
            files,
            timestamp: now()?,
            host,
        };
        self.write(subject, "dispute", &Statement::Dispute(dispute))
    }

    /// What differs, or every local file if the recorded image is not in the store.
    fn differing(&self, expected: Digest, got: Digest) -> Result<Vec<String>> {
        let local = layout::image(self.store, &got).map_err(doing("read the image that was built here"))?;
        let recorded = layout::image(self.store, &expected).ok();
        if recorded.is_none() {
            self.output.note("the recorded image is not in the store: the dispute lists every local file");
        }
        listing::differing(self.store, recorded.as_ref(), &local).map_err(doing("list the files that differ"))
    }

    /// The vote once more, as in-toto reads it. It lies beside the vote and no verifier
    /// of ours reads it.
    fn link(&mut self, subject: &Subject, vote: &Reproduction) -> Result<()> {
        let folder = folder::signature_folder(&self.project.root, &subject.name, &subject.definition);
        let signed = self.signer.sign_openpgp(in_toto::link(vote).as_bytes())?;
        write_whole(&folder.join(self.signer.link_name()), &signed)
    }
}
