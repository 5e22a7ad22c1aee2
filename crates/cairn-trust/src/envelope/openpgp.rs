//! OpenPGP signed messages and certificates, as little of them as is needed.
//!
//! Of a certificate only the primary key is used: its fingerprint stands in
//! `person.toml`, which enough roots signed, so user ids, self-signatures, expiry dates
//! and subkeys in the file decide nothing. (podman and skopeo do look at them.)

use super::EnvelopeError;
use crate::policy::Algorithms;
use crate::statement::MAX_SNAPSHOT_BYTES;
use pgp::composed::{Deserializable, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{
    Packet, PacketParser, PublicKey, Signature, SignatureType, SignatureVersion, Subpacket, SubpacketData,
};
use pgp::ser::Serialize;
use pgp::types::{EcdsaPublicParams, KeyDetails, PublicParams};
use std::collections::BTreeMap;
use std::io::BufReader;

/// A primary key and its fingerprint in lower-case hex.
#[derive(Debug)]
pub struct Certificate {
    fingerprint: String,
    key: PublicKey,
}

impl Certificate {
    /// Reads an armored or binary certificate.
    pub fn read(bytes: &[u8], algorithms: &Algorithms) -> Result<Certificate, EnvelopeError> {
        let shape = |e: pgp::errors::Error| EnvelopeError::Shape(format!("not an OpenPGP certificate ({e})"));
        let (certificate, _) = SignedPublicKey::from_reader_single(bytes).map_err(shape)?;
        let key = certificate.primary_key;
        let (name, bits) = algorithm(&key);
        if !algorithms.openpgp.contains(&name) || bits.is_some_and(|b| b < algorithms.rsa_minimum_bits) {
            let bits = bits.map_or(String::new(), |b| format!(" with {b} bits"));
            return Err(EnvelopeError::Algorithm(format!("an OpenPGP {name} key{bits}")));
        }
        Ok(Certificate { fingerprint: format!("{:x}", key.fingerprint()), key })
    }

    /// Lower-case hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// A certificate's bytes without armor, as keyrings hold them.
pub fn dearmor(bytes: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let shape = |e: String| EnvelopeError::Shape(e);
    let (certificate, _) = SignedPublicKey::from_reader_single(bytes).map_err(|e| shape(e.to_string()))?;
    certificate.to_bytes().map_err(|e| shape(e.to_string()))
}

/// The algorithm as the policy names it, and the bits of an RSA key.
fn algorithm(key: &PublicKey) -> (String, Option<u32>) {
    use rsa_bits::bits;
    match key.public_params() {
        PublicParams::RSA(rsa) => ("rsa".to_owned(), Some(bits(&rsa.key))),
        PublicParams::Ed25519(_) | PublicParams::EdDSALegacy(_) => ("ed25519".to_owned(), None),
        PublicParams::ECDSA(EcdsaPublicParams::P256 { .. }) => ("p256".to_owned(), None),
        PublicParams::ECDSA(EcdsaPublicParams::P384 { .. }) => ("p384".to_owned(), None),
        other => {
            (format!("{other:?}").split(['(', ' ', '{']).next().unwrap_or("unknown").to_lowercase(), None)
        }
    }
}

mod rsa_bits {
    use rsa::traits::PublicKeyParts;

    /// The length of the modulus.
    pub fn bits(key: &rsa::RsaPublicKey) -> u32 {
        u32::try_from(key.n().bits()).unwrap_or(u32::MAX)
    }
}

/// Checks a signed message and gives the signer's fingerprint and the signed bytes.
pub fn open(
    bytes: &[u8],
    ring: &BTreeMap<String, Certificate>,
    algorithms: &Algorithms,
) -> Result<(String, Vec<u8>), EnvelopeError> {
    let (signature, payload) = take_apart(bytes)?;
    let shape = |problem: &str| EnvelopeError::Shape(problem.to_owned());
    if signature.version() != SignatureVersion::V4 || signature.typ() != Some(SignatureType::Binary) {
        return Err(shape("the signature must be a version 4 signature over binary data"));
    }
    let hash = signature.hash_alg().ok_or_else(|| shape("the signature has no hash algorithm"))?;
    if !hash_name(hash).is_some_and(|name| algorithms.hashes.contains(name)) {
        return Err(EnvelopeError::Algorithm(format!("a signature with {hash:?}")));
    }
    // Critical means: refuse it if you do not know it. We know no notation.
    let unknown = |p: &Subpacket| p.is_critical && matches!(p.data, SubpacketData::Notation(_));
    if signature.config().is_some_and(|c| c.hashed_subpackets().any(unknown)) {
        return Err(shape("the signature has a critical notation"));
    }
    let issuers = signature.issuer_fingerprint();
    let [issuer] = issuers.as_slice() else {
        return Err(shape("the signature must name the fingerprint of its one issuer"));
    };
    let issuer = format!("{issuer:x}");
    let certificate = ring.get(&issuer).ok_or_else(|| EnvelopeError::UnknownKey(issuer.clone()))?;
    match signature.verify(&certificate.key, payload.as_slice()) {
        Ok(()) => Ok((issuer, payload)),
        Err(_) => Err(EnvelopeError::BadSignature),
    }
}

fn hash_name(hash: HashAlgorithm) -> Option<&'static str> {
    match hash {
        HashAlgorithm::Sha256 => Some("sha256"),
        HashAlgorithm::Sha384 => Some("sha384"),
        HashAlgorithm::Sha512 => Some("sha512"),
        _ => None,
    }
}

/// `one-pass literal signature` or `signature literal`. Compression is refused: readers
/// differ in its methods and in what may follow a compressed stream.
pub(super) fn take_apart(bytes: &[u8]) -> Result<(Signature, Vec<u8>), EnvelopeError> {
    let packets = read_packets(bytes)?;
    let (literal, signature) = match <[Packet; 3]>::try_from(packets) {
        Ok([Packet::OnePassSignature(_), Packet::LiteralData(l), Packet::Signature(s)]) => (l, s),
        Ok(_) => return Err(EnvelopeError::Shape("unexpected packets".to_owned())),
        Err(packets) => match <[Packet; 2]>::try_from(packets) {
            Ok([Packet::Signature(s), Packet::LiteralData(l)]) => (l, s),
            _ => return Err(EnvelopeError::Shape("there must be one literal and one signature".to_owned())),
        },
    };
    if !literal.is_binary() {
        return Err(EnvelopeError::Shape("the literal must be binary".to_owned()));
    }
    if literal.data().len() > MAX_SNAPSHOT_BYTES {
        return Err(EnvelopeError::TooLong(literal.data().len()));
    }
    Ok((signature, literal.data().to_vec()))
}

fn read_packets(bytes: &[u8]) -> Result<Vec<Packet>, EnvelopeError> {
    // Three is the most that is accepted; a file of thousands of packets ends here.
    let parser = PacketParser::new(BufReader::new(bytes)).take(4);
    let packets: Result<Vec<_>, _> = parser.collect();
    packets.map_err(|e| EnvelopeError::Shape(e.to_string()))
}
