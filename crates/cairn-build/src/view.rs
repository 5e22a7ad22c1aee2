//! Several trees seen as one file system, as overlayfs would show them.
//!
//! ```text
//!   layers[0]   usr/bin/cc            ┐
//!   layers[1]   usr/  etc/passwd      ├─>  one View: etc/passwd, usr/bin/cc, usr/lib
//!   layers[2]   usr/lib  etc/group(x) ┘
//! ```
//!
//! The topmost tree that has a name wins; directories of the same path merge; a
//! whiteout or an opaque directory hides what is below. No mount is needed, so an
//! ordinary user reads stages as root does.
//!
//! Every path is walked here, component by component, and symbolic links are resolved
//! inside the view: `..` stops at its root and an absolute target starts there. The
//! kernel never follows a link on our behalf (files are opened with
//! `RESOLVE_NO_SYMLINKS`), so no link in a hostile tree leads outside.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use cairn_core::containerfile::ignore::Patterns;
use rustix::fs::{Mode, OFlags, ResolveFlags};

use crate::owner::{self, LinkOwners, Owner, Ownership};

/// How many links one path may go through, as in the kernel.
const MAX_LINKS: usize = 40;

/// A path inside a view: without leading slash, without `.` and `..`; empty is the root.
pub type Inner = Vec<u8>;

/// The merged file system.
#[derive(Clone, Debug)]
pub struct View {
    /// Topmost first.
    layers: Vec<Arc<Layer>>,
    ownership: Ownership,
}

/// One tree of a view.
#[derive(Debug)]
pub struct Layer {
    root: PathBuf,
    links: LinkOwners,
    /// Whiteouts and opaque directories are looked for.
    marks: bool,
    /// A person's own folder: everything counts as root's, made at the epoch.
    folder: bool,
    /// Of a file's permissions only counts whether it is executable.
    plain_modes: bool,
    /// What is not seen at all (an ignore file).
    hidden: Patterns,
    handle: OnceLock<OwnedFd>,
}

/// A file, directory or link of a view.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is.
    pub path: Inner,
    /// What it is; of a directory, as the topmost tree has it.
    pub meta: Metadata,
    layer: usize,
    /// For a directory: the trees that have a part of it, topmost first.
    parts: Vec<usize>,
}

impl Layer {
    /// A tree of the store, with the owners of its links. `marks`: it may remove
    /// something from the trees below it.
    pub fn tree(root: PathBuf, links: LinkOwners, marks: bool) -> Self {
        let (hidden, handle) = Default::default();
        Self { root, links, marks, folder: false, plain_modes: false, hidden, handle }
    }

    /// A person's own folder, without what `hidden` fits: everything in it counts as
    /// root's, and its times as the epoch. Unless `exact_modes`, of the permissions
    /// only counts whether a file is executable: the rest depends on a person's umask.
    pub fn folder(root: PathBuf, hidden: Patterns, exact_modes: bool) -> Self {
        let (links, handle) = Default::default();
        Self { root, links, marks: false, folder: true, plain_modes: !exact_modes, hidden, handle }
    }

