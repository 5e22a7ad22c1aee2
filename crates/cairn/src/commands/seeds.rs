//! `cairn seeds NAME`: the opaque bytes that an image rests on.
//!
//! Opaque is what a person cannot read: a file of a definition that is no UTF-8 text or
//! has control characters, and every image from outside the tree. Everything else that
//! enters a build is text in this tree or a source archive with a stated hash.

use crate::args::{Global, Seeds};
use crate::commands::build;
use crate::error::{Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::digest::Digest;
use cairn_core::graph;
use cairn_core::json::Value;
use cairn_core::plan::ImageRef;
use cairn_core::tree::FileKind;
use std::fs;

/// One opaque thing.
struct Opaque {
    place: String,
    bytes: Option<u64>,
    digest: Digest,
}

pub fn run(global: &Global, args: &Seeds, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let tree = build::tree(&project, &project::store(global)?)?;
    let target = project::name(&args.name)?;
    build::known(&tree, &target)?;
    let order = graph::order(&tree, std::slice::from_ref(&target))
        .map_err(doing(format!("order what {target} needs")))?;
    let mut found = Vec::new();
    let mut sources = 0;
    for node in &order {
        let package = &tree.packages[&node.name];
        for file in &package.files {
            let FileKind::File { digest, .. } = file.kind else { continue };
            let path = package.dir.join(&file.path);
            let bytes = fs::read(&path).map_err(doing(format!("read {}", path.display())))?;
            if !is_text(&bytes) {
                let place = format!("packages/{}/{}", node.name, file.path);
                found.push(Opaque { place, bytes: Some(bytes.len() as u64), digest });
            }
        }
        sources += package.needs.sources.len();
        for image in package.foreign_images() {
            if let ImageRef::Digest { name, digest } = image {
                found.push(Opaque { place: name.clone(), bytes: None, digest: *digest });
            }
        }
    }
    show(&found, order.len(), sources, output);
    Ok(())
}

/// Readable by a person: UTF-8 without control characters but tab and line ends.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|t| !t.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')))
}

fn show(found: &[Opaque], packages: usize, sources: usize, output: Output) {
    if output.json {
        for o in found {
            let bytes = o.bytes.map_or(Value::Null, |b| Value::Number(b as i64));
            let value = Value::object([
                ("opaque", Value::from(o.place.as_str())),
                ("bytes", bytes),
                ("sha256", Value::from(o.digest.to_string())),
            ]);
            println!("{}", value.compact());
        }
        return;
    }
    for o in found {
        let bytes = o.bytes.map_or("an image from outside the tree".to_owned(), |b| format!("{b} bytes"));
        println!("{}: {bytes}, {}", o.place, o.digest);
    }
    match found {
        [] => println!("opaque bytes: none"),
        [one] if one.bytes.is_some() => {
            println!("opaque bytes: the seed, {} bytes, nothing else", one.bytes.unwrap_or_default());
        }
        many => println!("opaque things: {}", many.len()),
    }
    output.note(&format!("(from {packages} definitions and {sources} source archives)"));
}
