//! Showing what strangers wrote.

/// `text` with every character that acts on a terminal, has no width, or changes the
/// direction of others in its escaped spelling. Line breaks and tabs stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            _ if c.is_control() || is_hidden(c) => shown.extend(c.escape_default()),
            _ => shown.push(c),
        }
    }
    shown
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_from_a_reviewer() {
        assert_eq!(visible("a\tb\r\n\x1b[2Jc"), "a\tb\\r\n\\u{1b}[2Jc");
        assert_eq!(visible("if (x) {\u{202e} \u{2066}// é"), "if (x) {\\u{202e} \\u{2066}// é");
    }
}
