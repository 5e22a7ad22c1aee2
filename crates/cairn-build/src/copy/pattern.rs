//! Wildcards in the sources of COPY, as Go's `filepath.Match` has them.
//!
//! `*` and `?` stay inside one directory, `[a-c]` and `[^x]` are classes, `\` takes
//! the next character as it is. (Ignore files and `--exclude` have a language of their
//! own: [`cairn_core::containerfile::ignore`].)

use std::iter::Peekable;
use std::str::Chars;

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
    compile(pattern).is_some_and(|tokens| fits(&tokens, &path.chars().collect::<Vec<_>>()))
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Star,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

fn compile(pattern: &str) -> Option<Vec<Token>> {
    let mut chars = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::One,
            '[' => class(&mut chars)?,
            '\\' => Token::Char(chars.next()?),
            c => Token::Char(c),
        });
    }
    Some(tokens)
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

fn fits(tokens: &[Token], text: &[char]) -> bool {
    let Some((token, rest)) = tokens.split_first() else { return text.is_empty() };
    match token {
        Token::Star => {
            let end = text.iter().position(|c| *c == '/').unwrap_or(text.len());
            (0..=end).any(|taken| fits(rest, &text[taken..]))
        }
        Token::Char(c) => text.first() == Some(c) && fits(rest, &text[1..]),
        Token::One => text.first().is_some_and(|c| *c != '/') && fits(rest, &text[1..]),
        Token::Class { negated, ranges } => {
            let Some(c) = text.first().filter(|c| **c != '/') else { return false };
            let inside = ranges.iter().any(|(low, high)| low <= c && c <= high);
            inside != *negated && fits(rest, &text[1..])
        }
    }
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
