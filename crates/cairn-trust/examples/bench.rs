//! How long does it take to verify N images with the signatures that one has?
//!
//! ```text
//! bench TREE NAME DEFINITION N
//! ```
//!
//! The trusted files are read once; the signatures of the definition are opened and
//! checked N times, on as many threads as there are processors, and nothing is remembered
//! in between.

use cairn_trust::folder::Trust;
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [tree, name, definition, images] = words.as_slice() else {
        return Err("TREE NAME DEFINITION N".into());
    };
    let (tree, name, definition) = (Path::new(tree), name.parse()?, definition.parse()?);
    let images: usize = images.parse()?;
    let trust = Trust::load(tree, None, 1_800_000_000)?;
    let (next, good) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism()?.get();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < images {
                    let found = trust.signatures(tree, &name, &definition).map_or(0, |f| f.signed.len());
                    good.fetch_add(found, Ordering::Relaxed);
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    println!("{images} images, {} good signatures, {threads} threads: {seconds:.2} s", good.into_inner());
    Ok(())
}
