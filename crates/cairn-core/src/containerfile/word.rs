//! Text that remembers where it stood.
//!
//! A `Word` is cut out of a logical line, which may run over continuations:
//!
//! ```text
//! RUN make \          text    "make   install"
//!   install           origin  (0 -> 4) (5 -> 11)
//! ```

use std::ops::Range;

/// A range of bytes in [`super::Recipe::text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// First byte behind.
    pub end: u32,
}

/// Text as written, not yet expanded, that knows where each part of it stood.
///
/// A word can run over a line continuation, so its bytes need not be together in
/// the file; `origin` lists `(offset in text, offset in the file)` for each part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The characters, continuations removed, quotes and `$` still in it.
    pub text: String,
    origin: Vec<(u32, u32)>,
    end: u32,
}

impl Word {
    /// Where the whole word stands.
    pub fn span(&self) -> Span {
        let start = self.origin.first().map_or(self.end, |part| part.1);
        Span { start, end: self.end.max(start) }
    }

    /// Where the byte at `offset` of the text stands.
    pub fn locate(&self, offset: usize) -> u32 {
        let part = self.origin.partition_point(|part| part.0 as usize <= offset);
        match part.checked_sub(1).map(|index| self.origin[index]) {
            Some((text, file)) if offset < self.text.len() => file + (offset as u32 - text),
            _ => self.span().end,
        }
    }

    /// Where a part of the text stands.
    pub fn locate_range(&self, range: Range<usize>) -> Span {
        let start = self.locate(range.start);
        let end = if range.is_empty() { start } else { self.locate(range.end - 1) + 1 };
        Span { start, end: end.max(start) }
    }

    /// An empty word at `file`, to be filled by [`Word::push`].
    pub(super) fn at(file: u32) -> Self {
        Self { text: String::new(), origin: Vec::new(), end: file }
    }

    /// Appends text that stands at `file`.
    pub(super) fn push(&mut self, text: &str, file: u32) {
        if text.is_empty() {
            return;
        }
        if self.origin.is_empty() || self.end != file {
            self.origin.push((self.text.len() as u32, file));
        }
        self.text.push_str(text);
        self.end = file + text.len() as u32;
    }

    /// Appends one character that is written as `width` bytes at `file`.
    pub(super) fn push_char(&mut self, c: char, file: u32, width: u32) {
        if self.origin.is_empty() || self.end != file {
            self.origin.push((self.text.len() as u32, file));
        }
        self.text.push(c);
        self.end = file + width;
        if c.len_utf8() as u32 != width {
            // The next character does not follow in step.
            self.origin.push((self.text.len() as u32, self.end));
        }
    }

    /// A part of this word, by offsets of its text.
    pub(super) fn slice(&self, range: Range<usize>) -> Self {
        let span = self.locate_range(range.clone());
        let mut origin = Vec::new();
        if !range.is_empty() {
            origin.push((0, span.start));
            let first = self.origin.partition_point(|part| part.0 as usize <= range.start);
            let inside = self.origin[first..].iter().take_while(|part| (part.0 as usize) < range.end);
            origin.extend(inside.map(|part| (part.0 - range.start as u32, part.1)));
        }
        Self { text: self.text[range].to_owned(), origin, end: span.end }
    }

    /// From `start` to the end.
    pub(super) fn slice_from(&self, start: usize) -> Self {
        self.slice(start..self.text.len())
    }

    /// Without white space on either side.
    pub(super) fn trim(&self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len().max(start);
        self.slice(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_over_a_continuation_is_found_on_both_lines() {
        let mut line = Word::at(0);
        line.push("RUN make ", 0);
        line.push("  install", 11);
        let word = line.slice(4..18);
        assert_eq!(word.text, "make   install");
        assert_eq!(word.span(), Span { start: 4, end: 20 });
        assert_eq!(word.locate(0), 4);
        assert_eq!(word.locate(7), 13);
        assert_eq!(word.slice(7..14).span(), Span { start: 13, end: 20 });
        assert_eq!(line.trim(), line);
    }

    #[test]
    fn an_escaped_character_does_not_shift_what_follows() {
        let mut word = Word::at(10);
        word.push_char('"', 11, 2);
        word.push_char('x', 13, 1);
        assert_eq!(word.text, "\"x");
        assert_eq!(word.locate(1), 13);
    }
}
