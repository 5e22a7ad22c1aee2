//! `cairn new GROUP/NAME SOURCE`: a first definition and a first test.
//!
//! What can be read off the archive is written; what only a person knows is said in a
//! comment. The test fails until somebody has made it fit, so nothing passes by chance.

mod text;

use crate::args::{Global, New};
use crate::commands::build;
use crate::error::{Failure, Result, doing};
use crate::output::Output;
use crate::project::{self, Project};
use crate::sources::StoreSources;
use cairn_build::Sources as _;
use cairn_core::digest::Digest;
use cairn_core::store::Store;
use cairn_core::tree::{Name, RECIPE, TEST};
use cairn_registry::fetch::debian::VARIABLE;
use cairn_registry::fetch::unhashed;
use cairn_registry::index;
use cairn_source::archive::Limits;
use cairn_source::guess;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use text::Draft;

/// An archive, and how a definition speaks of it.
struct Archive {
    file: PathBuf,
    checksum: Digest,
    url: String,
    /// The name that says the version.
    name: String,
}

pub fn run(global: &Global, args: &New, output: Output) -> Result<()> {
    let project = Project::find(global)?;
    let store = Arc::new(project::store(global)?);
    let tree = build::tree(&project, &store)?;
    let name = project::name(&args.name)?;
    let dir = project.packages().join(name.as_str());
    if dir.exists() {
        return Err(Failure::usage(format!("{} is there already", dir.display())));
    }
    let archive = archive(args, &project, &store)?;
    let file = File::open(&archive.file).map_err(doing(format!("open {}", archive.file.display())))?;
    let looked = guess::project(file, Limits::default());
    let looked =
        looked.map_err(|e| Failure::failed(format!("{} cannot be looked into", archive.url)).because(&e))?;
    let (_, version) = guess::name_and_version(&archive.name).ok_or_else(|| {
        Failure::usage(format!("{} has no version in its name", archive.name))
            .hint("give a file that is called NAME-VERSION.tar.gz, or --url with such an address")
    })?;
    let builds = |name: &str| name.parse::<Name>().is_ok_and(|name| tree.packages.contains_key(&name));
    let draft = Draft {
        name: &name,
        version: &version,
        url: &archive.url,
        checksum: archive.checksum,
        looked: &looked,
    };
    write(&dir, RECIPE, &draft.recipe(&builds))?;
    write(&dir, TEST, &draft.test(&builds))?;
    println!("packages/{name}/{RECIPE}\npackages/{name}/{TEST}");
    output.note(&format!(
        "{}: {:?}, version {version}, licence {}\nthe hash is that of the file as it came: compare it with what upstream signs\n\
         next: read both, then  cairn build {name} && cairn test {name} && cairn lint {name}",
        archive.url,
        looked.system,
        looked.licence.unwrap_or("unknown"),
    ));
    Ok(())
}

fn write(dir: &Path, name: &str, text: &str) -> Result<()> {
    fs::create_dir_all(dir).map_err(doing(format!("make {}", dir.display())))?;
    let path = dir.join(name);
    fs::write(&path, text).map_err(doing(format!("write {}", path.display())))
}

/// Brings the archive into the store, whatever it was called on the command line.
fn archive(args: &New, project: &Project, store: &Arc<Store>) -> Result<Archive> {
    let given = &args.source;
    if given.starts_with("https://") || given.starts_with("http://") {
        let file = store.tmp_dir().map_err(doing("use the store"))?;
        let part = file.path().join("archive");
        unhashed(given, &part).map_err(|e| Failure::failed(format!("{given} cannot be had")).because(&e))?;
        return keep(store, &part, given.clone());
    }
    let path = Path::new(given);
    if path.is_file() {
        let url = args.url.clone().ok_or_else(|| {
            Failure::usage(format!("where does {given} come from?"))
                .hint(format!("cairn new {} {given} --url https://…", args.name))
        })?;
        return keep(store, path, url);
    }
    debian(args, project, store)
}

/// Copies a file into the store under its hash.
fn keep(store: &Store, file: &Path, url: String) -> Result<Archive> {
    let what = || format!("copy {} into the store", file.display());
    let mut source = File::open(file).map_err(doing(what()))?;
    let mut writer = store.source_writer().map_err(doing(what()))?;
    io::copy(&mut source, &mut writer).map_err(doing(what()))?;
    let (checksum, _) = writer.commit(None).map_err(doing(what()))?;
    let name = url.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Archive { file: store.source_path(&checksum), checksum, url, name })
}

/// The newest upstream archive of a Debian source package.
fn debian(args: &New, project: &Project, store: &Arc<Store>) -> Result<Archive> {
    let unknown = |e: index::Error| {
        Failure::failed(format!("{} is no address, no file and no Debian source package", args.source))
            .because(&e)
    };
    let known = index::lookup(&args.source).map_err(unknown)?;
    let newest = &known[0];
    let file = newest
        .archives()
        .next()
        .ok_or_else(|| Failure::failed(format!("{} {} has no archive", newest.name, newest.version)))?;
    let url = format!("{VARIABLE}/{}/{}", newest.directory, file.name);
    let sources = StoreSources::new(project, store.clone(), false)?;
    let parsed = url.parse().map_err(|e| Failure::failed(format!("{url} is no address: expected {e}")))?;
    let path = sources
        .fetch(&parsed, &file.digest, &mut |_, _| {})
        .map_err(|e| Failure::failed(format!("{url} cannot be had")).cause(e))?;
    Ok(Archive { file: path, checksum: file.digest, url, name: file.name.clone() })
}
