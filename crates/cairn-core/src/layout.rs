//! Images as files that any container engine takes.
//!
//! ```text
//! NAME.tgz
//!   blobs/sha256/HEX   manifests, configs, layers
//!   index.json         OCI layout: `skopeo copy oci-archive:`, `podman load`
//!   manifest.json      docker-archive: `docker load`
//!   oci-layout
//! ```
//!
//! The tar is canonical like a layer, and the gzip around it only stores: so the bytes
//! of an exported file follow from the images and their names alone, whatever version
//! of whatever compressor a machine has. What is sent over a network can be compressed
//! there.

mod gzip;
mod import;

pub use import::import;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use crate::digest::{Digest, Hasher};
use crate::image::{self, CREATED, Image, MANIFEST_TYPE};
use crate::json::Value;
use crate::store::{self, Store};
use crate::tar::{Entry, Kind, WriteError, Writer};

/// Why images cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{name:?} is no image name (lower case letters, digits, `.`, `_`, `-` and `/`, then `:tag`)")]
    Name { name: String },
    #[error("the name {name} is given to two images")]
    NameTwice { name: String },
    #[error("{name}: {source}")]
    Image { name: String, source: image::Error },
    #[error("{digest} is damaged in the store: its content is {got}")]
    Damaged { digest: Digest, got: Digest },
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Tar(#[from] WriteError),
    #[error("cannot write the archive: {0}")]
    Write(#[from] io::Error),
    #[error("cannot read {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
}

/// Writes the images, each with its name, into one file.
///
/// A name without a tag gets `latest`. Every byte is hashed on its way; after an error
/// what has been written to `out` must be thrown away.
pub fn export<W: Write>(store: &Store, images: &[(String, Digest)], out: W) -> Result<(), Error> {
    let mut named = BTreeMap::new();
    for (name, digest) in images {
        let reference = Reference::parse(name)?;
        if named.insert(reference, load(store, name, digest)?).is_some() {
            return Err(Error::NameTwice { name: name.clone() });
        }
    }
    let mut writer = Writer::new(gzip::Stored::new(out)?);
    directory(&mut writer, "blobs")?;
    directory(&mut writer, "blobs/sha256")?;
    for (digest, size) in blobs(named.values()) {
        copy_blob(store, &mut writer, &digest, size)?;
    }
    document(&mut writer, "index.json", &index(&named))?;
    document(&mut writer, "manifest.json", &docker_manifest(&named))?;
    document(&mut writer, "oci-layout", &Value::object([("imageLayoutVersion", "1.0.0".into())]))?;
    writer.finish()?.finish()?.flush()?;
    Ok(())
}

/// The image with this manifest, as the store has it: both documents hashed and checked.
pub fn image(store: &Store, manifest: &Digest) -> Result<Image, Error> {
    Ok(load(store, &manifest.to_string(), manifest)?.image)
}

/// An image and the length of its manifest and config.
struct Loaded {
    image: Image,
    manifest_size: u64,
    config_size: u64,
}

fn load(store: &Store, name: &str, digest: &Digest) -> Result<Loaded, Error> {
    let read = |digest| store.read_blob_small(digest, image::MAX_DOCUMENT as u64);
    let manifest = read(digest)?;
    let at = |source| Error::Image { name: name.to_owned(), source };
    let config = read(&image::config_of(&manifest).map_err(at)?)?;
    let image = image::read(&manifest, &config).map_err(at)?;
    let (manifest_size, config_size) = (manifest.len() as u64, config.len() as u64);
    Ok(Loaded { image, manifest_size, config_size })
}

/// `REPOSITORY:TAG`, both in the spelling that all engines accept.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    repository: String,
    tag: String,
}

impl Reference {
    fn parse(name: &str) -> Result<Reference, Error> {
        let (repository, tag) = name.split_once(':').unwrap_or((name, "latest"));
        let component = |part: &str| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let inner = |byte: u8| plain(byte) || matches!(byte, b'.' | b'_' | b'-');
            part.bytes().all(inner)
                && part.bytes().next().is_some_and(plain)
                && part.bytes().last().is_some_and(plain)
        };
        let tag_ok = (1..=128).contains(&tag.len())
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            && !tag.starts_with(['.', '-']);
        if repository.len() > 200 || !repository.split('/').all(component) || !tag_ok {
            return Err(Error::Name { name: name.to_owned() });
        }
        Ok(Reference { repository: repository.to_owned(), tag: tag.to_owned() })
    }
}

/// Every blob of the images once, sorted, with its length.
fn blobs<'a>(images: impl Iterator<Item = &'a Loaded>) -> BTreeMap<Digest, u64> {
    let mut blobs = BTreeMap::new();
    for Loaded { image, manifest_size, config_size } in images {
        blobs.insert(image.manifest, *manifest_size);
        blobs.insert(image.config_digest, *config_size);
        blobs.extend(image.layers.iter().map(|layer| (layer.digest, layer.size)));
    }
    blobs
}

fn blob_path(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn index(images: &BTreeMap<Reference, Loaded>) -> Value {
    let entries = images.iter().map(|(reference, loaded)| {
        let Reference { repository, tag } = reference;
        let annotations = [
            ("io.containerd.image.name", format!("docker.io/{repository}:{tag}").into()),
            ("org.opencontainers.image.created", CREATED.into()),
            ("org.opencontainers.image.ref.name", format!("{repository}:{tag}").into()),
        ];
        let size = i64::try_from(loaded.manifest_size).expect("documents are short");
        Value::object([
            ("mediaType", MANIFEST_TYPE.into()),
            ("digest", loaded.image.manifest.to_string().into()),
            ("size", size.into()),
            ("annotations", Value::object(annotations)),
            ("platform", image::platform(&loaded.image.config)),
        ])
    });
    Value::object([
        ("schemaVersion", 2.into()),
        ("mediaType", image::INDEX_TYPE.into()),
        ("manifests", Value::Array(entries.collect())),
    ])
}

fn docker_manifest(images: &BTreeMap<Reference, Loaded>) -> Value {
    let entries = images.iter().map(|(Reference { repository, tag }, Loaded { image, .. })| {
        let layers = image.layers.iter().map(|layer| blob_path(&layer.digest));
        Value::object([
            ("Config", blob_path(&image.config_digest).into()),
            ("RepoTags", Value::strings([format!("{repository}:{tag}")])),
            ("Layers", Value::strings(layers)),
        ])
    });
    Value::Array(entries.collect())
}

fn directory<W: Write>(writer: &mut Writer<W>, path: &str) -> Result<(), Error> {
    let entry = Entry { path: path.into(), kind: Kind::Dir, mode: 0o755, uid: 0, gid: 0 };
    Ok(writer.append(&entry, &mut io::empty())?)
}

fn document<W: Write>(writer: &mut Writer<W>, path: &str, value: &Value) -> Result<(), Error> {
    let text = value.compact();
    Ok(writer.append(&file(path, text.len() as u64), &mut text.as_bytes())?)
}

fn file(path: &str, size: u64) -> Entry {
    Entry { path: path.into(), kind: Kind::File { size }, mode: 0o644, uid: 0, gid: 0 }
}

fn copy_blob<W: Write>(
    store: &Store,
    writer: &mut Writer<W>,
    digest: &Digest,
    size: u64,
) -> Result<(), Error> {
    let mut reader = Hashing { inner: store.open_unverified(digest)?, hasher: Hasher::new() };
    writer.append(&file(&blob_path(digest), size), &mut reader)?;
    let (got, _) = reader.hasher.finish();
    if got == *digest { Ok(()) } else { Err(Error::Damaged { digest: *digest, got }) }
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
