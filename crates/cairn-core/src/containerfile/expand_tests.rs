use super::*;

/// `X` is set, `EMPTY` is set to nothing, everything else is unset.
fn lookup(name: &str) -> Option<String> {
    let value = match name {
        "X" => "plain",
        "EMPTY" => "",
        "V" => "1.2.3-rc4",
        "URL" => "https://example.org/pool/a.tar.gz",
        "SP" => " two  words ",
        "PAT" => "*/",
        "Ä" => "umlaut",
        _ => return None,
    };
    Some(value.to_owned())
}

fn word(text: &str) -> Result<String, String> {
    expand(text, Rules::word('\\'), &mut lookup).map_err(|problem| problem.message)
}

#[test]
fn words_expand_as_buildkit_expands_them() {
    let table = [
        // plain text, quotes, escapes
        ("", ""),
        ("a b", "a b"),
        ("'$X'", "$X"),
        ("\"$X\"", "plain"),
        ("a\"b c\"'d e'f", "ab cd ef"),
        ("''\"\"", ""),
        ("\\$X", "$X"),
        ("\\\\$X", "\\plain"),
        ("\\a\\ b", "a b"),
        ("\"\\$X \\\" \\\\ \\n\"", "$X \" \\ \\n"),
        ("'a\\'", "a\\"),
        ("\"it's\"", "it's"),
        ("'say \"hi\"'", "say \"hi\""),
        ("a\\", "a"),
        ("\\'$X\\'", "'plain'"),
        ("`$X`", "`plain`"),
        // names
        ("$X", "plain"),
        ("$X.y", "plain.y"),
        ("$X_", ""),
        ("$Xy", ""),
        ("a$X-b", "aplain-b"),
        ("$NO", ""),
        ("$Ä", "umlaut"),
        ("$", "$"),
        ("$ X", "$ X"),
        ("a$.", "a$."),
        ("$$X", "X"),
        ("$1X", "X"),
        ("$@$*$#$?$-$!", ""),
        ("${X}y", "plainy"),
        ("${NO}", ""),
        ("${1}", ""),
        ("${@}", ""),
        ("$X$EMPTY$X", "plainplain"),
        // unset, empty, set
        ("${X-w}", "plain"),
        ("${EMPTY-w}", ""),
        ("${NO-w}", "w"),
        ("${X:-w}", "plain"),
        ("${EMPTY:-w}", "w"),
        ("${NO:-w}", "w"),
        ("${X+w}", "w"),
        ("${EMPTY+w}", "w"),
        ("${NO+w}", ""),
        ("${X:+w}", "w"),
        ("${EMPTY:+w}", ""),
        ("${NO:+w}", ""),
        ("${X?w}", "plain"),
        ("${EMPTY?w}", ""),
        ("${X:?w}", "plain"),
        ("${NO:-}", ""),
        ("${NO:-a b}", "a b"),
        ("${NO:-$X}", "plain"),
        ("${NO:-${NO:-${X}}}", "plain"),
        ("${NO:-'$X'}", "$X"),
        ("${NO:-\"}\"}", "}"),
        ("${NO:-\\}}", "}"),
        ("${NO:-{x}}", "{x}"),
        ("${X:+-${X}}", "-plain"),
        ("\"${NO:-\"w\"}\"", "w"),
        // start, end, replace
        ("${V#1.}", "2.3-rc4"),
        ("${V#*.}", "2.3-rc4"),
        ("${V##*.}", "3-rc4"),
        ("${V%.*}", "1.2"),
        ("${V%%.*}", "1"),
        ("${V%-rc?}", "1.2.3"),
        ("${V#x}", "1.2.3-rc4"),
        ("${V##}", "1.2.3-rc4"),
        ("${NO#x}", ""),
        ("${V:#1.}", "2.3-rc4"),
        ("${URL##*/}", "a.tar.gz"),
        ("${URL##$PAT}", "a.tar.gz"),
        ("${V/./_}", "1_2.3-rc4"),
        ("${V//./_}", "1_2_3-rc4"),
        ("${V//./}", "123-rc4"),
        ("${V/-*/}", "1.2.3"),
        ("${URL/https:\\/\\//}", "example.org/pool/a.tar.gz"),
        ("${URL/$PAT/}", "a.tar.gz"),
        ("${V/1/$X}", "plain.2.3-rc4"),
        ("${NO/a/b}", ""),
        ("${V///}", "1.2.3-rc4"),
        ("${V/\\//x}", "1.2.3-rc4"),
        ("${V/1/\\$}", "\\$.2.3-rc4"),
    ];
    for (text, want) in table {
        assert_eq!(word(text).as_deref(), Ok(want), "{text}");
    }
}

