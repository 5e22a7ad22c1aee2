//! Reading the tree: every package's directory, on as many threads as help.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cache::{Planned, RecipeKey};
use super::{FileEntry, FileKind, LazyRecipe, Name, Package, StatCache, Tree};
use crate::containerfile;
use crate::containerfile::ignore::{BadPattern, IGNORE_FILES, Patterns};
use crate::digest::Digest;
use crate::plan::{self, Needs};

/// The file that makes a directory a package.
pub const RECIPE: &str = "Containerfile";

/// A Containerfile beside it whose steps must succeed on the finished image.
pub const TEST: &str = "test";

/// What in the sources is left unread, and why.
pub const OPAQUE: &str = "opaque";

/// Files beside a Containerfile that are no part of its context, whatever an ignore
/// file says: a change of them cannot change the image.
pub const BESIDE: [&str; 2] = [TEST, OPAQUE];

/// A context with more files is a mistake.
const MAX_FILES: usize = 100_000;

/// How deep directories of a context may go.
const MAX_DEPTH: usize = 64;

/// Threads beyond this do not make it faster.
const MAX_THREADS: usize = 4;

/// What is wrong with the tree or with one package.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Containerfile; shows its place.
    #[error("{0}")]
    Recipe(Box<containerfile::Error>),
    /// A directory that is no package.
    #[error("{path} has no {RECIPE}", path = path.display())]
    NoRecipe {
        /// The directory.
        path: PathBuf,
    },
    /// A directory that cannot be a package.
    #[error("{path}: {bad}", path = path.display())]
    Name {
        /// The directory.
        path: PathBuf,
        /// Why.
        bad: super::BadName,
    },
    /// An ignore file.
    #[error("{path}: {bad}", path = path.display())]
    Ignore {
        /// The file.
        path: PathBuf,
        /// Its line.
        bad: BadPattern,
    },
    /// Two ignore files that differ, so that two engines would see two contexts.
    #[error("{path} has both .containerignore and .dockerignore, and they differ", path = path.display())]
    TwoIgnores {
        /// The package.
        path: PathBuf,
    },
    /// Something in the context that no archive of the tree could carry.
    #[error("{path}: {what}", path = path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file that cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Turns an I/O error into one that names its file.
fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { path: path.to_owned(), source }
}

impl Tree {
    /// Reads all packages under `packages/`, hashing every file.
    pub fn load(packages: &Path) -> Result<Self, Error> {
        Self::load_with(packages, BTreeMap::new(), &StatCache::none())
    }

    /// Reads all packages with build arguments; files that `cache` knows are not hashed.
    ///
    /// # Errors
    ///
    /// Only if a directory of groups or packages cannot be listed, or has a name that
    /// none can have. What is wrong inside a package is in [`Tree::broken`].
    pub fn load_with(
        packages: &Path,
        args: BTreeMap<String, String>,
        cache: &StatCache,
    ) -> Result<Self, Error> {
        let found = find(packages)?;
        let args = Arguments::new(args);
        let one = |(name, dir): &(Name, PathBuf)| load_package(name, dir, &args, cache);
        let mut tree = Self::default();
        for (entry, result) in found.iter().zip(on_threads(&found, &one)) {
            match result {
                Ok((package, test)) => {
                    tree.tests.extend(test.map(|test| (entry.0.clone(), test)));
                    tree.packages.insert(entry.0.clone(), package);
                }
                Err(error) => {
                    tree.broken.insert(entry.0.clone(), error);
                }
            }
        }
        Ok(tree)
    }
}

