//! RUN: from the plan to the request, from the sandbox to a tree.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use cairn_core::plan::{self, CopyFrom, MountKind};

use super::copies::plain_copy;
use super::stage::{At, Build, Files, Made, Output, new_root};
use crate::chain::{Chain, Tree};
use crate::copy::upper::{Attributes, Upper};
use crate::error::Cause;
use crate::layer;
use crate::owner::{LinkOwners, Owner};
use crate::progress::Event;
use crate::request::{Mount, Places, Request, inline_place};
use crate::steps::Key;
use crate::users;
use crate::view::View;

/// Brings links of lower trees into the tree at `root` if the command gave them away:
/// in a store of an ordinary user no system call did, so overlayfs did not either.
fn bring_links_up(root: &Path, below: &View, owners: &LinkOwners) -> Result<(), Cause> {
    let mut upper: Option<Upper> = None;
    for (path, owner) in owners {
        if fs::symlink_metadata(root.join(OsStr::from_bytes(path))).is_ok() {
            continue;
        }
        let node = below.lookup(path, false)?.filter(|node| node.path == *path);
        if let Some(node) = node.filter(|node| node.meta.is_symlink()) {
            let upper = upper.get_or_insert_with(|| Upper::resume(root.to_owned(), below));
            // A directory above it that was removed or replaced took the link with it.
            if upper.view().lookup(path, false)?.is_none_or(|now| now.path != *path) {
                continue;
            }
            let new = Attributes { owner: *owner, mode: 0o777, mtime: below.mtime(&node) };
            upper.symlink(path, &below.read_link(&node)?, &new)?;
        }
    }
    if let Some(upper) = upper {
        upper.finish()?;
    }
    Ok(())
}

/// Whether the file system of `place` has less than a quarter of a MiB left.
fn is_full(place: &Path) -> bool {
    rustix::fs::statvfs(place).is_ok_and(|fs| fs.f_bavail.saturating_mul(fs.f_frsize) < 256 << 10)
}

