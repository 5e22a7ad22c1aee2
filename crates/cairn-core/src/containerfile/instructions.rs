//! What each instruction takes, except `FROM`.

use super::expand::Rules;
use super::flags::Flags;
use super::heredoc::Mark;
use super::parse::{Line, Parser};
use super::split::{self, NoJson};
use super::{Add, Arg, Command, Copy, Error, Heredoc, Kind, Pair, Run, Transfer, Word, mount};

/// Parses one line. Also says where the last here-document ends, if there is one.
pub(super) fn parse(parser: &mut Parser<'_>, line: Line<'_>) -> Result<(Kind, Option<u32>), Error> {
    let kind = match line.name.as_str() {
        "RUN" => return run(parser, line),
        "COPY" => return copy(parser, line),
        "ADD" => return add(parser, line),
        _ => {
            Flags::new(parser.source, line.flags.clone(), &line.name, &[], &[])?;
            plain(parser, line)?
        }
    };
    Ok((kind, None))
}

/// Instructions without flags and here-documents.
fn plain(parser: &Parser<'_>, line: Line<'_>) -> Result<Kind, Error> {
    Ok(match line.name.as_str() {
        "ARG" => Kind::Arg(args(parser, &line)?),
        "ENV" => Kind::Env(pairs(parser, &line)?),
        "LABEL" => Kind::Label(pairs(parser, &line)?),
        "USER" => Kind::User(whole(parser, line, "a user, as USER 1000:1000")?),
        "WORKDIR" => Kind::Workdir(whole(parser, line, "a directory")?),
        "STOPSIGNAL" => Kind::StopSignal(whole(parser, line, "a signal, as SIGTERM")?),
        "SHELL" => Kind::Shell(shell(parser, &line)?),
        "CMD" => Kind::Cmd(command(parser, &line)?),
        "ENTRYPOINT" => Kind::Entrypoint(command(parser, &line)?),
        "VOLUME" => Kind::Volume(list(parser, &line, "at least one directory")?),
        "EXPOSE" => {
            let mut ports = split::blanks(&line.rest);
            not_empty(parser, &line, &ports, "at least one port, as EXPOSE 80/tcp")?;
            ports.sort_by(|a, b| a.text.cmp(&b.text));
            for port in &ports {
                parser.check(port, Rules::word(parser.lines.escape))?;
            }
            Kind::Expose(ports)
        }
        other => unreachable!("{other} was checked to be one of the instructions above"),
    })
}

fn not_empty(parser: &Parser<'_>, line: &Line<'_>, words: &[Word], expected: &str) -> Result<(), Error> {
    if words.is_empty() {
        return Err(missing(parser, line, expected));
    }
    Ok(())
}

fn missing(parser: &Parser<'_>, line: &Line<'_>, expected: &str) -> Error {
    parser.source.error(line.name_span, format!("{} says nothing", line.name), expected)
}

/// All that stands behind the instruction, as one value.
fn whole(parser: &Parser<'_>, line: Line<'_>, expected: &str) -> Result<Word, Error> {
    if line.rest.text.is_empty() {
        return Err(missing(parser, &line, expected));
    }
    parser.checked(line.rest)
}

/// A JSON list if it is one; a list with something else than strings is an error.
fn json(parser: &Parser<'_>, line: &Line<'_>) -> Result<Option<Vec<Word>>, Error> {
    if !line.rest.text.starts_with('[') {
        return Ok(None);
    }
    match split::json(&line.rest) {
        Ok(words) => {
            // An argument with a NUL could not be given to any program.
            match words.iter().find(|word| word.text.contains('\0')) {
                Some(word) => Err(parser.source.error(word.span(), "a NUL character", "text")),
                None => Ok(Some(words)),
            }
        }
        Err(NoJson::Invalid) => Ok(None),
        Err(NoJson::NotAString(at)) => {
            let span = line.rest.locate_range(at..at + 1);
            Err(parser.source.error(span, "a list of strings holds something else", "\"…\""))
        }
    }
}

/// Words that are JSON strings or parted by blanks, each to be expanded.
fn list(parser: &Parser<'_>, line: &Line<'_>, expected: &str) -> Result<Vec<Word>, Error> {
    let words = match json(parser, line)? {
        Some(words) => words.iter().map(Word::trim).collect(),
        None => split::blanks(&line.rest),
    };
    not_empty(parser, line, &words, expected)?;
    if let Some(word) = words.iter().find(|word| word.text.is_empty()) {
        return Err(parser.source.error(word.span(), "an empty string", expected));
    }
    words.into_iter().map(|word| parser.checked(word)).collect()
}

fn args(parser: &Parser<'_>, line: &Line<'_>) -> Result<Vec<Arg>, Error> {
    let words = split::quoted(&line.rest, parser.lines.escape);
    not_empty(parser, line, &words, "NAME or NAME=VALUE")?;
    words.into_iter().map(|word| arg(parser, &word)).collect()
}

