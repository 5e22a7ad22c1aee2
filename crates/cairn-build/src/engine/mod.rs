//! Packages in order, each built once, each checked against `digests/`.
//!
//! ```no_run
//! # use std::{path::Path, sync::Arc};
//! # use cairn_build::{Engine, Options};
//! # use cairn_core::{store::Store, tree::Tree};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(Store::open(Path::new("/var/cache/cairn"))?);
//! let tree = Arc::new(Tree::load(Path::new("packages"))?);
//! let mut engine = Engine::new(store, tree, Options::default());
//! engine.load_digests(Path::new("digests"))?;
//! for built in engine.build(&["core/zlib".parse()?])? {
//!     println!("{} {}", built.record.image, built.record.name);
//! }
//! # Ok(())
//! # }
//! ```

mod attempt;
mod context;
mod copies;
mod order;
mod package;
mod part;
mod run;
mod schedule;
mod shell;
mod stage;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cairn_core::digest::Digest;
use cairn_core::graph;
use cairn_core::image::{self, Image};
use cairn_core::json;
use cairn_core::plan::{ImageRef, Plan};
use cairn_core::store::Store;
use cairn_core::tree::{Name, Tree};

use crate::chain::Trees;
use crate::digests::{Digests, Entry, version_field};
use crate::drivers::Foreign;
use crate::error::{Difference, Error};
use crate::progress::{Event, Progress, Silent};
use crate::record::BuildRecord;
use crate::request::Circumstances;
use crate::sources::{NoSources, Sources};
use package::Package;
use schedule::{OnFailure, Task};

pub use attempt::Attempt;
pub use part::Part;
pub use shell::{Shell, ShellEnd, Streams};
pub use stage::StepTime;

/// The group whose digests are proven before anything is built on it.
const BOOTSTRAP: &str = "bootstrap";

/// How a build is done. None of it reaches a result.
#[derive(Clone, Debug)]
pub struct Options {
    /// Packages built at once.
    pub jobs: usize,
    /// What commands see of the machine.
    pub circumstances: Circumstances,
    /// Does everything again, whatever the store knows; the results replace what it
    /// knew.
    pub no_cache: bool,
    /// Runs tests again, whatever the store knows of them.
    pub retest: bool,
    /// Records what is built instead of comparing it.
    pub update: bool,
    /// Lets another engine build, instead of the one in here.
    pub foreign: Option<Foreign>,
    /// Files of a package's own directory keep the permissions they have on disk, as
    /// stock engines do it. Otherwise only whether a file is executable counts, which
    /// is what a definition digest knows: the rest depends on who checked it out.
    pub exact_modes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            jobs: 1,
            circumstances: Circumstances::default(),
            no_cache: false,
            retest: false,
            update: false,
            foreign: None,
            exact_modes: false,
        }
    }
}

/// Builds the packages of one tree into one store.
pub struct Engine {
    /// Where everything is kept.
    pub store: Arc<Store>,
    /// The packages.
    pub tree: Arc<Tree>,
    /// How.
    pub options: Options,
    /// Where `ADD --checksum` gets its bytes.
    pub sources: Arc<dyn Sources>,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
    /// What results are compared with.
    pub digests: Mutex<Digests>,
    /// Finished images that somebody else built and that the caller has found reason to
    /// use. Neither they nor what only they need is built.
    pub imported: BTreeMap<Name, BuildRecord>,
    trees: Trees,
    images: Mutex<HashMap<Digest, Arc<Image>>>,
}

/// A finished package.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// What it is: name, version, definition, image, layers.
    pub record: BuildRecord,
    /// It was there already.
    pub cached: bool,
    /// How long it took now.
    pub seconds: f64,
    /// How long its steps took in sum, whenever they were executed; 0 if it was there
    /// already.
    pub steps: f64,
}

impl Engine {
    /// An engine without sources, silent, that compares with nothing.
    pub fn new(store: Arc<Store>, tree: Arc<Tree>, options: Options) -> Self {
        Self {
            trees: Trees::new(store.clone()),
            store,
            tree,
            options,
            sources: Arc::new(NoSources),
            progress: Arc::new(Silent),
            digests: Mutex::new(Digests::default()),
            imported: BTreeMap::new(),
            images: Mutex::new(HashMap::new()),
        }
    }

    /// Compares results with (or, with [`Options::update`], records them in) `folder`.
    pub fn load_digests(&mut self, folder: &Path) -> Result<(), Error> {
        self.digests = Mutex::new(Digests::load(folder)?);
        Ok(())
    }

