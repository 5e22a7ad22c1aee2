//! Images from somebody else's OCI layout, an unpacked folder.
//!
//! ```text
//! DIR/blobs/sha256/HEX    all that is read: the caller says which manifest it wants
//! ```
//!
//! The layout's own `index.json` names digests by words, which nobody here believes, so
//! it is not read. Every blob is opened once; the bytes that are hashed are the bytes
//! that are kept, and nothing is kept whose hash is not the one asked for.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Error;
use crate::digest::Digest;
use crate::image::{self, Image};
use crate::store::Store;

/// Copies the image with this manifest from the layout `dir` into the store, unless the
/// store has it; what the store has already is hashed again.
pub fn import(store: &Store, dir: &Path, manifest: &Digest) -> Result<Image, Error> {
    let limit = image::MAX_DOCUMENT as u64;
    let at = |source| Error::Image { name: manifest.to_string(), source };
    blob(store, dir, manifest, limit)?;
    let document = store.read_blob_small(manifest, limit)?;
    let config = image::config_of(&document).map_err(at)?;
    blob(store, dir, &config, limit)?;
    let image = image::read(&document, &store.read_blob_small(&config, limit)?).map_err(at)?;
    for layer in &image.layers {
        blob(store, dir, &layer.digest, layer.size)?;
    }
    Ok(image)
}

/// One blob of at most `limit` bytes. A longer or endless one is read no further.
fn blob(store: &Store, dir: &Path, digest: &Digest, limit: u64) -> Result<(), Error> {
    if store.has_blob(digest) && store.copy_blob(digest, io::sink()).is_ok() {
        return Ok(());
    }
    let path = dir.join("blobs/sha256").join(digest.hex());
    let failed = |source| Error::Read { path: path.clone(), source };
    // A pipe must not make the opening wait.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(nonblock).open(&path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("is not a regular file")));
    }
    let mut writer = store.blob_writer()?;
    io::copy(&mut file.take(limit + 1), &mut writer).map_err(failed)?;
    writer.commit(Some(*digest))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Config, Layer, assemble};
    use std::fs;

    /// A layout with one image of one layer; gives its manifest.
    fn layout(dir: &Path) -> (Digest, Digest) {
        let layer = b"a layer".as_slice();
        let digest = Digest::of(layer);
        let made = assemble(&Config::scratch("amd64"), &[Layer { digest, size: layer.len() as u64 }]);
        fs::create_dir_all(dir.join("blobs/sha256")).expect("a temporary folder");
        for bytes in [layer, &made.config_bytes, &made.manifest_bytes] {
            fs::write(dir.join("blobs/sha256").join(Digest::of(bytes).hex()), bytes).expect("a file");
        }
        (made.manifest_digest, digest)
    }

    #[test]
    fn a_whole_image_is_copied_and_any_other_byte_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (dir, home) = (folder.path().join("layout"), folder.path().join("store"));
        let (manifest, layer) = layout(&dir);
        let store = Store::open(&home).expect("a new store");
        let path = dir.join("blobs/sha256").join(layer.hex());
        for bad in ["a lAyer", "a layer and more", "a", ""] {
            fs::write(&path, bad).expect("a file");
            import(&store, &dir, &manifest).expect_err(bad);
            assert!(!store.has_blob(&layer), "kept {bad:?}");
        }
        fs::remove_file(&path).expect("it is there");
        import(&store, &dir, &manifest).expect_err("a missing layer");
        fs::write(&path, "a layer").expect("a file");
        let image = import(&store, &dir, &manifest).expect("whole");
        assert_eq!(image.manifest, manifest);
        // Now the layout may go away; what the store has is hashed again, though.
        fs::remove_dir_all(&dir).expect("it is there");
        import(&store, &dir, &manifest).expect("in the store");
        fs::write(store.blob_path(&layer), "a lAyer").expect("a file");
        import(&store, &dir, &manifest).expect_err("damaged");
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("layout");
        let (manifest, layer) = layout(&dir);
        let store = Store::open(&folder.path().join("store")).expect("a new store");
        let path = dir.join("blobs/sha256").join(layer.hex());
        fs::remove_file(&path).expect("it is there");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).expect("a pipe");
        import(&store, &dir, &manifest).expect_err("a pipe");
        fs::remove_file(&path).expect("it is there");
        std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
        import(&store, &dir, &manifest).expect_err("an endless device");
    }
}
