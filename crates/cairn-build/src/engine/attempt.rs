//! Building as much as can be built: what tests want, where one failure says nothing
//! about the others.

use std::sync::Arc;

use cairn_core::tree::Name;

use super::schedule::OnFailure;
use super::{Built, Engine};
use crate::error::Error;

/// How far the packages came.
#[derive(Debug)]
pub struct Attempt {
    /// All that is finished, in order.
    pub built: Vec<Arc<Built>>,
    /// All that failed by itself. What is in neither list needs something that failed.
    pub failed: Vec<(Name, Error)>,
}

impl Engine {
    /// Builds of `targets` and what they need all that can be built.
    ///
    /// Nothing is compared with `digests/` but bootstrap packages, and nothing recorded.
    ///
    /// # Errors
    ///
    /// A name that does not exist, a cycle, a store that cannot be read. A package that
    /// fails is in [`Attempt::failed`].
    pub fn attempt(&self, targets: &[Name]) -> Result<Attempt, Error> {
        let (names, tasks) = self.tasks(targets)?;
        let mut done = self.reuse(&names, &tasks)?;
        let rest: Vec<usize> = (0..names.len()).filter(|place| done[*place].is_none()).collect();
        let mut failed = Vec::new();
        if !rest.is_empty() {
            let estimates = self.tell_plan(&names, &rest);
            let all = (names.as_slice(), tasks.as_slice());
            failed = self.build_rest(all, &rest, &estimates, OnFailure::KeepGoing, &mut done);
            self.store.sync()?;
        }
        let failed = failed.into_iter().map(|(place, error)| (names[place].clone(), error)).collect();
        Ok(Attempt { built: done.into_iter().flatten().collect(), failed })
    }
}
