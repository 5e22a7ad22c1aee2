//! A store for a witness: what it needs, and nothing that it is to find out by itself.

use std::fs;
use std::io;
use std::os::unix::fs::lchown;
use std::path::Path;
use std::sync::Arc;

use cairn_core::digest::Digest;
use cairn_core::store::Store;
use cairn_core::tree::Name;

use super::{ReproduceError, Witness};
use crate::engine::{Built, Engine};
use crate::record::{BuildRecord, Origin};

impl Engine {
    /// Makes the store of `witness`: the images `given`, and the sources of the packages
    /// `names`, which it is to build.
    pub(super) fn hand_over(
        &self,
        given: &[&Arc<Built>],
        names: &[Name],
        witness: &dyn Witness,
    ) -> Result<(), ReproduceError> {
        let home = witness.home();
        let failed = |source| ReproduceError::Io { path: home.to_owned(), source };
        if home.exists() && fs::read_dir(home).map_err(failed)?.next().is_some() {
            return Err(ReproduceError::NotEmpty(home.to_owned()));
        }
        let store = Store::open(home)?;
        for built in given {
            copy_image(&self.store, &store, &built.record)?;
        }
        for name in names {
            for source in self.tree.packages[name].needs.sources.keys() {
                copy_source(&self.store, &store, source)?;
            }
        }
        store.sync()?;
        drop(store);
        if let Some(owner) = witness.owner() {
            // No tree is in it yet, so it may still become the store of anybody.
            fs::remove_file(home.join("mode")).map_err(failed)?;
            give(home, owner).map_err(failed)?;
        }
        Ok(())
    }
}

/// Copies an image, every byte verified, and its record: there it was not built.
fn copy_image(from: &Store, to: &Store, record: &BuildRecord) -> Result<(), ReproduceError> {
    let copy = |blob: &Digest| -> Result<(), ReproduceError> {
        let mut writer = to.blob_writer()?;
        from.copy_blob(blob, &mut writer)?;
        writer.commit(Some(*blob))?;
        Ok(())
    };
    [record.image, record.config].iter().chain(&record.layers).try_for_each(copy)?;
    let record = BuildRecord { origin: Origin::Imported, ..record.clone() };
    Ok(to.put_step(&BuildRecord::key(&record.definition), &record.encode())?)
}

/// Copies a source if the first build needed it.
fn copy_source(from: &Store, to: &Store, source: &Digest) -> Result<(), ReproduceError> {
    if !from.source_path(source).exists() || to.source_path(source).exists() {
        return Ok(());
    }
    let mut file = from.open_source(source)?;
    let mut writer = to.source_writer()?;
    io::copy(&mut file, &mut writer)
        .map_err(|error| ReproduceError::Io { path: to.source_path(source), source: error })?;
    writer.commit(Some(*source))?;
    Ok(())
}

/// Gives everything below `path` away.
fn give(path: &Path, owner: (u32, u32)) -> io::Result<()> {
    lchown(path, Some(owner.0), Some(owner.1))?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), owner)?;
        }
    }
    Ok(())
}
