//! How long it takes to see that nothing has changed in a tree of 500 packages.
//!
//!     cargo bench -p cairn-core --bench tree
//!
//! Every package has a Containerfile of five stages, four patches and two files; each
//! needs up to eight others. Printed is the best of several runs, and the parts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use cairn_core::digest::Digest;
use cairn_core::graph;
use cairn_core::tree::{Name, StatCache, Tree};

const PACKAGES: usize = 500;
const RUNS: usize = 20;

fn main() {
    let dir = std::env::temp_dir().join(format!("cairn-bench-tree-{}", std::process::id()));
    generate(&dir);
    let cache = dir.join("cache");
    let cold = Instant::now();
    load(&dir, &cache);
    println!("cold, every file hashed  {:>7.1} ms", milliseconds(cold.elapsed()));
    let mut best = [Duration::MAX; 2];
    for _ in 0..RUNS {
        let started = Instant::now();
        let tree = load(&dir, &cache);
        let loaded = started.elapsed();
        digests(&tree);
        let done = started.elapsed();
        if done < best[1] {
            best = [loaded, done];
        }
    }
    println!("nothing changed, loaded  {:>7.1} ms", milliseconds(best[0]));
    println!("    and all definitions  {:>7.1} ms", milliseconds(best[1]));
    fs::remove_dir_all(&dir).expect("the tree is ours");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn load(dir: &Path, cache: &Path) -> Tree {
    let later = SystemTime::now() + Duration::from_secs(1);
    let stat = StatCache::read(cache, later);
    let tree = Tree::load_with(&dir.join("packages"), BTreeMap::new(), &stat).expect("a tree");
    stat.write(cache).expect("a cache can be written");
    assert_eq!((tree.packages.len(), tree.broken.len()), (PACKAGES, 0));
    tree
}

fn digests(tree: &Tree) -> BTreeMap<Name, Digest> {
    let all: Vec<Name> = tree.packages.keys().cloned().collect();
    let mut images = BTreeMap::new();
    for node in graph::order(tree, &all).expect("an order") {
        let definition = graph::definition_digest(&tree.packages[&node.name], &images);
        images.insert(node.name, definition);
    }
    images
}

fn generate(dir: &Path) {
    for number in 0..PACKAGES {
        let needs = (1..=8).map(|step| number / (step + 1)).filter(|need| *need < number);
        let mut needs: Vec<usize> = needs.collect();
        needs.dedup();
        let package = dir.join(format!("packages/group{}/package{number}", number % 10));
        fs::create_dir_all(package.join("patches")).expect("a directory can be made");
        fs::create_dir_all(package.join("files")).expect("a directory can be made");
        for file in ["patches/1", "patches/2", "patches/3", "patches/4", "files/a", "files/b"] {
            let text = format!("{number} {file}\n").repeat(200);
            fs::write(package.join(file), text).expect("a file can be written");
        }
        fs::write(package.join("Containerfile"), recipe(number, &needs)).expect("a file can be written");
    }
}

fn recipe(number: usize, needs: &[usize]) -> String {
    let copies: String =
        needs.iter().map(|need| format!("COPY --from=group{}/package{need} . /\n", need % 10)).collect();
    let sum = Digest::of(&number.to_le_bytes());
    format!(
        "# package{number}: one of many, needed by those that follow.\n\
         FROM scratch AS meta\nARG VERSION=1.{number}\n\
         LABEL org.opencontainers.image.version=${{VERSION}} org.opencontainers.image.licenses=MIT\n\
         FROM meta AS base\n{copies}USER 1000:1000\nWORKDIR /home/user\n\
         FROM base AS fetch\n\
         ADD --checksum={sum} https://example.org/package{number}-${{VERSION}}.tar.gz .\n\
         COPY patches files ./\n\
         FROM fetch AS build\n\
         RUN <<EOF\ntar xzf package{number}-${{VERSION}}.tar.gz --strip-components=1\n\
         for patch in patches/*; do patch -p1 < \"$patch\"; done\n\
         ./configure --prefix=/usr --disable-static --without-documentation\nmake\nEOF\n\
         FROM build AS install\nUSER 0:0\nRUN make DESTDIR=/home/user/rootfs install\n\
         FROM meta AS package\nCOPY --from=install /home/user/rootfs /\n"
    )
}
