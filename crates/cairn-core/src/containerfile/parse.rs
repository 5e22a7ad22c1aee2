//! From logical lines to stages: the frame of the parser.

use super::error::Source;
use super::expand::{self, Rules};
use super::flags::{self, Flags};
use super::heredoc::Mark;
use super::lines::Lines;
use super::{Error, Heredoc, Instruction, Kind, Recipe, Span, Stage, Word, instructions, split};

/// No Containerfile is larger, in bytes.
pub const MAX_SIZE: usize = 4 << 20;

/// The instructions of the dialect.
const KNOWN: [&str; 15] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "LABEL",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Instructions of the standard that cairn refuses, and why.
const REFUSED: [(&str, &str); 3] = [
    ("HEALTHCHECK", "images of this tree carry no probes; an OCI configuration has no place for them"),
    ("MAINTAINER", "it is deprecated; write LABEL org.opencontainers.image.authors=…"),
    ("ONBUILD", "what a build does must stand in its own file"),
];

/// Reads a whole Containerfile; `path` is only used in errors.
///
/// Everything that can be known without the values of variables is checked here.
pub fn parse(path: &str, text: &str) -> Result<Recipe, Error> {
    let source = Source { path, text };
    if text.len() > MAX_SIZE {
        return Err(source.error(Span::default(), "the file is too large", "at most 4 MiB"));
    }
    if let Some(at) = text.find('\0') {
        let span = Span { start: at as u32, end: at as u32 + 1 };
        return Err(source.error(span, "a NUL character", "text"));
    }
    let mut parser = Parser { source, lines: Lines::new(source) };
    let mut recipe = Recipe {
        path: path.to_owned(),
        text: text.to_owned(),
        escape: '\\',
        comment: Vec::new(),
        global_args: Vec::new(),
        stages: Vec::new(),
    };
    while let Some(line) = parser.lines.logical()? {
        let line = line.trim();
        if line.text.is_empty() {
            // A lone continuation mark at the end of the file.
            continue;
        }
        parser.instruction(&line, &mut recipe)?;
    }
    recipe.escape = parser.lines.escape;
    recipe.comment = std::mem::take(&mut parser.lines.comment);
    if recipe.stages.is_empty() {
        let end = text.len() as u32;
        return Err(source.error(Span { start: end, end }, "there is no FROM", "at least one stage"));
    }
    Ok(recipe)
}

/// What an instruction is made from.
pub(super) struct Parser<'a> {
    pub source: Source<'a>,
    pub lines: Lines<'a>,
}

/// One logical line, cut into instruction, flags and the rest.
pub(super) struct Line<'a> {
    /// In upper case.
    pub name: String,
    pub name_span: Span,
    pub flags: Vec<flags::Flag>,
    /// Behind the flags, without white space on either side.
    pub rest: Word,
    pub whole: &'a Word,
}

