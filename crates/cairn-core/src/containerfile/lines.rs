//! Physical lines to logical lines: directives, comments, continuations.
//!
//! ```text
//! # escape=`            a directive: only before anything else
//! # why this exists     a comment
//! RUN a &&`             one logical line: "RUN a &&  b"
//!   # skipped
//!
//!   b
//! ```
//!
//! A line goes on if its last character, blanks aside, is the escape character and
//! the one before is not. Lines that are comments or blank are dropped inside a
//! continuation too. The line end of a continued line is removed, the indentation of
//! the next one stays.

use super::error::Source;
use super::{Error, Span, Word};

/// Walks through a file; knows the escape character once the first line is read.
pub(super) struct Lines<'a> {
    source: Source<'a>,
    /// The start of the next physical line.
    at: usize,
    pub escape: char,
    /// The first comment block, without `#`.
    pub comment: Vec<String>,
    /// Directives seen; `None` once something else was read.
    directives: Option<Vec<String>>,
    comment_open: bool,
}

/// One physical line.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Without its end of line.
    pub text: &'a str,
    /// With it.
    pub whole: &'a str,
    pub start: usize,
}

impl<'a> Lines<'a> {
    pub fn new(source: Source<'a>) -> Self {
        let at = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let directives = Some(Vec::new());
        Self { source, at, escape: '\\', comment: Vec::new(), directives, comment_open: true }
    }

    /// The next line as it stands; also used for here-documents.
    pub fn physical(&mut self) -> Option<Line<'a>> {
        let rest = &self.source.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let (start, whole) = (self.at, &rest[..end]);
        self.at += end;
        Some(Line { text: whole.trim_end_matches(['\r', '\n']), whole, start })
    }

    /// The next instruction line, continuations joined; `None` at the end.
    pub fn logical(&mut self) -> Result<Option<Word>, Error> {
        while let Some(line) = self.physical() {
            let text = line.text.trim_start();
            let start = line.start + line.text.len() - text.len();
            if let Some(comment) = text.strip_prefix('#') {
                self.comment_line(line, comment, start)?;
                continue;
            }
            self.directives = None;
            if text.is_empty() {
                self.comment_open &= self.comment.is_empty();
                continue;
            }
            self.comment_open = false;
            let mut word = Word::at(start as u32);
            let (part, mut more) = self.cut_continuation(text);
            word.push(part, start as u32);
            while more && let Some(next) = self.physical() {
                let trimmed = next.text.trim_start();
                if trimmed.is_empty() || trimmed.starts_with('#') {
                    continue;
                }
                let part;
                (part, more) = self.cut_continuation(next.text);
                word.push(part, next.start as u32);
            }
            return Ok(Some(word));
        }
        Ok(None)
    }

    /// The line without its continuation mark, and whether it had one.
    fn cut_continuation<'t>(&self, text: &'t str) -> (&'t str, bool) {
        let bare = text.trim_end_matches([' ', '\t']);
        match bare.strip_suffix(self.escape) {
            Some(part) if !part.ends_with(self.escape) => (part, true),
            _ => (text, false),
        }
    }

    fn comment_line(&mut self, line: Line<'a>, comment: &str, start: usize) -> Result<(), Error> {
        if self.directives.is_some() {
            if let Some((name, value)) = directive(comment) {
                return self.directive(
                    name,
                    value,
                    Span { start: start as u32, end: (line.start + line.text.len()) as u32 },
                );
            }
            self.directives = None;
        }
        if self.comment_open {
            self.comment.push(comment.trim().to_owned());
        }
        Ok(())
    }

    fn directive(&mut self, name: String, value: &str, span: Span) -> Result<(), Error> {
        let source = self.source;
        let error = |message: String, expected: &str| Err(source.error(span, message, expected));
        let seen = self.directives.get_or_insert_default();
        if seen.contains(&name) {
            return error(format!("a second {name} directive"), "each directive at most once");
        }
        seen.push(name.clone());
        match (name.as_str(), value) {
            ("escape", "\\") => self.escape = '\\',
            ("escape", "`") => self.escape = '`',
            ("escape", _) => {
                return error(format!("{value:?} cannot be the escape character"), "\\ or `");
            }
            ("syntax", _) if !is_standard_syntax(value) => {
                return error(
                    format!("syntax {value:?} is another language"),
                    "docker/dockerfile, with any tag, or no syntax line",
                );
            }
            // `syntax` of the standard language says nothing new, and `check`
            // configures a linter that is not ours.
            _ => {}
        }
        Ok(())
    }
}

