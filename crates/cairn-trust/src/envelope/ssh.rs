//! SSH signatures: one line of statement, then an armored SSHSIG over it.

use super::EnvelopeError;
use crate::policy::Algorithms;
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};
use std::collections::BTreeMap;

/// What the signature is for; one made for git or a login does not fit.
pub const NAMESPACE: &str = "cairn";

/// Reads a `.pub` file.
pub fn read_key(bytes: &[u8], algorithms: &Algorithms) -> Result<PublicKey, EnvelopeError> {
    let shape = |problem: String| EnvelopeError::Shape(format!("not an SSH public key ({problem})"));
    let text = std::str::from_utf8(bytes).map_err(|e| shape(e.to_string()))?;
    let key = PublicKey::from_openssh(text.trim_end()).map_err(|e| shape(e.to_string()))?;
    let name = key.algorithm().to_string();
    let name = if name.starts_with("rsa-") { "ssh-rsa".to_owned() } else { name };
    let bits = match key.key_data() {
        ssh_key::public::KeyData::Rsa(rsa) => Some(modulus_bits(rsa)),
        _ => None,
    };
    if !algorithms.ssh.contains(&name) || bits.is_some_and(|b| b < algorithms.rsa_minimum_bits) {
        let bits = bits.map_or(String::new(), |b| format!(" with {b} bits"));
        return Err(EnvelopeError::Algorithm(format!("an SSH {name} key{bits}")));
    }
    Ok(key)
}

fn modulus_bits(key: &ssh_key::public::RsaPublicKey) -> u32 {
    let bytes = key.n.as_positive_bytes().unwrap_or_default();
    let leading = bytes.first().map_or(0, |b| b.leading_zeros());
    u32::try_from(bytes.len()).map_or(u32::MAX, |n| n.saturating_mul(8).saturating_sub(leading))
}

/// `SHA256:…`, as `ssh-keygen -l` prints it.
pub fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Checks a file and gives the signer's fingerprint and the statement.
pub fn open(
    bytes: &[u8],
    ring: &BTreeMap<String, PublicKey>,
    algorithms: &Algorithms,
) -> Result<(String, Vec<u8>), EnvelopeError> {
    let shape = |problem: &str| EnvelopeError::Shape(problem.to_owned());
    let end =
        bytes.iter().position(|b| *b == b'\n').ok_or_else(|| shape("no signature after the statement"))?;
    let (line, armor) = bytes.split_at(end + 1);
    let armor = std::str::from_utf8(armor).map_err(|_| shape("the signature is not armored text"))?;
    if !is_armor(armor) {
        return Err(shape("after the statement there must be one armored signature and nothing else"));
    }
    let signature = SshSig::from_pem(armor).map_err(|e| EnvelopeError::Shape(e.to_string()))?;
    // RSA with SHA-1 is called `ssh-rsa` in the signature, whatever the message's hash.
    let weak = matches!(signature.signature().algorithm(), Algorithm::Rsa { hash: None } | Algorithm::Dsa);
    let hash = match signature.hash_alg() {
        HashAlg::Sha256 => "sha256",
        HashAlg::Sha512 => "sha512",
        _ => return Err(EnvelopeError::Algorithm("the signature's hash".to_owned())),
    };
    if weak || !algorithms.hashes.contains(hash) {
        return Err(EnvelopeError::Algorithm(format!("a signature with {hash}")));
    }
    let signer = PublicKey::from(signature.public_key().clone());
    let fingerprint = fingerprint(&signer);
    let key = ring.get(&fingerprint).ok_or_else(|| EnvelopeError::UnknownKey(fingerprint.clone()))?;
    match key.verify(NAMESPACE, line, &signature) {
        Ok(()) => Ok((fingerprint, line[..end].to_vec())),
        Err(_) => Err(EnvelopeError::BadSignature),
    }
}

/// Exactly what `ssh-keygen -Y sign` prints: other readers pass over text before, after
/// and between the lines, each in its own way.
fn is_armor(text: &str) -> bool {
    const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
    const END: &str = "-----END SSH SIGNATURE-----\n";
    let lines = text.strip_prefix(BEGIN).and_then(|t| t.strip_suffix(END));
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    lines.is_some_and(|lines| lines.ends_with('\n') && lines.bytes().all(|b| b == b'\n' || base64(b)))
}
