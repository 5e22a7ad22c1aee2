//! What a package is: a digest of all that its image can depend on.
//!
//! The digest is the SHA-256 of this text, in which every line ends in a line feed:
//!
//! ```text
//! cairn definition 1
//! package core/zlib
//! arg NAME LENGTH                          only if one was given; then VALUE and a
//! VALUE                                    line feed
//! recipe sha256:… Containerfile            its content
//! file 644 sha256:… patches/0001-x.patch   755 if its owner may execute it
//! link sha256:… files/a                    the digest of the target's name
//! dir files/empty                          only directories with nothing in them
//! source sha256:…                          the checksum of every ADD from the network
//! image core/gcc sha256:…                  the manifest of every image it is built from
//! ```
//!
//! `file`, `link` and `dir` are the context without what the ignore file hides, in one
//! list sorted by path. The other lines are sorted too, packages before other images.
//! No address of a source is in it, no path outside the package, and no argument that
//! changes nothing.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::digest::Digest;
use crate::plan::{DEBIAN_MIRROR, ImageRef};
use crate::tree::{FileKind, Name, Package, RECIPE};

/// The digest of the definition, given the images of all its dependencies.
///
/// # Panics
///
/// If an image of a dependency is missing.
pub fn definition_digest(package: &Package, dependencies: &BTreeMap<Name, Digest>) -> Digest {
    Digest::of(definition_list(package, dependencies).as_bytes())
}

/// The text that [`definition_digest`] hashes.
pub fn definition_list(package: &Package, dependencies: &BTreeMap<Name, Digest>) -> String {
    let mut text = format!("cairn definition 1\npackage {}\n", package.name);
    let counts = |name: &str| !matches!(name, DEBIAN_MIRROR | "SOURCE_DATE_EPOCH");
    for (name, value) in package.args.iter().filter(|(name, _)| counts(name)) {
        line(&mut text, format_args!("arg {name} {}\n{value}", value.len()));
    }
    if let FileKind::File { digest, .. } = &package.containerfile.kind {
        line(&mut text, format_args!("recipe {digest} {RECIPE}"));
    }
    for entry in &package.files {
        let path = &entry.path;
        match &entry.kind {
            FileKind::File { digest, executable } => {
                let mode = if *executable { 755 } else { 644 };
                line(&mut text, format_args!("file {mode} {digest} {path}"));
            }
            FileKind::Link { target } => {
                line(&mut text, format_args!("link {} {path}", Digest::of(target.as_bytes())));
            }
            FileKind::EmptyDir => line(&mut text, format_args!("dir {path}")),
        }
    }
    for checksum in package.needs.sources.keys() {
        line(&mut text, format_args!("source {checksum}"));
    }
    for image in package.needs.images.keys() {
        let manifest = match image {
            ImageRef::Digest { digest, .. } => digest,
            ImageRef::Package(name) => {
                dependencies.get(name).expect("the image of every dependency is given")
            }
        };
        line(&mut text, format_args!("image {image} {manifest}"));
    }
    text
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "{content}").expect("a string takes all that is written");
}
