//! Reading a JSON document that can be understood in one way only.

use std::collections::BTreeSet;
use std::fmt;

use super::Value;

/// How many arrays and objects may lie inside each other.
pub const MAX_DEPTH: usize = 64;

/// Where a document stops being one, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid JSON at byte {offset}: {reason}")]
pub struct Error {
    /// Zero-based position of the byte that cannot stand there.
    pub offset: usize,
    pub reason: Reason,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NotUtf8,
    ByteOrderMark,
    Expected(&'static str),
    DuplicateKey(String),
    LoneSurrogate,
    ControlCharacter,
    NotAnInteger,
    TooDeep,
    TrailingBytes,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotUtf8 => write!(f, "not UTF-8"),
            Reason::ByteOrderMark => write!(f, "byte order mark"),
            Reason::Expected(what) => write!(f, "expected {what}"),
            Reason::DuplicateKey(key) => write!(f, "the key {key:?} comes twice"),
            Reason::LoneSurrogate => write!(f, "a surrogate without its partner"),
            Reason::ControlCharacter => write!(f, "a control character inside a string"),
            Reason::NotAnInteger => write!(f, "only 64-bit integers are accepted as numbers"),
            Reason::TooDeep => write!(f, "nested deeper than {MAX_DEPTH}"),
            Reason::TrailingBytes => write!(f, "bytes after the document"),
        }
    }
}

pub(super) fn document(bytes: &[u8]) -> Result<Value, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error { offset: error.valid_up_to(), reason: Reason::NotUtf8 })?;
    if text.starts_with('\u{feff}') {
        return Err(Error { offset: 0, reason: Reason::ByteOrderMark });
    }
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error(Reason::TrailingBytes));
    }
    Ok(value)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn error(&self, reason: Reason) -> Error {
        Error { offset: self.at, reason }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Error> {
        if self.take(byte) { Ok(()) } else { Err(self.error(Reason::Expected(what))) }
    }

    /// Reads one value; `depth` counts the lists around it.
    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        self.skip_space();
        match self.peek() {
            Some(b'[' | b'{') if depth == MAX_DEPTH => Err(self.error(Reason::TooDeep)),
            Some(b'[') => self.array(depth + 1),
            Some(b'{') => self.object(depth + 1),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Error> {
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error(Reason::Expected("a value")))
    }

    fn array(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',', "',' or ']'")?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut members = Vec::new();
        let mut seen = BTreeSet::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error(Reason::Expected("a key in quotes")));
            }
            let key = self.string()?;
            if !seen.insert(key.clone()) {
                return Err(Error { offset: start, reason: Reason::DuplicateKey(key) });
            }
            self.skip_space();
            self.expect(b':', "':'")?;
            let value = self.value(depth)?;
            members.push((key, value));
            self.skip_space();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            self.expect(b',', "',' or '}'")?;
        }
    }

    fn number(&mut self) -> Result<Value, Error> {
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let literal = &rest[..end];
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        // `-0` and leading zeros have a shorter spelling; JSON forbids the latter.
        let canonical = literal == "0" || !digits.starts_with('0');
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match literal.parse() {
            Ok(number) if canonical && plain => {
                self.at += end;
                Ok(Value::Number(number))
            }
            _ => Err(self.error(Reason::NotAnInteger)),
        }
    }

    /// Reads a string from its opening to its closing quote.
    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                self.at = self.text.len();
                return Err(self.error(Reason::Expected("a closing quote")));
            };
            out.push_str(&rest[..end]);
            self.at += end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(self.error(Reason::ControlCharacter)),
            }
        }
    }

    /// Reads one escape from its backslash on, or two that form a surrogate pair.
    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let lone = Error { offset: start, reason: Reason::LoneSurrogate };
                return self.unicode_escape()?.ok_or(lone);
            }
            _ => return Err(self.error(Reason::Expected("an escape"))),
        };
        self.at += 1;
        Ok(plain)
    }

    /// Reads `uXXXX`, and `\uXXXX` after it if the first half asks for it. `None` for
    /// a half that stands alone.
    fn unicode_escape(&mut self) -> Result<Option<char>, Error> {
        self.at += 1;
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first));
        }
        if !self.text[self.at..].starts_with("\\u") {
            return Ok(None);
        }
        self.at += 2;
        let second = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Ok(None);
        }
        Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)))
    }

    fn four_digits(&mut self) -> Result<u32, Error> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let value = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.error(Reason::Expected("four hexadecimal digits")))?;
        self.at += 4;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_survives_reading_and_writing() {
        let text =
            r#"{"a":[1,-2,9223372036854775807,[],{}],"b":{"c":null,"d":true,"e":false},"":"\u003cé😀\\"}"#;
        assert_eq!(Value::parse(text.as_bytes()).expect("valid").compact(), text);
        let escapes = br#"  "\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\"  "#;
        assert_eq!(Value::parse(escapes).expect("valid").as_str(), Some("é😀/\u{8}\u{c}\n\r\t\"\\"));
    }

    #[test]
    fn what_two_readers_may_understand_differently_is_refused() {
        use Reason::*;
        let cases: &[(&[u8], Reason)] = &[
            (b"", Expected("a value")),
            (b"\xef\xbb\xbf{}", ByteOrderMark),
            (b"\"\xff\"", NotUtf8),
            (b"{} {}", TrailingBytes),
            (b"{}\0", TrailingBytes),
            (br#"{"a":1,"a":2}"#, DuplicateKey("a".into())),
            (br#"{"a":1,"\u0061":2}"#, DuplicateKey("a".into())),
            (br#""\ud800""#, LoneSurrogate),
            (br#""\udc00""#, LoneSurrogate),
            (br#""\ud800\u0041""#, LoneSurrogate),
            (br#""\ud800A""#, LoneSurrogate),
            (br#""\u12""#, Expected("four hexadecimal digits")),
            (br#""\u+123""#, Expected("four hexadecimal digits")),
            (br#""\x41""#, Expected("an escape")),
            (b"\"a\nb\"", ControlCharacter),
            (b"\"abc", Expected("a closing quote")),
            (b"9223372036854775808", NotAnInteger),
            (b"1.0", NotAnInteger),
            (b"1e3", NotAnInteger),
            (b"01", NotAnInteger),
            (b"-0", NotAnInteger),
            (b"-", NotAnInteger),
            (b"--1", NotAnInteger),
            (b"+1", Expected("a value")),
            (b"NaN", Expected("a value")),
            (b"[1,]", Expected("a value")),
            (b"[1 2]", Expected("',' or ']'")),
            (b"{a:1}", Expected("a key in quotes")),
            (br#"{"a" 1}"#, Expected("':'")),
            (br#"{"a":1,}"#, Expected("a key in quotes")),
            (b"// x\n1", Expected("a value")),
        ];
        for (bytes, reason) in cases {
            let error = Value::parse(bytes).expect_err(&String::from_utf8_lossy(bytes));
            assert_eq!(&error.reason, reason, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_exhaust_the_stack() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Value::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        for depth in [MAX_DEPTH + 1, 1_000_000] {
            let error = Value::parse(nested(depth).as_bytes()).expect_err("too deep");
            assert_eq!(error, Error { offset: MAX_DEPTH, reason: Reason::TooDeep });
        }
    }
}
