//! `COPY`, `ADD` and `WORKDIR`: paths, owners and addresses.

use std::str::FromStr;

use super::env::Mirror;
use super::eval::{Planner, State};
use super::stages::{self, Origin};
use super::{Account, Copy, CopyFrom, DEBIAN_MIRROR, Fetch, InlineFile, Mkdir, Mode, Op, SourceUrl};
use crate::containerfile::{Add, Copy as CopyLine, Error, Heredoc, Transfer, Word};
use crate::digest::Digest;

/// The parts of `COPY` and `ADD` with all variables replaced.
struct Expanded {
    sources: Vec<(String, Word)>,
    /// As written, for the history.
    dest: String,
    chown: Option<(String, Account)>,
    chmod: Option<(String, Mode)>,
    exclude: Vec<String>,
    inline: Vec<InlineFile>,
}

pub(super) fn copy(
    planner: &Planner<'_>,
    state: &State,
    stage: usize,
    line: &CopyLine,
) -> Result<(Op, String), Error> {
    let from = match &line.from {
        None => CopyFrom::Context,
        Some(from) => copy_from(planner, stages::source(planner.recipe, stage, from)?),
    };
    let parts = expand(planner, state, &line.transfer)?;
    for (source, word) in &parts.sources {
        if is_remote(source) {
            let message = "COPY does not fetch";
            let expected = "ADD --checksum=sha256:… URL DEST";
            return Err(planner.recipe.error(word.span(), message, expected));
        }
        refuse_git(planner, source, word)?;
    }
    let parents = if line.parents { " --parents" } else { "" };
    let history = history(&format!("COPY{parents}"), &parts);
    let sources = parts.sources.iter().map(|(source, _)| match line.parents {
        true => with_pivot(source),
        false => clean(&format!("/{source}")),
    });
    let copy = Copy {
        from,
        sources: sources.collect(),
        dest: destination(planner, state, &parts, &line.transfer)?,
        inline: parts.inline,
        chown: parts.chown.map(|(_, account)| account),
        chmod: parts.chmod.map(|(_, mode)| mode),
        link: line.transfer.link,
        parents: line.parents,
        exclude: parts.exclude,
        unpack: false,
    };
    Ok((Op::Copy(copy), history))
}

pub(super) fn add(planner: &Planner<'_>, state: &State, line: &Add) -> Result<(Op, String), Error> {
    let parts = expand(planner, state, &line.transfer)?;
    let history = history("ADD", &parts);
    let dest = destination(planner, state, &parts, &line.transfer)?;
    if let Some((source, word)) = parts.sources.iter().find(|(source, _)| is_remote(source)) {
        let fetch = fetch(planner, state, line, (source, word), &parts, dest)?;
        return Ok((Op::Fetch(fetch), history));
    }
    for (source, word) in &parts.sources {
        refuse_git(planner, source, word)?;
    }
    if let Some(checksum) = &line.checksum {
        let mirror = line.transfer.sources.iter().find(|word| word.text.contains(DEBIAN_MIRROR));
        return Err(match mirror {
            Some(word) => planner.recipe.error(
                word.span(),
                format!("{DEBIAN_MIRROR} is not known in this stage"),
                "ARG DEBIAN_MIRROR once more above: a stage sees only the arguments it declares",
            ),
            None => planner.recipe.error(
                checksum.span(),
                "a checksum for a file that is not fetched",
                "an address that begins with https:// or http://",
            ),
        });
    }
    let copy = Copy {
        from: CopyFrom::Context,
        sources: parts.sources.iter().map(|(source, _)| clean(&format!("/{source}"))).collect(),
        dest,
        inline: parts.inline,
        chown: parts.chown.map(|(_, account)| account),
        chmod: parts.chmod.map(|(_, mode)| mode),
        link: line.transfer.link,
        parents: false,
        exclude: parts.exclude,
        unpack: line.unpack.unwrap_or(true),
    };
    Ok((Op::Copy(copy), history))
}

