//! Writing a [`Value`] as Go's `encoding/json` would.

use super::Value;

pub(super) fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(value, None, &mut out);
    out
}

pub(super) fn indented(value: &Value) -> String {
    let mut out = String::new();
    write(value, Some(0), &mut out);
    out
}

/// Appends `value`; `depth` is the current indentation, or `None` for no white space.
fn write(value: &Value, depth: Option<usize>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_list('[', ']', items, depth, out, |item, depth, out| {
            write(item, depth, out);
        }),
        Value::Object(members) => {
            write_list('{', '}', members, depth, out, |(key, value), depth, out| {
                write_string(key, out);
                out.push_str(if depth.is_some() { ": " } else { ":" });
                write(value, depth, out);
            });
        }
    }
}

fn write_list<T>(
    open: char,
    close: char,
    items: &[T],
    depth: Option<usize>,
    out: &mut String,
    write_item: impl Fn(&T, Option<usize>, &mut String),
) {
    out.push(open);
    let inner = depth.map(|depth| depth + 1);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(inner, out);
        write_item(item, inner, out);
    }
    if !items.is_empty() {
        new_line(depth, out);
    }
    out.push(close);
}

fn new_line(depth: Option<usize>, out: &mut String) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_go_escapes_them() {
        let cases = [
            ("plain", r#""plain""#),
            ("a\"b\\c/d", r#""a\"b\\c/d""#),
            ("\n\r\t\u{8}\u{c}", r#""\n\r\t\b\f""#),
            ("\0\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
            ("<a href='x'>&", r#""\u003ca href='x'\u003e\u0026""#),
            ("\u{2028}\u{2029}", r#""\u2028\u2029""#),
            ("é 😀", "\"é 😀\""),
        ];
        for (text, expected) in cases {
            assert_eq!(Value::from(text).compact(), expected);
        }
    }

    #[test]
    fn empty_lists_stay_on_one_line() {
        let value = Value::object([
            ("a", Value::Array(vec![])),
            ("o", Value::Object(vec![])),
            ("l", Value::Array(vec![Value::Number(-1), Value::Null])),
        ]);
        assert_eq!(value.compact(), r#"{"a":[],"o":{},"l":[-1,null]}"#);
        let expected = "{\n  \"a\": [],\n  \"o\": {},\n  \"l\": [\n    -1,\n    null\n  ]\n}";
        assert_eq!(value.indented(), expected);
    }
}
