//! Files named by their hash: blobs and sources.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::{self, Digest};

use super::hashing::{BLOCK, Hashing};
use super::{Error, Result, Store, at};

impl Store {
    /// Starts a new blob.
    pub fn blob_writer(&self) -> Result<BlobWriter<'_>> {
        BlobWriter::new(self, "blobs/sha256")
    }

    /// Starts a new source.
    pub fn source_writer(&self) -> Result<BlobWriter<'_>> {
        BlobWriter::new(self, "sources/sha256")
    }

    /// Stores `bytes` as a blob.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest> {
        let mut writer = self.blob_writer()?;
        writer.write_all(bytes).map_err(at("write", &self.home))?;
        Ok(writer.commit(None)?.0)
    }

    /// Where the blob `digest` is or would be. What is read there is unverified.
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.home.join("blobs/sha256").join(digest.hex())
    }

    /// Where the source `digest` is or would be. What is read there is unverified.
    pub fn source_path(&self, digest: &Digest) -> PathBuf {
        self.home.join("sources/sha256").join(digest.hex())
    }

    /// Whether there is such a blob; its content has not been looked at.
    pub fn has_blob(&self, digest: &Digest) -> bool {
        self.blob_path(digest).is_file()
    }

    /// Length of a blob in bytes, if there is one.
    pub fn blob_size(&self, digest: &Digest) -> Option<u64> {
        fs::metadata(self.blob_path(digest)).ok().map(|meta| meta.len())
    }

    /// Opens a blob after hashing all of it.
    pub fn open_blob(&self, digest: &Digest) -> Result<File> {
        open_verified(&self.blob_path(digest), digest)
    }

    /// Opens a blob whose reader hashes what it reads.
    pub(crate) fn open_unverified(&self, digest: &Digest) -> Result<File> {
        open(&self.blob_path(digest), digest)
    }

    /// Opens a source after hashing all of it.
    pub fn open_source(&self, digest: &Digest) -> Result<File> {
        open_verified(&self.source_path(digest), digest)
    }

    /// Reads a verified blob of at most `limit` bytes.
    pub fn read_blob_small(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>> {
        let path = self.blob_path(digest);
        let file = open(&path, digest)?;
        let size = file.metadata().map_err(at("read", &path))?.len();
        if size > limit {
            return Err(Error::TooLong { digest: *digest, size, limit });
        }
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(at("read", &path))?;
        let got = Digest::of(&bytes);
        if got == *digest { Ok(bytes) } else { Err(Error::Damaged { path, got }) }
    }

    /// Copies a blob into `out` and verifies what was copied; after an error `out`
    /// holds bytes that must not be used.
    pub fn copy_blob(&self, digest: &Digest, out: impl Write) -> Result<u64> {
        let path = self.blob_path(digest);
        let file = open(&path, digest)?;
        let (got, size) = digest::copy(file, out).map_err(at("copy", &path))?;
        if got == *digest { Ok(size) } else { Err(Error::Damaged { path, got }) }
    }

    /// Forgets a blob, as when it was found damaged.
    pub fn remove_blob(&self, digest: &Digest) -> Result<()> {
        let path = self.blob_path(digest);
        fs::remove_file(&path).map_err(at("remove", &path))
    }

    /// A path under `tmp/` that no other process uses.
    pub(super) fn temporary(&self) -> PathBuf {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        self.home.join(format!("tmp/{}-{count}", self.dirty.nonce()))
    }
}

/// A file that is not yet known by its hash.
///
/// Writes of any size are collected into blocks. Dropped without
/// [`BlobWriter::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct BlobWriter<'a> {
    store: &'a Store,
    dir: &'static str,
    path: PathBuf,
    file: File,
    block: Vec<u8>,
    hashing: Hashing,
    committed: bool,
}

impl<'a> BlobWriter<'a> {
    fn new(store: &'a Store, dir: &'static str) -> Result<BlobWriter<'a>> {
        let path = store.temporary();
        let mut options = File::options();
        let file = options.write(true).create_new(true).mode(0o644).open(&path);
        let file = file.map_err(at("write", &path))?;
        let (block, hashing) = (Vec::new(), Hashing::Idle);
        Ok(BlobWriter { store, dir, path, file, block, hashing, committed: false })
    }

    /// Puts the file in its place and returns its digest and length. If it is not
    /// `expected`, it is thrown away.
    pub fn commit(mut self, expected: Option<Digest>) -> Result<(Digest, u64)> {
        self.file.write_all(&self.block).map_err(at("write", &self.path))?;
        let hashing = std::mem::replace(&mut self.hashing, Hashing::Idle);
        let (got, size) = hashing.finish(&self.block);
        if let Some(expected) = expected.filter(|expected| *expected != got) {
            return Err(Error::WrongDigest { expected, got });
        }
        self.store.dirty.set()?;
        let place = self.store.home.join(self.dir).join(got.hex());
        fs::rename(&self.path, &place).map_err(at("write", &place))?;
        self.committed = true;
        Ok((got, size))
    }
}

impl Write for BlobWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.len() == BLOCK {
            self.file.write_all(&self.block)?;
            let full = std::mem::take(&mut self.block);
            self.block = self.hashing.block(full);
        }
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: the file can be seen by nobody before it is committed.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for BlobWriter<'_> {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be done about a failure; `gc` clears `tmp/` anyway.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path, digest: &Digest) -> Result<File> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::Missing { digest: *digest },
        _ => Error::Io { action: "open", path: path.to_owned(), source },
    })
}

fn open_verified(path: &Path, digest: &Digest) -> Result<File> {
    let mut file = open(path, digest)?;
    let (got, _) = digest::copy(&file, io::sink()).map_err(at("read", path))?;
    if got != *digest {
        return Err(Error::Damaged { path: path.to_owned(), got });
    }
    file.rewind().map_err(at("read", path))?;
    Ok(file)
}
