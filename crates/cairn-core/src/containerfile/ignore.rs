//! `.containerignore` and `.dockerignore`: what is no part of the context.
//!
//! ```text
//! # notes          a comment, only in the first column
//! *.o              in the context's root; * and ? stay inside one directory
//! **/*.o           anywhere; ** is any number of directories, also none
//! /docs            the same as docs: that directory with all in it
//! !docs/keep       takes back; the last line that fits decides
//! ```
//!
//! Also used for `--exclude` and `--parents`. `[a-c]` and `[^x]` are classes, `\` takes
//! the next character as it is. A pattern that fits a directory fits all in it.

use super::wildcard::{Token, fits};

/// The names of an ignore file; the first that exists counts.
pub const IGNORE_FILES: [&str; 2] = [".containerignore", ".dockerignore"];

/// A list of patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    lines: Vec<Line>,
}

/// A pattern that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text:?} is no pattern")]
pub struct BadPattern {
    /// Counted from 1.
    pub line: usize,
    /// As written.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    negated: bool,
    tokens: Vec<Token>,
}

impl Patterns {
    /// The patterns of `--exclude` or `--parents`.
    pub fn new<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Result<Self, BadPattern> {
        let lines = lines.into_iter().enumerate();
        let lines = lines.filter_map(|(at, line)| Line::parse(line.as_ref().trim(), at + 1));
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }

    /// An ignore file: `#` begins a comment line, a leading `/` means nothing.
    pub fn ignore_file(text: &str) -> Result<Self, BadPattern> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self::new(text.lines().map(|line| match line.starts_with('#') {
            true => String::new(),
            false => without_root(line.trim()),
        }))
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
    pub fn fit(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        let fits_line = |line: &&Line| {
            let ends = (0..path.len()).filter(|at| path[*at] == '/').chain([path.len()]);
            ends.into_iter().any(|end| fits(&line.tokens, &path[..end]))
        };
        self.lines.iter().rev().find(fits_line).is_some_and(|line| !line.negated)
    }
}

/// A line of an ignore file with its leading slash removed.
fn without_root(line: &str) -> String {
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
}

impl Line {
    fn parse(text: &str, line: usize) -> Option<Result<Self, BadPattern>> {
        if text.is_empty() {
            return None;
        }
        let cleaned = clean(text);
        let (negated, pattern) = match cleaned.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, cleaned.as_str()),
        };
        let tokens = compile(pattern).filter(|tokens| !tokens.is_empty());
        let bad = || BadPattern { line, text: text.to_owned() };
        Some(tokens.map(|tokens| Self { negated, tokens }).ok_or_else(bad))
    }
}

fn compile(pattern: &str) -> Option<Vec<Token>> {
    let plain = |text: &str| !text.is_empty() && !text.contains(['*', '?', '[', ']', '\\']);
    if let Some(end) = pattern.strip_prefix("**").filter(|end| plain(end) && !end.starts_with('/')) {
        return Some([Token::AnyStart].into_iter().chain(end.chars().map(Token::Char)).collect());
    }
    let mut chars = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                let _ = chars.next_if_eq(&'/');
                if chars.peek().is_none() { Token::Everything } else { Token::Directories }
            }
            c => Token::read(c, &mut chars)?,
        });
    }
    Some(tokens)
}

/// The shortest path that means the same.
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
    fn the_last_line_that_fits_decides() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("*.o", &["a.o"], &["d/a.o", "a.c"]),
            ("**/*.o", &["a.o", "d/a.o", "d/e/a.o"], &["a.c"]),
            ("docs", &["docs", "docs/a", "docs/a/b"], &["doc", "x/docs"]),
            ("# docs\n/docs/\n", &["docs/a"], &["# docs"]),
            (" # docs", &["# docs"], &["docs"]),
            ("*\n!keep", &["a", "keeper"], &["keep", "keep/all"]),
            ("*\n! keep \nkeep/not", &["keep/not"], &["keep/all"]),
            ("docs/**", &["docs/a", "docs/a/b"], &["docs"]),
            ("docs**", &["docs", "docs/a", "docsx"], &["doc"]),
            ("**", &["a", "a/b"], &[]),
            ("**/x", &["x", "a/x", "a/b/x/y"], &["ax", "a/bx"]),
            ("**x", &["x", "ax", "a/bx"], &["xa"]),
            ("a/**/z\n!a/b", &["a/z", "a/x/y/z"], &["a/b/z", "a/b"]),
            ("a?c", &["abc", "aüc"], &["ac", "a/c"]),
            ("[a-c]x", &["bx"], &["dx", "b"]),
            ("[^a]x", &["bx"], &["ax", "/x"]),
            ("\\*", &["*"], &["a"]),
            ("[\\]]", &["]"], &["["]),
            ("./a/../b", &["b"], &["a"]),
            ("../a", &[], &["a"]),
            (".", &[], &["a"]),
            ("\u{feff}a\r\nb\r\n", &["a", "b"], &["c"]),
            ("", &[], &["a"]),
        ];
        for (file, ignored, kept) in table {
            let patterns = Patterns::ignore_file(file).expect("the table holds good patterns");
            for path in *ignored {
                assert!(patterns.fit(path), "{file:?} should ignore {path}");
            }
            for path in *kept {
                assert!(!patterns.fit(path), "{file:?} should keep {path}");
            }
        }
    }

    #[test]
    fn a_pattern_that_means_nothing_is_refused_with_its_line() {
        for (file, line, text) in
            [("!", 1, "!"), ("a\n\n[a", 3, "[a"), ("a\\", 1, "a\\"), ("[]a]", 1, "[]a]")]
        {
            let bad = BadPattern { line, text: text.to_owned() };
            assert_eq!(Patterns::ignore_file(file), Err(bad), "{file:?}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let patterns = Patterns::new(["*a".repeat(40) + "b"]).expect("valid");
        assert!(!patterns.fit(&"a".repeat(2000)));
    }
}