/// The step of a `WORKDIR` whose absolute path is `path`, unless it is `/`.
pub(super) fn mkdir(
    planner: &Planner<'_>,
    state: &State,
    path: &str,
    word: &Word,
) -> Result<Option<Op>, Error> {
    if path == "/" {
        return Ok(None);
    }
    let user = state.config.user.as_str();
    let owner = (!user.is_empty()).then(|| Account::for_files(user)).transpose();
    let owner = owner.map_err(|expected| {
        let message = format!("USER {user} is no user");
        planner.recipe.error(word.span(), message, expected)
    })?;
    Ok(Some(Op::Mkdir(Mkdir { path: path.to_owned(), owner })))
}

/// By the numbering of the plan.
pub(super) fn copy_from(planner: &Planner<'_>, origin: Origin) -> CopyFrom {
    match origin {
        Origin::Stage(index) => CopyFrom::Stage(planner.place(index)),
        Origin::Image(image) => CopyFrom::Image(image),
        Origin::Scratch => unreachable!("scratch is refused as a source"),
    }
}

fn expand(planner: &Planner<'_>, state: &State, line: &Transfer) -> Result<Expanded, Error> {
    let word = |word: &Word| planner.word(state, word);
    let mirror = match state.mirror.is_some() {
        true => Mirror::Symbol,
        false => Mirror::Unknown,
    };
    let source = |word: &Word| {
        let text = planner.expander.word(word, &state.env, mirror)?;
        Ok((text, word.clone()))
    };
    let chown = line.chown.as_ref().map(|owner| {
        let text = word(owner)?;
        let account = Account::for_files(&text).map_err(|expected| {
            let message = format!("{text:?} owns no files");
            planner.recipe.error(owner.span(), message, expected)
        })?;
        Ok((text, account))
    });
    let chmod = line.chmod.as_ref().map(|mode| {
        let text = word(mode)?;
        let parsed = Mode::parse(&text).map_err(|expected| {
            planner.recipe.error(mode.span(), format!("{text:?} is no mode"), expected)
        })?;
        Ok((text, parsed))
    });
    Ok(Expanded {
        sources: line.sources.iter().map(source).collect::<Result<_, Error>>()?,
        dest: word(&line.dest)?,
        chown: chown.transpose()?,
        chmod: chmod.transpose()?,
        exclude: line.exclude.iter().map(word).collect::<Result<_, _>>()?,
        inline: line.inline.iter().map(|doc| inline(planner, state, doc)).collect::<Result<_, _>>()?,
    })
}

fn inline(planner: &Planner<'_>, state: &State, heredoc: &Heredoc) -> Result<InlineFile, Error> {
    let body = heredoc.text();
    let text = match heredoc.expand {
        true => planner.expander.heredoc(&body, &state.env, state.mirror_rule())?,
        false => body.text,
    };
    Ok(InlineFile { name: heredoc.name.clone(), data: text.into_bytes() })
}

/// `COPY --chown=1:2 a b /c # buildkit`, as BuildKit words it.
fn history(instruction: &str, parts: &Expanded) -> String {
    let mut text = instruction.to_owned();
    let flag =
        |name, value: Option<&str>| value.map(|value| format!(" --{name}={value}")).unwrap_or_default();
    text += &flag("chown", parts.chown.as_ref().map(|(text, _)| text.as_str()));
    text += &flag("chmod", parts.chmod.as_ref().map(|(text, _)| text.as_str()));
    for (source, _) in &parts.sources {
        text += &format!(" {source}");
    }
    for file in &parts.inline {
        text += &format!(" <<{}", file.name);
    }
    format!("{text} {} # buildkit", parts.dest)
}

