//! Holds our config and manifest against those that a real BuildKit wrote.
//!
//! `tests/golden/record` made the documents; none of them comes from our own code. The
//! whole way from a Containerfile to these digests is tested with the engine.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_core::containerfile::parse;
use cairn_core::digest::Digest;
use cairn_core::image;
use cairn_core::plan::plan;
use cairn_core::tar::{Accept, Owners, Reader, Writer, extract, write_tree};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// Each case's digests: manifest, config, layers.
fn expected() -> BTreeMap<String, Vec<Digest>> {
    let text = fs::read_to_string(golden().join("expected.txt")).expect("expected.txt is there");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, digests) = line.split_once(' ').expect("a name and digests");
            let digests = digests.split(' ').map(|digest| digest.parse().expect("a digest"));
            (name.to_owned(), digests.collect())
        })
        .collect()
}

#[test]
fn every_document_of_buildkit_is_read_and_written_back_to_the_byte() {
    let expected = expected();
    assert!(expected.len() >= 60, "only {} cases", expected.len());
    for (name, digests) in expected {
        let document = |kind: &str| {
            let path = golden().join(format!("documents/{name}.{kind}.json"));
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let (manifest, config) = (document("manifest"), document("config"));
        let image = image::read(&manifest, &config).unwrap_or_else(|e| panic!("{name}: {e}"));
        let written = image::assemble(&image.config, &image.layers);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&written.config_bytes), text(&config), "{name}");
        assert_eq!(text(&written.manifest_bytes), text(&manifest), "{name}");
        assert_eq!(written.manifest_digest, digests[0], "{name}");
        assert_eq!(written.config_digest, digests[1], "{name}");
        let layers: Vec<Digest> = image.layers.iter().map(|layer| layer.digest).collect();
        assert_eq!(layers, digests[2..], "{name}");
    }
}

#[test]
fn every_containerfile_is_planned_to_buildkits_config_and_history() {
    let mut failures = Vec::new();
    for name in expected().keys() {
        let path = golden().join(format!("cases/{name}.Containerfile"));
        let text = fs::read_to_string(&path).expect("the case is there");
        let planned = parse(name, &text).and_then(|recipe| plan(&recipe, None, &BTreeMap::new(), &|_| None));
        let config = match planned {
            Ok(plan) => plan.stages.last().expect("there is a target").config.clone(),
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        let document = |kind| golden().join(format!("documents/{name}.{kind}.json"));
        let manifest = fs::read(document("manifest")).expect("the document is there");
        let expected = fs::read(document("config")).expect("the document is there");
        let layers = image::read(&manifest, &expected).expect("checked above").layers;
        let got = image::assemble(&config, &layers).config_bytes;
        if got != expected {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            failures.push(format!("{name}:\n  got      {}\n  expected {}", text(&got), text(&expected)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Needs `tests/golden/record DIR` to have run and `CAIRN_GOLDEN_IMAGES=DIR/shared/images`:
/// the layers themselves are too large to keep in the tree.
#[test]
#[ignore = "needs the recorded images: see the comment"]
fn every_layer_of_buildkit_is_read_and_written_back_to_the_byte() {
    let images = std::env::var_os("CAIRN_GOLDEN_IMAGES").expect("CAIRN_GOLDEN_IMAGES is set");
    let mut failures = Vec::new();
    for (name, digests) in expected() {
        for digest in &digests[2..] {
            let blobs = Path::new(&images).join(&name).join("blobs/sha256");
            let layer = blobs.join(digest.hex());
            match rewrite(&layer).and_then(|got| Ok((got, unpack_and_pack(&layer)?))) {
                Ok((rewritten, packed)) if rewritten == *digest && packed == *digest => {}
                Ok((rewritten, packed)) => {
                    failures.push(format!("{name}: {digest}: {rewritten} {packed}"));
                }
                Err(error) => failures.push(format!("{name}: {digest}: {error}")),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Reads a layer entry by entry and writes it again.
fn rewrite(layer: &Path) -> io::Result<Digest> {
    let file = BufReader::new(File::open(layer)?);
    let mut reader = Reader::new(file, Accept::Canonical);
    let mut writer = Writer::new(Vec::new());
    while let Some(entry) = reader.next_entry().map_err(io::Error::other)? {
        writer.append(&entry, &mut reader).map_err(io::Error::other)?;
    }
    Ok(Digest::of(&writer.finish().map_err(io::Error::other)?))
}

/// Unpacks a layer into a directory and packs that.
fn unpack_and_pack(layer: &Path) -> io::Result<Digest> {
    let dir = std::env::temp_dir().join(format!("cairn-golden-{}", std::process::id()));
    fs::create_dir(&dir)?;
    let file = BufReader::new(File::open(layer)?);
    let owners = if rustix::process::geteuid().is_root() {
        Owners::Disk
    } else {
        Owners::Logical { default: (0, 0), others: BTreeMap::new() }
    };
    let packed = extract(&mut Reader::new(file, Accept::Layer), &dir, &owners)
        .map_err(io::Error::other)
        .and_then(|owners| write_tree(&dir, &owners, Vec::new()).map_err(io::Error::other));
    // Without privileges, directories that forbid it must be opened first.
    Command::new("chmod").args(["-R", "u+rwx"]).arg(&dir).status()?;
    fs::remove_dir_all(&dir)?;
    Ok(Digest::of(&packed?))
}
