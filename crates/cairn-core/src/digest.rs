//! The name of a sequence of bytes: its SHA-256.
//!
//! A [`Digest`] is written `sha256:` and 64 lowercase hexadecimal digits, and in no
//! other way. Text from outside becomes a `Digest` through [`Digest::from_str`], so
//! that a value of this type is always safe to use as a file name.
//!
//! ```
//! use cairn_core::digest::Digest;
//! let digest = Digest::of(b"");
//! assert_eq!(
//!     digest.to_string(),
//!     "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
//! );
//! assert!("sha256:../../x".parse::<Digest>().is_err());
//! ```

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// How many bytes are read before they are hashed and written: large enough that
/// system calls vanish beside SHA-256, small enough to stay in the cache.
const BUFFER: usize = 1 << 18;

/// A SHA-256 value. Ordered as its bytes, which is also the order of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: {text:?} (expected sha256: and 64 lowercase hexadecimal digits)")]
pub struct ParseError {
    /// The text as given, cut at 100 characters.
    pub text: String,
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// The 32 bytes themselves.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest whose 32 bytes are these.
    pub fn from_bytes(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    /// The 64 hexadecimal digits without `sha256:`.
    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            text.push(DIGITS[usize::from(byte >> 4)] as char);
            text.push(DIGITS[usize::from(byte & 15)] as char);
        }
        text
    }

    /// Reads exactly 64 lowercase hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Digest, ParseError> {
        let refuse = || ParseError { text: text.chars().take(100).collect() };
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| refuse())?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = nibble(pair[0]).ok_or_else(refuse)?;
            let low = nibble(pair[1]).ok_or_else(refuse)?;
            *byte = high * 16 + low;
        }
        Ok(Digest(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl FromStr for Digest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Digest, ParseError> {
        match text.strip_prefix("sha256:") {
            Some(hex) => Digest::from_hex(hex),
            None => Err(ParseError { text: text.chars().take(100).collect() }),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hashes what is written to it and counts the bytes.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    state: Sha256,
    bytes: u64,
}

impl Hasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Hasher {
        Hasher::default()
    }

    /// Adds `bytes`; cannot fail.
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// The digest of all bytes seen, and how many they were.
    pub fn finish(self) -> (Digest, u64) {
        (Digest(self.state.finalize().into()), self.bytes)
    }
}

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Copies all of `reader` into `writer` and returns the digest and the length of
/// what passed.
pub fn copy<R: Read, W: Write>(mut reader: R, mut writer: W) -> io::Result<(Digest, u64)> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let filled = match reader.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(filled) => filled,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..filled]);
        writer.write_all(&buffer[..filled])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn text_and_bytes_name_the_same_digest() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(Digest::from_hex(&digest.hex()), Ok(digest));
        assert_eq!(Digest::from_bytes(*digest.as_bytes()), digest);
    }

    #[test]
    fn only_the_canonical_spelling_is_a_digest() {
        let upper = EMPTY.to_uppercase().replace("SHA256", "sha256");
        let bad = [
            "",
            "sha256:",
            "sha256:../../x",
            &EMPTY[7..],
            &EMPTY[..70],
            &format!("{EMPTY}0"),
            &format!(" {EMPTY}"),
            &format!("{EMPTY}\n"),
            &EMPTY.replace("sha256", "sha512"),
            &EMPTY.replace("sha256", "SHA256"),
            &upper,
            &EMPTY.replace('e', "g"),
            &EMPTY.replace('e', "é"),
        ];
        for text in bad {
            assert!(text.parse::<Digest>().is_err(), "accepted {text:?}");
        }
    }

    #[test]
    fn what_is_shown_is_the_text() {
        let digest = Digest::of(b"");
        assert_eq!(format!("{digest:?} {digest}"), format!("{EMPTY} {EMPTY}"));
    }

    #[test]
    fn a_hasher_takes_all_that_is_written() {
        let mut hasher = Hasher::new();
        assert_eq!(hasher.write(b"ab").expect("memory does not fail"), 2);
        hasher.write_all(b"c").expect("memory does not fail");
        assert_eq!(hasher.finish(), (Digest::of(b"abc"), 3));
    }

    /// Gives its errors one after the other, then the bytes.
    struct Failing(Vec<io::ErrorKind>, &'static [u8]);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.pop() {
                Some(kind) => Err(kind.into()),
                None => self.1.read(buffer),
            }
        }
    }

    #[test]
    fn a_signal_does_not_end_a_copy_and_an_error_does() {
        let interrupted = Failing(vec![io::ErrorKind::Interrupted; 2], b"abc");
        assert_eq!(copy(interrupted, io::sink()).expect("it goes on"), (Digest::of(b"abc"), 3));
        let broken = Failing(vec![io::ErrorKind::UnexpectedEof], b"abc");
        assert_eq!(copy(broken, io::sink()).expect_err("it ends").kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_copy_is_whole_and_counted() {
        let data = vec![7u8; BUFFER + 3];
        let mut copied = Vec::new();
        let (digest, bytes) = copy(data.as_slice(), &mut copied).expect("memory does not fail");
        assert_eq!((digest, bytes), (Digest::of(&data), data.len() as u64));
        assert_eq!(copied, data);
    }
}
