//! Packs a directory as a layer into a store, and says how long it took.
//!
//!     cargo run --release -p cairn-core --example pack DIR HOME

use std::path::Path;
use std::time::Instant;

use cairn_core::store::Store;
use cairn_core::tar::{Owners, write_tree};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, home] = arguments.as_slice() else { return Err("usage: pack DIR HOME".into()) };
    let store = Store::open(Path::new(home))?;
    let start = Instant::now();
    let blob = write_tree(Path::new(dir), &Owners::Disk, store.blob_writer()?)?;
    let (digest, size) = blob.commit(None)?;
    let packed = start.elapsed();
    store.sync()?;
    let synced = start.elapsed() - packed;
    println!("{digest} {size} bytes: packed in {packed:.2?}, synced in {synced:.2?}");
    Ok(())
}
