//! Cutting a logical line into its words: three ways, as the instructions want it.
//!
//! | way | used by |
//! |---|---|
//! | [`blanks`] | `FROM COPY ADD EXPOSE VOLUME`: at white space, whatever the quotes |
//! | [`quoted`] | `ENV LABEL ARG`: at white space outside quotes |
//! | [`json`] | `["a", "b"]` |

use super::Word;

/// Parts words that cross no line end.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// Splits at white space.
pub(super) fn blanks(line: &Word) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in line.text.char_indices() {
        match (is_blank(c), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                words.push(line.slice(from..at));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| line.slice_from(from)));
    words
}

/// The first word, and what stands behind it.
pub(super) fn first(line: &Word) -> (Word, Word) {
    let end = line.text.find(is_blank).unwrap_or(line.text.len());
    (line.slice(0..end), line.slice_from(end).trim())
}

/// Splits at white space outside quotes; quotes and escapes stay in the words.
///
/// A quote that is never closed takes all the rest; expanding the word says so. A
/// lone escape character at the very end is dropped.
pub(super) fn quoted(line: &Word, escape: char) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut end = line.text.len();
    let mut chars = line.text.char_indices();
    while let Some((at, c)) = chars.next() {
        if start.is_none() && !c.is_whitespace() {
            start = Some(at);
        }
        let Some(from) = start else { continue };
        if quote.is_none() && c.is_whitespace() {
            words.push(line.slice(from..at));
            start = None;
        } else if c == escape && quote != Some('\'') {
            if chars.next().is_none() {
                end = at;
            }
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
    }
    words.extend(start.filter(|from| *from < end).map(|from| line.slice(from..end)));
    words
}

/// Why a text that begins like a JSON array gives no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoJson {
    /// It is not valid JSON: then it is no list at all, but plain text.
    Invalid,
    /// An element, at this offset, is no string.
    NotAString(usize),
}

/// Reads `["a", "b"]`, nothing behind it.
pub(super) fn json(line: &Word) -> Result<Vec<Word>, NoJson> {
    let mut reader = Json { line, at: 0, bad: None };
    let words = reader.array().ok_or(NoJson::Invalid)?;
    reader.bad.map_or(Ok(words), |at| Err(NoJson::NotAString(at)))
}

struct Json<'a> {
    line: &'a Word,
    at: usize,
    /// The first element that is valid JSON but no string.
    bad: Option<usize>,
}

impl Json<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, wanted: u8) -> Option<()> {
        self.blanks();
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn array(&mut self) -> Option<Vec<Word>> {
        self.eat(b'[')?;
        let mut words = Vec::new();
        if self.eat(b']').is_none() {
            loop {
                self.blanks();
                let start = self.at;
                if self.peek()? == b'"' {
                    words.push(self.string()?);
                } else {
                    self.other()?;
                    self.bad.get_or_insert(start);
                }
                if self.eat(b',').is_none() {
                    self.eat(b']')?;
                    break;
                }
            }
        }
        self.blanks();
        self.peek().is_none().then_some(words)
    }

    /// A literal or number. Nested lists are not looked into: they are never right.
    fn other(&mut self) -> Option<()> {
        let rest = &self.line.text[self.at..];
        let length = rest.find([',', ']', ' ', '\t']).unwrap_or(rest.len());
        let word = &rest[..length];
        let valid = matches!(word, "true" | "false" | "null")
            || (word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && word.parse::<f64>().is_ok());
        valid.then(|| self.at += length)
    }

    fn string(&mut self) -> Option<Word> {
        self.at += 1;
        let mut word = Word::at(self.line.locate(self.at));
        loop {
            let rest = &self.line.text[self.at..];
            let c = rest.chars().next()?;
            let (c, width) = match c {
                '"' => {
                    self.at += 1;
                    return Some(word);
                }
                '\\' => escape(rest)?,
                c if (c as u32) < 0x20 => return None,
                c => (c, c.len_utf8()),
            };
            word.push_char(c, self.line.locate(self.at), width as u32);
            self.at += width;
        }
    }
}

