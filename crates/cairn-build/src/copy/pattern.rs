//! The two pattern languages of COPY.
//!
//! - [`glob`]: wildcards of a source, as Go's `filepath.Match`. `*` and `?` stay
//!   inside one directory, `[a-c]` and `[^x]` are classes, `\` takes the next
//!   character as it is.
//! - [`Patterns`]: ignore files, `--exclude` and `--parents`. In addition `**` stands
//!   for any number of directories, a line that begins with `!` takes back, the last
//!   pattern that fits decides, and what fits a directory fits all in it.

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
    compile(pattern, false).is_some_and(|tokens| fits(&tokens, &path.chars().collect::<Vec<_>>()))
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Star,
    /// `**` at the end.
    Everything,
    /// `**/`: nothing, or whole directories.
    Directories,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

fn compile(pattern: &str, double_star: bool) -> Option<Vec<Token>> {
    let mut chars = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' if double_star && chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                }
                if chars.peek().is_none() { Token::Everything } else { Token::Directories }
            }
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
        Token::Everything => true,
        Token::Star => {
            let end = text.iter().position(|c| *c == '/').unwrap_or(text.len());
            (0..=end).any(|taken| fits(rest, &text[taken..]))
        }
        Token::Directories => {
            fits(rest, text) || (0..text.len()).any(|i| text[i] == '/' && fits(rest, &text[i + 1..]))
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

/// A list of patterns.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    negated: bool,
    tokens: Vec<Token>,
}

/// A pattern that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad pattern {0:?}")]
pub struct BadPattern(pub String);

impl Patterns {
    /// The patterns of `--exclude` or `--parents`.
    pub fn new<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Result<Self, BadPattern> {
        let lines = lines.into_iter().filter_map(|line| Line::parse(line.as_ref().trim()));
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }

    /// An ignore file: `#` begins a comment line, a leading `/` means nothing.
    pub fn ignore_file(text: &str) -> Result<Self, BadPattern> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let line = line.trim();
            let (sign, path) = match line.strip_prefix('!') {
                Some(rest) => ("!", rest.trim()),
                None => ("", line),
            };
            if path.is_empty() {
                return sign.to_owned();
            }
            let path = clean(path);
            let path = if path.len() > 1 { path.trim_start_matches('/') } else { &path };
            format!("{sign}{path}")
        });
        Self::new(lines)
    }

    /// No pattern at all.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Something may be taken back, so what fits cannot be dropped with all in it.
    pub fn has_negation(&self) -> bool {
        self.lines.iter().any(|line| line.negated)
    }

    /// Whether `path`, without leading slash, or a directory it is in, fits.
    pub fn fit(&self, path: &[u8]) -> bool {
        let path: Vec<char> = String::from_utf8_lossy(path).chars().collect();
        let fits_line = |line: &Line| {
            let ends = (0..path.len()).filter(|i| path[*i] == '/').chain([path.len()]);
            ends.into_iter().any(|end| fits(&line.tokens, &path[..end]))
        };
        self.lines.iter().rfind(|line| fits_line(line)).is_some_and(|line| !line.negated)
    }
}

impl Line {
    fn parse(text: &str) -> Option<Result<Self, BadPattern>> {
        if text.is_empty() {
            return None;
        }
        let cleaned = clean(text);
        let (negated, pattern) = match cleaned.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, cleaned.as_str()),
        };
        let bad = || BadPattern(text.to_owned());
        if pattern.is_empty() {
            return Some(Err(bad()));
        }
        Some(compile(pattern, true).map(|tokens| Self { negated, tokens }).ok_or_else(bad))
    }
}

/// The shortest path that means the same, as Go's `filepath.Clean`.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
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

    #[test]
    fn the_last_ignore_line_that_fits_decides() {
        let table: [(&str, &[&str], &[&str]); 7] = [
            ("*.o", &["a.o"], &["d/a.o", "a.c"]),
            ("**/*.o", &["a.o", "d/a.o", "d/e/a.o"], &["a.c"]),
            ("docs", &["docs", "docs/a", "docs/a/b"], &["doc", "x/docs"]),
            ("# docs\n/docs/\n", &["docs/a"], &["# docs"]),
            ("*\n!keep", &["a", "keeper"], &["keep", "keep/all"]),
            ("docs/**", &["docs/a", "docs/a/b"], &["docs"]),
            ("a/**/z\n!a/b", &["a/z", "a/x/y/z"], &["a/b/z", "a/b"]),
        ];
        for (file, ignored, kept) in table {
            let patterns = Patterns::ignore_file(file).expect("the table holds good patterns");
            for path in ignored {
                assert!(patterns.fit(path.as_bytes()), "{file:?} should ignore {path}");
            }
            for path in kept {
                assert!(!patterns.fit(path.as_bytes()), "{file:?} should keep {path}");
            }
        }
    }

    #[test]
    fn a_pattern_that_means_nothing_is_refused() {
        assert_eq!(Patterns::new(["!"]).map(|_| ()), Err(BadPattern("!".into())));
        assert_eq!(Patterns::new(["[a"]).map(|_| ()), Err(BadPattern("[a".into())));
    }
}
