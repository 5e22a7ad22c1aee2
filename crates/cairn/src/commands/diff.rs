//! `cairn diff A B`: in what two images differ, and why they probably do.

use crate::args::{Diff, Global, How};
use crate::commands::build;
use crate::error::{Failure, Kind, Result, doing};
use crate::output::Output;
use crate::project;
use cairn_build::diff::{self, Change, Difference, Known, Side};
use cairn_build::reproduce::read_image;
use cairn_core::digest::Digest;
use cairn_core::image::Image;
use cairn_core::json::Value;
use cairn_core::store::{Store, TempDir};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many files diffoscope is asked about.
const LOOKED_INTO: usize = 5;

/// One operand: the image, and where its blobs are.
struct Operand {
    image: Image,
    digest: Digest,
    blobs: PathBuf,
    /// Where a file was unpacked.
    _unpacked: Option<TempDir>,
}

impl Operand {
    fn side(&self) -> Side<'_> {
        Side { image: &self.image, blobs: &self.blobs }
    }
}

pub fn run(global: &Global, args: &Diff, output: Output) -> Result<()> {
    let store = project::store(global)?;
    let (first, second) = (operand(global, &store, &args.first)?, operand(global, &store, &args.second)?);
    let found = diff::images(first.side(), second.side(), &Known::default());
    let found = found.map_err(|e| Failure::failed("the images cannot be compared").because(&e))?;
    if output.json {
        let value = Value::object([
            ("first", Value::from(first.digest.to_string())),
            ("second", second.digest.to_string().into()),
            ("differences", Value::Array(found.iter().map(value).collect())),
        ]);
        println!("{}", value.compact());
    } else {
        found.iter().for_each(|difference| println!("{difference}"));
        look_into(&store, &first, &second, &found)?;
    }
    if first.digest == second.digest {
        output.note(&format!("equal: {}", first.digest));
        return Ok(());
    }
    let count = found.len();
    Err(Failure::new(
        Kind::Differs,
        format!("{count} differences between {} and {}", args.first, args.second),
    )
    .cause(format!("{} / {}", first.digest, second.digest)))
}

/// One difference for a script.
pub fn value(difference: &Difference) -> Value {
    let mut members = vec![("path", Value::from(difference.path.as_str()))];
    if let Change::Content { part, offset, first, second, cause } = &difference.change {
        members.push(("part", part.as_str().into()));
        members.push(("offset", Value::Number(*offset as i64)));
        members.push(("first", first.escape_ascii().to_string().into()));
        members.push(("second", second.escape_ascii().to_string().into()));
        members.push(("cause", cause.word().into()));
    }
    members.push(("text", difference.to_string().into()));
    Value::object(members)
}

/// A file, a digest, or a package.
fn operand(global: &Global, store: &Store, text: &str) -> Result<Operand> {
    if Path::new(text).is_file() {
        return unpack(store, Path::new(text));
    }
    let digest = match text.parse() {
        Ok(digest) => digest,
        Err(_) => last_build(global, text)?,
    };
    let blobs = store.home().join("blobs/sha256");
    let image = read_image(&blobs, &digest).map_err(|problem| {
        Failure::failed(format!("the store has no image {digest}"))
            .cause(problem)
            .hint("give a file from `cairn export`, or a package that was built here")
    })?;
    Ok(Operand { image, digest, blobs, _unpacked: None })
}

/// The image of a package's last build here.
fn last_build(global: &Global, text: &str) -> Result<Digest> {
    let name = project::name(text)?;
    let engine = build::engine(global, &How::default(), false, Output::new(global))?;
    build::known(&engine.tree, &name)?;
    let built = engine.finished(&name).map_err(|e| build::failure(&e))?;
    built.map(|built| built.record.image).ok_or_else(|| {
        Failure::failed(format!("{name} was not built here as it is now")).hint(format!("cairn build {name}"))
    })
}

/// An exported file, compressed or not, with one image.
fn unpack(store: &Store, file: &Path) -> Result<Operand> {
    let failed = || doing::<io::Error>(format!("read {}", file.display()));
    let folder = store.tmp_dir().map_err(doing("write to the store"))?;
    let mut from = BufReader::with_capacity(1 << 20, File::open(file).map_err(failed())?);
    let mut magic = [0; 2];
    let packed = from.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    from.rewind().map_err(failed())?;
    let from: Box<dyn Read> =
        if packed { Box::new(flate2::bufread::GzDecoder::new(from)) } else { Box::new(from) };
    let into = folder.path().join("image");
    let unpacked = cairn_build::drivers::unpack(from, &into);
    unpacked.map_err(|e| Failure::failed(format!("{} is no image", file.display())).because(&e))?;
    let digest = only_manifest(&into.join("index.json")).ok_or_else(|| {
        Failure::failed(format!("{} is no OCI layout with one image", file.display()))
            .hint("cairn export NAME FILE writes one; so does skopeo copy … oci-archive:FILE")
    })?;
    let blobs = into.join("blobs/sha256");
    let image = read_image(&blobs, &digest)
        .map_err(|problem| Failure::failed(format!("{}: {digest}", file.display())).cause(problem))?;
    Ok(Operand { image, digest, blobs, _unpacked: Some(folder) })
}

fn only_manifest(index: &Path) -> Option<Digest> {
    let value = Value::parse(&fs::read(index).ok()?).ok()?;
    let manifests = value.get("manifests")?.as_array()?;
    let [manifest] = manifests else { return None };
    manifest.get("digest")?.as_str()?.parse().ok()
}

/// Lets diffoscope, if there is one, tell more of the first files that differ in content.
fn look_into(store: &Store, first: &Operand, second: &Operand, found: &[Difference]) -> Result<()> {
    let content = |difference: &&Difference| matches!(difference.change, Change::Content { .. });
    let paths: Vec<&str> = found.iter().filter(content).map(|d| d.path.as_str()).take(LOOKED_INTO).collect();
    if paths.is_empty() || Command::new("diffoscope").arg("--version").output().is_err() {
        return Ok(());
    }
    let folder = store.tmp_dir().map_err(doing("write to the store"))?;
    for path in paths {
        for (number, operand) in [("1", first), ("2", second)] {
            let bytes = diff::content(operand.side(), path);
            let bytes = bytes.map_err(|e| Failure::failed("the images cannot be read").because(&e))?;
            let place = folder.path().join(number);
            fs::write(&place, bytes.unwrap_or_default()).map_err(doing("write to the store"))?;
        }
        println!("\n{path}, by diffoscope:");
        let status = Command::new("diffoscope")
            .args(["--no-progress", "--max-text-report-size=8192", "1", "2"])
            .current_dir(folder.path())
            .status();
        // It ends with 1 where files differ.
        if !status.as_ref().is_ok_and(|status| matches!(status.code(), Some(0 | 1))) {
            println!("(diffoscope failed: {status:?})");
        }
    }
    Ok(())
}
