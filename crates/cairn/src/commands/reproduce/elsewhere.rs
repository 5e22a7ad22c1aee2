//! Another place on this machine: where the second build has its copy of everything.

use crate::args::{Reproduce, SameName};
use crate::error::{Failure, Result, doing};
use cairn_build::Engine;
use cairn_core::tree::Name;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A file that is locked for as long as somebody builds in the folder that it is in.
const IN_USE: &str = "in use";

/// A folder that goes away with the comparison.
pub struct Elsewhere {
    root: PathBuf,
    /// Held, so that nobody sweeps the folder away.
    _in_use: File,
    /// Who builds there, if not we.
    pub user: Option<u32>,
    kept: bool,
}

impl Elsewhere {
    /// Copies the definitions of `names` (and the tool, if another user must run it).
    pub fn new(engine: &Engine, args: &Reproduce, names: &[Name]) -> Result<Elsewhere> {
        let user = other_user(args);
        let root = match &args.place {
            Some(place) => std::path::absolute(place).map_err(doing(format!("find {}", place.display())))?,
            None => place(engine.store.home(), user.is_some()),
        };
        sweep(&root);
        let folder = new_folder(&root).map_err(doing(format!("make a folder in {}", root.display())))?;
        let root = folder.join("another place");
        let failed = || doing::<io::Error>(format!("write {}", root.display()));
        let _in_use = lock(&folder).map_err(failed())?;
        fs::create_dir(&root).map_err(failed())?;
        let elsewhere = Elsewhere { root: root.clone(), _in_use, user, kept: false };
        for folder in [&root, &folder] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(failed())?;
        }
        let packages = elsewhere.tree().join("packages");
        for name in names {
            let from = &engine.tree.packages[name].dir;
            copy(from, &packages.join(name.as_str())).map_err(failed())?;
        }
        open_to_all(&elsewhere.tree()).map_err(failed())?;
        if user.is_some() {
            let tool = std::env::current_exe().map_err(doing("find this program"))?;
            fs::copy(tool, elsewhere.root.join("cairn")).map_err(failed())?;
            fs::set_permissions(elsewhere.root.join("cairn"), fs::Permissions::from_mode(0o755))
                .map_err(failed())?;
        }
        Ok(elsewhere)
    }

    /// The project there.
    pub fn tree(&self) -> PathBuf {
        self.root.join("tree")
    }

    /// The store of a witness.
    pub fn store(&self, number: usize) -> PathBuf {
        self.root.join(number.to_string())
    }

    /// The program to run there.
    pub fn tool(&self) -> io::Result<PathBuf> {
        match self.user {
            Some(_) => Ok(self.root.join("cairn")),
            None => std::env::current_exe(),
        }
    }

    /// Leave everything for a person to look at: no later run sweeps it away.
    pub fn keep(&mut self) {
        self.kept = true;
        let _ = fs::remove_file(self.root.with_file_name(IN_USE));
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let whole = self.root.parent().unwrap_or(&self.root);
        if let Err(error) = remove(whole) {
            let failure: Failure = doing(format!("remove {}", whole.display()))(error);
            eprintln!("{}", failure.what);
        }
    }
}

/// A folder in `place` that was not there before: others may write to `place`, too.
fn new_folder(place: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(place)?;
    let mut names = (0..).map(|n| place.join(format!("reproduce-{}-{n}", std::process::id())));
    names
        .find_map(|folder| match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            made => Some(made.map(|()| folder)),
        })
        .unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))
}

/// Marks a folder as used by this process. The file gets its name when it is locked.
fn lock(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("in use, soon");
    let file = File::create_new(&unnamed)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    fs::rename(&unnamed, folder.join(IN_USE))?;
    Ok(file)
}

/// Removes what our killed processes left in `place`; what cannot be removed stays.
fn sweep(place: &Path) {
    let us = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with("reproduce-")
            && entry.metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == us);
        let Some(file) = ours.then(|| File::open(entry.path().join(IN_USE)).ok()).flatten() else { continue };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = remove(&entry.path());
        }
    }
}

/// Removes a folder, in which a build may have left some that their owner cannot enter.
fn remove(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder).or_else(|_| {
        open_to_all(folder)?;
        fs::remove_dir_all(folder)
    })
}

/// Root can become anybody: a number that no account has.
fn other_user(args: &Reproduce) -> Option<u32> {
    if !rustix::process::geteuid().is_root() || args.same.contains(&SameName::User) {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let taken = |number: &u32| {
        let number = number.to_string();
        accounts.lines().any(|line| line.split(':').nth(2) == Some(&number))
    };
    (61_705..61_805).find(|number| !taken(number))
}

/// In the store; another user may not be able to get there.
fn place(store: &Path, another_user: bool) -> PathBuf {
    let enters = |folder: &Path| fs::metadata(folder).is_ok_and(|meta| meta.permissions().mode() & 1 != 0);
    match another_user && !store.ancestors().all(enters) {
        true => PathBuf::from("/var/tmp"),
        false => store.join("tmp"),
    }
}

/// Copies a folder and all below it; links stay links.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Lets everybody read what is below `path`, and its owner remove it.
fn open_to_all(path: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Ok(());
    }
    let mode = meta.permissions().mode() & 0o7777 | if meta.is_dir() { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            open_to_all(&entry?.path())?;
        }
    }
    Ok(())
}
