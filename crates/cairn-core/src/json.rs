//! JSON with one spelling, for the documents whose bytes are hashed.
//!
//! The writer gives the bytes that Go's `encoding/json` gives, because that is what
//! BuildKit's image configs and manifests are made of: no white space (or two-space
//! indentation), keys in the order given, and in strings `<`, `>`, `&`, U+2028 and
//! U+2029 escaped.
//!
//! The reader accepts any spelling of a document that means one thing only. It
//! refuses duplicate keys, a byte order mark, bytes after the end, lone surrogates,
//! numbers that are no 64-bit integers, nesting deeper than [`MAX_DEPTH`] and invalid
//! UTF-8: two readers of such a document may disagree about what it says.
//!
//! ```
//! use cairn_core::json::Value;
//! let value = Value::parse(br#" {"b": [1, true], "a": "<"} "#).unwrap();
//! assert_eq!(value.compact(), r#"{"b":[1,true],"a":"\u003c"}"#);
//! assert!(Value::parse(br#"{"a":1,"a":2}"#).is_err());
//! ```

mod parse;
mod print;

pub use parse::{Error, MAX_DEPTH, Reason};

/// One JSON value. An object keeps its members in the order they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    /// Only integers: nothing that is hashed here has fractions.
    Number(i64),
    String(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads one document. `bytes` is all of it.
    pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
        parse::document(bytes)
    }

    /// An object with these members, in this order.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// An array of strings.
    pub fn strings<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Value {
        Value::Array(items.into_iter().map(|item| Value::String(item.into())).collect())
    }

    /// The member `key` of an object; `None` if it is missing or this is no object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let members = self.as_object()?;
        members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<i64> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&[(String, Value)]> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The document without white space, as Go's `json.Marshal` writes it.
    pub fn compact(&self) -> String {
        print::compact(self)
    }

    /// The document with two-space indentation and no final newline, as Go's
    /// `json.MarshalIndent(v, "", "  ")` writes it.
    pub fn indented(&self) -> String {
        print::indented(self)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}
