//! Messages and keys taken apart, for clients that want the same signature in another frame.
//!
//! ```text
//! one-pass | literal | signature  ──>  payload, and the signature packet alone
//! ```
//!
//! What a signature of this kind covers is the literal's body and its own head, so the
//! packet alone is a detached signature over the payload.

use super::EnvelopeError;
use super::openpgp::take_apart;
use pgp::composed::{Deserializable, SignedPublicKey};
use pgp::packet::PacketTrait;
use pgp::ser::Serialize;
use pgp::types::{EddsaLegacyPublicParams, KeyDetails, PublicParams, SignatureBytes};
use rsa::traits::PublicKeyParts;

/// A message as a payload and a detached signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// The signed bytes.
    pub payload: Vec<u8>,
    /// The signature packet with its header: what gpgv and sqv read.
    pub packet: Vec<u8>,
    /// The beginning of the packet's body: what is hashed behind the payload.
    pub head: Vec<u8>,
    /// The numbers that the signature consists of, leading zeros left out.
    pub numbers: Vec<Vec<u8>>,
}

/// Takes a message apart without checking its signature.
pub fn detach(message: &[u8]) -> Result<Detached, EnvelopeError> {
    let (signature, payload) = take_apart(message)?;
    let shape = |problem: String| EnvelopeError::Shape(problem);
    let mut packet = Vec::new();
    signature.to_writer_with_header(&mut packet).map_err(|e| shape(e.to_string()))?;
    let body = signature.to_bytes().map_err(|e| shape(e.to_string()))?;
    let hashed = body.get(4..6).map_or(0, |n| usize::from(n[0]) << 8 | usize::from(n[1]));
    let head = body.get(..6 + hashed).ok_or_else(|| shape("the signature is cut short".to_owned()))?;
    let numbers = match signature.signature() {
        Some(SignatureBytes::Mpis(numbers)) => numbers.iter().map(|n| n.as_ref().to_vec()).collect(),
        _ => Vec::new(),
    };
    Ok(Detached { payload, packet, head: head.to_vec(), numbers })
}

/// A public key as numbers, in the two kinds that in-toto knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyNumbers {
    /// The point.
    Ed25519([u8; 32]),
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
}

/// The primary key of a certificate; `None` if it is of another kind.
pub fn key_numbers(certificate: &[u8]) -> Result<Option<KeyNumbers>, EnvelopeError> {
    let shape = |e: pgp::errors::Error| EnvelopeError::Shape(format!("not an OpenPGP certificate ({e})"));
    let (certificate, _) = SignedPublicKey::from_reader_single(certificate).map_err(shape)?;
    Ok(match certificate.primary_key.public_params() {
        PublicParams::Ed25519(params) => Some(KeyNumbers::Ed25519(params.key.to_bytes())),
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { key }) => {
            Some(KeyNumbers::Ed25519(key.to_bytes()))
        }
        PublicParams::RSA(params) => {
            let key = &params.key;
            Some(KeyNumbers::Rsa(key.n().to_bytes_be(), key.e().to_bytes_be()))
        }
        _ => None,
    })
}