    fn disk(&self, path: &[u8]) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(OsStr::from_bytes(path)) }
    }

    fn handle(&self) -> io::Result<&OwnedFd> {
        if let Some(handle) = self.handle.get() {
            return Ok(handle);
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(&self.root, flags, Mode::empty())?;
        Ok(self.handle.get_or_init(|| handle))
    }

    fn lstat(&self, path: &[u8]) -> io::Result<Option<Metadata>> {
        match fs::symlink_metadata(self.disk(path)) {
            Ok(meta) => Ok(Some(meta)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
            // What cannot have a name does not exist.
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => Ok(None),
            Err(error) => Err(at(&self.disk(path), error)),
        }
    }

    fn opaque(&self, path: &[u8], meta: &Metadata) -> io::Result<bool> {
        Ok(self.marks && owner::is_opaque(&self.disk(path), meta)?)
    }

    fn is_whiteout(&self, meta: &Metadata) -> bool {
        self.marks && owner::is_whiteout(meta)
    }

    /// Whether the ignore file hides `path`. A directory that fits is still seen if
    /// a `!` line brings something in it back.
    fn is_hidden(&self, path: &[u8], meta: &Metadata) -> io::Result<bool> {
        if self.hidden.is_empty() || path.is_empty() || !self.hidden.fit(&String::from_utf8_lossy(path)) {
            return Ok(false);
        }
        if !meta.is_dir() || !self.hidden.has_negation() {
            return Ok(true);
        }
        for entry in fs::read_dir(self.disk(path))? {
            let entry = entry?;
            let inner = join(path, entry.file_name().as_bytes());
            if !self.is_hidden(&inner, &entry.metadata()?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl View {
    /// The view of `layers`, topmost first. None at all is an empty root.
    pub fn new(layers: Vec<Arc<Layer>>, ownership: Ownership) -> Self {
        Self { layers, ownership }
    }

    /// The same with one more tree on top.
    pub fn under(&self, top: Arc<Layer>) -> Self {
        let layers = std::iter::once(top).chain(self.layers.iter().cloned()).collect();
        Self { layers, ownership: self.ownership }
    }

    /// The root directory; `None` if there is no tree at all.
    pub fn root(&self) -> io::Result<Option<Node>> {
        let mut root = Joining::default();
        for (index, layer) in self.layers.iter().enumerate() {
            let meta = fs::symlink_metadata(&layer.root).map_err(|e| at(&layer.root, e))?;
            root.add(self, index, meta, b"")?;
        }
        Ok(root.finish(Inner::new()))
    }

    /// The entry `name` of the directory `dir`.
    pub fn child(&self, dir: &Node, name: &[u8]) -> io::Result<Option<Node>> {
        let path = join(&dir.path, name);
        let mut found = Joining::default();
        for &index in &dir.parts {
            if let Some(meta) = self.layers[index].lstat(&path)? {
                found.add(self, index, meta, &path)?;
                if found.closed {
                    break;
                }
            }
        }
        Ok(found.finish(path))
    }

    /// All entries of `dir`, sorted by the bytes of their names.
    pub fn children(&self, dir: &Node) -> io::Result<Vec<Node>> {
        let mut names: BTreeMap<Vec<u8>, Joining> = BTreeMap::new();
        for &index in &dir.parts {
            let disk = self.layers[index].disk(&dir.path);
            for entry in fs::read_dir(&disk).map_err(|e| at(&disk, e))? {
                let entry = entry.map_err(|e| at(&disk, e))?;
                let name = entry.file_name().into_vec();
                let path = join(&dir.path, &name);
                let joining = names.entry(name).or_default();
                if !joining.closed {
                    let meta = entry.metadata().map_err(|e| at(&entry.path(), e))?;
                    joining.add(self, index, meta, &path)?;
                }
            }
        }
        let nodes = names.into_iter().filter_map(|(name, joining)| {
            let path = join(&dir.path, &name);
            joining.finish(path)
        });
        Ok(nodes.collect())
    }

    /// Walks `path` from the root. Links on the way are followed inside the view, the
    /// last one only if `follow`. `None` if there is nothing.
    pub fn lookup(&self, path: &[u8], follow: bool) -> io::Result<Option<Node>> {
        Ok(self.walk(path, follow)?.1)
    }

    /// As [`View::lookup`] with the last link followed, and also says where the path
    /// ends: what does not exist is taken as it is written.
    pub fn locate(&self, path: &[u8]) -> io::Result<(Inner, Option<Node>)> {
        self.walk(path, true)
    }

    fn walk(&self, path: &[u8], follow: bool) -> io::Result<(Inner, Option<Node>)> {
        let mut todo: Vec<Vec<u8>> = components(path).rev().map(<[u8]>::to_vec).collect();
        let mut trail: Vec<Node> = self.root()?.into_iter().collect();
        // Names that do not exist; once there is one, links end.
        let mut missing: Vec<Vec<u8>> = Vec::new();
        let mut links = 0;
        while let Some(name) = todo.pop() {
            if name == b".." {
                if missing.pop().is_none() && trail.len() > 1 {
                    trail.pop();
                }
                continue;
            }
            let Some(dir) = trail.last().filter(|_| missing.is_empty()) else {
                missing.push(name);
                continue;
            };
            match self.child(dir, &name)? {
                None => missing.push(name),
                Some(node) if node.meta.is_symlink() && (follow || !todo.is_empty()) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(looping(path));
                    }
                    let target = self.read_link(&node)?;
                    if target.first() == Some(&b'/') {
                        trail.truncate(1);
                    }
                    todo.extend(components(&target).rev().map(<[u8]>::to_vec));
                }
                Some(node) => trail.push(node),
            }
        }
        if missing.is_empty() {
            let node = trail.pop();
            return Ok((node.as_ref().map(|n| n.path.clone()).unwrap_or_default(), node));
        }
        let start = trail.last().map(|node| node.path.clone()).unwrap_or_default();
        Ok((missing.iter().fold(start, |path, name| join(&path, name)), None))
    }

    /// The target of a symbolic link, as it is written.
    pub fn read_link(&self, node: &Node) -> io::Result<Vec<u8>> {
        let disk = self.disk(node);
        let target = fs::read_link(&disk).map_err(|e| at(&disk, e))?;
        Ok(target.into_os_string().into_vec())
    }

    /// Opens a regular file for reading. The kernel follows no link.
    pub fn open(&self, node: &Node) -> io::Result<File> {
        let open = || {
            rustix::fs::openat2(
                self.layers[node.layer].handle()?,
                OsStr::from_bytes(&node.path),
                OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK,
                Mode::empty(),
                ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
            )
            .map_err(|error| at(&self.disk(node), error.into()))
        };
        let file = match open() {
            // The mode is the image's; on disk the file is ours whatever it says.
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied
                    && self.ownership == Ownership::Logical =>
            {
                owner::with_mode(&self.disk(node), &node.meta, 0o400, open)?
            }
            result => result?,
        };
        Ok(File::from(file))
    }

    /// Reads a whole regular file of at most `limit` bytes.
    pub fn read(&self, node: &Node, limit: u64) -> io::Result<Vec<u8>> {
        use io::Read;
        let mut data = Vec::new();
        self.open(node)?.take(limit + 1).read_to_end(&mut data)?;
        if data.len() as u64 > limit {
            return Err(io::Error::other(format!("more than {limit} bytes")));
        }
        Ok(data)
    }

    /// Who owns it in the image.
    pub fn owner(&self, node: &Node) -> io::Result<Owner> {
        let layer = &self.layers[node.layer];
        if layer.folder {
            return Ok((0, 0));
        }
        self.ownership.get(&self.disk(node), &node.meta, &node.path, &layer.links)
    }

    /// Permissions with set-id and sticky bits.
    pub fn mode(&self, node: &Node) -> u32 {
        if !self.layers[node.layer].plain_modes {
            return node.meta.mode() & 0o7777;
        }
        let plain = node.meta.is_file() && node.meta.mode() & 0o100 == 0;
        if plain { 0o644 } else { 0o755 }
    }

    /// When it was last changed, as seconds and nanoseconds.
    pub fn mtime(&self, node: &Node) -> (i64, i64) {
        if self.layers[node.layer].folder {
            return (0, 0);
        }
        (node.meta.mtime(), node.meta.mtime_nsec())
    }

    /// Where it is on disk; of a directory, its topmost part.
    pub fn disk(&self, node: &Node) -> PathBuf {
        self.layers[node.layer].disk(&node.path)
    }

    /// How owners are read.
    pub fn ownership(&self) -> Ownership {
        self.ownership
    }
}

/// An entry being put together from several trees, topmost first.
#[derive(Default)]
struct Joining {
    first: Option<(usize, Metadata)>,
    parts: Vec<usize>,
    closed: bool,
}

impl Joining {
    fn add(&mut self, view: &View, index: usize, meta: Metadata, path: &[u8]) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let layer = &view.layers[index];
        if layer.is_hidden(path, &meta)? {
            return Ok(());
        }
        if meta.is_dir() {
            self.closed = layer.opaque(path, &meta)?;
            self.parts.push(index);
        } else {
            self.closed = true;
            if self.first.is_some() || layer.is_whiteout(&meta) {
                return Ok(());
            }
        }
        self.first.get_or_insert((index, meta));
        Ok(())
    }

    fn finish(self, path: Inner) -> Option<Node> {
        let (layer, meta) = self.first?;
        Some(Node { path, meta, layer, parts: self.parts })
    }
}

impl Node {
    /// The last part of its path; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Equal for two names of the same file, as far as one tree is concerned.
    pub fn identity(&self) -> (u64, u64) {
        (self.meta.dev(), self.meta.ino())
    }
}

fn looping(path: &[u8]) -> io::Error {
    let path = String::from_utf8_lossy(path);
    let path = path.trim_start_matches('/');
    io::Error::other(format!("/{path}: its symbolic links have no end"))
}

/// The parts of a path; empty ones and `.` are none.
pub fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}

/// `dir/name`.
pub fn join(dir: &[u8], name: &[u8]) -> Inner {
    if dir.is_empty() {
        return name.to_vec();
    }
    [dir, b"/", name].concat()
}

/// Adds the path to an error of the operating system.
pub fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
