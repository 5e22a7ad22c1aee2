//! Re-hashing all that can be re-hashed.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::{self, Digest};

use super::{Result, Store, at, step};

/// Something in the store that is not what its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: PathBuf,
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl Store {
    /// Reads every blob, source and record and lists those that are damaged.
    pub fn verify(&self) -> Result<Vec<Problem>> {
        let mut problems = Vec::new();
        for dir in ["blobs/sha256", "sources/sha256"] {
            check_each(&self.home.join(dir), &mut problems, |path, name| match hash(path) {
                Ok(got) if got == name => Ok(()),
                Ok(got) => Err(format!("damaged: its content is {got}")),
                Err(error) => Err(format!("cannot be read: {error}")),
            })?;
        }
        check_each(&self.home.join("steps"), &mut problems, |path, _| match fs::read(path) {
            Ok(bytes) if step::unseal(&bytes).is_some() => Ok(()),
            Ok(_) => Err("damaged record".to_owned()),
            Err(error) => Err(format!("cannot be read: {error}")),
        })?;
        Ok(problems)
    }
}

/// Runs `check` with the path and the digest of every file in `dir`.
fn check_each(
    dir: &Path,
    problems: &mut Vec<Problem>,
    check: impl Fn(&Path, Digest) -> std::result::Result<(), String>,
) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(at("list", dir))? {
        let path = entry.map_err(at("list", dir))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let checked = match Digest::from_hex(name) {
            Ok(digest) => check(&path, digest),
            Err(_) => Err("not named by a digest".to_owned()),
        };
        if let Err(what) = checked {
            problems.push(Problem { path, what });
        }
    }
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(())
}

fn hash(path: &Path) -> io::Result<Digest> {
    Ok(digest::copy(File::open(path)?, io::sink())?.0)
}
