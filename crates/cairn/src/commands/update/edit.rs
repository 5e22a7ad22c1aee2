//! The text of a definition with another version: pure, and tried on a table.

use cairn_core::digest::Digest;
use cairn_registry::fetch::debian::VARIABLE;
use cairn_registry::index::{self, File, SourcePackage};
use std::fmt::Write as _;

/// The source that is replaced.
pub struct Source<'a> {
    pub checksum: Digest,
    /// The address with its variables replaced.
    pub url: &'a str,
    /// Where Debian's pool has it.
    pub pool: &'a str,
}

/// A changed line.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// Counted from 1.
    pub number: usize,
    pub old: String,
    pub new: String,
}

/// A definition with another version.
#[derive(Debug)]
pub struct Edit {
    pub version: String,
    pub text: String,
    pub lines: Vec<Change>,
    /// The old hash, and the new one with its place in the pool, for `mirrors.tsv`.
    mirror: (Digest, Digest, String),
}

/// The value of `ARG VERSION`.
pub fn version(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("ARG VERSION="))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// A version as Debian would write it: `2025-04-26` is `2025.04.26` there.
pub fn as_debian(version: &str) -> String {
    let date = version.split('-').all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
    if date { version.replace('-', ".") } else { version.to_owned() }
}

/// Moves `text` from `version` to that of `newest`.
///
/// # Errors
///
/// Why a person has to do it, as a sentence.
pub fn edit(text: &str, source: &Source<'_>, version: &str, newest: &SourcePackage) -> Result<Edit, String> {
    let upstream = newest.upstream();
    let plain = index::original(upstream);
    let to = if as_debian(version) == version { plain.to_owned() } else { plain.replace('.', "-") };
    let old_file = source.pool.rsplit('/').next().unwrap_or_default();
    let new_file =
        successor(old_file, newest).ok_or_else(|| format!("{to} is out, but has no file like {old_file}"))?;
    let from_pool = source.url.starts_with(VARIABLE);
    if !from_pool && plain != upstream {
        return Err(format!(
            "{to} is out, but Debian packed it again as {}: take upstream's hash",
            new_file.name
        ));
    }
    let pool = format!("{}/{}", newest.directory, new_file.name);
    let (old_hex, new_hex) = (source.checksum.hex(), new_file.digest.hex());
    let mut edit = Edit::new(&to, source, new_file, &pool);
    edit.change(text, |line| {
        let mut new = line.to_owned();
        if line.trim_start().starts_with("ARG VERSION=") {
            new = new.replacen(version, &to, 1);
        }
        if line.contains(&old_hex) {
            new = new.replace(&old_hex, &new_hex);
            new = if from_pool {
                in_pool(&new, &pool, &to)
            } else {
                with_ending(&new, old_file, &new_file.name)
            };
        }
        new
    });
    Ok(edit)
}

/// Moves `text` to newer fixes of the version that it has: wherever it names Debian's file,
/// it names the other.
pub fn fixes(text: &str, source: &Source<'_>, version: &str, directory: &str, newest: &File) -> Edit {
    let old_file = source.pool.rsplit('/').next().unwrap_or_default();
    let named = |file: &str| file.replacen(version, "${VERSION}", 1);
    let (old_hex, new_hex) = (source.checksum.hex(), newest.digest.hex());
    let mut edit = Edit::new(version, source, newest, &format!("{directory}/{}", newest.name));
    edit.change(text, |line| {
        let line = line.replace(&old_hex, &new_hex).replace(&named(old_file), &named(&newest.name));
        line.replace(old_file, &newest.name)
    });
    edit
}

impl Edit {
    /// Nothing yet of the text; `file` at `pool` takes the place of `source`.
    fn new(version: &str, source: &Source<'_>, file: &File, pool: &str) -> Edit {
        Edit {
            version: version.to_owned(),
            text: String::new(),
            lines: Vec::new(),
            mirror: (source.checksum, file.digest, format!("{VARIABLE}/{pool}")),
        }
    }

