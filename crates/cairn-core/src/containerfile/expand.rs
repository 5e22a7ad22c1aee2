//! Quotes, escapes and variables, as BuildKit expands them.
//!
//! | written | gives |
//! |---|---|
//! | `$x` `${x}` | the value, nothing if unset |
//! | `${x-w}` `${x:-w}` | `w` if unset (or empty) |
//! | `${x+w}` `${x:+w}` | `w` if set (and not empty), otherwise nothing |
//! | `${x?w}` `${x:?w}` | an error that says `w` if unset (or empty) |
//! | `${x#p}` `${x##p}` | without the shortest (longest) start that matches `p` |
//! | `${x%p}` `${x%%p}` | without the shortest (longest) end that matches `p` |
//! | `${x/p/r}` `${x//p/r}` | the first match (each match) of `p` replaced by `r` |
//! | `'a$b'` | as it is |
//! | `"a$b"` | expanded; `\` counts in front of `"`, `$` and itself |
//! | `\$` | the character behind the escape |
//!
//! `w`, `p` and `r` are expanded themselves, used or not.

use std::ops::Range;

use super::pattern::{Greed, Pattern};

const UNCLOSED: &str = "a closing }; a value with blanks needs quotes";

/// How deep `${x:-${y:-…}}` may go.
const MAX_DEPTH: u32 = 64;

/// What is special in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `\` or `` ` ``.
    pub escape: char,
    /// Quotes are characters like others (bodies of here-documents).
    pub plain_quotes: bool,
    /// Quotes are understood but kept.
    pub raw_quotes: bool,
    /// Escapes are understood but kept.
    pub raw_escapes: bool,
    /// Variables that are unset stay as they are written.
    pub keep_unset: bool,
}

impl Rules {
    /// For words of instructions.
    pub fn word(escape: char) -> Self {
        let [plain_quotes, raw_quotes, raw_escapes, keep_unset] = [false; 4];
        Self { escape, plain_quotes, raw_quotes, raw_escapes, keep_unset }
    }

    /// For the body of a here-document, whatever the escape character of the file.
    pub fn heredoc() -> Self {
        Self { plain_quotes: true, ..Self::word('\\') }
    }
}

/// Why a text cannot be expanded, and which part of it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub expected: &'static str,
}

/// Expands a text to one string. `lookup` gives the value of a variable.
pub fn expand(
    text: &str,
    rules: Rules,
    lookup: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<String, Problem> {
    Lexer::new(text, rules, lookup, false).until(None, rules.raw_escapes).map(|out| out.text)
}

/// Expands a text and splits it at white space that is neither quoted nor escaped,
/// values of variables included.
pub fn expand_split(
    text: &str,
    rules: Rules,
    lookup: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Vec<String>, Problem> {
    Lexer::new(text, rules, lookup, false).until(None, rules.raw_escapes).map(Output::into_words)
}

/// Finds what would be wrong whatever the values are.
pub fn check(text: &str, rules: Rules) -> Result<(), Problem> {
    if !text.contains(['$', '\'', '"']) {
        return Ok(());
    }
    Lexer::new(text, rules, &mut |_| None, true).until(None, rules.raw_escapes).map(|_| ())
}

/// What has been expanded so far: as one text, and split.
#[derive(Default)]
struct Output {
    text: String,
    words: Vec<String>,
    word: String,
    in_word: bool,
}

impl Output {
    /// A character that parts words if it is white space.
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.split(c);
    }

    /// A quoted or escaped character.
    fn push_raw(&mut self, c: char) {
        self.text.push(c);
        self.word.push(c);
        self.in_word = true;
    }

    fn split(&mut self, c: char) {
        if !c.is_whitespace() {
            self.word.push(c);
            self.in_word = true;
        } else if self.in_word && !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
            self.in_word = false;
        }
    }

    fn into_words(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.words.push(self.word);
        }
        self.words
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    rules: Rules,
    /// Of the part being read: patterns keep their escapes.
    raw_escapes: bool,
    lookup: &'a mut dyn FnMut(&str) -> Option<String>,
    /// Values are not known: only the grammar counts.
    checking: bool,
    depth: u32,
}