impl Parser<'_> {
    fn instruction(&mut self, text: &Word, recipe: &mut Recipe) -> Result<(), Error> {
        let (name, rest) = split::first(text);
        let (flags, rest) = flags::take(&rest);
        let name_span = name.span();
        let name = name.text.to_ascii_uppercase();
        let line = Line { name, name_span, flags, rest, whole: text };
        if line.name == "FROM" {
            recipe.stages.push(self.from(line, &recipe.stages)?);
            return Ok(());
        }
        self.known(&line)?;
        let span = text.span();
        let shown = summary(&text.text);
        let stage = recipe.stages.last_mut();
        if stage.is_none() && line.name != "ARG" {
            let message = format!("{} before the first FROM", line.name);
            return Err(self.source.error(line.name_span, message, "ARG or FROM"));
        }
        let (kind, heredocs_end) = instructions::parse(self, line)?;
        match (stage, kind) {
            (None, Kind::Arg(args)) => recipe.global_args.extend(args),
            (None, _) => {}
            (Some(stage), kind) => {
                let span = Span { end: heredocs_end.unwrap_or(span.end), ..span };
                let text = with_heredoc(shown, &kind);
                stage.instructions.push(Instruction { span, text, kind });
            }
        }
        Ok(())
    }

    /// Refuses what is no instruction, or none of ours.
    fn known(&self, line: &Line<'_>) -> Result<(), Error> {
        if KNOWN.contains(&line.name.as_str()) {
            return Ok(());
        }
        if let Some((_, why)) = REFUSED.iter().find(|(name, _)| *name == line.name) {
            let message = format!("{} is not supported: {why}", line.name);
            return Err(self.source.error(line.name_span, message, ""));
        }
        let expected = match nearest(&line.name, &KNOWN) {
            Some(name) => format!("perhaps {name}"),
            None => format!("one of {}", KNOWN.join(" ")),
        };
        let message = format!("{} is no instruction", line.name);
        Err(self.source.error(line.name_span, message, expected))
    }

    fn from(&self, line: Line<'_>, stages: &[Stage]) -> Result<Stage, Error> {
        let flags = Flags::new(self.source, line.flags, "FROM", &["platform"], &[])?;
        let words = split::blanks(&line.rest);
        let name = match words.as_slice() {
            [_] => None,
            [_, as_, name] if as_.text.eq_ignore_ascii_case("as") => Some(name),
            _ => {
                let span = if words.is_empty() { line.name_span } else { line.rest.span() };
                let message = "FROM takes one image and maybe a name for the stage";
                return Err(self.source.error(span, message, "FROM IMAGE or FROM IMAGE AS NAME"));
            }
        };
        let name = name.map(|name| self.stage_name(name, stages)).transpose()?;
        let platform = flags.value("platform")?.map(|word| self.checked(word)).transpose()?;
        let base = self.checked(words[0].clone())?;
        let span = line.whole.span();
        Ok(Stage { span, name, base, platform, instructions: Vec::new() })
    }

    fn stage_name(&self, word: &Word, stages: &[Stage]) -> Result<String, Error> {
        let name = word.text.to_ascii_lowercase();
        let error = |message, expected| Err(self.source.error(word.span(), message, expected));
        let right = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_' | b'.'));
        if !right {
            let message = format!("{:?} cannot name a stage", word.text);
            return error(message, "a letter, then letters, digits and - _ .");
        }
        if matches!(name.as_str(), "scratch" | "context") {
            return error(format!("{name:?} has a meaning of its own"), "another name");
        }
        if stages.iter().any(|stage| stage.name.as_deref() == Some(&name)) {
            return error(format!("a second stage {name:?}"), "a name that no other stage has");
        }
        Ok(name)
    }

    /// A word that can be expanded, whatever the values.
    pub fn checked(&self, word: Word) -> Result<Word, Error> {
        self.check(&word, Rules::word(self.lines.escape))?;
        Ok(word)
    }

    /// Refuses text whose quotes or `${…}` are broken.
    pub fn check(&self, word: &Word, rules: Rules) -> Result<(), Error> {
        expand::check(&word.text, rules).map_err(|problem| {
            let span = word.locate_range(problem.range);
            self.source.error(span, problem.message, problem.expected)
        })
    }

    /// Reads the bodies of all here-documents that a line announces.
    pub fn heredocs(&mut self, line: &Word) -> Result<Vec<Heredoc>, Error> {
        let marks = Mark::of_line(&line.text);
        let mut found = Vec::with_capacity(marks.len());
        for mark in marks {
            let name = mark.name.clone();
            let Some(heredoc) = mark.body(&mut self.lines) else {
                let message = format!("the here-document {name} has no end");
                let expected = format!("a line that is exactly {name}");
                let at = line.text.find("<<").unwrap_or(0);
                let end = line.text[at..].find(' ').map_or(line.text.len(), |end| at + end);
                return Err(self.source.error(line.locate_range(at..end), message, expected));
            };
            found.push(heredoc);
        }
        Ok(found)
    }
}

/// The instruction in one line.
fn summary(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds the first line of a here-document, as it says more than `<<EOF`.
fn with_heredoc(shown: String, kind: &Kind) -> String {
    let Kind::Run(run) = kind else { return shown };
    let Some(heredoc) = run.heredocs.first() else { return shown };
    let body = heredoc.content.text.trim();
    let first = body.lines().next().unwrap_or_default();
    let more = if body.lines().nth(1).is_some() { "…" } else { "" };
    format!("{shown} ({first}{more})")
}

/// The candidate that differs in at most two letters.
pub(crate) fn nearest<'a>(text: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let scored = candidates.iter().map(|candidate| (distance(text, candidate), *candidate));
    let (score, best) = scored.min_by_key(|(score, _)| *score)?;
    (score <= 2 && score < best.len().min(text.len())).then_some(best)
}

/// How many letters must be changed, added or removed, transpositions counted as one.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
