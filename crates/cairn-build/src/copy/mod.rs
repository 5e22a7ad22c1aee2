//! COPY, ADD and WORKDIR: one new tree from files of a view.
//!
//! The rules are BuildKit's (`docs/containerfile.md`); in short:
//!
//! ```text
//! source           destination       result
//! file f           d/ or existing d  d/f
//! file f           x (not there)     x
//! directory s      d                 what is in s goes into d
//! a link           -                 what it leads to, inside its own root
//! links inside s   -                 stay links
//! ```
//!
//! - Directories on the way to the destination are made with mode 0755; those that
//!   exist keep theirs. Directories *inside* a source directory give their owner and
//!   permissions also to existing ones.
//! - A file replaces a file or link; a directory never gives way to a file, nor
//!   anything else to a directory.
//! - Hard links within one source stay hard links.

pub mod archive;
pub mod packed;
pub mod upper;

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::MetadataExt;

use cairn_core::containerfile::ignore::{BadPattern, Patterns};
use cairn_core::containerfile::wildcard::{glob, has_wildcards, unescape};
use cairn_core::plan::{InlineFile, Mode};
use rustix::fs::FileType;

use crate::owner::Owner;
use crate::view::{Inner, Node, View, components, join};
use upper::{Attributes, Content, EPOCH, Upper, WriteError};

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("{0} does not exist in {1}")]
    Missing(String, String),
    #[error("{0} is an archive that cannot be unpacked as BuildKit would: {1}")]
    Archive(String, String),
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What to copy, all names resolved.
#[derive(Clone, Debug)]
pub struct Copy<'a> {
    /// Whose files, for messages: "the package's directory", "stage build".
    pub origin: String,
    /// Absolute paths, maybe with wildcards.
    pub sources: &'a [String],
    /// Files from the recipe itself.
    pub inline: &'a [InlineFile],
    /// Absolute; a trailing `/` says that it is a directory.
    pub dest: &'a str,
    /// Owner of all that is copied or made; that of the source if `None`.
    pub owner: Option<Owner>,
    /// Permissions of all that is copied.
    pub mode: Option<&'a Mode>,
    /// Sources keep their directories.
    pub parents: bool,
    /// What is left out.
    pub exclude: &'a [String],
    /// Archives are unpacked.
    pub unpack: bool,
}

impl Copy<'_> {
    /// Copies out of `from` into `to`.
    pub fn run(&self, from: &View, to: &mut Upper) -> Result<(), Error> {
        let exclude = Patterns::new(self.exclude)?;
        for source in self.sources {
            if self.parents {
                self.with_parents(from, to, source, &exclude)?;
                continue;
            }
            for path in expand(from, source)? {
                let name = components(&path).next_back().unwrap_or_default().to_vec();
                let Some(node) = from.lookup(&path, true)? else {
                    // The root of a stage without any file.
                    if path.is_empty() {
                        self.target(to, true, b"")?;
                        continue;
                    }
                    return Err(self.missing(&path));
                };
                if self.unpack && archive::unpack(self, from, &node, to)? {
                    continue;
                }
                self.one(from, to, &node, &name, &exclude, &Patterns::default())?;
            }
        }
        for file in self.inline {
            self.inline(to, file)?;
        }
        Ok(())
    }

    fn missing(&self, path: &[u8]) -> Error {
        Error::Missing(format!("/{}", String::from_utf8_lossy(path)), self.origin.clone())
    }

    /// `--parents`: the whole source tree from the pivot on, less what does not fit.
    fn with_parents(
        &self,
        from: &View,
        to: &mut Upper,
        source: &str,
        exclude: &Patterns,
    ) -> Result<(), Error> {
        let (root, wanted) = source.split_once("/./").unwrap_or(("/", source));
        let wanted = wanted.trim_start_matches('/').trim_end_matches('/');
        if !has_wildcards(root) && !has_wildcards(wanted) {
            let path = join(root.trim_matches('/').as_bytes(), unescape(wanted).as_bytes());
            from.lookup(&path, true)?.ok_or_else(|| self.missing(&path))?;
        }
        let only = if wanted.is_empty() { Patterns::default() } else { Patterns::new([wanted])? };
        for path in expand(from, root)? {
            let node = from.lookup(&path, true)?.ok_or_else(|| self.missing(&path))?;
            self.one(from, to, &node, b"", exclude, &only)?;
        }
        Ok(())
    }

    /// Copies one file, or what is in one directory. `name` is what it is called if
    /// the destination is a directory.
    fn one(
        &self,
        from: &View,
        to: &mut Upper,
        node: &Node,
        name: &[u8],
        exclude: &Patterns,
        only: &Patterns,
    ) -> Result<(), Error> {
        let target = self.target(to, node.meta.is_dir(), name)?;
        let mut walk =
            Walk { from, to, copy: self, exclude, only, first_names: HashMap::new(), waiting: Vec::new() };
        if !node.meta.is_dir() {
            return walk.leaf(node, &target);
        }
        walk.children(node, b"", &target)
    }

    /// Where a source goes. Directories on the way are made; links are followed.
    fn target(&self, to: &mut Upper, directory: bool, name: &[u8]) -> Result<Inner, Error> {
        let owner = self.owner.unwrap_or((0, 0));
        let dest = self.dest.as_bytes();
        let parent = dest.iter().rposition(|byte| *byte == b'/').map_or(dest, |i| &dest[..i]);
        to.make_directories(parent, owner)?;
        if directory {
            return Ok(to.make_directories(dest, owner)?);
        }
        let (mut path, there) = to.view().locate(dest)?;
        if there.is_some_and(|node| node.meta.is_dir()) {
            path = join(&path, name);
        }
        Ok(path)
    }

    fn inline(&self, to: &mut Upper, file: &InlineFile) -> Result<(), Error> {
        let name = components(file.name.as_bytes()).next_back().unwrap_or_default();
        self.bytes(to, name, &mut Content::Bytes(&file.data), 0o644)
    }

    /// Writes one file that is in no view, under `name` if the destination is a
    /// directory.
    pub fn bytes(
        &self,
        to: &mut Upper,
        name: &[u8],
        content: &mut Content<'_>,
        mode: u32,
    ) -> Result<(), Error> {
        let target = self.target(to, false, name)?;
        let mode = self.mode.map_or(mode, |change| change.apply(mode, false));
        let owner = self.owner.unwrap_or((0, 0));
        Ok(to.file(&target, content, &Attributes { owner, mode, mtime: EPOCH })?)
    }
}