    /// Builds `targets` and all they need; gives all of them in order.
    ///
    /// # Errors
    ///
    /// The first failure; what was finished before stays finished. If images differ
    /// from the recorded ones, all packages are built first, except those above a
    /// differing bootstrap package.
    pub fn build(&self, targets: &[Name]) -> Result<Vec<Arc<Built>>, Error> {
        let (names, tasks) = self.tasks(targets)?;
        let mut done = self.reuse(&names, &tasks)?;
        let rest: Vec<usize> = (0..names.len()).filter(|place| done[*place].is_none()).collect();
        if rest.is_empty() {
            self.check(&names, &tasks, &done)?;
            return Ok(done.into_iter().flatten().collect());
        }
        let estimates = self.tell_plan(&names, &rest);
        let failed = self.build_rest((&names, &tasks), &rest, &estimates, OnFailure::Stop, &mut done);
        let failed = failed.into_iter().next().map(|(_, error)| error);
        let checked = self.check(&names, &tasks, &done);
        self.store.sync()?;
        match (failed, checked) {
            (None, checked) => checked?,
            (Some(Error::DigestDiffers(mut all)), Err(Error::DigestDiffers(more))) => {
                all.extend(more);
                return Err(Error::DigestDiffers(all));
            }
            (Some(error), _) => return Err(error),
        }
        Ok(done.into_iter().flatten().collect())
    }

    /// `targets` and all they need, in order.
    fn tasks(&self, targets: &[Name]) -> Result<(Vec<Name>, Vec<Task>), Error> {
        let order = order::prune(graph::order(&self.tree, targets)?, targets, &self.imported);
        let names: Vec<Name> = order.iter().map(|node| node.name.clone()).collect();
        let places: HashMap<&Name, usize> = names.iter().zip(0..).collect();
        let needs = |needs: &[Name]| needs.iter().map(|need| places[need]).collect();
        let tasks = order.iter().map(|node| Task { needs: needs(&node.needs), weight: 0 }).collect();
        Ok((names, tasks))
    }

    /// Whether an earlier result of `name` may be taken.
    fn reuses(&self, name: &Name) -> bool {
        !(self.options.no_cache || self.options.retest && name.is_test())
    }

    /// Builds what `name` needs, but not itself.
    fn build_needs(&self, name: &Name) -> Result<Vec<Arc<Built>>, Error> {
        let order = graph::order(&self.tree, std::slice::from_ref(name))?;
        let needs = order.into_iter().find(|node| node.name == *name).map(|node| node.needs);
        let needs = needs.unwrap_or_default();
        let built = self.build(&needs)?;
        Ok(built.into_iter().filter(|built| needs.contains(&built.record.name)).collect())
    }

    /// The last build of the package as it is now, if there is one; nothing is built.
    pub fn finished(&self, name: &Name) -> Result<Option<Arc<Built>>, Error> {
        let mut done: BTreeMap<Name, Arc<Built>> = BTreeMap::new();
        for node in graph::order(&self.tree, std::slice::from_ref(name))? {
            let needs: Vec<_> = node.needs.iter().filter_map(|need| done.get(need).cloned()).collect();
            let Some(built) = self.package(&node.name, needs).finished()? else { return Ok(None) };
            done.insert(node.name, Arc::new(built));
        }
        Ok(done.remove(name))
    }

    /// The plan of a package; what it needs is built first.
    pub(crate) fn plan_of(&self, name: &Name) -> Result<Plan, Error> {
        self.package(name, self.build_needs(name)?).plan(None)
    }

    /// Everything that needs no work, found without a thread: a build that has nothing
    /// to do ends here.
    fn reuse(&self, names: &[Name], tasks: &[Task]) -> Result<Vec<Option<Arc<Built>>>, Error> {
        let mut done: Vec<Option<Arc<Built>>> = Vec::with_capacity(names.len());
        for (place, (name, task)) in names.iter().zip(tasks).enumerate() {
            let needs: Option<Vec<_>> = task.needs.iter().map(|need| done[*need].clone()).collect();
            let imported = self.imported.get(name).cloned();
            let imported = imported.map(|record| Built { record, cached: true, seconds: 0.0, steps: 0.0 });
            let built = match needs.filter(|_| imported.is_none() && self.reuses(name)) {
                None => imported,
                Some(needs) => self.package(name, needs).finished()?,
            };
            if let Some(built) = &built {
                self.tell_finished(built);
                self.prove(names, tasks, place, built)?;
            }
            done.push(built.map(Arc::new));
        }
        Ok(done)
    }

