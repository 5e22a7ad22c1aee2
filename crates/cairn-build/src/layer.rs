//! From what a step left on disk to a tree, and from a tree to a layer.
//!
//! Trees of a final stage become layers, which BuildKit writes in its own way: a
//! directory that hides all below it says one by one what it hides, and what is the
//! same as below is left out.

use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cairn_core::store::{self, Store};
use cairn_core::{digest, image, tar};

use crate::copy::upper::{EPOCH, set_time};
use crate::owner::{self, LinkOwners, Owner, Ownership};
use crate::view::{Node, View, join};

/// Why a tree could not be made a layer.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error(transparent)]
    Tree(#[from] tar::WalkError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Writes the tree at `root` as a layer into the store.
pub fn pack(store: &Store, root: &Path, owners: &tar::Owners) -> Result<image::Layer, Error> {
    let writer = io::BufWriter::with_capacity(1 << 20, store.blob_writer()?);
    let mut writer = tar::write_tree(root, owners, writer)?;
    writer.flush()?;
    let writer = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    let (digest, size) = writer.commit(None)?;
    Ok(image::Layer { digest, size })
}

/// Whether a tree removes nothing from those below it.
pub fn is_plain(root: &Path) -> io::Result<bool> {
    let mut plain = true;
    walk(root, b"", &mut |disk, _, meta| {
        let removes = owner::is_whiteout(meta) || meta.is_dir() && owner::is_opaque(disk, meta)?;
        plain &= !removes;
        Ok(())
    })?;
    Ok(plain)
}

/// Makes what a command left in `root` a tree: writes the owner on every file that
/// has none. `user` ran the command, `links` are owners that it gave to links.
/// Says whether the tree [is plain](is_plain).
pub fn capture(root: &Path, ownership: Ownership, user: Owner, links: &mut LinkOwners) -> io::Result<bool> {
    let mut plain = true;
    walk(root, b"", &mut |disk, path, meta| {
        if owner::is_whiteout(meta) {
            plain = false;
            return Ok(());
        }
        if meta.is_dir() && owner::is_opaque(disk, meta)? {
            plain = false;
        }
        if ownership == Ownership::Logical {
            if !meta.is_dir() && !meta.is_file() {
                links.entry(path.to_vec()).or_insert(user);
            } else if owner::read_attribute(disk, meta)?.is_none() {
                owner::write_attribute(disk, meta, user)?;
            }
        }
        Ok(())
    })?;
    Ok(plain)
}

/// Makes the tree at `root`, which stands on `below`, say what a layer says: what it
/// hides one by one, and nothing that is below already.
pub fn settle(root: &Path, below: &View) -> io::Result<()> {
    let mut opaque = Vec::new();
    walk(root, b"", &mut |disk, path, meta| {
        if meta.is_dir() && owner::is_opaque(disk, meta)? {
            opaque.push(path.to_vec());
        }
        Ok(())
    })?;
    for path in &opaque {
        spell_out(root, below, path)?;
    }
    Ok(())
}

/// Sets all times in the tree at `root` to the epoch.
pub fn forget_times(root: &Path) -> io::Result<()> {
    let mut all = vec![root.to_owned()];
    walk(root, b"", &mut |disk, _, _| {
        all.push(disk.to_owned());
        Ok(())
    })?;
    all.iter().try_for_each(|disk| set_time(disk, EPOCH))
}

/// Takes out of the tree that `above` shows all that is the same in `below`, a directory only if
/// nothing in it is left. `above` is a view of that tree alone.
///
/// The same means, as in BuildKit: kind, permissions and owner, and of what is no
/// directory size, time and content.
pub fn prune(above: &View, below: &View) -> io::Result<()> {
    if let (Some(dir), Some(place)) = (above.root()?, below.root()?) {
        prune_directory(above, &dir, below, &place)?;
    }
    Ok(())
}

/// Whether nothing is left of `dir`.
fn prune_directory(above: &View, dir: &Node, below: &View, place: &Node) -> io::Result<bool> {
    let mut empty = true;
    let disk = above.disk(dir);
    for entry in fs::read_dir(&disk)?.collect::<io::Result<Vec<_>>>()? {
        // A whiteout is not seen in the view, and stays.
        let node = above.child(dir, entry.file_name().as_bytes())?;
        let there = below.child(place, entry.file_name().as_bytes())?;
        let (Some(node), Some(there)) = (node, there) else {
            empty = false;
            continue;
        };
        let both_directories = node.meta.is_dir() && there.meta.is_dir();
        if both_directories && !prune_directory(above, &node, below, &there)?
            || !is_same(above, &node, below, &there)?
        {
            empty = false;
            continue;
        }
        let path = entry.path();
        let meta = fs::symlink_metadata(&disk)?;
        owner::with_mode(&disk, &meta, 0o700, || {
            if node.meta.is_dir() { fs::remove_dir(&path) } else { fs::remove_file(&path) }
        })?;
    }
    Ok(empty)
}

fn is_same(a: &View, one: &Node, b: &View, two: &Node) -> io::Result<bool> {
    let kind = |node: &Node| (node.meta.mode(), node.meta.rdev());
    if kind(one) != kind(two) || a.owner(one)? != b.owner(two)? {
        return Ok(false);
    }
    if one.meta.is_dir() {
        return Ok(true);
    }
    if one.meta.len() != two.meta.len() || a.mtime(one) != b.mtime(two) {
        return Ok(false);
    }
    if one.meta.is_symlink() {
        return Ok(a.read_link(one)? == b.read_link(two)?);
    }
    if !one.meta.is_file() {
        return Ok(true);
    }
    let digest = |view: &View, node: &Node| digest::copy(view.open(node)?, io::sink());
    Ok(digest(a, one)?.0 == digest(b, two)?.0)
}

/// Replaces "all below is hidden" by a mark for each name that is hidden.
fn spell_out(root: &Path, below: &View, path: &[u8]) -> io::Result<()> {
    use std::ffi::OsStr;
    let disk = root.join(OsStr::from_bytes(path));
    owner::clear_opaque(&disk)?;
    let Some(hidden) = below.lookup(path, false)?.filter(|node| node.meta.is_dir()) else {
        return Ok(());
    };
    let meta = fs::symlink_metadata(&disk)?;
    for node in below.children(&hidden)? {
        let name = disk.join(OsStr::from_bytes(node.name()));
        match fs::symlink_metadata(&name) {
            Ok(kept) if kept.is_dir() && node.meta.is_dir() => {
                spell_out(root, below, &node.path)?;
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                owner::with_mode(&disk, &meta, 0o700, || owner::make_whiteout(&name))?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Called with a place on disk, the path in the tree, and what is there.
pub type Visit<'a> = dyn FnMut(&Path, &[u8], &fs::Metadata) -> io::Result<()> + 'a;

/// Calls `visit(on disk, path, metadata)` for everything below `root`, a directory
/// before what is in it.
pub fn walk(root: &Path, path: &[u8], visit: &mut Visit<'_>) -> io::Result<()> {
    let list = || -> io::Result<Vec<_>> {
        fs::read_dir(root)?.map(|entry| entry.and_then(|e| Ok((e.metadata()?, e)))).collect()
    };
    let entries = match list() {
        // On disk the directory is ours, but its mode is the image's.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let meta = fs::symlink_metadata(root)?;
            if meta.uid() != rustix::process::geteuid().as_raw() {
                return Err(error);
            }
            owner::with_mode(root, &meta, 0o700, list)?
        }
        entries => entries?,
    };
    for (meta, entry) in entries {
        let disk = entry.path();
        let inner = join(path, entry.file_name().as_bytes());
        visit(&disk, &inner, &meta)?;
        if meta.is_dir() {
            walk(&disk, &inner, visit)?;
        }
    }
    Ok(())
}
