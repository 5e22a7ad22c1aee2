//! What a build takes out of its sources before it uses them, read off the RUN lines.
//!
//! ```text
//! RUN tar xf x.tar.xz --strip-components=1 --exclude='*/tests/files' \
//!  && rm -r contrib/win32 && find . -name '*.o' -delete \
//!  && ./configure && make
//! ```
//!
//! gives `tests/files`, `contrib/win32` and `**/*.o`. Only commands in front of the
//! first one that does more than unpack, patch, move and delete count: what is removed
//! later may have been used. Nothing is guessed: a deletion that is written in another
//! way is not seen, and the file wants its line in `opaque`.

use cairn_core::containerfile::{Command, Kind, Recipe, Run};

/// Programs that only prepare, and words of the shell that start none.
const PREPARE: [&str; 26] = [
    "tar", "rm", "find", "cd", "mkdir", "mv", "cp", "ln", "patch", "sed", "echo", "printf", "chmod", "touch",
    "set", "gzip", "gunzip", "bzip2", "xz", "unzip", "grep", "read", "for", "done", "fi", "exit",
];

/// Words of the shell that another command follows.
const BEFORE: [&str; 6] = ["while", "do", "if", "then", "else", "!"];

/// The patterns, as an ignore file would have them.
pub fn patterns(recipe: &Recipe) -> Vec<String> {
    let mut found = Vec::new();
    let lines = recipe.stages.iter().flat_map(|stage| &stage.instructions);
    let runs = lines.filter_map(|line| match &line.kind {
        Kind::Run(run) => Some(run),
        _ => None,
    });
    for command in runs.flat_map(commands) {
        let words: Vec<&str> =
            command.iter().map(String::as_str).skip_while(|word| BEFORE.contains(word)).collect();
        let Some((program, arguments)) = words.split_first() else { continue };
        match program.rsplit('/').next().unwrap_or_default() {
            "rm" => {
                found.extend(arguments.iter().filter(|word| !word.starts_with('-')).map(|word| tidy(word)))
            }
            "tar" => found.extend(excluded(arguments)),
            "find" => found.extend(deleted(arguments)),
            other if PREPARE.contains(&other) => {}
            _ => break,
        }
    }
    found.retain(|pattern| !pattern.is_empty() && !pattern.contains('$'));
    found
}

/// The commands of a RUN as words without their quotes.
fn commands(run: &Run) -> Vec<Vec<String>> {
    let mut scripts: Vec<&str> = run.heredocs.iter().map(|doc| doc.content.text.as_str()).collect();
    match &run.command {
        Command::Exec(argv) => return vec![argv.clone()],
        Command::Shell(text) if scripts.is_empty() => scripts.push(text),
        Command::Shell(_) => {}
    }
    scripts.into_iter().flat_map(split).collect()
}

/// Splits a script at what parts commands; quoted characters part nothing.
fn split(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![vec![]];
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        let ends = quote.is_none() && matches!(c, '\n' | ';' | '&' | '|' | '(' | ')' | ' ' | '\t');
        if ends {
            let last = commands.last_mut().expect("there is always one");
            last.extend(word.take());
            if !matches!(c, ' ' | '\t') && !last.is_empty() {
                commands.push(vec![]);
            }
            continue;
        }
        match (c, quote) {
            ('\\', None) if chars.peek() == Some(&'\n') => drop(chars.next()),
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            _ => word.get_or_insert_default().push(c),
        }
    }
    commands.last_mut().expect("there is always one").extend(word);
    commands.retain(|command| !command.is_empty());
    commands
}

/// `--exclude=PATTERN` and `--exclude PATTERN`: names in the archive, with its folder.
fn excluded(arguments: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, word) in arguments.iter().enumerate() {
        let pattern = match word.strip_prefix("--exclude") {
            Some("") => arguments.get(place + 1).copied(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        found.extend(pattern.map(|pattern| tidy(pattern.strip_prefix("*/").unwrap_or(pattern))));
    }
    found
}

/// `find DIR -name PATTERN -delete`.
fn deleted(arguments: &[&str]) -> Vec<String> {
    if arguments.last() != Some(&"-delete") {
        return Vec::new();
    }
    let dirs: Vec<&str> = arguments.iter().copied().take_while(|word| !word.starts_with('-')).collect();
    let names = arguments.windows(2).filter(|pair| pair[0] == "-name").map(|pair| pair[1]);
    let inside =
        |name: &str| -> Vec<String> { dirs.iter().map(|dir| tidy(&format!("{dir}/**/{name}"))).collect() };
    names.flat_map(inside).collect()
}

/// Without `./` in front and a slash at the end, and with an ignore file's word for "not".
fn tidy(path: &str) -> String {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path.trim_end_matches('/').replace("[!", "[^")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(run: &str) -> Vec<String> {
        let text = format!("FROM scratch\nRUN {run}\n");
        patterns(&cairn_core::containerfile::parse("Containerfile", &text).expect("a good recipe"))
    }

    #[test]
    fn what_is_removed_before_anything_runs_counts() {
        let table: &[(&str, &[&str])] = &[
            ("tar xf a.tar && rm -rf ./contrib/win32/ 'a b' x/*.o", &["contrib/win32", "a b", "x/*.o"]),
            ("tar xf a --exclude='*/tests/files' --exclude docs; ./configure", &["tests/files", "docs"]),
            ("tar xf a --exclude='*/tools/[!i]*'", &["tools/[^i]*"]),
            ("tar xf a; find . lib -name '*.o' -delete", &["**/*.o", "lib/**/*.o"]),
            ("tar xf a; find . -name '*.o'", &[]),
            ("./configure && rm -r tests", &[]),
            ("rm $FILES ok", &["ok"]),
            ("<<EOF\ntar xf a\nrm a \\\n  b\nmake\nrm c\nEOF", &["a", "b"]),
            ("[\"/bin/rm\", \"a\"]", &["a"]),
            ("grep CVE s | while read -r x; do patch -i $x || exit 1; done; rm a", &["a"]),
            ("for x in a b; do make $x; done; rm a", &[]),
        ];
        for (run, want) in table {
            assert_eq!(found(run), *want, "{run}");
        }
        let two = "tar xf a\nRUN rm b && make\nRUN rm c";
        assert_eq!(found(two), ["b"]);
    }
}