/// Does `work` for every item; results in the order of the items.
fn on_threads<T: Sync, R: Send>(items: &[T], work: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
    let cpus = std::thread::available_parallelism().map_or(1, |cpus| cpus.get());
    let threads = cpus.min(MAX_THREADS).min(items.len().div_ceil(16));
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(item) = items.get(index)
        {
            done.push((index, work(item)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let join = |handle: std::thread::ScopedJoinHandle<'_, Vec<(usize, R)>>| {
            handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        handles.into_iter().flat_map(join).collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// All directories that are packages by their place.
fn find(packages: &Path) -> Result<Vec<(Name, PathBuf)>, Error> {
    let mut found = Vec::new();
    for (group, dir) in directories(packages)? {
        for (base, dir) in directories(&dir)? {
            let name = format!("{group}/{base}").parse();
            let name = name.map_err(|bad| Error::Name { path: dir.clone(), bad })?;
            found.push((name, dir));
        }
    }
    Ok(found)
}

/// Subdirectories by name, sorted; hidden ones and files are passed over.
fn directories(dir: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        let is_dir = entry.file_type().map_err(at(dir))?.is_dir();
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_dir && !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// What all packages are planned with.
struct Arguments {
    args: Arc<BTreeMap<String, String>>,
    digest: Digest,
}

impl Arguments {
    fn new(args: BTreeMap<String, String>) -> Self {
        let list: String = args.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
        Self { digest: Digest::of(list.as_bytes()), args: Arc::new(args) }
    }
}

/// A package and its test, if it has one. A test that is wrong does not stop its package.
type Loaded = (Package, Option<Result<Package, Error>>);

fn load_package(name: &Name, dir: &Path, args: &Arguments, cache: &StatCache) -> Result<Loaded, Error> {
    if name.is_test() {
        return Err(Error::Entry { path: dir.to_owned(), what: "the group is that of the tests" });
    }
    let found = containerfile(&dir.join(RECIPE), args, cache)?;
    let (recipe, needs, containerfile) = found.ok_or_else(|| Error::NoRecipe { path: dir.to_owned() })?;
    let mut walk = Walk { ignore: ignore_file(dir)?, cache, files: Vec::new() };
    walk.directory(dir, "", 0)?;
    let mut files = walk.files;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (dir, shared) = (dir.to_owned(), args.args.clone());
    let package = Package { name: name.clone(), dir, recipe, containerfile, files, needs, args: shared };
    let test = test(&package, args, cache).transpose();
    Ok((package, test))
}

/// The test beside a package: another Containerfile with the same context.
fn test(package: &Package, args: &Arguments, cache: &StatCache) -> Result<Option<Package>, Error> {
    let found = containerfile(&package.dir.join(TEST), args, cache)?;
    Ok(found.map(|(recipe, needs, containerfile)| Package {
        name: package.name.test(),
        recipe,
        needs,
        containerfile,
        ..package.clone()
    }))
}

/// The Containerfile at `path`; `None` if no file is there.
fn containerfile(
    path: &Path,
    args: &Arguments,
    cache: &StatCache,
) -> Result<Option<(LazyRecipe, Needs, FileEntry)>, Error> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => meta,
        _ => return Ok(None),
    };
    let digest = cache.digest(path, &meta).map_err(at(path))?;
    let (recipe, needs) = recipe(path, (digest, args.digest), args, cache)?;
    let executable = meta.permissions().mode() & 0o100 != 0;
    let kind = FileKind::File { digest, executable };
    Ok(Some((recipe, needs, FileEntry { path: RECIPE.to_owned(), kind })))
}

/// The recipe with the text that has the digest `key.0`, and what it needs.
fn recipe(
    path: &Path,
    key: RecipeKey,
    args: &Arguments,
    cache: &StatCache,
) -> Result<(LazyRecipe, Needs), Error> {
    let shown = path.to_string_lossy();
    if let Some(Planned { text, needs }) = cache.recipe(&key) {
        return Ok((LazyRecipe::known(&shown, text.clone()), needs.clone()));
    }
    let text = fs::read_to_string(path).map_err(at(path))?;
    if Digest::of(text.as_bytes()) != key.0 {
        return Err(Error::Entry { path: path.to_owned(), what: "it changed while it was read" });
    }
    let error = |error| Error::Recipe(Box::new(error));
    let recipe = LazyRecipe::parse(&shown, text).map_err(error)?;
    let needs = plan::needs(&recipe, &args.args).map_err(error)?;
    cache.keep_recipe(key, Planned { text: recipe.text.clone(), needs: needs.clone() });
    Ok((recipe, needs))
}

/// The ignore file of a package, under either name.
fn ignore_file(dir: &Path) -> Result<Patterns, Error> {
    let mut found: Option<(PathBuf, String)> = None;
    for name in IGNORE_FILES {
        let path = dir.join(name);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&path)(error)),
            Ok(text) => match &found {
                Some((_, first)) if *first != text => {
                    return Err(Error::TwoIgnores { path: dir.to_owned() });
                }
                _ => found = Some((path, text)),
            },
        }
    }
    let Some((path, text)) = found else { return Ok(Patterns::default()) };
    Patterns::ignore_file(&text).map_err(|bad| Error::Ignore { path, bad })
}