fn destination(
    planner: &Planner<'_>,
    state: &State,
    parts: &Expanded,
    line: &Transfer,
) -> Result<String, Error> {
    let dest = &parts.dest;
    let is_dir = dest.is_empty() || dest == "." || dest.ends_with('/') || dest.ends_with("/.");
    if !is_dir && parts.sources.len() + parts.inline.len() > 1 {
        let message = "several sources, and a destination that may be a file";
        let expected = format!("{dest}/ for a directory");
        return Err(planner.recipe.error(line.dest.span(), message, expected));
    }
    let path = join(state.cwd(), dest);
    Ok(if is_dir && path != "/" { path + "/" } else { path })
}

fn fetch(
    planner: &Planner<'_>,
    state: &State,
    line: &Add,
    (source, word): (&str, &Word),
    parts: &Expanded,
    dest: String,
) -> Result<Fetch, Error> {
    let recipe = planner.recipe;
    let error = |span, message: &str, expected: &str| Err(recipe.error(span, message, expected));
    let Some(checksum) = &line.checksum else {
        let message = "a file from the network without a checksum";
        return error(word.span(), message, "ADD --checksum=sha256:… URL DEST");
    };
    if parts.sources.len() + parts.inline.len() != 1 {
        return error(word.span(), "a checksum and several sources", "one ADD for each");
    }
    if !parts.exclude.is_empty() {
        return error(line.transfer.exclude[0].span(), "--exclude for a single file", "no flag");
    }
    let text = planner.word(state, checksum)?;
    let Ok(digest) = Digest::from_str(&text) else {
        let expected = "sha256: and 64 digits 0-9 a-f";
        return error(checksum.span(), &format!("{text:?} is no checksum"), expected);
    };
    let url = SourceUrl::from_str(source)
        .map_err(|expected| recipe.error(word.span(), format!("{source:?} is no address"), expected))?;
    let file_name = url.file_name();
    if file_name == ".." {
        return error(word.span(), "an address without a file name", "https://HOST/PATH/FILE");
    }
    Ok(Fetch {
        source: url,
        checksum: digest,
        file_name,
        dest,
        chown: parts.chown.as_ref().map(|(_, account)| account.clone()),
        chmod: parts.chmod.as_ref().map(|(_, mode)| mode.clone()),
        link: line.transfer.link,
        unpack: line.unpack.unwrap_or(false),
    })
}

const MIRROR_PREFIX: &str = "${DEBIAN_MIRROR}";

fn is_remote(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://") || source.starts_with(MIRROR_PREFIX)
}

/// Sources that BuildKit would clone.
fn refuse_git(planner: &Planner<'_>, source: &str, word: &Word) -> Result<(), Error> {
    let schemes = ["git://", "ssh://", "git@", "git+"];
    if !schemes.iter().any(|scheme| source.starts_with(scheme)) {
        return Ok(());
    }
    let message = "a Git repository as source is not supported";
    let expected = "an archive, by ADD --checksum=sha256:… URL";
    Err(planner.recipe.error(word.span(), message, expected))
}

impl FromStr for SourceUrl {
    type Err = &'static str;

    /// Reads what [`SourceUrl`] displays. The error says what would be right.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        if let Some(path) = text.strip_prefix(MIRROR_PREFIX) {
            let path = path.strip_prefix('/').unwrap_or_default();
            let plain = |part: &str| {
                !matches!(part, "" | "." | "..")
                    && part.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-._~:%".contains(&c))
            };
            if !path.starts_with("pool/") || !path.split('/').all(plain) {
                return Err("${DEBIAN_MIRROR}/pool/… with the path of a file");
            }
            return Ok(Self::Debian { path: path.to_owned() });
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || !text.bytes().all(|c| c.is_ascii_graphic()) {
            return Err("https://HOST/PATH, other characters written as %XX");
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        if path.ends_with(".git") {
            return Err("an archive: Git repositories are not supported");
        }
        Ok(Self::Http(text.to_owned()))
    }
}

