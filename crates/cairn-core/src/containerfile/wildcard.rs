//! Wildcards of paths: what ignore files, `--exclude` and the sources of COPY share.
//!
//! `*` and `?` stay inside one directory, `[a-c]` and `[^x]` are classes, `\` takes the
//! next character as it is. Ignore files also have `**` ([`super::ignore`]); in the
//! sources of COPY, as in Go's `filepath.Match`, it is nothing but two stars ([`glob`]).

use std::iter::Peekable;
use std::str::Chars;

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Star,
    /// `**` at the end: anything.
    Everything,
    /// `**/`: nothing, or whole directories.
    Directories,
    /// `**` at the start, a plain text behind it: the path ends in that text.
    AnyStart,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Token {
    /// The token that begins with `c`, the rest of it taken from `chars`. `None` if it
    /// has no end.
    pub(super) fn read(c: char, chars: &mut Peekable<Chars<'_>>) -> Option<Self> {
        Some(match c {
            '*' => Self::Star,
            '?' => Self::One,
            '[' => class(chars)?,
            '\\' => Self::Char(chars.next()?),
            c => Self::Char(c),
        })
    }
}

/// The rest of `[…]`.
fn class(chars: &mut Peekable<Chars<'_>>) -> Option<Token> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Some(Token::Class { negated, ranges });
        }
        let low = class_char(chars)?;
        let high = if chars.next_if_eq(&'-').is_some() { class_char(chars)? } else { low };
        ranges.push((low, high));
    }
}

fn class_char(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        c => Some(c),
    }
}

/// Whether a component needs [`glob`] at all.
pub fn has_wildcards(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// Removes the escapes of a text without wildcards.
pub fn unescape(text: &str) -> String {
    let mut chars = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    plain
}

/// Whether the whole `path` fits `pattern`. A malformed pattern fits nothing.
pub fn glob(pattern: &str, path: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        let Some(token) = Token::read(c, &mut chars) else { return false };
        tokens.push(token);
    }
    fits(&tokens, &path.chars().collect::<Vec<_>>())
}

/// Whether the tokens fit the whole text. Takes time in the order of both lengths.
pub(super) fn fits(tokens: &[Token], text: &[char]) -> bool {
    let count = text.len();
    // `reach[i]`: the tokens seen so far, from the back, fit the text from `i` on.
    let mut reach = vec![false; count + 1];
    reach[count] = true;
    for token in tokens.iter().rev() {
        let mut next = vec![false; count + 1];
        // `**/` may end behind any slash, or take nothing.
        let mut behind_slash = false;
        for i in (0..=count).rev() {
            let here = text.get(i).copied();
            behind_slash |= here == Some('/') && reach[i + 1];
            next[i] = match token {
                Token::Everything => true,
                Token::Star => reach[i] || here.is_some_and(|c| c != '/') && next[i + 1],
                Token::AnyStart => reach[i] || here.is_some() && next[i + 1],
                Token::Directories => reach[i] || behind_slash,
                Token::Char(wanted) => here == Some(*wanted) && reach[i + 1],
                Token::One => here.is_some_and(|c| c != '/') && reach[i + 1],
                Token::Class { negated, ranges } => here.filter(|c| *c != '/').is_some_and(|c| {
                    let inside = ranges.iter().any(|(low, high)| *low <= c && c <= *high);
                    inside != *negated && reach[i + 1]
                }),
            };
        }
        reach = next;
    }
    reach[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_inside_one_directory() {
        let fit = [
            ("*", "a"),
            ("*.c", "a.c"),
            ("a?c", "abc"),
            ("a?c", "aüc"),
            ("a/*", "a/b"),
            ("[a-c]x", "bx"),
            ("[^a]x", "bx"),
            (r"\*", "*"),
            (r"[\]]", "]"),
            ("*", ".hidden"),
        ];
        for (pattern, path) in fit {
            assert!(glob(pattern, path), "{pattern} should fit {path}");
        }
        let miss = [
            ("*", "a/b"),
            ("?", "/"),
            ("[^a]", "/"),
            ("a?c", "ac"),
            ("[a-", "a"),
            ("[]a]", "a"),
            ("**", "a/b"),
            (r"\", r"\"),
        ];
        for (pattern, path) in miss {
            assert!(!glob(pattern, path), "{pattern} should not fit {path}");
        }
    }
}