fn arg(parser: &Parser<'_>, word: &Word) -> Result<Arg, Error> {
    let (name, default) = match word.text.find('=') {
        Some(at) => (word.slice(0..at), Some(parser.checked(word.slice_from(at + 1))?)),
        None => (word.clone(), None),
    };
    let is_name = name.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    if !is_name {
        let message = format!("{:?} cannot name an argument", name.text);
        let span = if name.text.is_empty() { word.span() } else { name.span() };
        return Err(parser.source.error(span, message, "letters, digits and _, no digit first"));
    }
    Ok(Arg { span: word.span(), name: name.text, default })
}

/// `key=value …`, or the old form `key value` where the value is all the rest.
fn pairs(parser: &Parser<'_>, line: &Line<'_>) -> Result<Vec<Pair>, Error> {
    let words = split::quoted(&line.rest, parser.lines.escape);
    not_empty(parser, line, &words, "KEY=VALUE")?;
    if !words[0].text.contains('=') {
        let (key, value) = split::first(&line.rest);
        if value.text.is_empty() {
            let message = format!("{} {} has no value", line.name, key.text);
            return Err(parser.source.error(key.span(), message, "KEY=VALUE"));
        }
        return Ok(vec![pair(parser, key, value)?]);
    }
    let cut = |word: &Word| match word.text.find('=') {
        Some(at) => pair(parser, word.slice(0..at), word.slice_from(at + 1)),
        None => {
            let message = format!("{:?} has no =", word.text);
            let expected = "KEY=VALUE; a value with blanks needs quotes";
            Err(parser.source.error(word.span(), message, expected))
        }
    };
    words.iter().map(cut).collect()
}

fn pair(parser: &Parser<'_>, key: Word, value: Word) -> Result<Pair, Error> {
    if key.text.is_empty() {
        return Err(parser.source.error(key.span(), "a value without a name", "KEY=VALUE"));
    }
    Ok(Pair { key: parser.checked(key)?, value: parser.checked(value)? })
}

fn shell(parser: &Parser<'_>, line: &Line<'_>) -> Result<Vec<String>, Error> {
    match json(parser, line)? {
        Some(words) if !words.is_empty() => Ok(words.into_iter().map(|word| word.text).collect()),
        _ => {
            let span = if line.rest.text.is_empty() { line.name_span } else { line.rest.span() };
            let message = "SHELL takes a list of strings";
            Err(parser.source.error(span, message, "SHELL [\"/bin/bash\", \"-c\"]"))
        }
    }
}

/// The command of `RUN`, `CMD` and `ENTRYPOINT`.
fn command(parser: &Parser<'_>, line: &Line<'_>) -> Result<Command, Error> {
    if line.rest.text.is_empty() {
        return Err(missing(parser, line, "a command"));
    }
    Ok(match json(parser, line)? {
        Some(words) => Command::Exec(words.into_iter().map(|word| word.text).collect()),
        None => Command::Shell(line.rest.text.clone()),
    })
}

fn run(parser: &mut Parser<'_>, line: Line<'_>) -> Result<(Kind, Option<u32>), Error> {
    if let Some(flag) = line.flags.iter().find(|flag| matches!(flag.name.as_str(), "security" | "device")) {
        let message = format!("RUN --{} is not supported", flag.name);
        return Err(parser.source.error(flag.span, message, "no such flag: every RUN has the same rights"));
    }
    let flags = Flags::new(parser.source, line.flags.clone(), "RUN", &["network"], &["mount"])?;
    if let Some(network) = flags.value("network")?
        && network.text != "none"
    {
        let expected = "no flag, or --network=none; files come in by ADD --checksum=sha256:… URL";
        return Err(parser.source.error(network.span(), "RUN never has a network", expected));
    }
    let mounts = flags.values("mount")?;
    let mounts = mounts.iter().map(|value| mount::parse(parser, value)).collect::<Result<_, _>>()?;
    let command = command(parser, &line)?;
    if command == Command::Exec(Vec::new()) {
        return Err(missing(parser, &line, "a command"));
    }
    let heredocs = match &command {
        Command::Shell(_) => parser.heredocs(line.whole)?,
        Command::Exec(_) => Vec::new(),
    };
    let end = last_end(&heredocs);
    Ok((Kind::Run(Run { command, heredocs, mounts }), end))
}

/// Where the line with the last terminator ends.
fn last_end(heredocs: &[Heredoc]) -> Option<u32> {
    heredocs.last().map(|heredoc| heredoc.content.span().end + heredoc.name.len() as u32)
}

