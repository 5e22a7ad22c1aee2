//! What holds for every Containerfile, also for those that nobody would write.

use std::collections::BTreeMap;

use cairn_core::containerfile::expand::{Rules, check, expand};
use cairn_core::containerfile::ignore::Patterns;
use cairn_core::containerfile::{Error, Kind, Recipe, Span, Transfer, Word, parse};
use cairn_core::image::Config;
use cairn_core::plan::plan;
use proptest::prelude::*;

/// Pieces that the grammar cares for; a file is any sequence of them.
const PIECES: [&str; 62] = [
    "FROM scratch\n",
    "FROM ",
    "scratch",
    " AS a",
    " AS b\n",
    "ARG ",
    "ENV ",
    "LABEL ",
    "RUN ",
    "COPY ",
    "ADD ",
    "USER ",
    "WORKDIR ",
    "SHELL ",
    "CMD ",
    "ENTRYPOINT ",
    "EXPOSE ",
    "VOLUME ",
    "STOPSIGNAL ",
    "ONBUILD ",
    "\n",
    "\r\n",
    "\\\n",
    "\\",
    "`",
    "# escape=`\n",
    "# syntax=docker/dockerfile:1\n",
    "#",
    " ",
    "\t",
    "=",
    "\"",
    "'",
    "$",
    "${",
    "}",
    ":-",
    ":+",
    ":?",
    "#*",
    "%%",
    "//",
    "/",
    "X",
    "A=1",
    "a",
    "b",
    "ä",
    "\u{1f600}",
    "<<EOF",
    "<<-\"E\" ",
    "EOF\n",
    "E\n",
    "[",
    "]",
    ",",
    "\"a\"",
    "--from=a ",
    "--chown=1:2 ",
    "--mount=type=cache,target=/x ",
    "80/tcp",
    "SIGTERM",
];

fn files() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..40);
    let from_pieces = pieces.prop_map(|pieces| pieces.concat());
    let behind_from = from_pieces.clone().prop_map(|text| format!("FROM scratch AS a\nARG X=x.y/z\n{text}"));
    prop_oneof![from_pieces, behind_from, any::<String>()]
}

/// The place an error shows is in the text it shows.
fn is_in(error: &Error, text: &str) -> bool {
    let line = text.split('\n').nth(error.line as usize - 1);
    let length = error.source_line.chars().count() as u32;
    line.map(|line| line.trim_end_matches('\r')) == Some(&error.source_line)
        && (1..=length + 2).contains(&error.column)
        && error.width >= 1
}

fn spans(recipe: &Recipe) -> Vec<Span> {
    let mut found: Vec<Span> = recipe.global_args.iter().map(|arg| arg.span).collect();
    let mut word = |word: &Word| {
        found.push(word.span());
        let letters = (0..=word.text.len()).filter(|at| word.text.is_char_boundary(*at));
        found.extend(letters.map(|at| Span { start: word.locate(at), end: word.locate(at) }));
    };
    for stage in &recipe.stages {
        word(&stage.base);
        for line in &stage.instructions {
            match &line.kind {
                Kind::Arg(args) => args.iter().filter_map(|arg| arg.default.as_ref()).for_each(&mut word),
                Kind::Env(pairs) | Kind::Label(pairs) => pairs.iter().for_each(|pair| {
                    word(&pair.key);
                    word(&pair.value);
                }),
                Kind::User(one) | Kind::Workdir(one) | Kind::StopSignal(one) => word(one),
                Kind::Expose(words) | Kind::Volume(words) => words.iter().for_each(&mut word),
                Kind::Copy(copy) => transfer(&copy.transfer, &mut word),
                Kind::Add(add) => transfer(&add.transfer, &mut word),
                Kind::Run(run) => run.heredocs.iter().for_each(|doc| word(&doc.text())),
                Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Shell(_) => {}
            }
        }
    }
    found.extend(recipe.stages.iter().map(|stage| stage.span));
    found.extend(recipe.stages.iter().flat_map(|stage| &stage.instructions).map(|line| line.span));
    found
}

