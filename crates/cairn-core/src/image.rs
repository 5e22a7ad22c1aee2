//! The two documents that make layers an image: config and manifest.
//!
//! [`assemble`] writes them byte for byte as BuildKit does under
//! `SOURCE_DATE_EPOCH=0`, so that a stranger's Docker prints the same digest (the
//! rules stand in `docs/image.md`). [`read`] takes such documents from outside and
//! refuses every one that could mean two things.
//!
//! ```text
//! manifest ──digest──> config ──diff_ids──┐
//!     └───────────digest──────────────────┴──> layer (plain tar, digest = diff_id)
//! ```
//!
//! Layers are never compressed, so a layer's digest is its diff id.

mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;

pub use read::{Error, MAX_DOCUMENT, MAX_LAYERS, config_of, read};
pub(crate) use write::platform;
pub use write::{Assembled, assemble, index};

/// Media type of a manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of a config.
pub const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
/// Media type of the only kind of layer there is: an uncompressed tar.
pub const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
/// Media type of an index.
pub const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
/// The time of everything: `SOURCE_DATE_EPOCH=0`.
pub const CREATED: &str = "1970-01-01T00:00:00Z";
/// The `PATH` that BuildKit gives to every Linux stage whose base sets none.
pub const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// All that an image says besides its files. An empty text or `None` means unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// In Go's naming, as in `amd64`.
    pub architecture: String,
    /// `linux`.
    pub os: String,
    pub user: String,
    /// As in `80/tcp`.
    pub exposed_ports: BTreeSet<String>,
    /// `NAME=value`, in the order they were set.
    pub env: Vec<String>,
    pub entrypoint: Option<Vec<String>>,
    pub cmd: Option<Vec<String>>,
    pub volumes: BTreeSet<String>,
    /// Written as `/` if empty.
    pub working_dir: String,
    pub labels: BTreeMap<String, String>,
    pub stop_signal: Option<String>,
    /// BuildKit sets it with every CMD; it has no meaning on Linux but is hashed.
    pub args_escaped: bool,
    pub shell: Option<Vec<String>>,
    /// One entry for each instruction that BuildKit records, oldest first.
    pub history: Vec<History>,
}

/// What one instruction did, in BuildKit's wording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// As in `COPY /rootfs / # buildkit`.
    pub created_by: String,
    /// `buildkit.dockerfile.v0`.
    pub comment: String,
    /// True if the instruction made no layer.
    pub empty_layer: bool,
}

impl Config {
    /// The config of `FROM scratch`: Linux, with the default `PATH`.
    pub fn scratch(architecture: &str) -> Config {
        Config {
            architecture: architecture.to_owned(),
            os: "linux".to_owned(),
            env: vec![DEFAULT_PATH.to_owned()],
            working_dir: "/".to_owned(),
            ..Config::default()
        }
    }
}

/// One layer: an uncompressed tar, so `digest` is both blob digest and diff id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layer {
    pub digest: Digest,
    /// Length of the tar in bytes.
    pub size: u64,
}

/// An image whose documents have been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Digest of the manifest: the image's name.
    pub manifest: Digest,
    /// Digest of the config.
    pub config_digest: Digest,
    /// Lowest first.
    pub layers: Vec<Layer>,
    pub config: Config,
}

#[cfg(test)]
mod tests;
