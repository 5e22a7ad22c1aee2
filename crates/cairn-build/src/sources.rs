//! Where `ADD --checksum` gets its bytes.

use std::path::PathBuf;

use cairn_core::digest::Digest;
use cairn_core::plan::SourceUrl;

/// Finds source files by hash. `cairn-registry` implements it with the network; tests
/// with a folder.
pub trait Sources: Send + Sync {
    /// A file whose bytes have this digest, verified, that stays where it is until the
    /// build ends. `told(bytes so far, bytes in all)` may be called while it arrives.
    ///
    /// On failure the text says every place that was asked and what came of it.
    fn fetch(
        &self,
        source: &SourceUrl,
        checksum: &Digest,
        told: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<PathBuf, SourceError>;
}

/// A source could not be had.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// The whole story, one place a line.
    pub message: String,
    /// Some place had other bytes: not a failure of the network.
    pub wrong_hash: bool,
    /// No place was asked, because none may be.
    pub offline: bool,
}

/// Has nothing: for packages without sources.
#[derive(Debug, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn fetch(
        &self,
        source: &SourceUrl,
        checksum: &Digest,
        _: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<PathBuf, SourceError> {
        Err(SourceError {
            message: format!("no source store is configured: {source} ({checksum})"),
            wrong_hash: false,
            offline: false,
        })
    }
}
