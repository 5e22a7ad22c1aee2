//! Source archives side by side.

use super::archive::{self, Item, MAX_SHOWN};
use super::{heading, print};
use crate::error::{Failure, Result, doing};
use crate::sources::StoreSources;
use cairn_build::Sources as _;
use cairn_core::digest::Digest;
use cairn_core::plan::Source;
use cairn_core::store::Store;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type List = BTreeMap<Digest, Source>;
type Items = BTreeMap<String, Item>;

/// Every source of now, beside what it was.
pub fn show(store: &Store, fetch: &StoreSources, old: &List, new: &List) -> Result<()> {
    let mut gone: List =
        old.iter().filter(|(digest, _)| !new.contains_key(*digest)).map(|(d, s)| (*d, s.clone())).collect();
    for (digest, source) in new {
        if old.contains_key(digest) {
            heading(&format!("unchanged source {}", source.url));
            continue;
        }
        let stem = stem(source);
        let before = gone.iter().find(|(_, s)| self::stem(s) == stem).map(|(digest, _)| *digest);
        match before.and_then(|digest| gone.remove_entry(&digest)) {
            Some((before, was)) => {
                heading(&format!("source {}\n     after {}", source.url, was.url));
                let (a, b) = (open(store, fetch, &before, &was)?, open(store, fetch, digest, source)?);
                compare(store, &a, &b)?;
            }
            None => {
                heading(&format!("new source {}", source.url));
                let items = open(store, fetch, digest, source)?.items;
                println!("{} files", items.len());
                binaries(items.iter());
            }
        }
    }
    for source in gone.values() {
        heading(&format!("no longer a source {}", source.url));
    }
    Ok(())
}

/// The file's name without its digits: what versions of one source have in common.
fn stem(source: &Source) -> String {
    let url = source.url.to_string();
    let name = url.rsplit('/').next().unwrap_or_default();
    name.chars().filter(|c| c.is_alphabetic()).collect()
}

/// A source in the store, and what is in it.
struct Opened {
    digest: Digest,
    items: Items,
}

fn open(store: &Store, fetch: &StoreSources, digest: &Digest, source: &Source) -> Result<Opened> {
    fetch
        .fetch(&source.url, digest, &mut |_, _| {})
        .map_err(|e| Failure::failed(format!("{} cannot be had", source.url)).cause(e))?;
    let items = archive::list(file(store, digest)?).map_err(doing(format!("read {}", source.url)))?;
    Ok(Opened { digest: *digest, items })
}

/// Hashed again, whoever put it there.
fn file(store: &Store, digest: &Digest) -> Result<fs::File> {
    store.open_source(digest).map_err(doing("open a source"))
}

fn compare(store: &Store, old: &Opened, new: &Opened) -> Result<()> {
    let changed: Vec<&String> =
        new.items.iter().filter(|(path, item)| old.items.get(*path) != Some(item)).map(|(p, _)| p).collect();
    let removed: Vec<&String> = old.items.keys().filter(|path| !new.items.contains_key(*path)).collect();
    println!("{} files, {} new or changed, {} removed", new.items.len(), changed.len(), removed.len());
    binaries(changed.iter().map(|path| (*path, &new.items[*path])));
    for path in removed {
        print(&format!("removed {path}\n"));
    }
    let shown = |path: &&&String| {
        let item = &new.items[**path];
        !item.binary && !item.link && item.bytes <= MAX_SHOWN
    };
    for path in changed.iter().filter(|path| !shown(path)) {
        let item = &new.items[*path];
        let why = if item.link { "a link" } else { "too long or binary" };
        print(&format!("not shown ({why}): {path}, {} bytes, {}\n", item.bytes, item.digest));
    }
    let shown: Vec<&str> = changed.iter().filter(shown).map(|path| path.as_str()).collect();
    differences(store, old, new, &shown)
}

/// What nobody can read, first.
fn binaries<'a>(items: impl Iterator<Item = (&'a String, &'a Item)>) {
    for (path, item) in items.filter(|(_, item)| item.binary) {
        print(&format!("BINARY {path}, {} bytes, {}\n", item.bytes, item.digest));
    }
}

/// `diff -u` of the texts, through files that are named by number.
fn differences(store: &Store, old: &Opened, new: &Opened, paths: &[&str]) -> Result<()> {
    let place = Place::new(store)?;
    let numbers: BTreeMap<&str, usize> = paths.iter().copied().zip(0..).collect();
    for (side, opened) in [("old", old), ("new", new)] {
        let taken = archive::read(
            file(store, &opened.digest)?,
            |path| numbers.contains_key(path),
            |path, bytes| archive::write(&place.file(side, numbers[path]), bytes),
        );
        taken.map_err(doing("read a source"))?;
    }
    for (path, number) in &numbers {
        let side = |side: &str| Some(place.file(side, *number)).filter(|file| file.exists());
        let nothing = || PathBuf::from("/dev/null");
        let (a, b) = (side("old").unwrap_or_else(nothing), side("new").unwrap_or_else(nothing));
        let output = Command::new("diff")
            .args(["-u", "--label", &format!("a/{path}"), "--label", &format!("b/{path}")])
            .args([&a, &b])
            .output()
            .map_err(doing("run diff"))?;
        print(&String::from_utf8_lossy(&output.stdout));
    }
    Ok(())
}

/// A folder that goes away with the comparison.
struct Place(PathBuf);

impl Place {
    fn new(store: &Store) -> Result<Place> {
        let path = store.home().join(format!("review-{}", std::process::id()));
        // A process of this number may have been killed before.
        let _ = fs::remove_dir_all(&path);
        for side in ["old", "new"] {
            fs::create_dir_all(path.join(side)).map_err(doing(format!("make {}", path.display())))?;
        }
        Ok(Place(path))
    }

    fn file(&self, side: &str, number: usize) -> PathBuf {
        let folder: &Path = &self.0;
        folder.join(side).join(number.to_string())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed is found by its name; the answer stands already.
        let _ = fs::remove_dir_all(&self.0);
    }
}
