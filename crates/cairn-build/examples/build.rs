//! `build HOME TREE NAME…`: builds packages of `TREE/packages` into the store at HOME,
//! with sources from the folder `TREE/sources` (files named by their hash).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use cairn_build::progress::{Event, Progress};
use cairn_build::sources::{SourceError, Sources};
use cairn_build::{Engine, Options};
use cairn_core::digest::Digest;
use cairn_core::plan::SourceUrl;
use cairn_core::store::Store;
use cairn_core::tree::{Name, StatCache, Tree};

/// Prints each event.
struct Print;

impl Progress for Print {
    fn event(&self, event: &Event) {
        match event {
            Event::StepStarted(step) => {
                println!("{} {}/{} {}: {}", step.package, step.index, step.total, step.stage, step.text);
            }
            Event::StepFinished { seconds, .. } => println!("  {seconds:.4} s"),
            Event::StepCached { step, .. } => println!("{} {} cached", step.package, step.index),
            // A build that has nothing to do should not be measured by its printing.
            Event::PackageFinished { cached: true, .. } => {}
            Event::PackageFinished { package, image, seconds, .. } => {
                println!("{package} {image} {seconds:.4} s");
            }
            _ => {}
        }
    }
}

/// A folder of files named by their hash.
struct Folder(PathBuf);

impl Sources for Folder {
    fn fetch(
        &self,
        source: &SourceUrl,
        checksum: &Digest,
        _: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<PathBuf, SourceError> {
        let path = self.0.join(checksum.hex());
        let bytes = std::fs::read(&path).unwrap_or_default();
        if Digest::of(&bytes) == *checksum {
            return Ok(path);
        }
        Err(SourceError {
            message: format!("{source}: {} does not have it", self.0.display()),
            wrong_hash: false,
            offline: false,
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, tree, names @ ..] = arguments.as_slice() else {
        return Err("usage: build HOME TREE NAME...".into());
    };
    let started = std::time::Instant::now();
    let store = Arc::new(Store::open(Path::new(home))?);
    let opened = started.elapsed();
    let index = Path::new(home).join("stat-cache");
    let cache = StatCache::read(&index, SystemTime::now());
    let args = [("DEBIAN_MIRROR".to_owned(), "http://mirror.example/debian".to_owned())].into();
    let packages = Arc::new(Tree::load_with(&Path::new(tree).join("packages"), args, &cache)?);
    cache.write(&index)?;
    let loaded = started.elapsed();
    let mut engine = Engine::new(store, packages, Options { jobs: 2, ..Options::default() });
    engine.sources = Arc::new(Folder(Path::new(tree).join("sources")));
    engine.progress = Arc::new(Print);
    engine.load_digests(&Path::new(tree).join("digests"))?;
    let names = names.iter().map(|name| name.parse()).collect::<Result<Vec<Name>, _>>()?;
    if let Err(error) = engine.build(&names) {
        eprintln!("Error: {error}");
        if let Some(hint) = error.hint() {
            eprintln!("Hint: {hint}");
        }
        std::process::exit(1);
    }
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let all = started.elapsed();
    let (open, load, build) = (ms(opened), ms(loaded - opened), ms(all - loaded));
    println!("store {open:.1} ms, tree {load:.1} ms, build {build:.1} ms, all in {:.1} ms", ms(all));
    Ok(())
}
