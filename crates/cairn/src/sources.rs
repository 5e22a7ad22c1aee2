//! Joins the fetcher, which knows the network, to the build, which must not.

use crate::error::{Failure, Result, doing};
use crate::project::Project;
use cairn_build::Sources;
use cairn_build::sources::SourceError;
use cairn_core::digest::Digest;
use cairn_core::plan::SourceUrl;
use cairn_core::store::{Lock, Store};
use cairn_registry::fetch::{Fetcher, Mirrors};
use std::path::PathBuf;
use std::sync::Arc;

/// Sources from the store, else from the places that the fetcher knows.
pub struct StoreSources {
    store: Arc<Store>,
    /// `None` with `--offline`.
    fetcher: Option<Fetcher>,
}

impl StoreSources {
    pub fn new(project: &Project, store: Arc<Store>, offline: bool) -> Result<StoreSources> {
        let fetcher = if offline { None } else { Some(fetcher(project)?) };
        Ok(StoreSources { store, fetcher })
    }

    fn fail(message: String, wrong_hash: bool) -> SourceError {
        SourceError { message, wrong_hash, offline: false }
    }
}

/// `CAIRN_SOURCES` (folders), `mirrors.tsv` and `DEBIAN_MIRROR`.
fn fetcher(project: &Project) -> Result<Fetcher> {
    let folders = std::env::var_os("CAIRN_SOURCES")
        .map(|list| std::env::split_paths(&list).filter(|p| !p.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    let table = project.root.join("mirrors.tsv");
    let text = match std::fs::read_to_string(&table) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(doing("read mirrors.tsv")(e)),
    };
    let mirrors = Mirrors::parse(&text).map_err(|e| Failure::failed(format!("{}: {e}", table.display())))?;
    let debian = std::env::var("DEBIAN_MIRROR").ok().filter(|m| !m.is_empty());
    Ok(Fetcher::new(folders, mirrors, debian))
}

impl Sources for StoreSources {
    fn fetch(
        &self,
        source: &SourceUrl,
        checksum: &Digest,
        told: &mut dyn FnMut(u64, Option<u64>),
    ) -> std::result::Result<PathBuf, SourceError> {
        // One process fetches a source; another that wants it waits and finds it.
        let lock = self.store.lock(&format!("source-{}", checksum.hex()), Lock::Exclusive);
        let _lock = lock.map_err(|e| Self::fail(e.to_string(), false))?;
        let path = self.store.source_path(checksum);
        if self.store.open_source(checksum).is_ok() {
            return Ok(path);
        }
        let Some(fetcher) = &self.fetcher else {
            let message = format!("{source} ({checksum}) is not in the store, and --offline was given");
            return Err(SourceError { message, wrong_hash: false, offline: true });
        };
        fetcher
            .fetch(&source.to_string(), checksum, &path, &mut |progress| told(progress.bytes, progress.total))
            .map_err(|e| Self::fail(e.to_string(), e.wrong_hash()))?;
        Ok(path)
    }
}