    /// Takes `text` line by line.
    fn change(&mut self, text: &str, new: impl Fn(&str) -> String) {
        for (line, number) in text.split_inclusive('\n').zip(1..) {
            let new = new(line);
            if new != line {
                let (old, new) = (line.trim_end().to_owned(), new.trim_end().to_owned());
                self.lines.push(Change { number, old, new });
            }
            self.text += &new;
        }
    }
}

/// The file of the new version that stands where `old` stood: `.orig-www` for
/// `.orig-www`, packed in whatever way.
fn successor<'a>(old: &str, newest: &'a SourcePackage) -> Option<&'a File> {
    let part = part(old);
    newest.archives().find(|file| self::part(&file.name) == part)
}

/// `.orig-www` of `sqlite3_3.46.1.orig-www.tar.xz`, empty for a native package.
fn part(file: &str) -> &str {
    let stem = file.rfind(".tar.").map_or(file, |end| &file[..end]);
    stem.rfind(".orig").map_or("", |start| &stem[start..])
}

/// Replaces what follows the mirror's name, with `${VERSION}` where it fits.
fn in_pool(line: &str, pool: &str, version: &str) -> String {
    let Some(start) = line.find(VARIABLE) else { return line.to_owned() };
    let end = line[start..].find(char::is_whitespace).map_or(line.len(), |end| start + end);
    let had_version = line[start + VARIABLE.len()..end].contains("${VERSION}");
    let pool = if had_version { pool.replace(version, "${VERSION}") } else { pool.to_owned() };
    format!("{}{VARIABLE}/{pool}{}", &line[..start], &line[end..])
}

/// Follows a change from `.tar.gz` to `.tar.xz`.
fn with_ending(line: &str, old: &str, new: &str) -> String {
    let ending = |file: &str| file.rfind(".tar.").map(|at| file[at..].to_owned());
    match (ending(old), ending(new)) {
        (Some(old), Some(new)) if old != new => line.replace(&old, &new),
        _ => line.to_owned(),
    }
}

