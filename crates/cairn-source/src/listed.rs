//! `packages/GROUP/NAME/opaque`: what stays in the sources although nobody can read it.
//!
//! ```text
//! # a comment
//! tests/files      compressed test data; upstream's tests do not run in the build
//! **/*.gmo         message catalogues, made anew from the .po files by make
//! ```
//!
//! One line a pattern: a path or pattern as in an ignore file, blanks, and the reason.
//! The paths are those in the source archive, without the folder all files are in. A
//! pattern that fits a directory fits all in it. The file is no part of the package's
//! context: a better reason does not rebuild anything.

use cairn_core::containerfile::ignore::{BadPattern, Patterns};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// As written.
    pub pattern: String,
    /// Why it may stay.
    pub reason: String,
    patterns: Patterns,
}

impl Line {
    /// Whether the line speaks of the file at `path`.
    pub fn fits(&self, path: &str) -> bool {
        self.patterns.fit(path)
    }
}

/// A line that says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Only a pattern.
    #[error("line {number}: {pattern} stays, but why? Expected `PATTERN  REASON`")]
    NoReason {
        /// Counted from 1.
        number: usize,
        /// The pattern.
        pattern: String,
    },
    /// A pattern that means nothing, or takes back what was never given.
    #[error("line {number}: {text:?} is no pattern", text = bad.text)]
    Pattern {
        /// Counted from 1.
        number: usize,
        /// Why.
        bad: BadPattern,
    },
}

/// Reads the file's text.
pub fn parse(text: &str) -> Result<Vec<Line>, Error> {
    let lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')).map(parse_line).collect()
}

fn parse_line((line, number): (&str, usize)) -> Result<Line, Error> {
    let no_reason = || Error::NoReason { number, pattern: line.to_owned() };
    let (pattern, reason) = line.split_once(char::is_whitespace).ok_or_else(no_reason)?;
    let patterns = Patterns::new([pattern]);
    let patterns = patterns.map_err(|bad| Error::Pattern { number, bad })?;
    Ok(Line { number, pattern: pattern.to_owned(), reason: reason.trim().to_owned(), patterns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_pattern_and_a_reason() {
        let lines = parse("# why\n\ntests/files\ttest data, unused\n *.gmo   made  anew \n").expect("good");
        let short: Vec<_> = lines.iter().map(|l| (l.number, l.pattern.as_str(), l.reason.as_str())).collect();
        assert_eq!(short, [(3, "tests/files", "test data, unused"), (4, "*.gmo", "made  anew")]);
        assert!(lines[0].fits("tests/files/a.xz") && !lines[0].fits("tests/a.xz"));
        for (text, want) in [
            ("# a\ntests/files\n", "line 2: tests/files stays, but why? Expected `PATTERN  REASON`"),
            ("[a reason\n", "line 1: \"[a\" is no pattern"),
        ] {
            assert_eq!(parse(text).expect_err(text).to_string(), want);
        }
    }
}
