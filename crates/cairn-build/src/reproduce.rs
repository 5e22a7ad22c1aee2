//! The same packages once more, from nothing and under other circumstances.
//!
//! ```text
//! the store           dependencies ──copied──>  a new, empty store
//! image A  <─────────── compared ───────────>   image B
//! ```
//!
//! What is varied on purpose: the number of processors, the host name, the layout of
//! memory, the name of the kernel, the place of the store, the time. What a step may
//! never see (user, locale, time zone, environment, network) is the same by law.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cairn_core::digest::Digest;
use cairn_core::store::{self, Store};
use cairn_core::tree::Name;
use cairn_sandbox::Conditions;

use crate::diff::{self, Difference};
use crate::engine::{Built, Engine, Options};
use crate::error::Error;
use crate::record::BuildRecord;
use crate::request::Circumstances;

/// What came of building a package again.
#[derive(Clone, Debug)]
pub struct Reproduced {
    /// The first build.
    pub first: Arc<Built>,
    /// The second.
    pub second: Arc<Built>,
    /// Empty if the images are equal.
    pub differences: Vec<Difference>,
}

impl Reproduced {
    /// Whether both builds gave the same image.
    pub fn is_equal(&self) -> bool {
        self.first.record.image == self.second.record.image
    }
}

/// What goes wrong besides a build that fails.
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
    NotEmpty(std::path::PathBuf),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Circumstances that differ from `ours` in all that must not matter.
pub fn other(ours: &Circumstances) -> Circumstances {
    Circumstances {
        cpus: if ours.cpus == 1 { 3 } else { 1 },
        conditions: Conditions {
            hostname: "elsewhere.example".to_owned(),
            aslr: !ours.conditions.aslr,
            old_kernel_name: !ours.conditions.old_kernel_name,
            ..ours.conditions.clone()
        },
        limits: ours.limits.clone(),
    }
}

impl Engine {
    /// Builds `targets`, then once more in the new store at `home`, and compares.
    ///
    /// Packages that the targets need are built again only if `everything`; otherwise
    /// their images are copied. `told` is called before each comparison.
    ///
    /// # Errors
    ///
    /// A build that fails, `home` in use. A difference is no error but
    /// [`Reproduced::differences`].
    pub fn reproduce(
        &self,
        targets: &[Name],
        home: &Path,
        everything: bool,
        told: &mut dyn FnMut(&Name),
    ) -> Result<Vec<Reproduced>, ReproduceError> {
        if home.exists() && std::fs::read_dir(home)?.next().is_some() {
            return Err(ReproduceError::NotEmpty(home.to_owned()));
        }
        let first = self.build(targets)?;
        let store = Arc::new(Store::open(home)?);
        let again = |built: &&Arc<Built>| everything || targets.contains(&built.record.name);
        for built in first.iter().filter(|built| !again(built)) {
            copy_image(&self.store, &store, &built.record)?;
        }
        let options = Options {
            circumstances: other(&self.options.circumstances),
            update: false,
            no_cache: false,
            ..self.options.clone()
        };
        let mut engine = Engine::new(store, self.tree.clone(), options);
        engine.sources = self.sources.clone();
        engine.progress = self.progress.clone();
        // Not compared with `digests/`: a difference shall be explained, not refused.
        let second = engine.build(targets)?;
        let mut results = Vec::new();
        for one in first.iter().filter(again) {
            let Some(two) = second.iter().find(|two| two.record.name == one.record.name) else { continue };
            told(&one.record.name);
            let mut result = Reproduced { first: one.clone(), second: two.clone(), differences: Vec::new() };
            if !result.is_equal() {
                let images = (self.image(&one.record.image)?, engine.image(&two.record.image)?);
                result.differences = diff::images((&self.store, &images.0), (&engine.store, &images.1))?;
            }
            results.push(result);
        }
        Ok(results)
    }
}

/// Copies an image and its record, every byte verified.
fn copy_image(from: &Store, to: &Store, record: &BuildRecord) -> Result<(), ReproduceError> {
    let copy = |blob: &Digest| -> Result<(), ReproduceError> {
        let mut writer = to.blob_writer()?;
        from.copy_blob(blob, &mut writer)?;
        writer.commit(Some(*blob))?;
        Ok(())
    };
    [record.image, record.config].iter().chain(&record.layers).try_for_each(copy)?;
    let key = BuildRecord::key(&record.definition);
    Ok(to.put_step(&key, &record.encode())?)
}