impl Build<'_> {
    /// Executes a RUN.
    pub(super) fn run_step(&mut self, at: At<'_>, op: &plan::Run, files: &mut Files) -> Result<(), Cause> {
        let request = self.request(at, op, files)?;
        let key = request.key();
        let below = self.package.engine.trees.view(&request.chain)?;
        self.produce(at, key, files, |build, root| build.execute(at, &request, &below, root))
    }

    /// The request that a RUN stands for.
    fn request(&self, at: At<'_>, op: &plan::Run, files: &Files) -> Result<Request, Cause> {
        let view = self.package.engine.trees.view(&files.chain)?;
        let (uid, gid) = users::resolve(&op.user, &view)?;
        let mut env = op.env.clone();
        if !env.iter().any(|(name, _)| name == "HOME") {
            env.push(("HOME".to_owned(), users::home(uid, &view)?));
        }
        Ok(Request {
            chain: files.chain.clone(),
            argv: op.argv.clone(),
            env,
            cwd: op.cwd.clone(),
            uid,
            gid,
            mounts: op.mounts.iter().map(|mount| self.mount(mount)).collect::<Result<_, _>>()?,
            files: op.files.clone(),
            layer: at.output != Output::Tree,
        })
    }

    fn mount(&self, mount: &plan::RunMount) -> Result<Mount, Cause> {
        let target = mount.target.clone();
        Ok(match &mount.kind {
            MountKind::Bind { from, source } => {
                let (chain, path) = self.mounted(from, source)?;
                if mount.read_only {
                    Mount::Tree { chain, path, target }
                } else {
                    let from = Some((chain, path));
                    Mount::Scratch { from, mode: 0o755, owner: (0, 0), target }
                }
            }
            // Whatever an earlier build left in a cache could reach this one's result:
            // so it begins as the recipe says, every time.
            MountKind::Cache { from, source, mode, uid, gid, .. } => {
                let from = from.as_ref().map(|from| self.mounted(from, source)).transpose()?;
                Mount::Scratch { from, mode: *mode, owner: (*uid, *gid), target }
            }
            MountKind::Tmpfs { size } => Mount::Tmpfs { target, size: *size },
        })
    }

    /// The chain and path that `source` of `from` means. Files of the context are
    /// copied into a tree of their own, so that nothing of the host's folder (owners,
    /// times, what the ignore file hides) is seen inside.
    fn mounted(&self, from: &CopyFrom, source: &str) -> Result<(Chain, String), Cause> {
        if let Some(chain) = self.chain_of(from)? {
            return Ok((chain, source.to_owned()));
        }
        let trees = &self.package.engine.trees;
        let sources = [source.to_owned()];
        let mut key = Key::new("mounted context 1");
        self.add_sources(&mut key, None, &sources)?;
        let id = key.finish();
        let view = self.view_of(None)?;
        let node = view.lookup(source.as_bytes(), true)?;
        if !trees.has(&id) {
            let tmp = self.package.engine.store.tmp_dir()?;
            let root = new_root(tmp.path())?;
            let mut upper = Upper::new(root.clone(), &trees.nothing())?;
            plain_copy(self.origin(from), &sources, "/").run(&view, &mut upper)?;
            trees.commit(&root, &id, upper.finish()?)?;
        }
        let mut chain = Chain::default();
        chain.push(Tree { id, plain: true });
        let name = node.filter(|node| !node.meta.is_dir()).map(|_| {
            let last = source.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
            format!("/{last}")
        });
        Ok((chain, name.unwrap_or_else(|| "/".to_owned())))
    }

    /// Runs the request with `root` as the directory that receives what changes.
    fn execute(&mut self, at: At<'_>, request: &Request, below: &View, root: &Path) -> Result<Made, Cause> {
        let engine = self.package.engine;
        let ownership = engine.trees.ownership();
        // The root of the merged file system shows the attributes of this directory.
        let links = Upper::new(root.to_owned(), below)?.finish()?;
        let tmp = engine.store.tmp_dir()?;
        let work = tmp.path().join("work");
        fs::create_dir(&work)?;
        let files = tmp.path().join("files");
        fs::create_dir(&files)?;
        for (index, file) in request.files.iter().enumerate() {
            let place = inline_place(&files, index);
            fs::write(&place, &file.data)?;
            fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?;
        }
        let scratch = self.scratch(request, tmp.path())?;
        let (mut entry, log) = self.logs.start(&self.place(at), &at.step.text)?;
        self.package.tell(&Event::Log { package: self.package.name.clone(), path: entry.path.clone() });
        let places = Places { upper: root.to_owned(), work, files, scratch, log };
        let to_run = request.to_sandbox(&engine.trees, places, &engine.options.circumstances);
        let outcome = cairn_sandbox::run(&to_run);
        self.logs.end(&mut entry, outcome.as_ref().is_ok_and(|outcome| outcome.succeeded()))?;
        let outcome = outcome?;
        if !outcome.succeeded() {
            // Now, since what the command wrote is removed right after.
            let full_disk = is_full(root);
            return Err(Cause::Command { status: outcome.status, refusal: outcome.reason, full_disk });
        }
        let mut links = links;
        bring_links_up(root, below, &outcome.owners)?;
        links.extend(outcome.owners);
        let user = (request.uid, request.gid);
        let plain = layer::capture(root, ownership, user, &mut links)?;
        Ok(Made { links, plain })
    }

    /// Makes what the writable mounts bind.
    fn scratch(&self, request: &Request, tmp: &Path) -> Result<Vec<PathBuf>, Cause> {
        let mut places = Vec::new();
        for mount in &request.mounts {
            let Mount::Scratch { from, mode, owner, .. } = mount else { continue };
            let place = tmp.join(format!("mount{}", places.len()));
            fs::create_dir(&place)?;
            places.push(match from {
                Some((chain, path)) => self.writable_copy(chain, path, &place)?,
                None => {
                    self.own(&place, *owner)?;
                    fs::set_permissions(&place, fs::Permissions::from_mode(*mode))?;
                    place
                }
            });
        }
        Ok(places)
    }

    fn own(&self, place: &Path, owner: Owner) -> Result<(), Cause> {
        let mut links = Default::default();
        let ownership = self.package.engine.trees.ownership();
        Ok(ownership.set(place, b"", owner, &mut links)?)
    }

    fn writable_copy(&self, chain: &Chain, path: &str, place: &Path) -> Result<PathBuf, Cause> {
        let trees = &self.package.engine.trees;
        let view = trees.view(chain)?;
        let mut upper = Upper::new(place.to_owned(), &trees.nothing())?;
        let sources = [path.to_owned()];
        plain_copy("the mounted files".to_owned(), &sources, "/").run(&view, &mut upper)?;
        upper.finish()?;
        match view.lookup(path.as_bytes(), true)? {
            Some(node) if !node.meta.is_dir() => {
                let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
                Ok(place.join(last))
            }
            _ => Ok(place.to_owned()),
        }
    }
}