/// Decodes the escape that `text` begins with: the character and its written length.
fn escape(text: &str) -> Option<(char, usize)> {
    let c = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((c, 2))
}

/// `\u00e4`, or a surrogate pair; half a pair is U+FFFD, as Go reads it.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        digits.bytes().all(|c| c.is_ascii_hexdigit()).then_some(())?;
        u32::from_str_radix(digits, 16).ok()
    };
    let high = unit(0)?;
    if (0xd800..0xdc00).contains(&high)
        && let Some(low @ 0xdc00..0xe000) = unit(6)
    {
        let joined = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return Some((char::from_u32(joined)?, 12));
    }
    Some((char::from_u32(high).unwrap_or('\u{fffd}'), 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Word {
        let mut word = Word::at(0);
        word.push(text, 0);
        word
    }

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn quotes_hold_words_together_only_where_they_should() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("a b", &["a", "b"], &["a", "b"]),
            (" a \t b ", &["a", "b"], &["a", "b"]),
            ("a=\"b c\" d", &["a=\"b", "c\"", "d"], &["a=\"b c\"", "d"]),
            ("a='b c' d", &["a='b", "c'", "d"], &["a='b c'", "d"]),
            ("a\\ b c", &["a\\", "b", "c"], &["a\\ b", "c"]),
            ("a=\"\\\" b\" c", &["a=\"\\\"", "b\"", "c"], &["a=\"\\\" b\"", "c"]),
            ("a='\\' b", &["a='\\'", "b"], &["a='\\'", "b"]),
            ("a=\"b c", &["a=\"b", "c"], &["a=\"b c"]),
            ("a b\\", &["a", "b\\"], &["a", "b"]),
            ("a \\", &["a", "\\"], &["a"]),
            ("'' x", &["''", "x"], &["''", "x"]),
            ("", &[], &[]),
        ];
        for (text, plain, kept) in table {
            assert_eq!(texts(&blanks(&line(text))), *plain, "{text}");
            assert_eq!(texts(&quoted(&line(text), '\\')), *kept, "{text}");
        }
    }

    #[test]
    fn json_is_a_list_of_strings_or_nothing() {
        let table: &[(&str, Result<&[&str], NoJson>)] = &[
            ("[]", Ok(&[])),
            (r#"["a", "b c"]"#, Ok(&["a", "b c"])),
            (r#"[ "a" , "b" ] "#, Ok(&["a", "b"])),
            (r#"["\"\\\/\b\f\n\r\tä\u00e4\ud83d\ude00"]"#, Ok(&["\"\\/\u{8}\u{c}\n\r\tää😀"])),
            (r#"["\ud83d"]"#, Ok(&["\u{fffd}"])),
            (r#"["a", 'b']"#, Err(NoJson::Invalid)),
            (r#"["a",]"#, Err(NoJson::Invalid)),
            (r#"["a"] && b"#, Err(NoJson::Invalid)),
            (r#"["a""#, Err(NoJson::Invalid)),
            (r#"["\x"]"#, Err(NoJson::Invalid)),
            ("[ -f x ]", Err(NoJson::Invalid)),
            ("[1, \"a\"]", Err(NoJson::NotAString(1))),
            ("[\"a\", null]", Err(NoJson::NotAString(6))),
        ];
        for (text, want) in table {
            let found = json(&line(text));
            let found = found.as_deref().map(texts).map_err(|why| *why);
            assert_eq!(found, want.map(<[_]>::to_vec), "{text}");
        }
    }

    #[test]
    fn decoded_characters_are_found_where_they_are_written() {
        let words = json(&line(r#"["\u00e4x"]"#)).expect("valid");
        assert_eq!(words[0].locate(0), 2);
        assert_eq!(words[0].locate("ä".len()), 8);
    }
}
