//! Another engine's layer, said in canonical bytes.
//!
//! Engines differ in order, times, user names, file-type bits in the mode, padding and
//! which of several hard-linked paths they call the file. None of it is content. The
//! contents go through an unlinked scratch file, because the canonical order is not
//! the order in which they come; what is in memory is the list of entries.

use cairn_core::tar::{Accept, Entry, Kind, ReadError, Reader, WriteError, Writer, order};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Why a layer cannot be said canonically.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum NormalError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("{path}: a hard link to {target}, which is not in the same layer")]
    LinkOut { path: String, target: String },
    #[error("cannot use the scratch file: {0}")]
    Scratch(#[from] io::Error),
}

/// One path of the layer; links share `content` with their file.
struct Node {
    entry: Entry,
    content: Option<Content>,
}

/// The bytes of a file, however many paths it has.
#[derive(Clone, Copy)]
struct Content {
    /// Which node was the file; empty files have one place and are still different.
    file: usize,
    /// Where its bytes are in the scratch file.
    start: u64,
}

/// Reads a layer from `from` and writes it canonically to `to`. `scratch` is an empty,
/// unnamed file. `adjust` may change the metadata of an entry, and only that.
pub fn normalise<W: Write>(
    from: impl Read,
    mut scratch: File,
    adjust: &dyn Fn(&mut Entry),
    to: W,
) -> Result<W, NormalError> {
    let mut nodes = collect(from, &mut scratch, adjust)?;
    nodes.sort_by(|a, b| order(&a.entry.path, &b.entry.path));
    relink(&mut nodes);
    let mut writer = Writer::new(to);
    for node in &nodes {
        match (&node.entry.kind, node.content) {
            (Kind::File { size }, Some(content)) => {
                scratch.seek(SeekFrom::Start(content.start))?;
                writer.append(&node.entry, &mut (&scratch).take(*size))?;
            }
            _ => writer.append(&node.entry, &mut io::empty())?,
        }
    }
    Ok(writer.finish()?)
}

fn collect(
    from: impl Read,
    scratch: &mut File,
    adjust: &dyn Fn(&mut Entry),
) -> Result<Vec<Node>, NormalError> {
    let mut reader = Reader::new(from, Accept::Layer);
    let mut nodes: Vec<Node> = Vec::new();
    let mut by_path: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut end = 0;
    while let Some(mut entry) = reader.next_entry()? {
        let content = match &entry.kind {
            Kind::File { size } => {
                let content = Content { file: nodes.len(), start: end };
                end += size;
                io::copy(&mut reader, scratch)?;
                Some(content)
            }
            Kind::Hardlink { target } => {
                let file = by_path.get(target).and_then(|index| nodes.get(*index));
                let Some(file) = file else {
                    return Err(NormalError::LinkOut {
                        path: String::from_utf8_lossy(&entry.path).into_owned(),
                        target: String::from_utf8_lossy(target).into_owned(),
                    });
                };
                // Whatever the header of a link says, it has the file's metadata.
                entry = Entry { path: entry.path, ..file.entry.clone() };
                file.content
            }
            _ => None,
        };
        adjust(&mut entry);
        by_path.insert(entry.path.clone(), nodes.len());
        nodes.push(Node { entry, content });
    }
    Ok(nodes)
}

/// Of the paths that share their bytes, the first becomes the file, the others links.
fn relink(nodes: &mut [Node]) {
    let mut first: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    for node in nodes {
        let Some(content) = node.content else { continue };
        match first.get(&content.file) {
            Some(target) => node.entry.kind = Kind::Hardlink { target: target.clone() },
            None => {
                first.insert(content.file, node.entry.path.clone());
            }
        }
    }
}
