//! The files of a stage: a chain of immutable trees, and where they live.
//!
//! `COPY --from=X . /` puts the trees of X on top of the chain instead of copying
//! them ([`Chain::stack`]); that is the heart of a build with many dependencies.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_core::digest::Digest;
use cairn_core::store::{self, Store};
use cairn_core::tar::{self, Owners};

use crate::owner::{LinkOwners, Ownership};
use crate::steps::{Key, Record};
use crate::view::{Layer, View};

/// How many trees a chain may have before it is flattened into one. Overlayfs takes
/// 500 at most; a long chain also makes every lookup of a missing file slower.
pub const MAX_TREES: usize = 128;

/// One tree of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its name in the store: a layer's digest or the key of the step that made it.
    pub id: Digest,
    /// It removes nothing from the trees below it.
    pub plain: bool,
}

/// The files of a stage, lowest tree first. No tree is in it twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    trees: Vec<Tree>,
}

impl Chain {
    /// Puts a tree on top. If it is in the chain already, its lower place is given
    /// up: everything it has wins at the top, and what it removes is gone from there.
    pub fn push(&mut self, tree: Tree) {
        self.trees.retain(|known| known.id != tree.id);
        self.trees.push(tree);
    }

    /// Puts all trees of `other` on top, as if its files had been copied here.
    /// Right only if `other` is [plain](Chain::is_plain).
    pub fn stack(&mut self, other: &Chain) {
        debug_assert!(other.is_plain());
        for tree in &other.trees {
            self.push(*tree);
        }
    }

    /// No tree removes anything: the chain can be stacked on others.
    pub fn is_plain(&self) -> bool {
        self.trees.iter().all(|tree| tree.plain)
    }

    /// The trees, lowest first.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The names of the trees, lowest first.
    pub fn ids(&self) -> Vec<Digest> {
        self.trees.iter().map(|tree| tree.id).collect()
    }
}

/// The trees of a store.
#[derive(Clone, Debug)]
pub struct Trees {
    store: Arc<Store>,
    ownership: Ownership,
}

/// Why a tree could not be had.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("layer {digest}: {source}")]
    Layer { digest: Digest, source: tar::ExtractError },
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Trees {
    /// The trees of `store`.
    pub fn new(store: Arc<Store>) -> Self {
        let ownership = if store.is_root() { Ownership::Disk } else { Ownership::Logical };
        Self { store, ownership }
    }

    /// How owners are written in this store.
    pub fn ownership(&self) -> Ownership {
        self.ownership
    }

    /// Whether the tree is there.
    pub fn has(&self, id: &Digest) -> bool {
        self.store.has_tree(id)
    }

    /// The directories of a chain, topmost first, for overlayfs.
    pub fn lower(&self, chain: &Chain) -> Vec<PathBuf> {
        chain.trees.iter().rev().map(|tree| self.store.tree_path(&tree.id)).collect()
    }

    /// The files of a chain.
    pub fn view(&self, chain: &Chain) -> Result<View, Error> {
        let layer = |tree: &Tree| -> Result<Arc<Layer>, Error> {
            let links = match self.store.tree_owners(&tree.id)? {
                Owners::Disk => LinkOwners::new(),
                Owners::Logical { others, .. } => others,
            };
            Ok(Arc::new(Layer::tree(self.store.tree_path(&tree.id), links, !tree.plain)))
        };
        let layers = chain.trees.iter().rev().map(layer).collect::<Result<_, _>>()?;
        Ok(View::new(layers, self.ownership))
    }

    /// No files at all.
    pub fn nothing(&self) -> View {
        View::new(Vec::new(), self.ownership)
    }

    /// Moves the finished directory at `tree` to its place.
    pub fn commit(&self, tree: &Path, id: &Digest, links: LinkOwners) -> Result<(), Error> {
        self.store.commit_tree(tree, id, &self.ownership.owners(links))?;
        Ok(())
    }

    /// Under which the store keeps what is known of the tree of a layer.
    pub fn layer_key(digest: &Digest) -> Digest {
        let mut key = Key::new("layer tree");
        key.bytes(digest.as_bytes());
        key.finish()
    }

    /// The tree of a layer, unpacked from its blob if it is not there yet. Every byte
    /// of the blob is hashed before the tree is used.
    pub fn of_layer(&self, digest: &Digest) -> Result<Tree, Error> {
        let key = Self::layer_key(digest);
        let known = self.store.get_step(&key)?.and_then(|record| Record::decode(&record));
        if let Some(record) = known.filter(|record| self.has(&record.tree)) {
            return Ok(Tree { id: record.tree, plain: record.plain });
        }
        if !self.has(digest) {
            let blob = io::BufReader::with_capacity(1 << 20, self.store.open_blob(digest)?);
            let tmp = self.store.tmp_dir()?;
            let failed = |source| Error::Layer { digest: *digest, source };
            let root = tmp.path().join("tree");
            std::fs::create_dir(&root)?;
            set_root_mode(&root)?;
            let mut reader = tar::Reader::new(blob, tar::Accept::Layer);
            let owners = tar::extract(&mut reader, &root, &self.ownership.explicit()).map_err(failed)?;
            let links = match owners {
                Owners::Disk => LinkOwners::new(),
                Owners::Logical { others, .. } => others,
            };
            self.commit(&root, digest, links)?;
        }
        let plain = crate::layer::is_plain(&self.store.tree_path(digest))?;
        let record = Record { tree: *digest, plain, layer: None, seconds: 0.0 };
        self.store.put_step(&key, &record.encode())?;
        Ok(Tree { id: *digest, plain })
    }
}

/// The root of an unpacked tree, which is in no layer: 0755, whatever our umask says.
pub fn set_root_mode(root: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(name: &str) -> Tree {
        Tree { id: Digest::of(name.as_bytes()), plain: true }
    }

    #[test]
    fn a_tree_stacked_again_wins_at_the_top_and_is_mounted_once() {
        let mut chain = Chain::default();
        for name in ["a", "b"] {
            chain.push(tree(name));
        }
        let mut other = Chain::default();
        for name in ["a", "c"] {
            other.push(tree(name));
        }
        chain.stack(&other);
        assert_eq!(chain.trees(), [tree("b"), tree("a"), tree("c")]);
    }
}
