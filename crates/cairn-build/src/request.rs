//! All that decides what a RUN does, as plain data.
//!
//! ```text
//! Request ──key()──────> step key: the same request is never run twice
//!    └────to_sandbox()─> cairn_sandbox::Request: the same facts, with places on disk
//! ```
//!
//! What is not in here (the host's environment, users, names, clock, network) cannot
//! reach the command. Two machines with equal requests and equal trees give equal
//! results, as far as the command itself does.

use std::fs::File;
use std::path::{Path, PathBuf};

use cairn_core::digest::Digest;
use cairn_core::plan::InlineFile;
use cairn_sandbox as sandbox;

use crate::chain::{Chain, Trees};
use crate::steps::Key;

/// Where here-documents of a RUN appear, as in BuildKit.
const PIPES: &str = "/dev/pipes";

/// One RUN.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The files it sees.
    pub chain: Chain,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The environment, in order, without what the sandbox adds.
    pub env: Vec<(String, String)>,
    /// Absolute.
    pub cwd: String,
    /// Who runs it.
    pub uid: u32,
    /// Who runs it.
    pub gid: u32,
    /// What is mounted, in order.
    pub mounts: Vec<Mount>,
    /// Here-documents that are files.
    pub files: Vec<InlineFile>,
    /// The result becomes a layer.
    pub layer: bool,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq)]
pub enum Mount {
    /// Files of a chain, read-only.
    Tree {
        /// Whose files.
        chain: Chain,
        /// Absolute path in it.
        path: String,
        /// Absolute path inside.
        target: String,
    },
    /// A copy of files of a chain (or nothing), writable, thrown away afterwards.
    Scratch {
        /// Whose files; `None` is an empty directory.
        from: Option<(Chain, String)>,
        /// Permissions and owner of the directory, if it is an empty one.
        mode: u32,
        /// Owner of an empty one.
        owner: (u32, u32),
        /// Absolute path inside.
        target: String,
    },
    /// Memory.
    Tmpfs {
        /// Absolute path inside.
        target: String,
        /// Limit in bytes.
        size: Option<u64>,
    },
}

/// Places on disk for one run.
#[derive(Debug)]
pub struct Places {
    /// Receives what changes.
    pub upper: PathBuf,
    /// For overlayfs.
    pub work: PathBuf,
    /// Folder with the here-documents, by their number.
    pub files: PathBuf,
    /// What each [`Mount::Scratch`] binds, in order.
    pub scratch: Vec<PathBuf>,
    /// Takes the output.
    pub log: File,
}

/// What may differ between two runs that must give the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Processors that the command sees.
    pub cpus: u32,
    /// Host name, address layout and the like.
    pub conditions: sandbox::Conditions,
    /// Ceilings.
    pub limits: sandbox::Limits,
}

impl Default for Circumstances {
    fn default() -> Self {
        Self { cpus: 1, conditions: sandbox::Conditions::default(), limits: sandbox::Limits::default() }
    }
}

impl Request {
    /// Names the result. [`Circumstances`] are not in it: they must not matter.
    pub fn key(&self) -> Digest {
        let mut key = Key::new("run 1");
        key.digests(&self.chain.ids())
            .list(&self.argv, |key, word| {
                key.text(word);
            })
            .list(&self.env, |key, (name, value)| {
                key.text(name).text(value);
            })
            .text(&self.cwd)
            .number(self.uid.into())
            .number(self.gid.into())
            .list(&self.mounts, |key, mount| mount.add_to(key))
            .list(&self.files, |key, file| {
                key.text(&file.name).bytes(&file.data);
            })
            .number(self.layer.into());
        key.finish()
    }

    /// The request to the sandbox.
    pub fn to_sandbox(
        &self,
        trees: &Trees,
        places: Places,
        circumstances: &Circumstances,
    ) -> sandbox::Request {
        let mut scratch = places.scratch.iter();
        let mut mounts: Vec<sandbox::Mount> = Vec::new();
        for mount in &self.mounts {
            mounts.push(match mount {
                Mount::Tree { chain, path, target } => sandbox::Mount::Tree {
                    lower: trees.lower(chain),
                    path: path.clone(),
                    target: target.clone(),
                },
                Mount::Scratch { target, .. } => sandbox::Mount::Bind {
                    source: scratch.next().expect("one place for each such mount").clone(),
                    target: target.clone(),
                    read_only: false,
                },
                Mount::Tmpfs { target, size } => {
                    sandbox::Mount::Tmpfs { target: target.clone(), size: *size }
                }
            });
        }
        mounts.extend(self.files.iter().enumerate().map(|(index, file)| sandbox::Mount::Bind {
            source: inline_place(&places.files, index),
            target: format!("{PIPES}/{}", file.name),
            read_only: true,
        }));
        sandbox::Request {
            lower: trees.lower(&self.chain),
            upper: places.upper,
            work: places.work,
            argv: self.argv.clone(),
            env: self.env.clone(),
            cwd: self.cwd.clone(),
            uid: self.uid,
            gid: self.gid,
            mounts,
            cpus: circumstances.cpus,
            limits: circumstances.limits.clone(),
            log: Some(places.log),
            terminal: None,
            conditions: circumstances.conditions.clone(),
        }
    }
}

/// Where the here-document of that number is put.
pub fn inline_place(folder: &Path, index: usize) -> PathBuf {
    folder.join(index.to_string())
}

impl Mount {
    fn add_to(&self, key: &mut Key) {
        match self {
            Self::Tree { chain, path, target } => {
                key.text("tree").digests(&chain.ids()).text(path).text(target);
            }
            Self::Scratch { from, mode, owner, target } => {
                key.text("scratch").text(target).number((*mode).into());
                key.number(owner.0.into()).number(owner.1.into());
                if let Some((chain, path)) = from {
                    key.digests(&chain.ids()).text(path);
                }
            }
            Self::Tmpfs { target, size } => {
                key.text("tmpfs").text(target).number(size.map_or(0, |size| size + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Tree;

    fn request() -> Request {
        Request {
            chain: Chain::default(),
            argv: vec!["/bin/true".into()],
            env: vec![("A".into(), "b".into())],
            cwd: "/".into(),
            uid: 0,
            gid: 0,
            mounts: Vec::new(),
            files: Vec::new(),
            layer: false,
        }
    }

    #[test]
    fn every_field_that_decides_the_result_changes_the_key() {
        let plain = request();
        let mut chain = Chain::default();
        chain.push(Tree { id: Digest::of(b"t"), plain: true });
        let tmpfs = |size| Mount::Tmpfs { target: "/t".into(), size };
        let file = InlineFile { name: "EOF".into(), data: b"x".to_vec() };
        let others = [
            Request { chain: chain.clone(), ..request() },
            Request { argv: vec!["/bin/false".into()], ..request() },
            Request { argv: vec!["/bin/true".into(), String::new()], ..request() },
            Request { env: vec![("Ab".into(), String::new())], ..request() },
            Request { env: Vec::new(), ..request() },
            Request { cwd: "/tmp".into(), ..request() },
            Request { uid: 1, ..request() },
            Request { gid: 1, ..request() },
            Request { mounts: vec![tmpfs(None)], ..request() },
            Request { mounts: vec![tmpfs(Some(0))], ..request() },
            Request { files: vec![file], ..request() },
            Request { layer: true, ..request() },
        ];
        let mut keys: Vec<Digest> = others.iter().map(Request::key).collect();
        keys.push(plain.key());
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1);
        assert_eq!(plain.key(), request().key());
    }
}
