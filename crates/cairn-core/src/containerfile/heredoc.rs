//! Here-documents: `<<EOF` in a `RUN`, `COPY` or `ADD` line, and the lines after it.
//!
//! ```text
//! RUN 3<<-"EOF" cat      descriptor 3, tabs removed, not expanded, up to a line EOF
//! →text                  → is a tab
//! →EOF
//! ```
//!
//! Only a word of its own counts: `x<<EOF`, `<<<EOF` and `"<<EOF"` are none. The
//! bodies follow in the order of the marks.

use super::expand::{self, Rules};
use super::lines::Lines;
use super::{Heredoc, Word};

/// A mark, before its body has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub name: String,
    pub descriptor: u32,
    pub chomp: bool,
    pub expand: bool,
}

impl Mark {
    /// Reads `<<EOF` and its variants; `None` if the word is no mark.
    pub fn parse(word: &str) -> Option<Self> {
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let rest = word[digits..].strip_prefix("<<")?;
        let (chomp, rest) = match rest.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if rest.is_empty() || rest.contains('<') {
            return None;
        }
        let rules = Rules { keep_unset: true, ..Rules::word('\\') };
        let [name] = <[String; 1]>::try_from(words(rest, rules)?).ok()?;
        let raw = words(rest, Rules { raw_quotes: true, ..rules })?.concat();
        let quotes = |text: &str| text.matches(['\'', '"']).count();
        let expand = quotes(&name) == quotes(&raw);
        Some(Self { expand, name, descriptor: word[..digits].parse().unwrap_or(0), chomp })
    }

    /// All marks of a line.
    pub fn of_line(line: &str) -> Vec<Self> {
        if !line.contains("<<") {
            return Vec::new();
        }
        let rules = Rules { raw_quotes: true, raw_escapes: true, keep_unset: true, ..Rules::word('\\') };
        let words = words(line, rules).unwrap_or_default();
        words.iter().filter_map(|word| Self::parse(word)).collect()
    }

    /// Reads the body; `None` if the file ends first.
    pub fn body(self, lines: &mut Lines<'_>) -> Option<Heredoc> {
        let mut content: Option<Word> = None;
        loop {
            let line = lines.physical()?;
            let content = content.get_or_insert_with(|| Word::at(line.start as u32));
            let end = if self.chomp { line.text.trim_start_matches('\t') } else { line.text };
            if end == self.name {
                let Self { name, descriptor, chomp, expand } = self;
                return Some(Heredoc { name, descriptor, expand, chomp, content: content.clone() });
            }
            content.push(line.whole, line.start as u32);
        }
    }
}

/// Whether a whole line is one mark, so that the body itself is the script.
pub(crate) fn is_mark(line: &str) -> bool {
    Mark::parse(line).is_some()
}

fn words(text: &str, rules: Rules) -> Option<Vec<String>> {
    expand::expand_split(text, rules, &mut |_| None).ok()
}

impl Heredoc {
    /// The body, leading tabs removed if the mark was `<<-`.
    pub fn text(&self) -> Word {
        if !self.chomp {
            return self.content.clone();
        }
        let mut out = self.content.slice(0..0);
        let mut start = 0;
        for line in self.content.text.split_inclusive('\n') {
            let bare = line.trim_start_matches('\t');
            let at = start + line.len() - bare.len();
            out.push(bare, self.content.locate(at));
            start += line.len();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containerfile::error::Source;

    #[test]
    fn only_a_word_of_its_own_is_a_mark() {
        let table: &[(&str, &[&str])] = &[
            ("RUN <<EOF", &["EOF"]),
            ("RUN <<-EOF", &["EOF"]),
            ("RUN 3<<EOF cat", &["EOF"]),
            ("RUN <<A cat <<B", &["A", "B"]),
            ("RUN <<\"E F\"", &["E F"]),
            ("RUN '<<EOF'", &[]),
            ("RUN \"<<EOF\"", &[]),
            ("RUN x<<EOF", &[]),
            ("RUN <<<EOF", &[]),
            ("RUN << EOF", &[]),
            ("RUN <<- EOF", &[]),
            ("RUN echo $((1<<2))", &[]),
            ("RUN echo $((1 << 2))", &[]),
            ("RUN \\<<EOF", &[]),
            ("RUN echo ${x^^} <<EOF", &[]),
            ("RUN echo it's <<EOF", &[]),
            ("RUN echo ${x:-y} <<EOF", &["EOF"]),
        ];
        for (line, want) in table {
            let names: Vec<String> = Mark::of_line(line).into_iter().map(|mark| mark.name).collect();
            assert_eq!(names, *want, "{line}");
        }
    }

    #[test]
    fn quotes_in_the_mark_stop_expansion() {
        for (word, name, expand, chomp, descriptor) in [
            ("<<EOF", "EOF", true, false, 0),
            ("<<-'EOF'", "EOF", false, true, 0),
            ("4<<E\"O\"F", "EOF", false, false, 4),
            ("<<\\EOF", "EOF", true, false, 0),
        ] {
            let want = Mark { name: name.to_owned(), descriptor, chomp, expand };
            assert_eq!(Mark::parse(word), Some(want), "{word}");
        }
    }

    #[test]
    fn a_body_ends_at_its_name_and_keeps_everything_else() {
        for (mark, text, want) in [
            ("<<EOF", "a\n EOF\nEOF\nRUN b\n", Some("a\n EOF\n")),
            ("<<EOF", "EOF", Some("")),
            ("<<EOF", "a\r\nEOF\r\n", Some("a\r\n")),
            ("<<-EOF", "\t\ta\n\n \tb\n\tEOF\n", Some("a\n\n \tb\n")),
            ("<<EOF", "a\nEOF \n", None),
            ("<<EOF", "# kept\n\\\nEOF\n", Some("# kept\n\\\n")),
        ] {
            let mark = Mark::parse(mark).expect("a mark");
            let body = mark.body(&mut Lines::new(Source { path: "f", text }));
            assert_eq!(body.map(|body| body.text().text).as_deref(), want, "{text:?}");
        }
    }
}