impl<'a> Lexer<'a> {
    fn new(
        text: &'a str,
        rules: Rules,
        lookup: &'a mut dyn FnMut(&str) -> Option<String>,
        checking: bool,
    ) -> Self {
        Self { text, at: 0, rules, raw_escapes: rules.raw_escapes, lookup, checking, depth: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn problem<T>(
        &self,
        from: usize,
        message: impl Into<String>,
        expected: &'static str,
    ) -> Result<T, Problem> {
        Err(Problem { range: from..self.at, message: message.into(), expected })
    }

    /// Reads up to `stop`, which is consumed, or to the end if there is none.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<Output, Problem> {
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let mut out = Output::default();
        while let Some(c) = self.peek() {
            match c {
                _ if Some(c) == stop => {
                    self.at += c.len_utf8();
                    self.raw_escapes = outer;
                    return Ok(out);
                }
                '\'' if !self.rules.plain_quotes => self.single_quoted(&mut out)?,
                '"' if !self.rules.plain_quotes => self.double_quoted(&mut out)?,
                '$' => {
                    let value = self.dollar()?;
                    out.text.push_str(&value);
                    value.chars().for_each(|c| out.split(c));
                }
                _ if c == self.rules.escape => {
                    self.at += c.len_utf8();
                    if raw_escapes {
                        out.push_raw(c);
                    }
                    // An escape at the very end is dropped.
                    if let Some(escaped) = self.next() {
                        out.push_raw(escaped);
                    }
                }
                _ => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
        self.raw_escapes = outer;
        match stop {
            Some('/') => self.problem(0, "the pattern of ${x/p/r} has no end", "a / behind the pattern"),
            Some(_) => self.problem(0, "${ without }", UNCLOSED),
            None => Ok(out),
        }
    }

    fn single_quoted(&mut self, out: &mut Output) -> Result<(), Problem> {
        let start = self.at;
        let length = self.text[start + 1..].find('\'');
        let Some(length) = length else {
            self.at = self.text.len();
            return self.problem(start, "a ' without its partner", "a closing '");
        };
        self.at = start + length + 2;
        let keep = if self.rules.raw_quotes { start..self.at } else { start + 1..self.at - 1 };
        out.in_word = true;
        self.text[keep].chars().for_each(|c| out.push_raw(c));
        Ok(())
    }

    fn double_quoted(&mut self, out: &mut Output) -> Result<(), Problem> {
        let start = self.at;
        self.at += 1;
        out.in_word = true;
        if self.rules.raw_quotes {
            out.push_raw('"');
        }
        loop {
            match self.peek() {
                None => return self.problem(start, "a \" without its partner", "a closing \""),
                Some('"') => {
                    self.at += 1;
                    if self.rules.raw_quotes {
                        out.push_raw('"');
                    }
                    return Ok(());
                }
                Some('$') => self.dollar()?.chars().for_each(|c| out.push_raw(c)),
                Some(c) if c == self.rules.escape => {
                    self.at += c.len_utf8();
                    if self.raw_escapes {
                        out.push_raw(c);
                    }
                    match self.peek() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == c => {
                            self.at += next.len_utf8();
                            out.push_raw(next);
                        }
                        Some(_) => out.push_raw(c),
                    }
                }
                Some(c) => {
                    self.at += c.len_utf8();
                    out.push_raw(c);
                }
            }
        }
    }

    /// Everything that begins with `$`.
    fn dollar(&mut self) -> Result<String, Problem> {
        let start = self.at;
        self.at += 1;
        if self.peek() == Some('{') {
            self.at += 1;
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return self.problem(start, "${ inside ${ too often", "at most 64 levels");
            }
            let value = self.braced(start).map_err(|mut problem| {
                // Show the whole expression, not only the end where it was noticed.
                if problem.range.start == 0 {
                    problem.range.start = start;
                }
                problem
            });
            self.depth -= 1;
            return value;
        }
        let name = self.name();
        Ok(match (name.as_str(), (self.lookup)(&name)) {
            ("", _) => "$".to_owned(),
            (_, Some(value)) => value,
            (_, None) if self.rules.keep_unset => format!("${name}"),
            (_, None) => String::new(),
        })
    }

    /// `${…}`, behind the brace.
    fn braced(&mut self, start: usize) -> Result<String, Problem> {
        match self.peek() {
            None => return self.problem(start, "${ without }", UNCLOSED),
            Some('{' | '}' | ':') => {
                self.next();
                return self.problem(start, "${ without a name", "${NAME}");
            }
            Some(_) => {}
        }
        let name = self.name();
        let modifier_at = self.at;
        match self.next() {
            None => self.problem(start, "${ without }", UNCLOSED),
            Some('}') => Ok(match (self.lookup)(&name) {
                Some(value) => value,
                None if self.rules.keep_unset => format!("${{{name}}}"),
                None => String::new(),
            }),
            Some(':') => {
                let Some(operator) = self.next() else {
                    return self.problem(start, "${ without }", UNCLOSED);
                };
                self.modified(start, modifier_at, &name, operator, true)
            }
            Some('/') => self.replaced(start, &name),
            Some(operator) => self.modified(start, modifier_at, &name, operator, false),
        }
    }

    /// `${x-w}` and its relatives, behind the operator.
    fn modified(
        &mut self,
        start: usize,
        modifier_at: usize,
        name: &str,
        operator: char,
        colon: bool,
    ) -> Result<String, Problem> {
        if !matches!(operator, '-' | '+' | '?' | '#' | '%') {
            let what = &self.text[modifier_at..self.at];
            let message = format!("{what:?} is no operator of ${{…}}");
            return self.problem(modifier_at, message, "one of } - :- + :+ ? :? # ## % %% / //");
        }
        let is_pattern = matches!(operator, '#' | '%');
        let written = self.at;
        let word = self.until(Some('}'), is_pattern)?.text;
        let value = (self.lookup)(name);
        if value.is_none() && self.rules.keep_unset {
            return Ok(format!("${{{name}{}{word}}}", &self.text[modifier_at..written]));
        }
        let missing = match &value {
            None => true,
            Some(value) => colon && value.is_empty(),
        };
        match operator {
            '-' if missing => Ok(word),
            '+' => Ok(if missing { String::new() } else { word }),
            '?' if missing && !self.checking => {
                let why = match (word.as_str(), &value) {
                    ("", None) => "is not set",
                    ("", Some(_)) => "is empty",
                    (word, _) => word,
                };
                self.problem(start, format!("{name}: {why}"), "a value, given before this line")
            }
            '#' | '%' => self.trimmed(start, operator, &word, value.unwrap_or_default()),
            _ => Ok(value.unwrap_or_default()),
        }
    }

    fn trimmed(&self, start: usize, operator: char, word: &str, value: String) -> Result<String, Problem> {
        if word.is_empty() && !self.checking {
            let message = "an empty pattern, which stops the daemon of Docker 26";
            return self.problem(start, message, "a pattern");
        }
        let (pattern, greed) = match word.strip_prefix(operator) {
            Some(rest) => (rest, Greed::Longest),
            None => (word, Greed::Shortest),
        };
        let pattern = self.pattern(start, pattern)?;
        Ok(match operator {
            '#' => pattern.trim_start(&value, greed),
            _ => pattern.trim_end(&value, greed),
        }
        .to_owned())
    }

    /// `${x/p/r}`, behind the first slash.
    fn replaced(&mut self, start: usize, name: &str) -> Result<String, Problem> {
        let all = self.peek() == Some('/');
        if all {
            self.at += 1;
        }
        let pattern = self.until(Some('/'), true)?.text;
        let replacement = self.until(Some('}'), true)?.text;
        let Some(value) = (self.lookup)(name) else {
            let slash = if all { "//" } else { "/" };
            let kept = || format!("${{{name}{slash}{pattern}/{replacement}}}");
            return Ok(if self.rules.keep_unset { kept() } else { String::new() });
        };
        if all && replacement.contains('$') {
            return self.problem(
                start,
                "a $ in the replacement of ${x//p/r} means different things to different engines",
                "a replacement without $",
            );
        }
        Ok(self.pattern(start, &pattern)?.replace(&value, &replacement, all))
    }

    fn pattern(&self, start: usize, text: &str) -> Result<Pattern, Problem> {
        Pattern::parse(text).or_else(|escape| {
            let message = format!("{escape:?} means nothing in a pattern");
            self.problem(start, message, "a \\ only in front of * ? \\ / and }")
        })
    }

    /// A name: letters, digits and `_`; or digits alone; or one special parameter.
    fn name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let length = match rest.chars().next() {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
        };
        self.at += length;
        rest[..length].to_owned()
    }
}

#[cfg(test)]
#[path = "expand_tests.rs"]
mod tests;
