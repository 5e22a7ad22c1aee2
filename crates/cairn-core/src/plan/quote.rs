//! Lists as Go prints them, for the history.

use std::collections::BTreeSet;

/// `["/bin/sh" "-c" "a"]`: `%q` of a list of strings.
pub(super) fn quoted_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(" "))
}

/// `[a b]`: `%v` of a list of strings.
pub(super) fn plain_list(items: &[String]) -> String {
    format!("[{}]", items.join(" "))
}

/// `map[53/udp:{} 80/tcp:{}]`: `%v` of a set of strings.
pub(super) fn go_set(items: &[String]) -> String {
    let items: BTreeSet<&String> = items.iter().collect();
    let items: Vec<String> = items.into_iter().map(|item| format!("{item}:{{}}")).collect();
    format!("map[{}]", items.join(" "))
}

/// A string in double quotes, with the escapes of Go's `strconv.Quote`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x80 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// Letters, marks, numbers, punctuation, symbols and the plain blank. Rust's own
/// escaping draws the same line, so its table is used; behind another character it
/// does not escape combining marks.
fn is_printable(c: char) -> bool {
    c == '\'' || format!("x{c}").escape_debug().skip(1).eq([c])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_go_quotes_them() {
        let table = [
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("it's \"x\" \\", r#""it's \"x\" \\""#),
            ("\n\t\r\u{7}\u{8}\u{b}\u{c}", r#""\n\t\r\a\b\v\f""#),
            ("\u{1}\u{1b}\u{7f}", r#""\x01\x1b\x7f""#),
            ("äöü e\u{301} 😀", "\"äöü e\u{301} 😀\""),
            ("\u{a0}\u{ad}\u{200b}\u{feff}", r#""\u00a0\u00ad\u200b\ufeff""#),
            ("\u{e0001}", r#""\U000e0001""#),
            ("<a href='x'>&", r#""<a href='x'>&""#),
        ];
        for (text, want) in table {
            assert_eq!(quoted(text), want);
        }
        assert_eq!(quoted_list(&[]), "[]");
        assert_eq!(quoted_list(&["a".into(), "b".into()]), r#"["a" "b"]"#);
    }
}