/// The walk through one source directory.
struct Walk<'a, 'b> {
    from: &'a View,
    to: &'a mut Upper,
    copy: &'a Copy<'b>,
    exclude: &'a Patterns,
    /// With `--parents`: what is wanted. Empty is everything.
    only: &'a Patterns,
    /// First name in the new tree of each file that has several.
    first_names: HashMap<(u64, u64), Inner>,
    /// Directories that are made once something in them is wanted.
    waiting: Vec<(Node, Inner)>,
}

impl Walk<'_, '_> {
    fn children(&mut self, dir: &Node, relative: &[u8], target: &[u8]) -> Result<(), Error> {
        for node in self.from.children(dir)? {
            let relative = join(relative, node.name());
            let target = join(target, node.name());
            let text = String::from_utf8_lossy(&relative);
            let wanted = (self.only.is_empty() || self.only.fit(&text)) && !self.exclude.fit(&text);
            if wanted {
                for (node, target) in std::mem::take(&mut self.waiting) {
                    self.directory(&node, &target)?;
                }
            }
            match (node.meta.is_dir(), wanted) {
                (true, true) => {
                    self.directory(&node, &target)?;
                    self.children(&node, &relative, &target)?;
                }
                (true, false) => {
                    let depth = self.waiting.len();
                    self.waiting.push((node.clone(), target.clone()));
                    self.children(&node, &relative, &target)?;
                    self.waiting.truncate(depth);
                }
                (false, true) => self.leaf(&node, &target)?,
                (false, false) => {}
            }
        }
        Ok(())
    }

    fn attributes(&self, node: &Node) -> Result<Attributes, Error> {
        let owner = match self.copy.owner {
            Some(owner) => owner,
            None => self.from.owner(node)?,
        };
        let mode = match self.copy.mode {
            Some(change) => change.apply(self.from.mode(node), node.meta.is_dir()),
            None => self.from.mode(node),
        };
        Ok(Attributes { owner, mode, mtime: self.from.mtime(node) })
    }

    fn directory(&mut self, node: &Node, target: &[u8]) -> Result<(), Error> {
        let attributes = self.attributes(node)?;
        Ok(self.to.directory(target, &attributes)?)
    }

    /// Copies what is no directory.
    fn leaf(&mut self, node: &Node, target: &[u8]) -> Result<(), Error> {
        let attributes = self.attributes(node)?;
        if node.meta.is_symlink() {
            let link = self.from.read_link(node)?;
            return Ok(self.to.symlink(target, &link, &attributes)?);
        }
        if !node.meta.is_file() {
            let kind = FileType::from_raw_mode(node.meta.mode());
            // A socket belongs to a process that is gone.
            if kind == FileType::Socket {
                return Ok(());
            }
            return Ok(self.to.special(target, kind, node.meta.rdev(), &attributes)?);
        }
        if node.meta.nlink() > 1 {
            if let Some(first) = self.first_names.get(&node.identity()) {
                return Ok(self.to.hard_link(target, &first.clone())?);
            }
            self.first_names.insert(node.identity(), target.to_vec());
        }
        let file = self.from.open(node)?;
        Ok(self.to.file(target, &mut Content::File(&file), &attributes)?)
    }
}

/// The paths that `source` stands for, in order. Without wildcards it is itself,
/// whether it exists or not.
pub fn expand(view: &View, source: &str) -> Result<Vec<Inner>, Error> {
    let parts: Vec<&str> = source.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let Some(first) = parts.iter().position(|part| has_wildcards(part)) else {
        return Ok(vec![unescape(&parts.join("/")).into_bytes()]);
    };
    let base = unescape(&parts[..first].join("/")).into_bytes();
    let mut found = Vec::new();
    if let Some(node) = view.lookup(&base, true)? {
        search(view, &node, &parts[first..], &mut found)?;
    }
    Ok(found)
}

/// Adds what fits `parts` below `dir`, one component a level.
fn search(view: &View, dir: &Node, parts: &[&str], found: &mut Vec<Inner>) -> Result<(), Error> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if !dir.meta.is_dir() {
        return Ok(());
    }
    for node in view.children(dir)? {
        if !glob(part, &String::from_utf8_lossy(node.name())) {
            continue;
        }
        if rest.is_empty() {
            found.push(node.path);
        } else {
            search(view, &node, rest, found)?;
        }
    }
    Ok(())
}
