//! What packages are called.

use std::fmt;
use std::str::FromStr;

/// The name of a package: `group/name`.
///
/// The group is lower-case letters and digits and begins with a letter. The name is
/// lower-case letters and digits, with single `.`, `_`, `__` or any number of `-`
/// between them: what an image repository may be called, so that stock engines
/// accept it in `FROM`.
///
/// As a file or tag it is written `group-name` ([`Name::flat`]); no group has a `-`,
/// so that this can be read back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    text: String,
    slash: usize,
}

/// The group of tests; no package can be in it.
const TESTS: &str = "tests";

/// Why a text is no package name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a package name: {reason}")]
pub struct BadName {
    text: String,
    reason: &'static str,
}

impl Name {
    /// `bootstrap` of `bootstrap/stage0`.
    pub fn group(&self) -> &str {
        &self.text[..self.slash]
    }

    /// `stage0` of `bootstrap/stage0`.
    pub fn base(&self) -> &str {
        &self.text[self.slash + 1..]
    }

    /// The whole, `bootstrap/stage0`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `bootstrap-stage0`: for `out/bootstrap-stage0.tgz`, tags and logs.
    pub fn flat(&self) -> String {
        self.text.replacen('/', "-", 1)
    }

    /// `tests/core-zlib`: the test of `core/zlib`.
    pub fn test(&self) -> Self {
        Self { text: format!("{TESTS}/{}", self.flat()), slash: TESTS.len() }
    }

    /// Whether it is in the group of the tests.
    pub fn is_test(&self) -> bool {
        self.group() == TESTS
    }

    /// `core/zlib` of `tests/core-zlib`; `None` of what is no test.
    pub fn tested(&self) -> Option<Self> {
        if self.is_test() { Self::from_flat(self.base()).ok() } else { None }
    }

    /// Reads [`Name::flat`] back.
    pub fn from_flat(text: &str) -> Result<Self, BadName> {
        text.replacen('-', "/", 1)
            .parse()
            .map_err(|bad: BadName| BadName { text: text.to_owned(), reason: bad.reason })
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = |reason| BadName { text: text.to_owned(), reason };
        let (group, base) = text.split_once('/').ok_or_else(|| bad("expected GROUP/NAME"))?;
        if !is_group(group) {
            return Err(bad("a group is lower-case letters and digits, a letter first"));
        }
        if !is_base(base) {
            return Err(bad("a name is lower-case letters and digits with . _ or - between them"));
        }
        Ok(Self { text: text.to_owned(), slash: group.len() })
    }
}

fn is_group(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Letters and digits, parted by `.`, `_`, `__` or dashes.
fn is_base(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(plain)
        && text.ends_with(plain)
        && text.split(plain).all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|c| c == b'-'))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_stock_engines_take_for_an_image() {
        for right in ["core/gcc", "bootstrap/stage0", "pallet/rust-1.80", "a/x__y", "a1/b.c-d--e_f"] {
            let name: Name = right.parse().expect("the table is valid");
            assert_eq!(name.as_str(), right);
            assert_eq!(Name::from_flat(&name.flat()), Ok(name.clone()), "{right}");
            assert_eq!(format!("{}/{}", name.group(), name.base()), right);
            assert_eq!((name.test().tested(), name.tested()), (Some(name.clone()), None), "{right}");
            assert_eq!(name.test().as_str().parse(), Ok(name.test()), "{right}");
        }
        let wrong = [
            "",
            "/",
            "gcc",
            "core/",
            "/gcc",
            "core/gcc/x",
            "Core/gcc",
            "core/Gcc",
            "core/gcc:1",
            "my-group/x",
            "1a/x",
            "core/-x",
            "core/x-",
            "core/x..y",
            "core/x___y",
            "core/x._y",
            "core/c++",
            "core/ü",
            "core/a b",
        ];
        for text in wrong {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }
}
