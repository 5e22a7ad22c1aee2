//! The package's own directory, as COPY sees it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_core::containerfile::ignore::{IGNORE_FILES, Patterns};
use cairn_core::containerfile::wildcard::{has_wildcards, unescape};
use cairn_core::tree::BESIDE;

use crate::copy;
use crate::owner::Ownership;
use crate::steps::Key;
use crate::view::{Layer, View, components};

/// The directory with what its ignore file hides taken away.
#[derive(Debug)]
pub struct Context {
    view: View,
}

impl Context {
    /// The context in `dir`.
    pub fn open(dir: &Path, ownership: Ownership, exact_modes: bool) -> Result<Self, copy::Error> {
        let hidden = ignored(dir)?;
        let layer = Arc::new(Layer::folder(PathBuf::from(dir), hidden, exact_modes));
        Ok(Self { view: View::new(vec![layer], ownership) })
    }

    /// Its files.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Adds to `key` all that `sources` can reach: names, kinds and contents.
    pub fn add_to(&self, key: &mut Key, sources: &[String]) -> io::Result<()> {
        for source in sources {
            let fixed: Vec<&str> = source
                .split('/')
                .filter(|part| !part.is_empty() && *part != ".")
                .take_while(|part| !has_wildcards(part))
                .collect();
            let path = unescape(&fixed.join("/"));
            key.text(&path);
            if let Some(node) = self.view.lookup(path.as_bytes(), true)? {
                self.add_node(key, &node)?;
            }
        }
        Ok(())
    }

    fn add_node(&self, key: &mut Key, node: &crate::view::Node) -> io::Result<()> {
        key.bytes(&node.path).number(self.view.mode(node).into());
        if node.meta.is_dir() {
            for child in self.view.children(node)? {
                self.add_node(key, &child)?;
            }
            key.text("end");
        } else if node.meta.is_symlink() {
            let target = self.view.read_link(node)?;
            key.text("link").bytes(&target);
            // A link that is copied itself needs no more; one that is followed leads
            // to another file of this folder.
            // One that leads in circles leads nowhere.
            let end = self.view.lookup(&node.path, true).unwrap_or_default();
            if let Some(end) = end.filter(|end| end.meta.is_file()) {
                self.add_content(key, &end)?;
            }
        } else if node.meta.is_file() {
            self.add_content(key, node)?;
        }
        Ok(())
    }

    fn add_content(&self, key: &mut Key, node: &crate::view::Node) -> io::Result<()> {
        let (digest, _) = cairn_core::digest::copy(self.view.open(node)?, io::sink())?;
        key.bytes(digest.as_bytes());
        Ok(())
    }
}

fn ignored(dir: &Path) -> Result<Patterns, copy::Error> {
    let mut text = String::new();
    for name in IGNORE_FILES {
        match fs::read_to_string(dir.join(name)) {
            Ok(found) => text = found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(crate::view::at(&dir.join(name), error).into()),
        }
        break;
    }
    // At the end, where nothing takes it back.
    for name in BESIDE {
        text += &format!("\n/{name}");
    }
    Ok(Patterns::ignore_file(&text)?)
}

/// Whether `path` means the whole root.
pub fn is_root(path: &str) -> bool {
    components(path.as_bytes()).next().is_none()
}
