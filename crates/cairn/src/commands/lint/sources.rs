//! What nobody can read in the sources of a package.
//!
//! A source is looked through once: what was found is kept in the store under the
//! source's hash.

use super::Finding;
use crate::error::{Failure, Result, doing};
use cairn_build::steps::Key;
use cairn_core::digest::Digest;
use cairn_core::store::Store;
use cairn_core::tree::{OPAQUE, Package};
use cairn_source::archive::Limits;
use cairn_source::listed::{self, Line};
use cairn_source::removed;
use cairn_source::review::review;
use cairn_source::scan::{self, Found};
use std::io;

/// What is to be said about the sources of one package.
#[derive(Default)]
pub struct Sources {
    pub findings: Vec<Finding>,
    /// Images, fonts and the like.
    pub data: usize,
    /// Addresses of those that are not in the store.
    pub unseen: Vec<String>,
}

pub fn lint(package: &Package, store: &Store) -> Result<Sources> {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    for (checksum, source) in &package.needs.sources {
        match look(store, checksum)? {
            None => sources.unseen.push(source.url.to_string()),
            Some(Ok(files)) => found.extend(files),
            Some(Err(why)) => sources.findings.push(finding(
                format!("packages/{}/Containerfile", package.name),
                format!("{}: cannot be looked into: {why}", source.url),
                "another archive of the same sources".to_owned(),
            )),
        }
    }
    let listed = list(package)?;
    let removed = removed::patterns(&package.recipe);
    let review = review(&found, &removed, &listed)
        .map_err(|bad| Failure::failed(format!("{}: a deletion in a RUN: {bad}", package.name)))?;
    sources.data = review.data;
    let place = format!("packages/{}/{OPAQUE}", package.name);
    sources.findings.extend(review.unexplained.into_iter().map(|one| {
        let (path, pattern) =
            if one.path.is_empty() { ("the top folder", "*") } else { (&*one.path, &*one.path) };
        finding(
            place.clone(),
            format!("{path}: {}: neither deleted before use nor listed", one.what),
            format!("`rm -r` in front of the build, or a line `{pattern}  REASON` here"),
        )
    }));
    // What a source that was not seen has in it cannot be told.
    if sources.unseen.is_empty() {
        let idle = review.idle.into_iter();
        sources.findings.extend(idle.map(|number| {
            let message = "no file of the sources fits this line".to_owned();
            finding(format!("{place}:{number}"), message, "no such line".to_owned())
        }));
    }
    Ok(sources)
}

fn finding(place: String, message: String, hint: String) -> Finding {
    Finding::about(OPAQUE, place, message, hint)
}

fn list(package: &Package) -> Result<Vec<Line>> {
    let path = package.dir.join(OPAQUE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(doing(format!("read {}", path.display()))(error)),
    };
    listed::parse(&text).map_err(|error| Failure::failed(format!("{}: {error}", path.display())))
}

/// What is in a source; `None` if it is not in the store, an error if it is no archive.
type Looked = Option<std::result::Result<Vec<Found>, String>>;

fn look(store: &Store, checksum: &Digest) -> Result<Looked> {
    let mut key = Key::new(concat!("opaque ", env!("CARGO_PKG_VERSION")));
    key.bytes(checksum.as_bytes());
    let key = key.finish();
    let known = store.get_step(&key).map_err(doing("read the store"))?;
    let known = known.and_then(|bytes| scan::decode(std::str::from_utf8(&bytes).ok()?));
    if let Some(found) = known {
        return Ok(Some(Ok(found)));
    }
    let Ok(file) = store.open_source(checksum) else { return Ok(None) };
    Ok(Some(match scan::scan(file, Limits::default()) {
        Ok(found) => {
            store.put_step(&key, scan::encode(&found).as_bytes()).map_err(doing("write to the store"))?;
            Ok(found)
        }
        Err(error) => Err(error.to_string()),
    }))
}
