//! `--name` and `--name=value` between an instruction and its words.
//!
//! Quotes and `\` in a value are resolved here, before variables are: that is why
//! `--chown="$OWNER"` is expanded all the same.

use super::error::Source;
use super::{Error, Span, Word};

/// One flag as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flag {
    /// With `--` and value.
    pub span: Span,
    /// Without `--`.
    pub name: String,
    /// What stands behind `=`, if there is one.
    pub value: Option<Word>,
}

/// Takes the flags off the front of a line and returns the rest.
pub(super) fn take(line: &Word) -> (Vec<Flag>, Word) {
    let mut flags = Vec::new();
    let mut rest = line.trim();
    while rest.text.starts_with("--") {
        let (word, length) = unquoted(&rest);
        let span = rest.locate_range(0..length);
        rest = rest.slice_from(length).trim();
        if word.text == "--" {
            break;
        }
        let name_end = word.text.find('=').unwrap_or(word.text.len());
        let name = word.text[2..name_end.max(2)].to_owned();
        let value = (name_end < word.text.len()).then(|| word.slice_from(name_end + 1));
        flags.push(Flag { span, name, value });
    }
    (flags, rest)
}

/// The first word with quotes and escapes resolved, and its written length.
fn unquoted(line: &Word) -> (Word, usize) {
    let mut word = Word::at(line.locate(0));
    let mut quote = None;
    let mut chars = line.text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return (word, at),
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {
                let (at, c) = if c == '\\' {
                    let Some(escaped) = chars.next() else { break };
                    escaped
                } else {
                    (at, c)
                };
                word.push_char(c, line.locate(at), c.len_utf8() as u32);
            }
        }
    }
    (word, line.text.len())
}

/// The flags of one instruction, taken out one by one; what is left is an error.
pub(super) struct Flags<'a> {
    source: Source<'a>,
    flags: Vec<Flag>,
}

impl<'a> Flags<'a> {
    /// Refuses flags that the instruction does not know, and repeated ones.
    pub fn new(
        source: Source<'a>,
        flags: Vec<Flag>,
        instruction: &str,
        known: &[&str],
        repeatable: &[&str],
    ) -> Result<Self, Error> {
        for (index, flag) in flags.iter().enumerate() {
            let name = flag.name.as_str();
            if !known.contains(&name) && !repeatable.contains(&name) {
                let mut names = [known, repeatable].concat();
                names.sort_unstable();
                let names: Vec<String> = names.iter().map(|name| format!("--{name}")).collect();
                let expected = match names.as_slice() {
                    [] => format!("no flags behind {instruction}"),
                    names => format!("one of {}", names.join(" ")),
                };
                let message = format!("{instruction} has no flag --{name}");
                return Err(source.error(flag.span, message, expected));
            }
            if known.contains(&name) && flags[..index].iter().any(|other| other.name == name) {
                return Err(source.error(flag.span, format!("--{name} a second time"), ""));
            }
        }
        Ok(Self { source, flags })
    }

    /// The value of a flag that needs one.
    pub fn value(&self, name: &str) -> Result<Option<Word>, Error> {
        Ok(self.values(name)?.pop())
    }

    /// The values of a flag that may be repeated.
    pub fn values(&self, name: &str) -> Result<Vec<Word>, Error> {
        let found = self.flags.iter().filter(|flag| flag.name == name);
        found
            .map(|flag| match &flag.value {
                Some(value) if !value.text.is_empty() => Ok(value.clone()),
                _ => Err(self.error(flag, "needs a value", &format!("--{name}=VALUE"))),
            })
            .collect()
    }

    /// A flag that is there or not, or says `=true` or `=false`.
    pub fn switch(&self, name: &str) -> Result<Option<bool>, Error> {
        let Some(flag) = self.flags.iter().find(|flag| flag.name == name) else {
            return Ok(None);
        };
        match flag.value.as_ref().map(|value| value.text.to_ascii_lowercase()).as_deref() {
            None | Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.error(flag, "is a switch", &format!("--{name}, =true or =false"))),
        }
    }

    fn error(&self, flag: &Flag, what: &str, expected: &str) -> Error {
        self.source.error(flag.span, format!("--{} {what}", flag.name), expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_end_at_the_first_other_word() {
        type Row<'a> = (&'a str, &'a [(&'a str, Option<&'a str>)], &'a str);
        let table: &[Row<'_>] = &[
            ("a b", &[], "a b"),
            ("--link a --b", &[("link", None)], "a --b"),
            ("--chown=1:2   --link a", &[("chown", Some("1:2")), ("link", None)], "a"),
            ("--chown=\"$A b\" a", &[("chown", Some("$A b"))], "a"),
            ("--x='a b'c\\ d a", &[("x", Some("a bc d"))], "a"),
            ("--x= a", &[("x", Some(""))], "a"),
            ("-- --x", &[], "--x"),
            ("--a -- --x", &[("a", None)], "--x"),
            ("-a b", &[], "-a b"),
            ("--=a b", &[("", Some("a"))], "b"),
            ("--a\\", &[("a", None)], ""),
        ];
        for (text, want, rest) in table {
            let mut line = Word::at(0);
            line.push(text, 0);
            let (flags, left) = take(&line);
            let found: Vec<_> = flags
                .iter()
                .map(|flag| (flag.name.as_str(), flag.value.as_ref().map(|v| v.text.as_str())))
                .collect();
            assert_eq!((found.as_slice(), left.text.as_str()), (*want, *rest), "{text}");
        }
    }
}