/// The table with the new place instead of the old one, sorted by hash.
pub fn mirrors(table: &str, edit: &Edit) -> String {
    let (old, new, place) = &edit.mirror;
    let (notes, mut lines): (Vec<&str>, Vec<&str>) =
        table.lines().partition(|line| line.is_empty() || line.starts_with('#'));
    let had = lines.len();
    lines.retain(|line| !line.starts_with(&old.hex()));
    if lines.len() == had {
        return table.to_owned();
    }
    let added = format!("{}\t{place}", new.hex());
    lines.push(&added);
    lines.sort_unstable();
    lines.dedup();
    notes.into_iter().chain(lines).fold(String::new(), |mut text, line| {
        writeln!(text, "{line}").expect("a string takes all that is written");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(version: &str, file: &str) -> SourcePackage {
        SourcePackage {
            name: "x".into(),
            version: version.into(),
            directory: "pool/main/x/x".into(),
            files: vec![File { digest: Digest::of(b"new"), name: file.into() }],
        }
    }

    fn edited(text: &str, url: &str, pool: &str, newest: &SourcePackage) -> Result<Edit, String> {
        let source = Source { checksum: Digest::of(b"old"), url, pool };
        edit(text, &source, &version(text).expect("a version"), newest)
    }

    #[test]
    fn two_lines_change_and_nothing_else() {
        let (old, new) = (Digest::of(b"old").hex(), Digest::of(b"new").hex());
        let text = format!(
            "# x 1.2 is old.\nARG VERSION=1.2\nADD --checksum=sha256:{old} https://x.org/x-${{VERSION}}.tar.gz .\n"
        );
        let pool = "pool/main/x/x/x_1.2.orig.tar.gz";
        let edit = edited(&text, "https://x.org/x-1.2.tar.gz", pool, &newest("1.3-1", "x_1.3.orig.tar.xz"));
        let edit = edit.expect("it can be done");
        let want =
            text.replace("VERSION=1.2", "VERSION=1.3").replace(&old, &new).replace(".tar.gz", ".tar.xz");
        assert_eq!(edit.text, want);
        assert_eq!(edit.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
        let table = format!("# places\n{old}\t{VARIABLE}/{pool}\n");
        let after = format!("# places\n{new}\t{VARIABLE}/pool/main/x/x/x_1.3.orig.tar.xz\n");
        assert_eq!(mirrors(&table, &edit), after);
        assert_eq!(
            mirrors(&format!("{table}{}", &after[9..]), &edit),
            after,
            "another package has it already"
        );
        assert_eq!(mirrors("# none\n", &edit), "# none\n");
    }

    #[test]
    fn a_file_of_the_pool_follows_debians_name() {
        let old = Digest::of(b"old").hex();
        let text = format!(
            "ARG VERSION=1.2\nADD --checksum=sha256:{old} ${{DEBIAN_MIRROR}}/pool/main/x/x/x_${{VERSION}}+dfsg.orig.tar.gz a\n"
        );
        let pool = "pool/main/x/x/x_1.2+dfsg.orig.tar.gz";
        let url = format!("{VARIABLE}/{pool}");
        let edit =
            edited(&text, &url, pool, &newest("1.3+ds-1", "x_1.3+ds.orig.tar.xz")).expect("it can be done");
        assert!(edit.lines[1].new.ends_with(" ${DEBIAN_MIRROR}/pool/main/x/x/x_${VERSION}+ds.orig.tar.xz a"));
    }

    #[test]
    fn newer_fixes_change_every_line_that_names_them() {
        let old = Digest::of(b"old");
        let text = format!(
            "ARG VERSION=1.2\nADD --checksum=sha256:{} ${{DEBIAN_MIRROR}}/pool/main/x/x/x_${{VERSION}}-1+deb13u2.debian.tar.xz .\nRUN tar xf x_${{VERSION}}-1+deb13u2.debian.tar.xz\nRUN make\n",
            old.hex()
        );
        let pool = "pool/main/x/x/x_1.2-1+deb13u2.debian.tar.xz";
        let url = format!("{VARIABLE}/{pool}");
        let newest = File { digest: Digest::of(b"new"), name: "x_1.2-1+deb13u3.debian.tar.xz".into() };
        let source = Source { checksum: old, url: &url, pool };
        let edit = fixes(&text, &source, "1.2", "pool/main/x/x", &newest);
        assert_eq!(edit.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(edit.text, text.replace(&old.hex(), &newest.digest.hex()).replace("u2", "u3"));
    }

    #[test]
    fn what_debian_packed_again_is_no_upstream_file() {
        let text = format!(
            "ARG VERSION=1.2\nADD --checksum=sha256:{} https://x.org/x.tar.gz\n",
            Digest::of(b"old").hex()
        );
        let pool = "pool/main/x/x/x_1.2.orig.tar.gz";
        let why =
            edited(&text, "https://x.org/x.tar.gz", pool, &newest("1.3+dfsg-1", "x_1.3+dfsg.orig.tar.xz"));
        assert_eq!(
            why.expect_err("not equal"),
            "1.3 is out, but Debian packed it again as x_1.3+dfsg.orig.tar.xz: take upstream's hash"
        );
    }

    #[test]
    fn a_date_keeps_its_dashes() {
        let text = format!(
            "ARG VERSION=2025-04-26\nADD --checksum=sha256:{} https://x.org/x.tar.xz\n",
            Digest::of(b"old").hex()
        );
        let pool = "pool/main/x/x/x_2025.04.26.orig.tar.xz";
        let edit = edited(
            &text,
            "https://x.org/x.tar.xz",
            pool,
            &newest("2025.09.13-1", "x_2025.09.13.orig.tar.xz"),
        );
        assert_eq!(edit.expect("it can be done").version, "2025-09-13");
        assert_eq!(as_debian("2.1.12-stable"), "2.1.12-stable");
    }
}
