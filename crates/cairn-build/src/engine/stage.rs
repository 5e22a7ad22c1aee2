//! One package from its plan to its layers: stages in order, steps in order.
//!
//! ```text
//! stage            chain of trees                         layers (final stages only)
//! FROM scratch     []                                     []
//! COPY --from=X    [x1 x2]            stacked, no copy
//! RUN make         [x1 x2 run]        sandbox, captured
//! ```
//!
//! A *layered* stage is the target or one it is `FROM`: each of its steps becomes a
//! layer of the image, so nothing is stacked there. If there is one such step, as in
//! most packages, its tree is what unpacking the layer would give, and carries the
//! layer's digest as its name: packages above need not unpack it again.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cairn_core::digest::Digest;
use cairn_core::image;
use cairn_core::plan::{self, Base, CopyFrom, ImageRef, Op, Plan};

use super::context::Context;
use super::copies::plain_copy;
use super::package::Package;
use crate::chain::{Chain, MAX_TREES, Tree, set_root_mode};
use crate::copy::upper::Upper;
use crate::error::{Cause, Error, StepFailure};
use crate::layer;
use crate::logs::Logs;
use crate::owner::LinkOwners;
use crate::progress::{self, Event};
use crate::steps::{Key, Record};
use crate::view::{Layer, View};

/// The files of a stage so far.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// What its steps see.
    pub chain: Chain,
    /// In a layered stage: the layers, lowest first.
    pub layers: Vec<image::Layer>,
}

/// A package being built.
pub struct Build<'a> {
    pub(super) package: &'a Package<'a>,
    pub(super) plan: &'a Plan,
    context: Context,
    /// What the steps of each stage give, by place in the plan.
    output: Vec<Output>,
    finished: Vec<Files>,
    /// The stage whose step failed, and its files before that step.
    partial: Option<(usize, Files)>,
    pub(super) logs: Logs,
    /// What has been taken from the store or executed, in order.
    times: Vec<StepTime>,
    /// The step at hand, counted from 1.
    index: usize,
    total: usize,
    /// Keys and trees that the store had, for a garbage collection.
    pub(super) found: Vec<Digest>,
    /// Only what the store has: the first step that would have to be executed ends it.
    pub(super) look: bool,
}

/// A step, and how long it took when it was executed the last time.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTime {
    /// Which.
    pub step: progress::Step,
    /// Where it stands, as `path:line`.
    pub place: String,
    /// Wall time, 0 if there was nothing to execute; `None` if it has not run here.
    pub seconds: Option<f64>,
    /// It was there already.
    pub cached: bool,
}

/// What a step gives besides its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nothing.
    Tree,
    /// A layer above others.
    Layer,
    /// The only layer of the image.
    SoleLayer,
}

/// The step at hand.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The stage, by place in the plan.
    pub stage: usize,
    /// The step.
    pub step: &'a plan::Step,
    /// What it gives.
    pub output: Output,
}

/// What a step left in the directory it was given.
pub struct Made {
    /// Owners of links, in a store of an ordinary user.
    pub links: LinkOwners,
    /// Nothing below is removed.
    pub plain: bool,
}

impl<'a> Build<'a> {
    /// Prepares the build of `plan`. `image`: its last stage shall become an image.
    pub fn new(package: &'a Package<'a>, plan: &'a Plan, image: bool) -> Result<Self, Error> {
        let trees = &package.engine.trees;
        let exact = package.engine.options.exact_modes;
        let context = Context::open(&package.source.dir, trees.ownership(), exact)
            .map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
        let output = outputs(plan, image);
        Ok(Self {
            package,
            plan,
            context,
            output,
            finished: Vec::new(),
            partial: None,
            logs: Logs::new(&package.engine.store.logs(), package.name),
            times: Vec::new(),
            index: 0,
            total: plan.stages.iter().map(|stage| stage.steps.len()).sum(),
            found: Vec::new(),
            look: false,
        })
    }

    /// Executes all stages; gives the files of the last one.
    pub fn run(&mut self) -> Result<Files, Error> {
        for stage in 0..self.plan.stages.len() {
            let files = self.stage(stage)?;
            self.finished.push(files);
        }
        Ok(self.finished.pop().unwrap_or_default())
    }

    /// After a failed step: its stage, and the files before the step.
    pub fn take_partial(&mut self) -> Option<(usize, Files)> {
        self.partial.take()
    }

    /// All steps of the plan, those that were not reached without a time.
    pub fn take_times(&mut self) -> Vec<StepTime> {
        let mut times = std::mem::take(&mut self.times);
        self.index = 0;
        for stage in 0..self.plan.stages.len() {
            for step in &self.plan.stages[stage].steps {
                self.index += 1;
                if self.index > times.len() {
                    let at = At { stage, step, output: Output::Tree };
                    let step = self.shown(at);
                    times.push(StepTime { step, place: self.place(at), seconds: None, cached: false });
                }
            }
        }
        times
    }

