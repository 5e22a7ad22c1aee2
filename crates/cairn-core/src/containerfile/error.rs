//! An error that shows the place it is about.
//!
//! ```text
//! packages/core/zlib/Containerfile:12:5: unknown flag --chmud
//!    12 | COPY --chmud=755 a /
//!       |      ^^^^^^^
//!       = expected one of --chmod, --chown, --exclude, --from, --link, --parents
//! ```

use std::fmt;

use super::Span;

/// A file under its name, to make errors about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    pub fn error(self, span: Span, message: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::new(self.path, self.text, span, message, expected)
    }
}

/// What is wrong with a Containerfile, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The name given to the parser, shown first so that editors can jump to it.
    pub path: Box<str>,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1 in characters.
    pub column: u32,
    /// How many characters the caret line marks, at least 1.
    pub width: u32,
    /// The whole line, without its end of line.
    pub source_line: Box<str>,
    /// What is wrong, in one line.
    pub message: Box<str>,
    /// What would be right, maybe beginning with `perhaps`; empty if the message says
    /// it already.
    pub expected: Box<str>,
}

impl Error {
    /// An error about `span` of `text`, which was read from `path`.
    ///
    /// A span that covers several lines is marked on its first line only. A span
    /// beyond the end of the text points just behind the last character.
    pub fn new(
        path: &str,
        text: &str,
        span: Span,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        let start = floor_char(text, span.start as usize);
        let end = floor_char(text, span.end as usize).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[..start].matches('\n').count() + 1;
        let column = text[line_start..start].chars().count() + 1;
        let width = text[start..end.min(line_end)].chars().count().max(1);
        Self {
            path: path.into(),
            line: line as u32,
            column: column as u32,
            width: width as u32,
            source_line: text[line_start..line_end].trim_end_matches('\r').into(),
            message: message.into().into(),
            expected: expected.into().into(),
        }
    }
}

/// The nearest character boundary at or before `at`.
fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, column, .. } = self;
        writeln!(f, "{path}:{line}:{column}: {}", self.message)?;
        let gutter = line.to_string().len().max(4);
        // Tabs are kept in front of the caret, so that it stands right on any terminal.
        let indent: String = self
            .source_line
            .chars()
            .take(*column as usize - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let caret = "^".repeat(self.width as usize);
        writeln!(f, "{line:>gutter$} | {}", self.source_line)?;
        write!(f, "{:>gutter$} | {indent}{caret}", "")?;
        if !self.expected.is_empty() {
            let verb = if self.expected.starts_with("perhaps ") { "" } else { "expected " };
            write!(f, "\n{:>gutter$} = {verb}{}", "", self.expected)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