    /// Builds the packages at the places `rest`; gives what failed, by its place.
    fn build_rest(
        &self,
        (names, tasks): (&[Name], &[Task]),
        rest: &[usize],
        estimates: &[Option<f64>],
        on_failure: OnFailure,
        done: &mut [Option<Arc<Built>>],
    ) -> Vec<(usize, Error)> {
        let moved: HashMap<usize, usize> = rest.iter().copied().zip(0..).collect();
        let mut left: Vec<Task> = rest
            .iter()
            .map(|place| Task {
                needs: tasks[*place].needs.iter().filter_map(|n| moved.get(n).copied()).collect(),
                weight: 0,
            })
            .collect();
        // Milliseconds; what was never built counts as much as a small package.
        let cost = |index: usize| estimates[index].map_or(5000, |seconds| (seconds * 1000.0) as u64);
        schedule::weigh(&mut left, cost);
        let (results, failed) = schedule::run(self.options.jobs, &left, on_failure, |index, fresh| {
            let place = rest[index];
            let had = tasks[place].needs.iter().filter_map(|need| done[*need].clone());
            let package = self.package(&names[place], had.chain(fresh).collect());
            self.one(&package, names, tasks, place)
        });
        for (place, result) in rest.iter().zip(results) {
            done[*place] = result;
        }
        failed.into_iter().map(|(index, error)| (rest[index], error)).collect()
    }

    /// Builds one package; a bootstrap package that differs stops what is above it.
    fn one(
        &self,
        package: &Package<'_>,
        names: &[Name],
        tasks: &[Task],
        place: usize,
    ) -> Result<Arc<Built>, Error> {
        let built = package.build().inspect_err(|_| {
            self.progress.event(&Event::PackageFailed { package: names[place].clone() });
        })?;
        self.tell_finished(&built);
        self.prove(names, tasks, place, &built)?;
        Ok(Arc::new(built))
    }

    /// Fails if a bootstrap package is not the recorded one: nothing may be built on it.
    fn prove(&self, names: &[Name], tasks: &[Task], place: usize, built: &Built) -> Result<(), Error> {
        match self.difference(names, tasks, place, built) {
            Some(difference) if difference.name.group() == BOOTSTRAP => {
                Err(Error::DigestDiffers(vec![difference]))
            }
            _ => Ok(()),
        }
    }

