//! The same packages once more, from nothing, where nothing that must not matter is the same.
//!
//! ```text
//! the store ──images of dependencies, sources──>  a new store for each witness
//!     │                                                      │ builds
//!  image A  <──────────────── compared ───────────────>   image B
//! ```
//!
//! A [`Witness`] is whoever builds again: another process, another user, another engine. What
//! differs inside a RUN is decided by [`conditions`]; what a RUN may never see (locale, time
//! zone, umask and environment of whoever builds) is for the witness to make different.

pub mod conditions;
pub mod hand;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_core::digest::Digest;
use cairn_core::image::{self, Image};
use cairn_core::store::{self, Store};
use cairn_core::tree::Name;

use crate::diff::{self, Difference, Known, Side};
use crate::drivers;
use crate::engine::{Built, Engine, Options};
use crate::error::Error;
use crate::record::BuildRecord;
use crate::steps::Key;
pub use conditions::Same;

/// Builds packages a second time.
pub trait Witness {
    /// Who, for a person: `as user 61705`, `podman`.
    fn name(&self) -> String;

    /// Where its store is to be; empty when the build begins.
    fn home(&self) -> &Path;

    /// User and group to whom the store shall belong, if not to us.
    fn owner(&self) -> Option<(u32, u32)> {
        None
    }

    /// In what its commands see another machine than the first build did.
    fn known(&self) -> Known;

    /// Builds `names` with the store at [`Self::home`], where all that they are made from
    /// is. Gives the manifest digest of each; a text if the build fails.
    fn build(&mut self, names: &[Name]) -> Result<BTreeMap<Name, Digest>, String>;
}

/// What came of building a package again.
#[derive(Clone, Debug)]
pub struct Reproduced {
    /// Who built it again.
    pub witness: String,
    /// The first build.
    pub first: Arc<Built>,
    /// The image that the second gave.
    pub second: Digest,
    /// Empty if the images are equal.
    pub differences: Vec<Difference>,
}

impl Reproduced {
    /// Whether both builds gave the same image.
    pub fn is_equal(&self) -> bool {
        self.first.record.image == self.second
    }
}