    /// Notes and tells that a step is done.
    pub(super) fn done(&mut self, at: At<'_>, seconds: f64, cached: bool) {
        let step = self.shown(at);
        let place = self.place(at);
        self.times.push(StepTime { step: step.clone(), place, seconds: Some(seconds), cached });
        self.package.tell(&match cached {
            true => Event::StepCached { step, seconds },
            false => Event::StepFinished { step, seconds },
        });
    }

    /// What a stage is called.
    pub fn stage_name(&self, stage: usize) -> String {
        let planned = &self.plan.stages[stage];
        planned.name.clone().unwrap_or_else(|| planned.index.to_string())
    }

    fn stage(&mut self, stage: usize) -> Result<Files, Error> {
        let planned = &self.plan.stages[stage];
        let output = self.output[stage];
        let mut files = match &planned.base {
            Base::Scratch => Files::default(),
            Base::Stage(below) => self.finished[*below].clone(),
            Base::Image(image) => self.image(image)?,
        };
        for step in &planned.steps {
            self.index += 1;
            let at = At { stage, step, output };
            if let Err(cause) = self.step(at, &mut files) {
                self.partial = Some((stage, files));
                return Err(self.failure(at, cause));
            }
        }
        Ok(files)
    }

    fn failure(&self, at: At<'_>, cause: Cause) -> Error {
        let place = self.place(at);
        let log = match &cause {
            Cause::Command { .. } => crate::logs::last(&self.package.engine.store.logs(), self.package.name)
                .ok()
                .flatten()
                .map(|entry| entry.path),
            _ => None,
        };
        Error::Step(Box::new(StepFailure {
            package: self.package.name.clone(),
            stage: self.stage_name(at.stage),
            place,
            text: at.step.text.clone(),
            cause,
            tail: log.as_deref().map(crate::logs::tail).unwrap_or_default(),
            log,
        }))
    }

    /// Where the step stands, as `path:line`.
    pub fn place(&self, at: At<'_>) -> String {
        format!("{}:{}", self.package.source.recipe.path, at.step.line)
    }

    /// The step as progress shows it.
    pub fn shown(&self, at: At<'_>) -> progress::Step {
        progress::Step {
            package: self.package.name.clone(),
            stage: self.stage_name(at.stage),
            index: self.index,
            total: self.total,
            text: at.step.text.clone(),
        }
    }

    /// The files of an image that is not made here.
    fn image(&self, image: &ImageRef) -> Result<Files, Error> {
        let image = self.package.image(image)?;
        let mut files = Files { chain: Chain::default(), layers: image.layers.clone() };
        for layer in &image.layers {
            files.chain.push(self.package.engine.trees.of_layer(&layer.digest)?);
        }
        Ok(files)
    }

    /// The chain that `from` means, except for the context.
    pub fn chain_of(&self, from: &CopyFrom) -> Result<Option<Chain>, Cause> {
        match from {
            CopyFrom::Context => Ok(None),
            CopyFrom::Stage(stage) => Ok(Some(self.finished[*stage].chain.clone())),
            CopyFrom::Image(image) => match self.image(image) {
                Ok(files) => Ok(Some(files.chain)),
                Err(Error::Store(error)) => Err(error.into()),
                Err(Error::Tree(error)) => Err(error.into()),
                Err(error) => Err(std::io::Error::other(error.to_string()).into()),
            },
        }
    }

    /// What a person calls it.
    pub fn origin(&self, from: &CopyFrom) -> String {
        match from {
            CopyFrom::Context => "the package's directory".to_owned(),
            CopyFrom::Stage(stage) => format!("stage {}", self.stage_name(*stage)),
            CopyFrom::Image(image) => image.to_string(),
        }
    }

    /// The view of `from`.
    pub fn view_of(&self, chain: Option<&Chain>) -> Result<View, Cause> {
        match chain {
            None => Ok(self.context.view().clone()),
            Some(chain) => Ok(self.package.engine.trees.view(chain)?),
        }
    }

    /// Adds to `key` what `sources` of `chain` (or the context) can give.
    pub fn add_sources(&self, key: &mut Key, chain: Option<&Chain>, sources: &[String]) -> Result<(), Cause> {
        match chain {
            None => self.context.add_to(key, sources)?,
            Some(chain) => {
                key.digests(&chain.ids());
            }
        }
        Ok(())
    }

    fn step(&mut self, at: At<'_>, files: &mut Files) -> Result<(), Cause> {
        if files.chain.trees().len() > MAX_TREES {
            files.chain = self.flatten(&files.chain)?;
        }
        match &at.step.op {
            Op::Run(run) => self.run_step(at, run, files),
            Op::Copy(copy) => self.copy_step(at, copy, files),
            Op::Fetch(fetch) => self.fetch_step(at, fetch, files),
            Op::Mkdir(mkdir) => self.mkdir_step(at, mkdir, files),
        }
    }