/// Collects the context of one package.
struct Walk<'a> {
    ignore: Patterns,
    cache: &'a StatCache,
    files: Vec<FileEntry>,
}

impl Walk<'_> {
    /// Adds all below `dir`, whose path in the context is `prefix` (with a slash).
    fn directory(&mut self, dir: &Path, prefix: &str, depth: usize) -> Result<(), Error> {
        let wrong = |what| Err(Error::Entry { path: dir.to_owned(), what });
        if depth > MAX_DEPTH {
            return wrong("directories too deep in each other");
        }
        let before = self.files.len();
        for entry in fs::read_dir(dir).map_err(at(dir))? {
            let entry = entry.map_err(at(dir))?;
            let disk = entry.path();
            let name = entry.file_name().into_string();
            let Ok(name) = name.as_deref() else {
                return Err(Error::Entry { path: disk, what: "a name that is not UTF-8" });
            };
            if name.contains(|c: char| c.is_control()) {
                return Err(Error::Entry { path: disk, what: "a name with control characters" });
            }
            if depth == 0 && BESIDE.contains(&name) {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(at(&disk))?;
            let hidden = !self.ignore.is_empty() && self.ignore.fit(&path);
            if kind.is_dir() && (!hidden || self.ignore.has_negation()) {
                self.directory(&disk, &format!("{path}/"), depth + 1)?;
            } else if !hidden {
                self.entry(path, &disk, &entry)?;
            }
            if self.files.len() > MAX_FILES {
                return wrong("too many files");
            }
        }
        let path = prefix.trim_end_matches('/');
        let hidden = path.is_empty() || self.ignore.fit(path);
        if self.files.len() == before && !hidden {
            self.files.push(FileEntry { path: path.to_owned(), kind: FileKind::EmptyDir });
        }
        Ok(())
    }

    fn entry(&mut self, path: String, disk: &Path, entry: &fs::DirEntry) -> Result<(), Error> {
        let meta = entry.metadata().map_err(at(disk))?;
        if meta.is_file() {
            self.files.push(file(path, disk, &meta, self.cache)?);
        } else if meta.is_symlink() {
            let target = fs::read_link(disk).map_err(at(disk))?;
            let Ok(target) = target.into_os_string().into_string() else {
                return Err(Error::Entry { path: disk.to_owned(), what: "a link that is not UTF-8" });
            };
            self.files.push(FileEntry { path, kind: FileKind::Link { target } });
        } else if !meta.is_dir() {
            let what = "neither file, directory nor link";
            return Err(Error::Entry { path: disk.to_owned(), what });
        }
        Ok(())
    }
}

fn file(path: String, disk: &Path, meta: &Metadata, cache: &StatCache) -> Result<FileEntry, Error> {
    let digest = cache.digest(disk, meta).map_err(at(disk))?;
    let executable = meta.permissions().mode() & 0o100 != 0;
    Ok(FileEntry { path, kind: FileKind::File { digest, executable } })
}
