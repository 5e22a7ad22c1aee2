//! One package: from its definition digest to its image and the record of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cairn_core::digest::Digest;
use cairn_core::image::{self, Config, Image};
use cairn_core::plan::{self, ImageRef, Plan};
use cairn_core::store::{Guard, Lock};
use cairn_core::tree::{self, Name};

use super::part::sum;
use super::stage::Build;
use super::{Built, Engine};
use crate::drivers::{self, Foreign};
use crate::error::Error;
use crate::logs::Logs;
use crate::progress::Event;
use crate::record::{BuildRecord, Origin, host_facts};

/// The label that carries a package's version.
const VERSION: &str = "org.opencontainers.image.version";

/// A package with all it is built from.
pub struct Package<'a> {
    pub(super) engine: &'a Engine,
    pub(super) name: &'a Name,
    /// Its recipe and its own directory.
    pub(super) source: &'a tree::Package,
    pub(super) definition: Digest,
    /// The packages it needs.
    pub(super) needs: BTreeMap<Name, Arc<Built>>,
}

impl Package<'_> {
    /// The record of this definition, if all that it names is there.
    pub fn finished(&self) -> Result<Option<Built>, Error> {
        let store = &self.engine.store;
        let Some(bytes) = store.get_step(&BuildRecord::key(&self.definition))? else {
            return Ok(None);
        };
        let record = BuildRecord::decode(&bytes).filter(|record| {
            let mut blobs = [record.image, record.config].into_iter().chain(record.layers.clone());
            // Another engine's build is another witness; what was imported is nobody's here.
            let counts = record.engine == self.engine_name() || record.origin == Origin::Imported;
            counts && blobs.all(|blob| store.has_blob(&blob))
        });
        Ok(record.map(|record| Built { cached: true, seconds: 0.0, steps: 0.0, record }))
    }

    /// Builds the package, or takes what another process has just built.
    pub fn build(&self) -> Result<Built, Error> {
        let _lock = self.lock()?;
        if self.engine.reuses(self.name)
            && let Some(built) = self.finished()?
        {
            return Ok(built);
        }
        let started = Instant::now();
        self.tell(&Event::PackageStarted { package: self.name.clone() });
        let plan = self.plan(None)?;
        let (layers, steps) = match self.engine.options.foreign {
            None => {
                let mut build = Build::new(self, &plan, true)?;
                (build.run()?.layers, Some(sum(&build.take_times())))
            }
            Some(foreign) => (self.build_with(foreign, &plan)?, None),
        };
        let config = &plan.stages.last().expect("a plan ends with its target").config;
        let mut built = self.seal(config, &layers, started)?;
        built.steps = steps.unwrap_or(built.seconds);
        let store = &self.engine.store;
        store.put_step(&BuildRecord::key(&self.definition), &built.record.encode())?;
        Ok(built)
    }

    /// The layers as another engine makes them.
    fn build_with(&self, engine: Foreign, plan: &Plan) -> Result<Vec<image::Layer>, Error> {
        let digest = |image: &ImageRef| match image {
            ImageRef::Package(name) => self.needs.get(name).map(|built| built.record.image),
            ImageRef::Digest { digest, .. } => Some(*digest),
        };
        let mut logs = Logs::new(&self.engine.store.logs(), self.name);
        let text = format!("{} build", engine.name());
        let (mut entry, _) = logs.start(self.name.as_str(), &text)?;
        self.tell(&Event::Log { package: self.name.clone(), path: entry.path.clone() });
        let order = drivers::Order {
            engine,
            plan,
            package: self.source,
            image: &digest,
            store: &self.engine.store,
            sources: self.engine.sources.as_ref(),
            log: &entry.path.clone(),
        };
        let built = drivers::build(&order);
        logs.end(&mut entry, built.is_ok())?;
        built.map_err(|source| Error::Foreign { package: self.name.clone(), source: Box::new(source) })
    }

    /// What a record calls the engine of this build.
    fn engine_name(&self) -> &'static str {
        self.engine.options.foreign.map_or("embedded", Foreign::name)
    }

    /// Only one process builds a definition at a time.
    pub(super) fn lock(&self) -> Result<Guard, Error> {
        let name = format!("build-{}", self.definition.hex());
        if super::is_locked(&self.engine.store, &name) {
            self.tell(&Event::Waiting { package: self.name.clone() });
        }
        Ok(self.engine.store.lock(&name, Lock::Exclusive)?)
    }

    /// The plan up to `target`, the last stage if `None`.
    pub fn plan(&self, target: Option<&str>) -> Result<Plan, Error> {
        // The configurations are read before, because planning cannot fail for I/O.
        let mut configs: BTreeMap<ImageRef, Config> = BTreeMap::new();
        for image in self.source.needs.images.keys() {
            configs.insert(image.clone(), self.image(image)?.config.clone());
        }
        let base = |image: &ImageRef| configs.get(image).cloned();
        plan::plan(&self.source.recipe, target, &self.source.args, &base).map_err(recipe)
    }

    /// An image that this package is built from.
    pub fn image(&self, wanted: &ImageRef) -> Result<Arc<Image>, Error> {
        let digest = match wanted {
            ImageRef::Package(name) => self.needs.get(name).map(|built| built.record.image),
            ImageRef::Digest { digest, .. } => self.engine.store.has_blob(digest).then_some(*digest),
        };
        let missing = || Error::NoImage { package: self.name.clone(), image: wanted.clone() };
        self.engine.image(&digest.ok_or_else(missing)?)
    }

    /// Writes the image's documents and the record.
    fn seal(&self, config: &Config, layers: &[image::Layer], started: Instant) -> Result<Built, Error> {
        let store = &self.engine.store;
        let assembled = image::assemble(config, layers);
        store.put_blob(&assembled.config_bytes)?;
        store.put_blob(&assembled.manifest_bytes)?;
        let seconds = started.elapsed().as_secs_f64();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let circumstances = &self.engine.options.circumstances;
        let record = BuildRecord {
            name: self.name.clone(),
            version: config.labels.get(VERSION).cloned().unwrap_or_default(),
            definition: self.definition,
            image: assembled.manifest_digest,
            config: assembled.config_digest,
            layers: layers.iter().map(|layer| layer.digest).collect(),
            platform: format!("{}/{}", config.os, config.architecture),
            engine: self.engine_name().to_owned(),
            origin: Origin::Built,
            finished: now.as_secs() as i64,
            milliseconds: (seconds * 1000.0) as i64,
            host: host_facts(self.engine.trees.ownership(), circumstances.cpus),
        };
        Ok(Built { cached: false, seconds, steps: seconds, record })
    }

    /// Tells what happened.
    pub fn tell(&self, event: &Event) {
        self.engine.progress.event(event);
    }
}

fn recipe(error: cairn_core::containerfile::Error) -> Error {
    Error::Recipe(Box::new(error))
}
