//! `RUN --mount=type=cache,target=/x,…`: a line of comma-separated fields.

use super::parse::Parser;
use super::{Error, Mount, Word};

/// The keys a mount may have, under all their names.
pub const MOUNT_KEYS: [&str; 17] = [
    "destination",
    "dst",
    "from",
    "gid",
    "id",
    "mode",
    "readonly",
    "readwrite",
    "ro",
    "rw",
    "sharing",
    "size",
    "source",
    "src",
    "target",
    "type",
    "uid",
];

/// Cuts a mount at its commas. A field in double quotes may hold commas; a quote in it
/// is written twice.
pub fn mount_fields(value: &Word) -> Vec<Word> {
    let mut fields = Vec::new();
    let mut field = Word::at(value.locate(0));
    let mut quoted = false;
    let mut begun = false;
    let mut chars = value.text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if quoted && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                field.push_char('"', value.locate(at), 2);
            }
            '"' if quoted || !begun => quoted = !quoted,
            ',' if !quoted => {
                fields.push(std::mem::replace(&mut field, Word::at(value.locate(at + 1))));
                begun = false;
                continue;
            }
            c => field.push_char(c, value.locate(at), c.len_utf8() as u32),
        }
        begun = true;
    }
    fields.push(field);
    fields
}

/// Parses one flag; values that hold variables are judged when they are known.
pub(super) fn parse(parser: &Parser<'_>, value: &Word) -> Result<Mount, Error> {
    let mut fields = Vec::new();
    for field in mount_fields(value) {
        let (key, value) = match field.text.find('=') {
            Some(at) => (field.slice(0..at), Some(parser.checked(field.slice_from(at + 1))?)),
            None => (field.clone(), None),
        };
        let name = key.text.to_ascii_lowercase();
        let error =
            |message: String, expected: String| Err(parser.source.error(field.span(), message, expected));
        if !MOUNT_KEYS.contains(&name.as_str()) {
            let message = format!("a mount has no {:?}", key.text);
            return error(message, format!("one of {}", MOUNT_KEYS.join(" ")));
        }
        let alone = matches!(name.as_str(), "ro" | "readonly" | "rw" | "readwrite");
        if value.as_ref().is_none_or(|value| value.text.is_empty()) && !(alone && value.is_none()) {
            return error(format!("{name} needs a value"), format!("{name}=…"));
        }
        if name == "from" && value.as_ref().is_some_and(|value| value.text.contains('$')) {
            let expected = "a name; FROM may use a global ARG, and from= that stage";
            return error("from= is never expanded".to_owned(), expected.to_owned());
        }
        if name == "type"
            && let Some(value) = value.as_ref().filter(|value| !value.text.contains('$'))
            && let Err((message, expected)) = kind(&value.text)
        {
            return error(message, expected.to_owned());
        }
        fields.push((name, value));
    }
    Ok(Mount { span: value.span(), fields })
}

/// Refuses all types but the three that can be reproduced.
pub(crate) fn kind(text: &str) -> Result<(), (String, &'static str)> {
    match text.to_ascii_lowercase().as_str() {
        "bind" | "cache" | "tmpfs" => Ok(()),
        "secret" | "ssh" => Err((
            format!("a {text} mount is not supported: a build that needs it cannot be repeated by others"),
            "type=bind, cache or tmpfs",
        )),
        _ => Err((format!("a mount has no type {text:?}"), "type=bind, cache or tmpfs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_part_at_commas_outside_quotes() {
        let table: &[(&str, &[&str])] = &[
            ("type=cache,target=/x", &["type=cache", "target=/x"]),
            ("a", &["a"]),
            ("a,,b", &["a", "", "b"]),
            ("\"source=a,b\",ro", &["source=a,b", "ro"]),
            ("\"a\"\"b\",c", &["a\"b", "c"]),
            ("a\"b,c", &["a\"b", "c"]),
        ];
        for (text, want) in table {
            let mut value = Word::at(0);
            value.push(text, 0);
            let fields = mount_fields(&value);
            let found: Vec<&str> = fields.iter().map(|field| field.text.as_str()).collect();
            assert_eq!(found, *want, "{text}");
        }
    }
}