    fn package(&self, name: &Name, needs: Vec<Arc<Built>>) -> Package<'_> {
        let needs: BTreeMap<Name, Arc<Built>> =
            needs.into_iter().map(|built| (built.record.name.clone(), built)).collect();
        let (name, package) =
            self.tree.packages.get_key_value(name).expect("the graph only has packages of the tree");
        let images = needs.iter().map(|(name, built)| (name.clone(), built.record.image)).collect();
        Package {
            engine: self,
            name,
            definition: graph::definition_digest(package, &images),
            source: package,
            needs,
        }
    }

    /// The image with this manifest digest.
    pub fn image(&self, manifest: &Digest) -> Result<Arc<Image>, Error> {
        let known = || self.images.lock().expect("no panic while it is held");
        if let Some(image) = known().get(manifest) {
            return Ok(image.clone());
        }
        let limit = image::MAX_DOCUMENT as u64;
        let document = self.store.read_blob_small(manifest, limit)?;
        // Only to find the config: what is found is checked by `read`.
        let config = json::Value::parse(&document)
            .ok()
            .and_then(|value| value.get("config")?.get("digest")?.as_str()?.parse().ok())
            .unwrap_or(*manifest);
        let config = self.store.read_blob_small(&config, limit)?;
        let image =
            image::read(&document, &config).map_err(|source| Error::BadImage { image: *manifest, source })?;
        let image = Arc::new(image);
        known().insert(*manifest, image.clone());
        Ok(image)
    }

    /// What the store must keep for the packages of the tree as they are now: for
    /// [`Store::gc`]. A package that is not finished keeps its sources and the steps
    /// that are done, a finished one its image.
    pub fn roots(&self) -> Result<Vec<Digest>, Error> {
        let sound: Vec<Name> = self
            .tree
            .packages
            .keys()
            .filter(|name| graph::order(&self.tree, std::slice::from_ref(*name)).is_ok())
            .cloned()
            .collect();
        let order = graph::order(&self.tree, &sound)?;
        let mut roots = Vec::new();
        let mut finished: BTreeMap<Name, Arc<Built>> = BTreeMap::new();
        for node in order {
            let source = &self.tree.packages[&node.name];
            roots.extend(source.needs.sources.keys());
            roots.extend(source.needs.images.keys().filter_map(|image| match image {
                ImageRef::Digest { digest, .. } => Some(digest),
                ImageRef::Package(_) => None,
            }));
            roots.push(estimate_key(node.name.as_str()));
            let needs: Option<Vec<_>> = node.needs.iter().map(|n| finished.get(n).cloned()).collect();
            let Some(needs) = needs else { continue };
            let package = self.package(&node.name, needs);
            if let Some(built) = package.finished()? {
                roots.push(BuildRecord::key(&package.definition));
                roots.push(crate::reproduce::reproduced_key(&built.record));
                roots.extend(built.record.layers.iter().map(Trees::layer_key));
                finished.insert(node.name, Arc::new(built));
            } else {
                roots.extend(self.begun(&package));
            }
        }
        Ok(roots)
    }

    fn difference(&self, names: &[Name], tasks: &[Task], place: usize, built: &Built) -> Option<Difference> {
        if self.options.update {
            return None;
        }
        let digests = self.digests.lock().expect("no panic while it is held");
        let expected = digests.get(&names[place])?.image;
        (expected != built.record.image).then(|| Difference {
            name: names[place].clone(),
            expected,
            got: built.record.image,
            stopped: if names[place].group() == BOOTSTRAP {
                order::above(tasks, place).map(|place| names[place].clone()).collect()
            } else {
                Vec::new()
            },
        })
    }

    /// Compares everything that is done, or records it.
    fn check(&self, names: &[Name], tasks: &[Task], done: &[Option<Arc<Built>>]) -> Result<(), Error> {
        let all = || done.iter().enumerate().filter_map(|(p, b)| Some((p, b.as_deref()?)));
        if self.options.update {
            return self.record_digests(all().map(|(_, built)| built));
        }
        let differences: Vec<Difference> =
            all().filter_map(|(place, built)| self.difference(names, tasks, place, built)).collect();
        if differences.is_empty() { Ok(()) } else { Err(Error::DigestDiffers(differences)) }
    }

    fn record_digests<'a>(&self, built: impl Iterator<Item = &'a Built>) -> Result<(), Error> {
        let mut digests = self.digests.lock().expect("no panic while it is held");
        digests.reload()?;
        let mut groups: Vec<String> = Vec::new();
        for Built { record, .. } in built {
            let version = version_field(Some(&record.version));
            digests.set(record.name.clone(), Entry { image: record.image, version });
            groups.push(record.name.group().to_owned());
        }
        digests.retain(|name| self.tree.packages.contains_key(name) || self.tree.broken.contains_key(name));
        groups.sort();
        groups.dedup();
        for group in groups {
            digests.save(&group)?;
        }
        Ok(())
    }

    /// Announces what is to be built; gives how long each took the last time.
    fn tell_plan(&self, names: &[Name], rest: &[usize]) -> Vec<Option<f64>> {
        let packages: Vec<Name> = rest.iter().map(|place| names[*place].clone()).collect();
        let estimates: Vec<_> = packages.iter().map(|name| self.estimate(name.as_str())).collect();
        self.progress.event(&Event::Planned { packages, estimates: estimates.clone() });
        estimates
    }

    fn tell_finished(&self, built: &Built) {
        self.progress.event(&Event::PackageFinished {
            package: built.record.name.clone(),
            image: built.record.image,
            seconds: built.seconds,
            steps: built.steps,
            cached: built.cached,
        });
        if !built.cached {
            self.remember(built.record.name.as_str(), built.steps);
        }
    }

    /// Keeps how long `what` takes from nothing, as an estimate for the next time.
    fn remember(&self, what: &str, seconds: f64) {
        // Only an estimate: without it the time left is not shown.
        let _ = self.store.put_step(&estimate_key(what), seconds.to_string().as_bytes());
    }

    /// How long `what`, a package or one of its stages, takes from nothing.
    fn estimate(&self, what: &str) -> Option<f64> {
        let bytes = self.store.get_step(&estimate_key(what)).ok()??;
        std::str::from_utf8(&bytes).ok()?.parse().ok()
    }
}

fn estimate_key(what: &str) -> Digest {
    let mut key = crate::steps::Key::new("estimate");
    key.text(what);
    key.finish()
}

/// Whether another process holds the exclusive lock `name` right now.
fn is_locked(store: &Store, name: &str) -> bool {
    use rustix::fs::{FlockOperation, flock};
    File::open(store.home().join("locks").join(name)).is_ok_and(|file| {
        matches!(flock(&file, FlockOperation::NonBlockingLockExclusive), Err(rustix::io::Errno::WOULDBLOCK))
    })
}
