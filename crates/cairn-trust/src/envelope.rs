//! One signature file: which key, over which bytes.
//!
//! ```text
//! OpenPGP   one binary signed message: one-pass, literal, signature
//!           what `gpg --compress-algo none --sign` writes and podman, skopeo, gpgv and sqv read
//! SSH       the statement on one line, then an armored SSHSIG over that line
//!           including its line break, namespace `cairn`:
//!             head -n 1 F | ssh-keygen -Y verify -f allowed_signers -I NAME -n cairn -s <(tail -n +2 F)
//! ```
//!
//! A file holds one signature by one key. What is not exactly of these two shapes is
//! refused: a second signature, another packet, bytes after the end, a subkey, an
//! algorithm that the policy does not list. Files are at most [`MAX_FILE`] bytes, which
//! is checked before any cryptography.

mod openpgp;
pub mod parts;
mod ssh;

pub use openpgp::dearmor;
pub use ssh::NAMESPACE as SSH_NAMESPACE;

use crate::people::{KeyKind, People};
use crate::policy::Algorithms;
use crate::quorum::Signed;
use crate::statement::{self, MAX_SNAPSHOT_BYTES, StatementError};
use cairn_core::digest::Digest;
use std::collections::BTreeMap;

/// The longest signature file in bytes: a snapshot and its signature.
pub const MAX_FILE: usize = MAX_SNAPSHOT_BYTES + 16 * 1024;

/// Why a signature file, or a public key, is not used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum EnvelopeError {
    #[error("{0} bytes: a signature file has at most {MAX_FILE}")]
    TooLong(usize),
    #[error("not one signed message: {0}")]
    Shape(String),
    #[error("{0} is not allowed by the policy")]
    Algorithm(String),
    #[error("nobody in trust/keys has the key {0}")]
    UnknownKey(String),
    #[error("the signature is not good")]
    BadSignature,
    #[error("the key file is for {found}, person.toml says {stated}")]
    OtherKey { stated: String, found: String },
    #[error("{0}")]
    Statement(#[from] StatementError),
}

/// Everybody's public keys, ready for use, by fingerprint.
#[derive(Debug, Default)]
pub struct Keyring {
    openpgp: BTreeMap<String, openpgp::Certificate>,
    ssh: BTreeMap<String, ssh_key::PublicKey>,
}

impl Keyring {
    /// Reads every key of `people`; `file(person, name)` gives the bytes of a key file.
    /// A key that does not match its fingerprint, or is of a kind that the policy does
    /// not allow, is an error: a policy that cannot be applied is not half applied.
    pub fn load<E: From<EnvelopeError>>(
        people: &People,
        algorithms: &Algorithms,
        mut file: impl FnMut(&str, &str) -> Result<Vec<u8>, E>,
    ) -> Result<Keyring, E> {
        let mut ring = Keyring::default();
        for person in people.iter() {
            for key in &person.keys {
                let bytes = file(&person.id, &key.file)?;
                let stated = key.fingerprint.clone();
                let found = match key.kind {
                    KeyKind::Openpgp => {
                        let certificate = openpgp::Certificate::read(&bytes, algorithms)?;
                        let found = certificate.fingerprint().to_owned();
                        ring.openpgp.insert(found.clone(), certificate);
                        found
                    }
                    KeyKind::Ssh => {
                        let public = ssh::read_key(&bytes, algorithms)?;
                        let found = ssh::fingerprint(&public);
                        ring.ssh.insert(found.clone(), public);
                        found
                    }
                };
                if found != stated {
                    return Err(EnvelopeError::OtherKey { stated, found }.into());
                }
            }
        }
        Ok(ring)
    }

    /// Checks a signature, whatever is signed: the key's fingerprint and the signed bytes.
    pub fn message(&self, bytes: &[u8], algorithms: &Algorithms) -> Result<(String, Vec<u8>), EnvelopeError> {
        if bytes.len() > MAX_FILE {
            return Err(EnvelopeError::TooLong(bytes.len()));
        }
        if bytes.first() == Some(&b'{') {
            ssh::open(bytes, &self.ssh, algorithms)
        } else {
            openpgp::open(bytes, &self.openpgp, algorithms)
        }
    }

    /// Opens a signature file: checks the signature and reads the statement.
    pub fn open(&self, bytes: &[u8], algorithms: &Algorithms, source: &str) -> Result<Signed, EnvelopeError> {
        let (fingerprint, payload) = self.message(bytes, algorithms)?;
        let statement = statement::parse(&payload)?;
        Ok(Signed { fingerprint, statement, digest: Digest::of(&payload), source: source.to_owned() })
    }
}
