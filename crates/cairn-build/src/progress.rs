//! What a build tells while it runs.
//!
//! The engine reports events; whoever shows them (a terminal, JSON lines, a test)
//! implements [`Progress`]. Events of one package come in order; packages built in
//! parallel interleave. Nothing here can change a result.

use std::path::PathBuf;

use cairn_core::digest::Digest;
use cairn_core::tree::Name;

/// Receives events, from several threads.
pub trait Progress: Send + Sync {
    /// Called for each event; a slow receiver slows the build.
    fn event(&self, event: &Event);
}

/// Discards every event.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: &Event) {}
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The order is known: these packages are looked at, in this order.
    Planned {
        /// Every package that the wanted ones need, and they themselves.
        packages: Vec<Name>,
        /// For each: seconds its last build took, if there was one.
        estimates: Vec<Option<f64>>,
    },
    /// A package is really built (it was in no record).
    PackageStarted {
        /// Which.
        package: Name,
    },
    /// Another process builds the same definition; this one waits for it.
    Waiting {
        /// Which.
        package: Name,
    },
    /// A source is being fetched.
    Fetch {
        /// For which package.
        package: Name,
        /// From where, as the recipe says.
        location: String,
        /// So far.
        bytes: u64,
        /// In all, if known.
        total: Option<u64>,
    },
    /// A step is executed.
    StepStarted(Step),
    /// A step was executed before, or stacks what is there: nothing to do.
    StepCached {
        /// Which.
        step: Step,
        /// Wall time when it was executed.
        seconds: f64,
    },
    /// A step is done.
    StepFinished {
        /// Which.
        step: Step,
        /// Wall time.
        seconds: f64,
    },
    /// The output of a step is being written to this file.
    Log {
        /// Of which package.
        package: Name,
        /// The file.
        path: PathBuf,
    },
    /// A package is done.
    PackageFinished {
        /// Which.
        package: Name,
        /// Its image.
        image: Digest,
        /// Wall time; 0 if it came from a record.
        seconds: f64,
        /// Wall time of all its steps, those that were executed before included; 0 if
        /// it came from a record.
        steps: f64,
        /// It came from a record.
        cached: bool,
    },
    /// A package is done as far as the stage that was asked for.
    StageFinished {
        /// Of which package.
        package: Name,
        /// The stage's name, or its number.
        stage: String,
        /// Wall time.
        seconds: f64,
        /// Wall time of all its steps, those that were executed before included.
        steps: f64,
    },
    /// A package failed; the error is returned by the build.
    PackageFailed {
        /// Which.
        package: Name,
    },
}

/// A step as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of which package.
    pub package: Name,
    /// The stage's name, or its number.
    pub stage: String,
    /// Counted from 1 over all stages.
    pub index: usize,
    /// Number of steps of the package.
    pub total: usize,
    /// The instruction in one line.
    pub text: String,
}
