//! `mirrors.tsv`: more places where a source with a given hash can be had.
//!
//! One line a place, `sha256 (64 hex digits)`, a tab, a location (anything that a
//! definition's `ADD` may name). `#` starts a comment line; empty lines are allowed.
//! Several lines may carry the same hash; they are tried in the file's order. Lines
//! are sorted by hash so that a change is one line. Mirrors are configuration: they
//! never enter a definition digest.

use cairn_core::digest::Digest;
use std::collections::BTreeMap;

/// Locations by hash.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Mirrors {
    by_hash: BTreeMap<Digest, Vec<String>>,
}

/// A line that is not `sha256<TAB>location`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected `sha256<TAB>location`, found `{text}`")]
pub struct MirrorsError {
    /// Counted from one.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl Mirrors {
    /// Reads the table's text.
    pub fn parse(text: &str) -> Result<Mirrors, MirrorsError> {
        let mut by_hash: BTreeMap<Digest, Vec<String>> = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (digest, location) =
                parse_line(line).ok_or_else(|| MirrorsError { line: index + 1, text: line.to_owned() })?;
            by_hash.entry(digest).or_default().push(location.to_owned());
        }
        Ok(Mirrors { by_hash })
    }

    /// The places for one hash, in order.
    pub fn locations<'a>(&'a self, digest: &Digest) -> impl Iterator<Item = &'a str> + use<'a> {
        self.by_hash.get(digest).into_iter().flatten().map(String::as_str)
    }
}

fn parse_line(line: &str) -> Option<(Digest, &str)> {
    let (hex, location) = line.split_once('\t')?;
    let digest = Digest::from_hex(hex).ok()?;
    let clean = !location.is_empty() && !location.contains(char::is_whitespace);
    clean.then_some((digest, location))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_found_by_its_hash_in_file_order() {
        let digest = Digest::of(b"x");
        let hex = digest.hex();
        let text = format!("# places\n\n{hex}\thttps://a.example/x\n{hex}\tfile:/srv/x\n");
        let mirrors = Mirrors::parse(&text).expect("a good table");
        let found: Vec<_> = mirrors.locations(&digest).collect();
        assert_eq!(found, ["https://a.example/x", "file:/srv/x"]);
        assert_eq!(mirrors.locations(&Digest::of(b"y")).count(), 0);
    }

    #[test]
    fn a_malformed_line_is_named_and_not_skipped() {
        for bad in ["abc\thttps://a.example", "no tab here", "\t", "zz"] {
            let error = Mirrors::parse(&format!("# ok\n{bad}\n")).expect_err(bad);
            assert_eq!((error.line, error.text.as_str()), (2, bad));
        }
    }
}
