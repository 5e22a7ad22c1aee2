//! Telling a crash of the machine from a crash of a process.
//!
//! A killed process loses nothing: what it wrote is in the kernel's memory. A crash of
//! the machine may leave names whose content never reached the disk. So a process puts
//! a marker `dirty/BOOT.NAME` down before its first write and takes it away after a
//! sync. A marker of another boot means that the machine went down in between.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Lock, Result, at, lock};

/// This process's marker.
#[derive(Debug)]
pub(super) struct Marker {
    home: PathBuf,
    path: PathBuf,
    /// A name that no other process has, even in another process namespace.
    nonce: String,
    present: Mutex<bool>,
}

impl Marker {
    pub(super) fn new(home: &Path) -> Marker {
        let nonce = kernel_random("uuid");
        let path = home.join("dirty").join(format!("{}.{nonce}", kernel_random("boot_id")));
        Marker { home: home.to_owned(), path, nonce, present: false.into() }
    }

    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Must be called before anything becomes visible under its final name.
    pub(super) fn set(&self) -> Result<()> {
        let mut present = self.present.lock().expect("no thread panics while holding it");
        if !*present {
            let file = File::create(&self.path).map_err(at("write", &self.path))?;
            file.sync_all().map_err(at("sync", &self.path))?;
            sync_dir(&self.home.join("dirty"))?;
            *present = true;
        }
        Ok(())
    }

    /// Brings the whole file system of the store to the disk, then removes the marker.
    /// Nothing may be put into the store meanwhile.
    pub(super) fn sync(&self) -> Result<()> {
        let mut present = self.present.lock().expect("no thread panics while holding it");
        if *present {
            let home = File::open(&self.home).map_err(at("open", &self.home))?;
            rustix::fs::syncfs(&home).map_err(|error| at("sync", &self.home)(error.into()))?;
            fs::remove_file(&self.path).map_err(at("remove", &self.path))?;
            *present = false;
        }
        Ok(())
    }
}

/// Empties what cannot be trusted if the machine crashed while the store was in use.
pub(super) fn recover(home: &Path) -> Result<()> {
    if stale(home)?.is_empty() {
        return Ok(());
    }
    let _alone = lock::acquire(&home.join("locks/store"), Lock::Exclusive)?;
    let stale = stale(home)?;
    if stale.is_empty() {
        return Ok(());
    }
    for dir in ["trees", "steps", "tmp"] {
        let path = home.join(dir);
        super::tree::remove(&path)?;
        fs::create_dir(&path).map_err(at("make", &path))?;
    }
    for path in stale {
        fs::remove_file(&path).map_err(at("remove", &path))?;
    }
    Ok(())
}

/// Markers of earlier boots.
fn stale(home: &Path) -> Result<Vec<PathBuf>> {
    let dir = home.join("dirty");
    let boot = kernel_random("boot_id");
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir).map_err(at("list", &dir))? {
        let entry = entry.map_err(at("list", &dir))?;
        if !entry.file_name().to_string_lossy().starts_with(&boot) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// `boot_id` is the kernel's name for the time since it was started, `uuid` is new at
/// each reading. Without them the process id must do, and every marker looks like one
/// of this boot.
fn kernel_random(name: &str) -> String {
    match fs::read_to_string(format!("/proc/sys/kernel/random/{name}")) {
        Ok(id) => id.trim().to_owned(),
        Err(_) if name == "uuid" => std::process::id().to_string(),
        Err(_) => String::new(),
    }
}

fn sync_dir(path: &Path) -> Result<()> {
    let dir = File::open(path).map_err(at("open", path))?;
    dir.sync_all().map_err(at("sync", path))
}