#[test]
fn what_cannot_be_expanded_says_why() {
    let table = [
        ("'a", "a ' without its partner"),
        ("\"a", "a \" without its partner"),
        ("\"a\\\"", "a \" without its partner"),
        ("${", "${ without }"),
        ("${X", "${ without }"),
        ("${X:", "${ without }"),
        ("${X:-a", "${ without }"),
        ("${X:-${X}", "${ without }"),
        ("${}", "${ without a name"),
        ("${{X}}", "${ without a name"),
        ("${:-a}", "${ without a name"),
        ("${X=a}", "\"=\" is no operator of ${…}"),
        ("${X:=a}", "\":=\" is no operator of ${…}"),
        ("${X^^}", "\"^\" is no operator of ${…}"),
        ("${X:1:2}", "\":1\" is no operator of ${…}"),
        ("${ X}", "\" \" is no operator of ${…}"),
        ("${NO?}", "NO: is not set"),
        ("${NO:?}", "NO: is not set"),
        ("${EMPTY:?}", "EMPTY: is empty"),
        ("${NO?give me $X}", "NO: give me plain"),
        ("${X+${NO?inner}}", "NO: inner"),
        ("${V#}", "an empty pattern, which stops the daemon of Docker 26"),
        ("${V%$EMPTY}", "an empty pattern, which stops the daemon of Docker 26"),
        ("${X/a}", "the pattern of ${x/p/r} has no end"),
        ("${X//a}", "the pattern of ${x/p/r} has no end"),
        ("${X/a/b", "${ without }"),
        ("${X#a\\b}", "\"\\\\b\" means nothing in a pattern"),
        ("${X//a/\\$1}", "a $ in the replacement of ${x//p/r} means different things to different engines"),
    ];
    for (text, want) in table {
        assert_eq!(word(text), Err(want.to_owned()), "{text}");
    }
}

#[test]
fn nesting_has_an_end() {
    let deep = |levels: usize| "${NO:-".repeat(levels) + "x" + &"}".repeat(levels);
    assert_eq!(word(&deep(64)).as_deref(), Ok("x"));
    assert!(word(&deep(65)).is_err());
    assert!(word(&deep(100_000)).is_err());
}

#[test]
fn a_grammar_error_is_found_without_values() {
    for (text, right) in
        [("${NO?x}", true), ("${NO#a\\b}", false), ("${NO^}", false), ("'", false), ("${X:-$Y}", true)]
    {
        assert_eq!(check(text, Rules::word('\\')).is_ok(), right, "{text}");
    }
}

#[test]
fn problems_point_at_the_part_that_is_wrong() {
    for (text, want) in
        [("ab ${X^}", 6..7), ("ab ${X", 3..6), ("a 'b", 2..4), ("a ${NO?b} c", 2..9), ("${X:-${", 5..7)]
    {
        let problem = expand(text, Rules::word('\\'), &mut lookup).expect_err("wrong");
        assert_eq!(problem.range, want, "{text}");
    }
}

#[test]
fn splitting_happens_after_expansion_and_respects_quotes() {
    let table: &[(&str, &[&str])] = &[
        ("80 443", &["80", "443"]),
        ("a'b c'd", &["ab cd"]),
        ("a\\ b c", &["a b", "c"]),
        ("$SP", &["two", "words"]),
        ("x${SP}y", &["x", "two", "words", "y"]),
        ("\"$SP\"", &[" two  words "]),
        ("$NO", &[]),
        ("'' a", &["a"]),
        ("  a  ", &["a"]),
        ("${NO:-a b}", &["a", "b"]),
    ];
    for (text, want) in table {
        let words = expand_split(text, Rules::word('\\'), &mut lookup);
        assert_eq!(words.expect("the table is valid"), *want, "{text}");
    }
}

#[test]
fn the_other_escape_character_frees_the_backslash() {
    let word = |text| expand(text, Rules::word('`'), &mut lookup).expect("valid");
    assert_eq!(word("C:\\$X"), "C:\\plain");
    assert_eq!(word("`$X"), "$X");
    assert_eq!(word("\"`\"\\\""), "\"\\");
}

#[test]
fn a_heredoc_keeps_its_quotes() {
    let body = |text| expand(text, Rules::heredoc(), &mut lookup).expect("valid");
    assert_eq!(body("echo '$X' \"$X\" \\$X\n"), "echo 'plain' \"plain\" $X\n");
    assert_eq!(body("it's\n"), "it's\n");
}

#[test]
fn raw_rules_keep_what_they_understand() {
    let rules = Rules { raw_quotes: true, raw_escapes: true, keep_unset: true, ..Rules::word('\\') };
    let raw = |text| expand(text, rules, &mut |_| None).expect("valid");
    let text = "a 'b' \"c $X\" \\$ ${X} ${X:-w} ${X#p*} ${X//a/b} $1";
    assert_eq!(raw(text), text);
}
