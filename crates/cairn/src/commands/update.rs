//! `cairn update`: a newer version in the Debian index, and the two lines that change.
//!
//! A definition's source is found in the index by its place in Debian's pool: that of
//! the `ADD` itself, or the one that `mirrors.tsv` has for its hash. Where Debian packs
//! an archive again, only a definition that takes Debian's file can follow. One that
//! applies Debian's fixes is told of newer ones for the version that it has.

mod edit;

use crate::args::{Global, Update};
use crate::commands::build;
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use cairn_core::json::Value;
use cairn_core::tree::{Package, RECIPE};
use cairn_registry::fetch::Mirrors;
use cairn_registry::fetch::debian::pool_path;
use cairn_registry::index::{self, SourcePackage};
use edit::{Change, Edit};
use std::fs;

/// What is to be said about one package.
enum Found {
    /// A newer version, and how the definition gets to it.
    Newer { to: String, edit: Edit },
    /// A newer version that only a person can take.
    ByHand(String),
    /// It is the newest, or has no source in Debian's pool.
    Nothing,
}

pub fn run(global: &Global, args: &Update, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let tree = build::tree(&project, &project::store(global)?)?;
    let table = project.root.join("mirrors.tsv");
    let mut mirrors = fs::read_to_string(&table).unwrap_or_default();
    let mut newer = 0;
    for name in build::targets(&tree, &args.packages)? {
        let package = &tree.packages[&name];
        match look(package, &mirrors)? {
            Found::Nothing => {}
            Found::ByHand(why) => output.note(&format!("{name}: {why}")),
            Found::Newer { to, edit } => {
                newer += 1;
                show(package, &to, &edit, output);
                if args.write {
                    let path = package.dir.join(RECIPE);
                    let what = format!("write {}", path.display());
                    fs::write(&path, &edit.text).map_err(doing(what))?;
                    mirrors = edit::mirrors(&mirrors, &edit);
                }
            }
        }
    }
    if args.write && newer > 0 && !mirrors.is_empty() {
        fs::write(&table, &mirrors).map_err(doing(format!("write {}", table.display())))?;
    }
    let done = if args.write { "changed: cairn build, cairn test and cairn lint say more" } else { "newer" };
    output.note(&format!("{newer} {done}"));
    Ok(())
}

fn show(package: &Package, to: &str, edit: &Edit, output: Output) {
    if output.json {
        let line = |line: &Change| {
            Value::object([
                ("line", Value::Number(line.number as i64)),
                ("old", line.old.as_str().into()),
                ("new", line.new.as_str().into()),
            ])
        };
        let value = Value::object([
            ("event", Value::from("update")),
            ("package", package.name.as_str().into()),
            ("version", to.into()),
            ("lines", Value::Array(edit.lines.iter().map(line).collect())),
        ]);
        println!("{}", value.compact());
        return;
    }
    println!("packages/{}/{RECIPE}", package.name);
    for line in &edit.lines {
        println!("{:>4} - {}\n     + {}", line.number, line.old, line.new);
    }
}

/// Asks the index about the sources of a package that carry its version: first about the
/// archive, then about Debian's fixes of it.
fn look(package: &Package, mirrors: &str) -> Result<Found> {
    let mirrors = Mirrors::parse(mirrors).map_err(|e| Failure::failed(format!("mirrors.tsv: {e}")))?;
    let text = &package.recipe.text;
    let Some(version) = edit::version(text) else { return Ok(Found::Nothing) };
    let mut fixed = Found::Nothing;
    for (checksum, source) in &package.needs.sources {
        let url = source.url.to_string();
        let pool = std::iter::once(url.as_str()).chain(mirrors.locations(checksum)).find_map(pool_path);
        let Some((pool, name)) = pool.and_then(|pool| Some((pool, source_name(pool)?))) else { continue };
        let known = match index::lookup(name) {
            Ok(known) => known,
            Err(error @ index::Error::Unknown(_)) => return Ok(Found::ByHand(error.to_string())),
            Err(error) => return Err(Failure::failed("the Debian index cannot be asked").because(&error)),
        };
        let add = edit::Source { checksum: *checksum, url: &url, pool };
        if index::fixes_revision(pool).is_some() {
            if let Some((newest, file)) = newer_fixes(&known, pool, &version) {
                let edit = edit::fixes(text, &add, &version, &newest.directory, file);
                fixed = Found::Newer { to: newest.version.clone(), edit };
            }
        } else if let Some(newest) = newer(&known, pool, &version) {
            return Ok(match edit::edit(text, &add, &version, newest) {
                Ok(edit) => Found::Newer { to: edit.version.clone(), edit },
                Err(why) => Found::ByHand(why),
            });
        }
    }
    Ok(fixed)
}

/// `zlib` of `pool/main/z/zlib/zlib_1.3.orig.tar.gz`.
fn source_name(pool: &str) -> Option<&str> {
    pool.split('/').rev().nth(1)
}

/// The newest version, if it is newer than that of the file at `pool`.
fn newer<'a>(known: &'a [SourcePackage], pool: &str, version: &str) -> Option<&'a SourcePackage> {
    let newest = known.first()?;
    let file = pool.rsplit('/').next()?;
    let has_it = newest.files.iter().any(|of| of.name == file);
    let order = index::compare(index::original(newest.upstream()), &edit::as_debian(version));
    (!has_it && order.is_gt()).then_some(newest)
}

/// The newest fixes of the version itself, if they are newer than the file at `pool`.
fn newer_fixes<'a>(
    known: &'a [SourcePackage],
    pool: &str,
    version: &str,
) -> Option<(&'a SourcePackage, &'a index::File)> {
    let same = |package: &&SourcePackage| index::original(package.upstream()) == edit::as_debian(version);
    let newest = known.iter().find(same)?;
    let file = newest.fixes()?;
    let order = index::compare(index::fixes_revision(&file.name)?, index::fixes_revision(pool)?);
    order.is_gt().then_some((newest, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_core::digest::Digest;

    #[test]
    fn fixes_are_never_exchanged_for_older_ones() {
        let package = |revision: &str| SourcePackage {
            name: "x".into(),
            version: format!("1:{revision}"),
            directory: "pool/main/x/x".into(),
            files: vec![index::File {
                digest: Digest::of(b"fixes"),
                name: format!("x_{revision}.debian.tar.xz"),
            }],
        };
        let known = [package("1.3-1"), package("1.2-1+deb13u4"), package("1.2-1")];
        let found = |own: &str| {
            let pool = format!("pool/main/x/x/x_{own}.debian.tar.xz");
            newer_fixes(&known, &pool, "1.2").map(|(newest, _)| newest.version.clone())
        };
        assert_eq!(found("1.2-1+deb13u3").as_deref(), Some("1:1.2-1+deb13u4"));
        assert_eq!(found("1.2-1+deb13u4"), None);
        assert_eq!(found("1.2-1+deb13u5"), None, "the index is behind");
    }
}