fn copy(parser: &mut Parser<'_>, line: Line<'_>) -> Result<(Kind, Option<u32>), Error> {
    let known = ["chmod", "chown", "from", "link", "parents"];
    let flags = Flags::new(parser.source, line.flags.clone(), "COPY", &known, &["exclude"])?;
    let from = flags.value("from")?;
    if let Some(from) = from.as_ref().filter(|from| from.text.contains('$')) {
        return Err(parser.source.error(
            from.span(),
            "--from is never expanded",
            "a name; FROM may use a global ARG, and --from that stage",
        ));
    }
    let parents = flags.switch("parents")?.unwrap_or(false);
    let (transfer, end) = transfer(parser, &line, &flags)?;
    Ok((Kind::Copy(Copy { from, transfer, parents }), end))
}

fn add(parser: &mut Parser<'_>, line: Line<'_>) -> Result<(Kind, Option<u32>), Error> {
    if let Some(flag) = line.flags.iter().find(|flag| flag.name == "keep-git-dir") {
        let message = "ADD from a Git repository is not supported";
        let expected = "an archive, by ADD --checksum=sha256:… URL";
        return Err(parser.source.error(flag.span, message, expected));
    }
    let known = ["checksum", "chmod", "chown", "link", "unpack"];
    let flags = Flags::new(parser.source, line.flags.clone(), "ADD", &known, &["exclude"])?;
    let checksum = flags.value("checksum")?.map(|word| parser.checked(word)).transpose()?;
    let unpack = flags.switch("unpack")?;
    let (transfer, end) = transfer(parser, &line, &flags)?;
    Ok((Kind::Add(Add { checksum, unpack, transfer }), end))
}

/// Sources, destination and the flags that `COPY` and `ADD` share.
fn transfer(
    parser: &mut Parser<'_>,
    line: &Line<'_>,
    flags: &Flags<'_>,
) -> Result<(Transfer, Option<u32>), Error> {
    let as_json = json(parser, line)?;
    let heredocs = if as_json.is_none() { parser.heredocs(line.whole)? } else { Vec::new() };
    let mut words = as_json.unwrap_or_else(|| split::blanks(&line.rest));
    for word in words.iter().filter(|word| word.text.contains(['"', '\''])) {
        parser.checked(word.clone()).map_err(|mut error| {
            if error.message.ends_with("without its partner") {
                error.expected = format!("{} [\"…\", \"…\"] for names with blanks", line.name).into();
            }
            error
        })?;
    }
    let Some(dest) = words.pop().filter(|_| !words.is_empty()) else {
        let span = if line.rest.text.is_empty() { line.name_span } else { line.rest.span() };
        let message = format!("{} needs a source and a destination", line.name);
        return Err(parser.source.error(span, message, format!("{} SOURCE… DEST", line.name)));
    };
    if Mark::parse(&dest.text).is_some() {
        let message = "a here-document cannot be the destination";
        return Err(parser.source.error(dest.span(), message, "a path"));
    }
    let end = last_end(&heredocs);
    let (sources, inline) = part_inline(parser, words, heredocs)?;
    let checked = |word: Option<Word>| word.map(|word| parser.checked(word)).transpose();
    Ok((
        Transfer {
            sources: sources.into_iter().map(|word| parser.checked(word)).collect::<Result<_, _>>()?,
            inline,
            chown: checked(flags.value("chown")?)?,
            chmod: checked(flags.value("chmod")?)?,
            link: flags.switch("link")?.unwrap_or(false),
            exclude: flags
                .values("exclude")?
                .into_iter()
                .map(|word| parser.checked(word))
                .collect::<Result<_, _>>()?,
            dest: parser.checked(dest)?,
        },
        end,
    ))
}

/// Parts the sources that are here-documents from those that are paths.
fn part_inline(
    parser: &Parser<'_>,
    words: Vec<Word>,
    heredocs: Vec<Heredoc>,
) -> Result<(Vec<Word>, Vec<Heredoc>), Error> {
    let (inline, paths): (Vec<Word>, Vec<Word>) = if heredocs.is_empty() {
        (Vec::new(), words)
    } else {
        words.into_iter().partition(|word| Mark::parse(&word.text).is_some())
    };
    let first = inline.first().or(paths.first()).map(Word::span).unwrap_or_default();
    let error = |message: &str, expected: &str| Err(parser.source.error(first, message, expected));
    if inline.len() != heredocs.len() {
        return error("a here-document that is no source", "a name without blanks, as <<EOF");
    }
    for (index, heredoc) in heredocs.iter().enumerate() {
        if heredoc.name.contains('/') || matches!(heredoc.name.as_str(), "." | "..") {
            return error("the name of a here-document names the file", "no / in it");
        }
        if heredocs[..index].iter().any(|other| other.name == heredoc.name) {
            return error("two here-documents of the same name", "a name for each");
        }
        if heredoc.expand {
            parser.check(&heredoc.content, Rules::heredoc())?;
        }
    }
    Ok((paths, heredocs))
}