impl SourceUrl {
    /// The last part of the path, as BuildKit names the file.
    pub fn file_name(&self) -> String {
        let path = match self {
            Self::Debian { path } => path.as_str(),
            Self::Http(url) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                let behind_scheme = path.split_once("://").map_or("", |(_, rest)| rest);
                behind_scheme.split_once('/').map_or("", |(_, path)| path)
            }
        };
        const UNNAMED: &str = "__unnamed__";
        let Some(path) = percent_decode(path) else { return UNNAMED.to_owned() };
        match path.trim_end_matches('/').rsplit('/').next() {
            None | Some("" | ".") => UNNAMED.to_owned(),
            Some(name) => name.to_owned(),
        }
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        out.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(out).ok().filter(|path| !path.contains('\0'))
}

/// Absolute and without `.`, `..` and doubled slashes; never climbs above `/`.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// `path`, seen from the directory `dir`.
pub(super) fn join(dir: &str, path: &str) -> String {
    match path.starts_with('/') {
        true => clean(path),
        false => clean(&format!("{dir}/{path}")),
    }
}

/// `/parent/./what/is/kept`.
fn with_pivot(source: &str) -> String {
    let (parent, kept) = source.split_once("/./").unwrap_or(("", source));
    let parent = clean(&format!("/{parent}"));
    format!("{}/.{}", parent.trim_end_matches('/'), clean(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_never_leave_the_root() {
        let table = [
            ("/a/b", "/a/b"),
            ("a//b/./c/", "/a/b/c"),
            ("../../etc", "/etc"),
            ("/a/../../b", "/b"),
            ("", "/"),
            (".", "/"),
        ];
        for (path, want) in table {
            assert_eq!(clean(path), want, "{path}");
        }
        assert_eq!(join("/home", "x/../y"), "/home/y");
        assert_eq!(join("/home", "../../y"), "/y");
        assert_eq!(join("/home", "/y/"), "/y");
    }

    #[test]
    fn the_pivot_says_what_is_kept() {
        for (source, want) in [
            ("a/b", "/./a/b"),
            ("/a/./b/c", "/a/./b/c"),
            ("./a/b", "/./a/b"),
            ("a/./b/../../c", "/a/./c"),
            ("x/*/./*.c", "/x/*/./*.c"),
        ] {
            assert_eq!(with_pivot(source), want, "{source}");
        }
    }

    #[test]
    fn a_file_is_named_after_its_address() {
        for (url, want) in [
            ("https://zlib.net/zlib-1.3.1.tar.gz", "zlib-1.3.1.tar.gz"),
            ("https://x.org/a/b.tar?raw=1#x", "b.tar"),
            ("https://x.org/libstdc%2B%2B.tar", "libstdc++.tar"),
            ("https://x.org/a/", "a"),
            ("https://x.org", "__unnamed__"),
            ("https://x.org/?a/b", "__unnamed__"),
            ("https://x.org/%zz", "__unnamed__"),
            ("https://x.org/a/..", ".."),
            ("${DEBIAN_MIRROR}/pool/main/g/gcc/gcc_3.3.orig.tar.gz", "gcc_3.3.orig.tar.gz"),
        ] {
            let parsed: SourceUrl = url.parse().expect("the table is valid");
            assert_eq!(parsed.file_name(), want, "{url}");
            assert_eq!(parsed.to_string(), url);
        }
        for wrong in [
            "${DEBIAN_MIRROR}",
            "${DEBIAN_MIRROR}/dists/x",
            "${DEBIAN_MIRROR}/pool/../x",
            "${DEBIAN_MIRROR}x/pool/a",
            "https://",
            "https:///x",
            "https://x.org/a b",
            "https://x.org/a.git",
            "https://x.org/a.git#main",
            "ftp://x.org/a",
        ] {
            assert!(SourceUrl::from_str(wrong).is_err(), "{wrong}");
        }
    }
}