fn transfer(line: &Transfer, word: &mut impl FnMut(&Word)) {
    line.sources.iter().for_each(&mut *word);
    line.inline.iter().for_each(|doc| word(&doc.content));
    word(&line.dest);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_makes_the_parser_fail_otherwise_than_at_a_place(text in files()) {
        let recipe = match parse("f", &text) {
            Ok(recipe) => recipe,
            Err(error) => {
                prop_assert!(is_in(&error, &text), "{error:?}");
                return Ok(());
            }
        };
        for span in spans(&recipe) {
            prop_assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
            prop_assert!(text.is_char_boundary(span.start as usize), "{span:?}");
            prop_assert!(text.is_char_boundary(span.end as usize), "{span:?}");
        }
        let lines: Vec<Span> =
            recipe.stages.iter().flat_map(|stage| &stage.instructions).map(|line| line.span).collect();
        prop_assert!(lines.windows(2).all(|pair| pair[0].end <= pair[1].start), "{lines:?}");
        prop_assert_eq!(parse("f", &text), Ok(recipe));
    }

    #[test]
    fn no_recipe_makes_the_planner_fail_otherwise_than_at_a_place(text in files()) {
        let Ok(recipe) = parse("f", &text) else { return Ok(()) };
        let args = BTreeMap::from([("X".to_owned(), "*?\\$x".to_owned())]);
        match plan(&recipe, None, &args, &|_| Some(Config::scratch("amd64"))) {
            Ok(plan) => {
                let target = plan.stages.last().expect("a plan has a target");
                let layers = target.config.history.iter().filter(|line| !line.empty_layer).count();
                prop_assert!(layers >= target.steps.len());
            }
            Err(error) => prop_assert!(is_in(&error, &text), "{error:?}"),
        }
    }

    #[test]
    fn quoting_protects_every_text(text in any::<String>()) {
        let rules = Rules::word('\\');
        let mut none = |_: &str| None;
        let escaped: String = text.chars().flat_map(|c| ['\\', c]).collect();
        prop_assert_eq!(expand(&escaped, rules, &mut none), Ok(text.clone()));
        let plain = text.replace('\'', "");
        prop_assert_eq!(expand(&format!("'{plain}'"), rules, &mut none), Ok(plain));
        let double: String =
            text.chars().flat_map(|c| ['\\', c].into_iter().skip(usize::from(!"\\\"$".contains(c)))).collect();
        prop_assert_eq!(expand(&format!("\"{double}\""), rules, &mut none), Ok(text));
    }

    #[test]
    fn what_passes_the_check_fails_only_for_its_values(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[28..][..20]), 0..20)
    ) {
        let text = pieces.concat();
        let rules = Rules::word('\\');
        let checked = check(&text, rules);
        let expanded = expand(&text, rules, &mut |_| Some("v".to_owned()));
        match (checked, expanded) {
            (Err(problem), Ok(value)) => prop_assert!(false, "{text:?} gives {value:?} but {problem:?}"),
            (Ok(()), Err(problem)) => {
                let of_value = ["means nothing", "a $ in", "an empty"].iter().any(|why| problem.message.contains(why));
                prop_assert!(of_value, "{text:?}: {problem:?}");
            }
            (_, Err(problem)) => prop_assert!(text.get(problem.range.clone()).is_some(), "{problem:?}"),
            (Ok(()), Ok(_)) => {}
        }
    }

    #[test]
    fn cutting_takes_from_one_end_and_greed_takes_more(
        value in "[a-c./\n]{0,12}", pattern in "[a-c./*?]{1,6}"
    ) {
        let pattern = pattern.replace('/', "\\/");
        let cut = |operator: &str| {
            let text = format!("${{V{operator}{pattern}}}");
            expand(&text, Rules::word('\\'), &mut |_| Some(value.clone()))
        };
        for (short, long, at_start) in [("#", "##", true), ("%", "%%", false)] {
            let (Ok(short), Ok(long)) = (cut(short), cut(long)) else {
                prop_assert!(false, "{pattern} is a pattern");
                return Ok(());
            };
            let is_rest = |rest: &str| if at_start { value.ends_with(rest) } else { value.starts_with(rest) };
            prop_assert!(is_rest(&short) && is_rest(&long));
            prop_assert!(long.len() <= short.len(), "{pattern}: {long:?} {short:?}");
        }
    }

    #[test]
    fn any_ignore_file_is_read_or_refused(file in any::<String>(), path in "[a-c/.*]{0,10}") {
        if let Ok(patterns) = Patterns::ignore_file(&file) {
            let _ = patterns.fit(&path);
        }
        // Everything, then one thing taken back.
        let patterns = Patterns::ignore_file("**\n!a").expect("both are patterns");
        let kept = path == "a" || path.starts_with("a/");
        prop_assert_eq!(patterns.fit(&path), !kept);
    }
}
