//! Files that a lowered Containerfile needs in its context.

use cairn_core::digest::Digest;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// One file that is put into the context under a path of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFile {
    /// Relative to the context.
    pub path: String,
    /// Permission bits: old engines take them from the context.
    pub mode: u32,
    /// What is in it.
    pub content: Content,
}

/// Where a file's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The recipe itself.
    Bytes(Vec<u8>),
    /// A source in the store, verified when it came.
    Source(Digest),
    /// Nothing: an empty directory.
    Directory,
    /// A file of the package itself, by its path there, under another mode.
    Own(String),
}

impl ContextFile {
    /// A here-document; its path is filled in by whoever places it.
    pub fn bytes(mode: u32, data: &[u8]) -> ContextFile {
        ContextFile { path: String::new(), mode, content: Content::Bytes(data.to_vec()) }
    }

    /// A source; its path is filled in by whoever places it.
    pub fn source(mode: u32, digest: Digest) -> ContextFile {
        ContextFile { path: String::new(), mode, content: Content::Source(digest) }
    }

    /// An empty directory; its path is filled in by whoever places it.
    pub fn directory() -> ContextFile {
        ContextFile { path: String::new(), mode: 0o755, content: Content::Directory }
    }

    /// One of the package's files; its path is filled in by whoever places it.
    pub fn own(mode: u32, path: &str) -> ContextFile {
        ContextFile { path: String::new(), mode, content: Content::Own(path.to_owned()) }
    }

    /// Writes it below `context`. `source` gives the place of a source file, `own` is
    /// the package's folder.
    pub fn place(
        &self,
        context: &Path,
        own: &Path,
        source: &dyn Fn(&Digest) -> io::Result<Box<Path>>,
    ) -> io::Result<()> {
        let target = context.join(&self.path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        match &self.content {
            Content::Bytes(bytes) => fs::write(&target, bytes)?,
            Content::Directory => fs::create_dir(&target)?,
            Content::Own(path) => {
                fs::copy(own.join(path), &target)?;
            }
            // A copy, not a link: an engine may be allowed to write into its context.
            Content::Source(digest) => {
                fs::copy(source(digest)?, &target)?;
            }
        }
        fs::set_permissions(&target, fs::Permissions::from_mode(self.mode))
    }
}
