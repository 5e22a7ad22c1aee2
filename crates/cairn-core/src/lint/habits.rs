//! What is said although it holds anyway, and what will not work.

use super::Linter;
use crate::containerfile::{Command, Instruction, Kind, Pair, Run, Span};
use crate::plan::{Account, Id, Op};

/// Programs that ask the network, and a word that must follow.
const NETWORK: [(&str, &str); 14] = [
    ("curl", ""),
    ("wget", ""),
    ("apt-get", ""),
    ("apk", "add"),
    ("dnf", ""),
    ("git", "clone"),
    ("git", "fetch"),
    ("git", "submodule"),
    ("pip", "install"),
    ("pip3", "install"),
    ("npm", "install"),
    ("npm", "ci"),
    ("go", "get"),
    ("cargo", "install"),
];

/// Variables the sandbox sets for every RUN.
const FIXED: [&str; 3] = ["SOURCE_DATE_EPOCH", "TZ", "LC_ALL"];

/// A finding without its rule's own words.
type Found = (Span, &'static str, String, &'static str);

impl Linter<'_> {
    pub(super) fn habits(&mut self) {
        let text = &self.recipe.text;
        let mut found: Vec<Found> = Vec::new();
        for (stage, line) in self.instructions() {
            let source = &text[line.span.start as usize..line.span.end as usize];
            spelling(source, self.recipe.escape, line, &mut found);
            match &line.kind {
                Kind::Run(run) => self.run(stage, line, run, source, &mut found),
                Kind::Env(pairs) => env(text, pairs, &mut found),
                Kind::Label(pairs) => legacy(text, pairs, &mut found),
                Kind::User(word) if word.text.bytes().all(|c| c.is_ascii_digit()) => {
                    let message = format!("USER {} alone fails in BuildKit without /etc/passwd", word.text);
                    found.push((word.span(), "user", message, "the group too, as USER 1000:1000"));
                }
                Kind::Cmd(command) | Kind::Entrypoint(command) => list(command, line, &mut found),
                _ => {}
            }
        }
        for (span, rule, message, hint) in found {
            self.find(span, rule, message, hint);
        }
    }

    fn run(&self, stage: &str, line: &Instruction, run: &Run, source: &str, found: &mut Vec<Found>) {
        list(&run.command, line, found);
        let flags = source.split_whitespace().skip(1).take_while(|word| word.starts_with("--"));
        if flags.clone().any(|word| word == "--network=none") {
            let message = "--network=none holds for every RUN".to_owned();
            found.push((line.span, "law", message, "no flag"));
        }
        for word in flags.filter(|word| word.starts_with("--mount=") && word.contains("type=cache")) {
            let message = format!("{word}: a cache is empty at the start of every RUN");
            found.push((line.span, "cache", message, "no mount, or type=tmpfs"));
        }
        let mut scripts: Vec<&str> = run.heredocs.iter().map(|doc| doc.content.text.as_str()).collect();
        match &run.command {
            Command::Shell(text) => scripts.push(text),
            Command::Exec(argv) => scripts.extend(argv.iter().map(String::as_str).take(1)),
        }
        for (program, word) in NETWORK {
            if scripts.iter().any(|script| calls(script, program, word)) {
                let message =
                    format!("{program} {word}").trim_end().to_owned() + " in a RUN: there is no network";
                found.push((line.span, "network", message, "ADD --checksum=sha256:… URL in the stage fetch"));
            }
        }
        if stage == "build" && self.is_root(line) {
            let message = "the build runs as root".to_owned();
            found.push((line.span, "user", message, "USER 1000:1000 in the stage base"));
        }
    }

    /// The planned user of a RUN.
    fn is_root(&self, line: &Instruction) -> bool {
        let steps = self.plan.stages.iter().flat_map(|stage| &stage.steps);
        let mut users = steps.filter(|step| step.span == line.span).filter_map(|step| match &step.op {
            Op::Run(run) => Some(&run.user),
            _ => None,
        });
        users.any(|Account { user, .. }| *user == Id::Number(0))
    }
}

/// Whether a script runs a program, maybe with a certain first argument.
pub(super) fn calls(script: &str, program: &str, argument: &str) -> bool {
    let commands = script.split(['\n', ';', '&', '|', '(', ')', '`']);
    commands.map(str::split_whitespace).any(|mut words| {
        let mut words = words.by_ref().skip_while(|word| word.contains('=') || *word == "exec");
        let name = words.next().unwrap_or_default();
        name.rsplit('/').next() == Some(program) && (argument.is_empty() || words.next() == Some(argument))
    })
}

/// A list that is none is taken for a shell command.
fn list(command: &Command, line: &Instruction, found: &mut Vec<Found>) {
    if let Command::Shell(text) = command
        && text.starts_with("[\"")
    {
        let message = "what looks like a list is no valid JSON, so it is a shell command".to_owned();
        found.push((
            line.span,
            "list",
            message,
            "[\"a\", \"b\"], with double quotes and no comma at the end",
        ));
    }
}

fn env(text: &str, pairs: &[Pair], found: &mut Vec<Found>) {
    legacy(text, pairs, found);
    for pair in pairs.iter().filter(|pair| FIXED.contains(&pair.key.text.as_str())) {
        let message = format!("{} is the same in every RUN", pair.key.text);
        found.push((pair.key.span(), "law", message, "no ENV, unless programs in the image need it"));
    }
}

/// `ENV key value`, which BuildKit wants to drop.
fn legacy(text: &str, pairs: &[Pair], found: &mut Vec<Found>) {
    for pair in pairs {
        let (from, to) = (pair.key.span().end as usize, pair.value.span().start as usize);
        if from < to && text[from..to].chars().next().is_some_and(char::is_whitespace) {
            let message = format!("{} without =", pair.key.text);
            found.push((pair.key.span(), "old-form", message, "KEY=VALUE"));
        }
    }
}

/// Spellings that work, but not everywhere or not for long.
fn spelling(source: &str, escape: char, line: &Instruction, found: &mut Vec<Found>) {
    if source.starts_with(|c: char| c.is_ascii_lowercase()) {
        let message = "an instruction in small letters".to_owned();
        found.push((line.span, "spelling", message, "it in capitals"));
    }
    let heredoc = matches!(&line.kind, Kind::Run(run) if !run.heredocs.is_empty());
    let lines: Vec<&str> = source.lines().map(str::trim_end).collect();
    let blank = |pair: &[&str]| pair[0].ends_with(escape) && pair[1].trim().is_empty();
    if !heredoc && lines.windows(2).any(blank) {
        let message = "a blank line inside a continued one will be an error in later BuildKits".to_owned();
        found.push((line.span, "spelling", message, "a line less, or a comment"));
    }
}
