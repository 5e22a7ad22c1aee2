//! `cairn sign --settle DIGEST`: a root ends the objections that the tree has now.
//!
//! A settlement names them one by one. What is objected later is not in it and stops
//! the image again.

use super::now;
use super::sign::Work;
use super::subject::{PLATFORM, Subject};
use crate::error::{Failure, Result, doing};
use cairn_trust::quorum::objections;
use cairn_trust::statement::{Settlement, Statement};

impl Work<'_> {
    /// Settles the package for `image`; says what it settles.
    pub fn settlement(&mut self, subject: &Subject, image: &str) -> Result<Statement> {
        let image = image.parse().map_err(|_| Failure::usage(format!("{image} is no image digest")))?;
        let found = self
            .trust
            .signatures(&self.project.root, &subject.name, &subject.definition)
            .map_err(doing(format!("read the signatures of {}", subject.name)))?;
        let question = subject.question(image, now()?);
        let raised = objections(&question, &found.signed, self.trust.rules());
        for objection in &raised {
            self.output.note(&format!("{}: settles: {objection}", subject.name));
        }
        if raised.is_empty() {
            self.output.note(&format!("{}: nobody objects to {image}", subject.name));
        }
        let mut settles: Vec<String> = raised.iter().map(cairn_trust::quorum::Objection::name).collect();
        settles.sort();
        settles.dedup();
        Ok(Statement::Settlement(Settlement {
            definition: subject.definition,
            platform: PLATFORM.to_owned(),
            image,
            settles,
            timestamp: now()?,
        }))
    }
}