    /// One tree with all files of a chain.
    fn flatten(&mut self, chain: &Chain) -> Result<Chain, Cause> {
        let mut key = Key::new("flatten 1");
        key.digests(&chain.ids());
        let id = key.finish();
        let trees = &self.package.engine.trees;
        if !trees.has(&id) {
            self.may_execute()?;
            let tmp = self.package.engine.store.tmp_dir()?;
            let root = new_root(tmp.path())?;
            let mut upper = Upper::new(root.clone(), &trees.nothing())?;
            let sources = ["/".to_owned()];
            plain_copy("a chain".to_owned(), &sources, "/").run(&trees.view(chain)?, &mut upper)?;
            trees.commit(&root, &id, upper.finish()?)?;
        }
        self.found.push(id);
        let mut flat = Chain::default();
        flat.push(Tree { id, plain: true });
        Ok(flat)
    }

    /// Takes the result of `key` from the store, or makes it: `make` fills an empty
    /// directory that then becomes a tree on top of `files`.
    pub fn produce(
        &mut self,
        at: At<'_>,
        key: Digest,
        files: &mut Files,
        make: impl FnOnce(&mut Self, &Path) -> Result<Made, Cause>,
    ) -> Result<(), Cause> {
        if let Some(record) = self.known(&key)? {
            self.done(at, record.seconds, true);
            self.found.push(key);
            add(files, &record);
            return Ok(());
        }
        self.may_execute()?;
        let started = Instant::now();
        self.package.tell(&Event::StepStarted(self.shown(at)));
        let engine = self.package.engine;
        let tmp = engine.store.tmp_dir()?;
        let root = new_root(tmp.path())?;
        let made = make(self, &root)?;
        let tree = if engine.reuses(self.package.name) { key } else { fresh(&key) };
        let mut record = Record { tree, plain: made.plain, layer: None, seconds: 0.0 };
        if at.output != Output::Tree {
            let layer = self.layer(at.output, &root, &made.links, &files.chain)?;
            record.layer = Some((layer.digest, layer.size));
            if at.output == Output::SoleLayer {
                record.tree = layer.digest;
            }
        }
        engine.trees.commit(&root, &record.tree, made.links)?;
        record.seconds = started.elapsed().as_secs_f64();
        engine.store.put_step(&key, &record.encode())?;
        add(files, &record);
        self.done(at, record.seconds, false);
        Ok(())
    }

    /// Fails if this is only a look at what the store has.
    pub(super) fn may_execute(&self) -> Result<(), Cause> {
        if self.look { Err(Cause::NotRun) } else { Ok(()) }
    }

    /// The layer that the tree at `root` on top of `chain` is.
    fn layer(
        &self,
        output: Output,
        root: &Path,
        links: &LinkOwners,
        chain: &Chain,
    ) -> Result<image::Layer, Cause> {
        let engine = self.package.engine;
        let below = engine.trees.view(chain)?;
        layer::settle(root, &below)?;
        if output == Output::SoleLayer {
            layer::forget_times(root)?;
        } else {
            let alone = Layer::tree(root.to_owned(), links.clone(), true);
            layer::prune(&engine.trees.nothing().under(Arc::new(alone)), &below)?;
        }
        let owners = engine.trees.ownership().owners(links.clone());
        Ok(layer::pack(&engine.store, root, &owners)?)
    }

    /// The record of a step whose tree and layer are still there.
    fn known(&self, key: &Digest) -> Result<Option<Record>, Cause> {
        let engine = self.package.engine;
        if !engine.reuses(self.package.name) {
            return Ok(None);
        }
        let record = engine.store.get_step(key)?.and_then(|bytes| Record::decode(&bytes));
        Ok(record.filter(|record| {
            engine.trees.has(&record.tree)
                && record.layer.is_none_or(|(digest, _)| engine.store.has_blob(&digest))
        }))
    }
}

/// A name for another result of the same step: the tree that is there must not be
/// taken for it.
fn fresh(key: &Digest) -> Digest {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut fresh = Key::new("again");
    fresh.bytes(key.as_bytes()).number(now.as_nanos() as u64);
    fresh.number(std::process::id().into()).number(COUNT.fetch_add(1, Ordering::Relaxed));
    fresh.finish()
}

/// What the steps of each stage give.
fn outputs(plan: &Plan, image: bool) -> Vec<Output> {
    let mut output = vec![Output::Tree; plan.stages.len()];
    let mut steps = 0;
    let mut next = plan.stages.len().checked_sub(1).filter(|_| image);
    let mut chain = Vec::new();
    while let Some(stage) = next {
        chain.push(stage);
        steps += plan.stages[stage].steps.len();
        next = match plan.stages[stage].base {
            Base::Scratch => None,
            Base::Stage(below) => Some(below),
            Base::Image(_) => {
                // Its layers are below.
                steps += 1;
                None
            }
        };
    }
    for stage in chain {
        output[stage] = if steps == 1 { Output::SoleLayer } else { Output::Layer };
    }
    output
}

fn add(files: &mut Files, record: &Record) {
    files.chain.push(Tree { id: record.tree, plain: record.plain });
    files.layers.extend(record.layer.map(|(digest, size)| image::Layer { digest, size }));
}

/// An empty directory for a new tree.
pub fn new_root(tmp: &Path) -> std::io::Result<std::path::PathBuf> {
    let root = tmp.join("tree");
    fs::create_dir(&root)?;
    set_root_mode(&root)?;
    Ok(root)
}
