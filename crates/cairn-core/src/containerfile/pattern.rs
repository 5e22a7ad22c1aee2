//! Shell patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and `\` escapes.
//!
//! There are no bracket expressions, as in BuildKit. Neither `*` nor `?` matches a
//! line end. Among several matches the one counts that a backtracking matcher finds
//! first, each `*` taking as much (greedy) or as little (lazy) as it can.

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Char(char),
}

/// A pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

/// How much a `*` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greed {
    Shortest,
    Longest,
}

impl Pattern {
    /// Reads a pattern; the error is the escape that means nothing.
    ///
    /// `\*`, `\?` and `\\` stand for the character. `\}` and `\/` too: there the `\`
    /// was needed to get past the end of the expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => match chars.next() {
                    Some(c @ ('*' | '?' | '\\' | '}' | '/')) => Token::Char(c),
                    Some(c) => return Err(format!("\\{c}")),
                    None => return Err("\\".to_owned()),
                },
                c => Token::Char(c),
            });
        }
        Ok(Self(tokens))
    }

    /// `value` without what the pattern matches at its start.
    pub fn trim_start<'v>(&self, value: &'v str, greed: Greed) -> &'v str {
        let chars: Vec<char> = value.chars().collect();
        let matched = find_end(&self.0, &chars, 0, greed).unwrap_or(0);
        let bytes: usize = chars[..matched].iter().map(|c| c.len_utf8()).sum();
        &value[bytes..]
    }

    /// `value` without what the pattern matches at its end.
    pub fn trim_end<'v>(&self, value: &'v str, greed: Greed) -> &'v str {
        let chars: Vec<char> = value.chars().rev().collect();
        let tokens: Vec<Token> = self.0.iter().rev().copied().collect();
        let matched = find_end(&tokens, &chars, 0, greed).unwrap_or(0);
        let bytes: usize = chars[..matched].iter().map(|c| c.len_utf8()).sum();
        &value[..value.len() - bytes]
    }

    /// `value` with the first match, or all of them, replaced.
    ///
    /// An empty match counts, but not directly behind another match.
    pub fn replace(&self, value: &str, replacement: &str, all: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let mut out = String::new();
        let (mut copied, mut search) = (0, 0);
        while let Some((start, end)) = self.find(&chars, search) {
            out.extend(&chars[copied..start]);
            if end > copied || start == 0 {
                out.push_str(replacement);
            }
            copied = end;
            search = end.max(search + 1);
            if !all || search > chars.len() {
                break;
            }
        }
        out.extend(&chars[copied..]);
        out
    }

    /// The leftmost match at or behind `from`.
    fn find(&self, chars: &[char], from: usize) -> Option<(usize, usize)> {
        (from..=chars.len()).find_map(|start| Some((start, find_end(&self.0, chars, start, Greed::Longest)?)))
    }
}

/// Where a match that begins at `start` ends.
///
/// Works back to front over the pattern: `ends[i]` is the end of the preferred match
/// of the tokens seen so far, begun at character `i`. That takes time in the order of
/// pattern × value, whatever the pattern.
fn find_end(tokens: &[Token], chars: &[char], start: usize, greed: Greed) -> Option<usize> {
    let count = chars.len();
    let mut ends: Vec<Option<usize>> = (0..=count).map(Some).collect();
    for token in tokens.iter().rev() {
        let one = |i: usize, wanted: &dyn Fn(char) -> bool, ends: &[Option<usize>]| {
            (i < count && wanted(chars[i])).then(|| ends[i + 1]).flatten()
        };
        let mut next = vec![None; count + 1];
        for i in (start..=count).rev() {
            next[i] = match *token {
                Token::Char(c) => one(i, &|found| found == c, &ends),
                Token::One => one(i, &|found| found != '\n', &ends),
                Token::Any => {
                    // Either the star takes one more character, or it is done here.
                    let more = one(i, &|found| found != '\n', &next);
                    match greed {
                        Greed::Longest => more.or(ends[i]),
                        Greed::Shortest => ends[i].or(more),
                    }
                }
            };
        }
        ends = next;
    }
    ends[start]
}

#[cfg(test)]
mod tests {
    use super::*;
    use Greed::{Longest, Shortest};

    #[test]
    fn prefixes_and_suffixes_go_as_the_shell_cuts_them() {
        let table = [
            ("lib/a.tar.gz", "*/", Shortest, "a.tar.gz", "lib/a.tar.gz"),
            ("a/b/c", "*/", Shortest, "b/c", "a/b/c"),
            ("a/b/c", "*/", Longest, "c", "a/b/c"),
            ("a.tar.gz", ".*", Shortest, "a.tar.gz", "a.tar"),
            ("a.tar.gz", ".*", Longest, "a.tar.gz", "a"),
            ("xxyy", "*", Shortest, "xxyy", "xxyy"),
            ("xxyy", "*", Longest, "", ""),
            ("xxyy", "??", Shortest, "yy", "xx"),
            ("xx**", "\\**", Longest, "xx**", "xx"),
            ("äöü", "?", Shortest, "öü", "äö"),
            ("a\nb", "*", Longest, "\nb", "a\n"),
            ("abab", "*b", Longest, "", ""),
            ("", "*", Longest, "", ""),
        ];
        for (value, pattern, greed, start, end) in table {
            let compiled = Pattern::parse(pattern).expect("patterns of the table are valid");
            assert_eq!(compiled.trim_start(value, greed), start, "{value} # {pattern}");
            assert_eq!(compiled.trim_end(value, greed), end, "{value} % {pattern}");
        }
    }

    #[test]
    fn replacement_takes_the_leftmost_longest_match() {
        let table = [
            ("1.3.1", ".", "_", "1_3.1", "1_3_1"),
            ("/tmp/tmp/x", "/tmp", "", "/tmp/x", "/x"),
            ("xxyy", "", "w", "wxxyy", "wxwxwywyw"),
            ("aaa", "a*", "b", "b", "b"),
            ("abc", "x", "y", "abc", "abc"),
            ("ab", "*", "c", "c", "c"),
            ("a+b", "+", "-", "a-b", "a-b"),
            ("äaä", "a", "ö", "äöä", "äöä"),
        ];
        for (value, pattern, with, first, all) in table {
            let compiled = Pattern::parse(pattern).expect("patterns of the table are valid");
            assert_eq!(compiled.replace(value, with, false), first, "{value}/{pattern}");
            assert_eq!(compiled.replace(value, with, true), all, "{value}//{pattern}");
        }
    }

    #[test]
    fn an_escape_that_means_nothing_is_named() {
        assert_eq!(Pattern::parse("a\\x"), Err("\\x".to_owned()));
        assert_eq!(Pattern::parse("a\\"), Err("\\".to_owned()));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let value = "a".repeat(2000);
        let compiled = Pattern::parse(&"*a".repeat(30).replace("*a", "*a*")).expect("valid");
        assert_eq!(compiled.trim_start(&(value.clone() + "\n"), Longest), "\n");
        assert_eq!(Pattern::parse("*b").expect("valid").replace(&value, "x", true), value);
    }
}