/// `name = value` of a directive, if it is one of the known names.
fn directive(comment: &str) -> Option<(String, &str)> {
    let (name, value) = comment.split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    let value = value.trim();
    let known = matches!(name.as_str(), "escape" | "syntax" | "check");
    (known && !value.is_empty()).then_some((name, value))
}

fn is_standard_syntax(value: &str) -> bool {
    let image = value.split(' ').next().unwrap_or_default();
    let image = image.split('@').next().unwrap_or_default();
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let name = image.split(':').next().unwrap_or_default();
    matches!(name, "docker/dockerfile" | "docker/dockerfile-upstream")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut lines = Lines::new(Source { path: "f", text });
        let mut found = Vec::new();
        while let Some(line) = lines.logical().expect("no directive is wrong") {
            found.push(line.text);
        }
        found
    }

    #[test]
    fn continuations_join_as_buildkit_joins_them() {
        let table: &[(&str, &[&str])] = &[
            ("RUN a\n", &["RUN a"]),
            ("RUN a", &["RUN a"]),
            ("RUN a \\\n  b\n", &["RUN a   b"]),
            ("RUN a\\\nb\n", &["RUN ab"]),
            ("RUN a \\ \t\n  b\n", &["RUN a   b"]),
            ("RUN a \\\n# no\n\n   # no\n  b\nRUN c\n", &["RUN a   b", "RUN c"]),
            ("RUN a \\\\\nRUN b\n", &["RUN a \\\\", "RUN b"]),
            ("RUN a \\\n\\\nb\n", &["RUN a b"]),
            ("\\\nRUN a\n", &["RUN a"]),
            ("RUN a \\", &["RUN a "]),
            ("RUN a \\\r\n  b\r\nRUN c\r\n", &["RUN a   b", "RUN c"]),
            ("   RUN a  \n", &["RUN a  "]),
            ("\u{feff}RUN a\n", &["RUN a"]),
            ("RUN a # no comment\n", &["RUN a # no comment"]),
            ("", &[]),
            ("# a\n\n#b\n", &[]),
        ];
        for (text, want) in table {
            assert_eq!(all(text), *want, "{text:?}");
        }
    }

    #[test]
    fn directives_count_only_before_anything_else() {
        let table = [
            ("# escape=`\nRUN a `\n b\n", "RUN a  b"),
            ("#ESCAPE = `  \nRUN a `\n b\n", "RUN a  b"),
            ("# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n b\n", "RUN a  b"),
            ("# hello\n# escape=`\nRUN a `\n", "RUN a `"),
            ("\n# escape=`\nRUN a `\n", "RUN a `"),
            ("# check=skip=all\n# escape=`\nRUN a `\n b", "RUN a  b"),
        ];
        for (text, want) in table {
            assert_eq!(all(text), [want], "{text:?}");
        }
    }

    #[test]
    fn the_first_comment_is_kept_and_later_ones_are_not() {
        let table: &[(&str, &[&str])] = &[
            ("# one\n#two\nFROM x\n# three\n", &["one", "two"]),
            ("# syntax=docker/dockerfile:1\n# one\n\n# two\nFROM x\n", &["one"]),
            ("\n# one\nFROM x\n", &["one"]),
            ("FROM x\n# one\n", &[]),
        ];
        for (text, want) in table {
            let mut lines = Lines::new(Source { path: "f", text });
            while lines.logical().expect("no directive is wrong").is_some() {}
            assert_eq!(lines.comment, *want, "{text:?}");
        }
    }
}
