//! The package tree on disk, read whole.
//!
//! ```text
//! packages/GROUP/NAME/Containerfile     the package GROUP/NAME
//!                     patches/…         the context: every file beside it that the
//!                     files/…           ignore file does not hide
//!                     test              a Containerfile that tries the finished image
//!                     opaque            what in the sources nobody can read, and why
//! ```
//!
//! `test` and `opaque` are no part of the context ([`BESIDE`]): neither reaches an
//! image, so neither is in a definition digest.
//!
//! A package whose Containerfile is wrong does not stop the others: it is kept in
//! [`Tree::broken`] and counts only for who needs it.
//!
//! Contents are hashed once: a [`StatCache`] that outlives the process knows files by
//! size, times and inode, so that a tree in which nothing changed is only looked at,
//! neither read nor parsed.

mod cache;
mod load;
mod name;
mod recipe;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::digest::Digest;
use crate::plan::{ImageRef, Needs};

pub use cache::StatCache;
pub use load::{BESIDE, Error, OPAQUE, RECIPE, TEST};
pub use name::{BadName, Name};
pub use recipe::LazyRecipe;

/// All packages.
#[derive(Debug, Default)]
pub struct Tree {
    /// Those that can be planned.
    pub packages: BTreeMap<Name, Package>,
    /// Those that cannot, and why.
    pub broken: BTreeMap<Name, Error>,
    /// The tests, by the package they are of; each is a package named [`Name::test`].
    pub tests: BTreeMap<Name, Result<Package, Error>>,
}

/// A package: its recipe and its context.
#[derive(Clone, Debug)]
pub struct Package {
    /// `group/name`.
    pub name: Name,
    /// Where it lies; also the build context.
    pub dir: PathBuf,
    /// Its Containerfile.
    pub recipe: LazyRecipe,
    /// The Containerfile itself, whether or not it is in the context.
    pub containerfile: FileEntry,
    /// The context, sorted by path: what a `COPY` can see.
    pub files: Vec<FileEntry>,
    /// The images and sources it needs.
    pub needs: Needs,
    /// Build arguments it was planned with.
    pub args: Arc<BTreeMap<String, String>>,
}

/// One entry of a context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// From the package's directory, parted by `/`.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
}

/// What an entry of a context is. Owners, times and other permissions count nowhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A regular file.
    File {
        /// Of its content.
        digest: Digest,
        /// Its owner may execute it.
        executable: bool,
    },
    /// A symbolic link.
    Link {
        /// As written.
        target: String,
    },
    /// A directory with nothing in it; others follow from their files.
    EmptyDir,
}

impl Package {
    /// The packages of the tree it is built from, sorted.
    pub fn dependencies(&self) -> Vec<&Name> {
        fn package(image: &ImageRef) -> Option<&Name> {
            match image {
                ImageRef::Package(name) => Some(name),
                ImageRef::Digest { .. } => None,
            }
        }
        self.needs.images.keys().filter_map(package).collect()
    }

    /// The images it rests on that this tree does not build, sorted.
    pub fn foreign_images(&self) -> Vec<&ImageRef> {
        let is_foreign = |image: &&ImageRef| matches!(image, ImageRef::Digest { .. });
        self.needs.images.keys().filter(is_foreign).collect()
    }
}

impl Tree {
    /// The tree in which every test is a package like the others.
    pub fn with_tests(mut self) -> Self {
        for (name, test) in std::mem::take(&mut self.tests) {
            match test {
                Ok(test) => drop(self.packages.insert(name.test(), test)),
                Err(error) => drop(self.broken.insert(name.test(), error)),
            }
        }
        self
    }

    /// The packages that name `name` directly, sorted.
    pub fn dependents(&self, name: &Name) -> Vec<&Name> {
        let wanted = ImageRef::Package(name.clone());
        let needs = |package: &&Package| package.needs.images.contains_key(&wanted);
        self.packages.values().filter(needs).map(|package| &package.name).collect()
    }

    /// A package whose name looks like `name`, for hints.
    pub fn nearest(&self, name: &str) -> Option<&Name> {
        let names: Vec<&str> = self.packages.keys().map(Name::as_str).collect();
        let found = crate::containerfile::nearest(name, &names).or_else(|| {
            // The right name in the wrong group.
            let base = name.rsplit('/').next()?;
            names.iter().copied().find(|known| known.ends_with(&format!("/{base}")))
        })?;
        self.packages.keys().find(|known| known.as_str() == found)
    }
}

#[cfg(test)]
mod tests;
