//! Where things are: the project's folder and the store.

use crate::args::Global;
use crate::error::{Failure, Result, doing};
use cairn_core::store::Store;
use cairn_core::tree::Name;
use std::path::{Path, PathBuf};

/// The folder with `packages/`.
#[derive(Debug, Clone)]
pub struct Project {
    pub root: PathBuf,
}

impl Project {
    /// `--tree`, or the nearest folder upwards that has `packages/`.
    pub fn find(global: &Global) -> Result<Project> {
        let start = match &global.tree {
            Some(given) => given.clone(),
            None => std::env::current_dir().map_err(doing("read the current folder"))?,
        };
        let start = start.canonicalize().map_err(doing(format!("open {}", start.display())))?;
        let is_root = |folder: &&Path| folder.join("packages").is_dir();
        let found = match global.tree {
            Some(_) => Some(start.as_path()).filter(is_root),
            None => start.ancestors().find(is_root),
        };
        match found {
            Some(root) => Ok(Project { root: root.to_owned() }),
            None => {
                Err(Failure::usage(format!("{} is in no package tree: it has no packages/", start.display()))
                    .hint("run cairn inside a clone of the tree, or give --tree DIR"))
            }
        }
    }

    pub fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    pub fn digests(&self) -> PathBuf {
        self.root.join("digests")
    }
}

/// `--home`, `$CAIRN_HOME` or `~/.cache/cairn`.
pub fn home(global: &Global) -> Result<PathBuf> {
    if let Some(home) = &global.home {
        return Ok(home.clone());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let fallback = || std::env::home_dir().map(|home| home.join(".cache"));
    match cache.or_else(fallback) {
        Some(cache) => Ok(cache.join("cairn")),
        None => {
            Err(Failure::failed("no home folder to keep the store in")
                .hint("give --home DIR or set CAIRN_HOME"))
        }
    }
}

/// The store, made if it is not there yet.
pub fn store(global: &Global) -> Result<Store> {
    let home = home(global)?;
    Store::open(&home).map_err(doing(format!("open the store {}", home.display())))
}

/// `GROUP/NAME`, or `GROUP-NAME` as in file names.
pub fn name(text: &str) -> Result<Name> {
    let parsed = if text.contains('/') { text.parse() } else { Name::from_flat(text) };
    parsed.map_err(|e| Failure::usage(e.to_string()).hint("cairn graph    # lists the packages"))
}

/// `GROUP/NAME` or `GROUP/NAME:STAGE`.
pub fn name_and_stage(text: &str) -> Result<(Name, Option<&str>)> {
    Ok(match text.split_once(':') {
        Some((text, stage)) => (name(text)?, Some(stage)),
        None => (name(text)?, None),
    })
}

/// Several of them.
pub fn names(texts: &[String]) -> Result<Vec<Name>> {
    texts.iter().map(|text| name(text)).collect()
}