/// What goes wrong besides a difference.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ReproduceError {
    #[error(transparent)]
    Build(#[from] Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Diff(#[from] diff::Error),
    #[error("{0} is not empty: a second build begins with nothing")]
    NotEmpty(PathBuf),
    #[error("the build {witness} did not come to its end: {problem}")]
    Witness { witness: String, problem: String },
    #[error("the build {witness} left no usable image {image}: {problem}")]
    Image { witness: String, image: Digest, problem: String },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl Engine {
    /// Builds `targets`, then once more with each witness, and compares.
    ///
    /// Packages that the targets need are built again only if `everything`; otherwise
    /// their images are handed over. `told` is called before each comparison.
    ///
    /// # Errors
    ///
    /// A build that fails, a witness's store in use. A difference is no error but
    /// [`Reproduced::differences`].
    pub fn reproduce(
        &self,
        targets: &[Name],
        everything: bool,
        witnesses: &mut [&mut dyn Witness],
        told: &mut dyn FnMut(&Name),
    ) -> Result<Vec<Reproduced>, ReproduceError> {
        let first = self.build(targets)?;
        let again = |built: &&Arc<Built>| everything || targets.contains(&built.record.name);
        let (again, given): (Vec<_>, Vec<_>) = first.iter().partition(again);
        let names: Vec<Name> = again.iter().map(|built| built.record.name.clone()).collect();
        let mut results = Vec::new();
        for witness in witnesses {
            self.hand_over(&given, &names, *witness)?;
            results.extend(self.ask(*witness, &again, &names, told)?);
        }
        for built in &again {
            self.note(built, &results)?;
        }
        Ok(results)
    }

    /// Lets one witness build, and compares.
    fn ask(
        &self,
        witness: &mut dyn Witness,
        again: &[&Arc<Built>],
        names: &[Name],
        told: &mut dyn FnMut(&Name),
    ) -> Result<Vec<Reproduced>, ReproduceError> {
        let images = witness.build(names);
        let failed = |problem| ReproduceError::Witness { witness: witness.name(), problem };
        let images = images.map_err(failed)?;
        let compare = |built: &&Arc<Built>| {
            let name = &built.record.name;
            told(name);
            let second = images.get(name).ok_or_else(|| failed(format!("it says nothing of {name}")))?;
            self.compare(built, *second, witness)
        };
        again.iter().map(compare).collect()
    }

    /// Remembers that a package was reproduced, if every witness got its image.
    fn note(&self, built: &Built, results: &[Reproduced]) -> Result<(), ReproduceError> {
        let of_it = |result: &&Reproduced| result.first.record.name == built.record.name;
        let (equal, different): (Vec<_>, Vec<_>) =
            results.iter().filter(of_it).partition(|result| result.is_equal());
        if different.is_empty() && !equal.is_empty() {
            let seen: Vec<&str> = equal.iter().map(|result| result.witness.as_str()).collect();
            self.store.put_step(&reproduced_key(&built.record), seen.join("; ").as_bytes())?;
        }
        Ok(())
    }

    /// Why no other engine can be asked to build `name`, if none can. What it needs is built.
    pub fn refusal(&self, name: &Name) -> Result<Option<String>, Error> {
        let plan = self.plan_of(name)?;
        Ok(drivers::refuses(&plan).map(|unsupported| unsupported.to_string()))
    }

    /// Who has reproduced this build on this machine, if anybody has.
    pub fn reproduced(&self, record: &BuildRecord) -> Result<Option<String>, store::Error> {
        reproduced(&self.store, record)
    }

    fn compare(
        &self,
        built: &Arc<Built>,
        second: Digest,
        witness: &dyn Witness,
    ) -> Result<Reproduced, ReproduceError> {
        let mut result =
            Reproduced { witness: witness.name(), first: built.clone(), second, differences: Vec::new() };
        if !result.is_equal() {
            let ours = self.image(&built.record.image)?;
            let blobs = witness.home().join("blobs/sha256");
            let theirs = read_image(&blobs, &second).map_err(|problem| ReproduceError::Image {
                witness: witness.name(),
                image: second,
                problem,
            })?;
            let own = self.store.home().join("blobs/sha256");
            let sides = (Side { image: &ours, blobs: &own }, Side { image: &theirs, blobs: &blobs });
            result.differences = diff::images(sides.0, sides.1, &witness.known())?;
        }
        Ok(result)
    }
}

/// Who has reproduced the build of this record, according to its store.
pub fn reproduced(store: &Store, record: &BuildRecord) -> Result<Option<String>, store::Error> {
    let known = store.get_step(&reproduced_key(record))?;
    Ok(known.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// The key of what [`reproduced`] reads: of one definition and one image.
pub fn reproduced_key(record: &BuildRecord) -> Digest {
    let mut key = Key::new("reproduced");
    key.bytes(record.definition.as_bytes()).bytes(record.image.as_bytes());
    key.finish()
}

/// Reads the documents of an image from a folder of blobs, their digests checked.
pub fn read_image(blobs: &Path, manifest: &Digest) -> Result<Image, String> {
    let document = |digest: &Digest| -> Result<Vec<u8>, String> {
        let path = blobs.join(digest.hex());
        let large = std::fs::metadata(&path).is_ok_and(|meta| meta.len() > image::MAX_DOCUMENT as u64);
        if large {
            return Err(format!("{}: too long for a manifest or config", path.display()));
        }
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        match Digest::of(&bytes) == *digest {
            true => Ok(bytes),
            false => Err(format!("{}: not what its name says", path.display())),
        }
    };
    let manifest = document(manifest)?;
    let config = image::config_of(&manifest).map_err(|error| error.to_string())?;
    image::read(&manifest, &document(&config)?).map_err(|error| error.to_string())
}

/// This process under other conditions, with a store of its own.
pub struct Inside<'a> {
    engine: &'a Engine,
    home: PathBuf,
    options: Options,
}

impl<'a> Inside<'a> {
    /// Builds at `home` what `engine` has built.
    pub fn new(engine: &'a Engine, home: &Path, same: &[Same]) -> Self {
        let circumstances = conditions::other(&engine.options.circumstances, same);
        let options = Options { circumstances, update: false, no_cache: false, ..engine.options.clone() };
        Self { engine, home: home.to_owned(), options }
    }
}

impl Witness for Inside<'_> {
    fn name(&self) -> String {
        "elsewhere".to_owned()
    }

    fn home(&self) -> &Path {
        &self.home
    }

    fn known(&self) -> Known {
        conditions::known(&self.engine.options.circumstances, &self.options.circumstances)
    }

    fn build(&mut self, names: &[Name]) -> Result<BTreeMap<Name, Digest>, String> {
        let store = Arc::new(Store::open(&self.home).map_err(|error| error.to_string())?);
        let mut engine = Engine::new(store, self.engine.tree.clone(), self.options.clone());
        engine.sources = self.engine.sources.clone();
        engine.progress = self.engine.progress.clone();
        // Not compared with `digests/`: a difference shall be explained, not refused.
        let built = engine.build(names).map_err(|error| error.to_string())?;
        Ok(built.iter().map(|built| (built.record.name.clone(), built.record.image)).collect())
    }
}
