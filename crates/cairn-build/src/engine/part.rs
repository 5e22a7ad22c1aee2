//! One package as far as one of its stages: `cairn build NAME:STAGE`, and what the
//! store knows of its steps: `cairn log NAME --times`.
//!
//! A long chain of stages (a bootstrap) is proven link by link this way. There is no
//! image, so nothing is compared with `digests/` but the packages that it needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use cairn_core::digest::Digest;
use cairn_core::graph;
use cairn_core::plan::Plan;
use cairn_core::tree::Name;

use super::package::Package;
use super::stage::{Build, StepTime};
use super::{Built, Engine};
use crate::error::{Cause, Error};
use crate::progress::Event;

/// The steps of one stage and of all that it needs in its package.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Of which package.
    pub name: Name,
    /// The stage's name, or its number.
    pub stage: String,
    /// In the order in which they are executed.
    pub steps: Vec<StepTime>,
    /// How long it took now.
    pub seconds: f64,
}

impl Part {
    /// How long its steps took in sum, whenever they were executed.
    pub fn sum(&self) -> f64 {
        sum(&self.steps)
    }
}

impl Engine {
    /// Builds `stage` of `name` and all it needs.
    ///
    /// # Errors
    ///
    /// As [`Engine::build`]; a stage that does not exist.
    pub fn build_stage(&self, name: &Name, stage: &str) -> Result<Part, Error> {
        self.check_stage(name, stage)?;
        let needs = self.build_needs(name)?;
        let package = self.package(name, needs);
        let _lock = package.lock()?;
        let started = Instant::now();
        let plan = package.plan(Some(stage))?;
        let mut build = Build::new(&package, &plan, is_image(&package, &plan))?;
        let stage = build.stage_name(plan.stages.len() - 1);
        let estimate_name = format!("{name}:{stage}");
        let estimates = vec![self.estimate(&estimate_name)];
        package.tell(&Event::Planned { packages: vec![name.clone()], estimates });
        package.tell(&Event::PackageStarted { package: name.clone() });
        let ran = build.run();
        self.store.sync()?;
        ran.inspect_err(|_| package.tell(&Event::PackageFailed { package: name.clone() }))?;
        let steps = build.take_times();
        let part = Part { name: name.clone(), stage, steps, seconds: started.elapsed().as_secs_f64() };
        self.remember(&estimate_name, part.sum());
        package.tell(&Event::StageFinished {
            package: name.clone(),
            stage: part.stage.clone(),
            seconds: part.seconds,
            steps: part.sum(),
        });
        Ok(part)
    }

    /// What the store knows of the steps of `stage` (the last one if `None`) of the
    /// definition as it is now. Executes nothing: the first step that has not run here
    /// and all after it have no time.
    ///
    /// # Errors
    ///
    /// A stage that does not exist, a package it needs that has not been built here.
    pub fn look(&self, name: &Name, stage: Option<&str>) -> Result<Part, Error> {
        if let Some(wanted) = stage {
            self.check_stage(name, wanted)?;
        }
        let package = self.package(name, self.finished_needs(name)?);
        let plan = package.plan(stage)?;
        let mut build = Build::new(&package, &plan, is_image(&package, &plan))?;
        build.look = true;
        match build.run() {
            Ok(_) => {}
            Err(Error::Step(failure)) if matches!(failure.cause, Cause::NotRun) => {}
            Err(error) => return Err(error),
        }
        let stage = build.stage_name(plan.stages.len() - 1);
        Ok(Part { name: name.clone(), stage, steps: build.take_times(), seconds: 0.0 })
    }

    /// What the store has of the steps of an unfinished package: the next build goes on
    /// from there.
    pub(super) fn begun(&self, package: &Package<'_>) -> Vec<Digest> {
        let look = || -> Result<Vec<Digest>, Error> {
            let plan = package.plan(None)?;
            let mut build = Build::new(package, &plan, true)?;
            build.look = true;
            // It ends with the first step that is missing, which is what is asked here.
            let _ = build.run();
            Ok(build.found)
        };
        // A definition that cannot be planned has no steps.
        look().unwrap_or_default()
    }

    /// The packages that `name` needs, all of which must have been built.
    fn finished_needs(&self, name: &Name) -> Result<Vec<Arc<Built>>, Error> {
        let mut finished: BTreeMap<Name, Arc<Built>> = BTreeMap::new();
        for node in graph::order(&self.tree, std::slice::from_ref(name))? {
            let needs: Vec<_> = node.needs.iter().map(|need| finished[need].clone()).collect();
            if node.name == *name {
                return Ok(needs);
            }
            let Some(built) = self.package(&node.name, needs).finished()? else {
                return Err(Error::NotBuilt { package: name.clone(), need: node.name });
            };
            finished.insert(node.name, Arc::new(built));
        }
        Ok(Vec::new())
    }

    /// Fails if `name` has no stage of that name or number.
    pub(super) fn check_stage(&self, name: &Name, wanted: &str) -> Result<(), Error> {
        let Some(package) = self.tree.packages.get(name) else { return Ok(()) };
        let stages = &package.recipe.stages;
        let number = wanted.parse().is_ok_and(|number: usize| number < stages.len());
        let named = |text: &str| stages.iter().any(|stage| stage.name.as_deref() == Some(text));
        if number || named(&wanted.to_lowercase()) {
            return Ok(());
        }
        let known = stages.iter().enumerate();
        let known = known.map(|(number, stage)| stage.name.clone().unwrap_or_else(|| number.to_string()));
        let known = known.collect();
        Err(Error::NoStage { package: name.clone(), stage: wanted.to_owned(), known })
    }
}

/// Whether a plan ends with the stage that becomes the image: its steps then give
/// layers, and a build of the whole package takes them as they are.
pub fn is_image(package: &Package<'_>, plan: &Plan) -> bool {
    let last = package.source.recipe.stages.len() - 1;
    plan.stages.last().is_some_and(|stage| stage.index == last)
}

/// How long steps took in sum.
pub fn sum(steps: &[StepTime]) -> f64 {
    steps.iter().filter_map(|step| step.seconds).fold(0.0, |a, b| a + b)
}
