//! Removing what nothing needs any more.
//!
//! Whatever is in the store refers to other things by writing their digest as text:
//! manifests and configs do, and step records do. So reachability is a search for
//! `sha256:` and 64 digits. A text that only looks like a reference keeps too much,
//! never too little.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::digest::Digest;

use super::{Result, Store, at, step, tree};

/// Documents that refer to something are no longer than this.
const MAX_REFERRER: u64 = 4 * 1024 * 1024;

/// What a garbage collection removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freed {
    /// Blobs, trees, records, sources and temporary files.
    pub items: u64,
    /// Bytes of the files among them.
    pub bytes: u64,
}

impl Store {
    /// Removes everything that `roots` do not lead to, and all temporary files.
    ///
    /// A root is the digest of a blob, a tree, a step key or a source. Waits until no
    /// other process uses the store. What those still made is in no root that was found
    /// before: [`Store::exclude`] first, then look for the roots.
    pub fn gc(self, roots: &[Digest]) -> Result<Freed> {
        self.exclude(|| {})?;
        let kept = reachable(&self.home, roots);
        let mut freed = Freed::default();
        for dir in ["blobs/sha256", "sources/sha256", "steps", "trees", "tmp"] {
            sweep(&self.home.join(dir), |name| is_kept(name, &kept), &mut freed)?;
        }
        Ok(freed)
    }
}

fn is_kept(name: &str, kept: &BTreeSet<Digest>) -> bool {
    let hex = name.strip_suffix(".owners").unwrap_or(name);
    Digest::from_hex(hex).is_ok_and(|digest| kept.contains(&digest))
}

/// All digests that `roots` lead to, themselves included.
fn reachable(home: &Path, roots: &[Digest]) -> BTreeSet<Digest> {
    let mut found = BTreeSet::new();
    let mut open = roots.to_vec();
    while let Some(digest) = open.pop() {
        if !found.insert(digest) {
            continue;
        }
        let hex = digest.hex();
        if let Some(record) = read_short(&home.join("steps").join(&hex)) {
            mentioned(step::unseal(&record).unwrap_or_default(), &mut open);
        }
        if let Some(document) = read_short(&home.join("blobs/sha256").join(&hex))
            && document.starts_with(b"{")
        {
            mentioned(&document, &mut open);
        }
    }
    found
}

fn read_short(path: &Path) -> Option<Vec<u8>> {
    let short = fs::metadata(path).is_ok_and(|meta| meta.len() <= MAX_REFERRER);
    if short { fs::read(path).ok() } else { None }
}

/// Appends every digest that stands in `text`.
fn mentioned(text: &[u8], out: &mut Vec<Digest>) {
    const LENGTH: usize = "sha256:".len() + 64;
    for window in text.windows(LENGTH).filter(|window| window.starts_with(b"sha256:")) {
        if let Some(digest) = std::str::from_utf8(window).ok().and_then(|text| text.parse().ok()) {
            out.push(digest);
        }
    }
}

/// Removes every entry of `dir` that `keep` does not name.
fn sweep(dir: &Path, keep: impl Fn(&str) -> bool, freed: &mut Freed) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(at("list", dir))? {
        let entry = entry.map_err(at("list", dir))?;
        if entry.file_name().to_str().is_some_and(&keep) {
            continue;
        }
        let path = entry.path();
        freed.items += 1;
        freed.bytes += size(&path);
        if entry.file_type().map_err(at("remove", &path))?.is_dir() {
            tree::remove(&path)?;
        } else {
            fs::remove_file(&path).map_err(at("remove", &path))?;
        }
    }
    Ok(())
}

/// Bytes of the files at and below `path`, as far as it can be read.
fn size(path: &Path) -> u64 {
    let Ok(meta) = fs::symlink_metadata(path) else {
        return 0;
    };
    if !meta.is_dir() {
        return if meta.is_file() { meta.len() } else { 0 };
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}
