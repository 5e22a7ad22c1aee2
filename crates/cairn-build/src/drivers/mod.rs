//! The same package built by Docker, Podman or Buildah.
//!
//! ```text
//! Plan ── lower ──> Containerfile + context ── the engine ──> docker-archive
//!                        ▲                                          │ one layer for each
//!   images of the store ─┘ (load)                                   ▼ step of the last stage
//!                                                    normalise ──> canonical layers
//! ```
//!
//! Another engine is a witness: it decides what the files are, and nothing else. The
//! configuration comes from the plan, sources from the verified store, dependencies
//! from our own images, and RUN has no network there either. What comes out is put
//! into canonical bytes ([`normal`]), so that one digest can be compared.

pub mod files;
pub mod foreign;
pub mod lower;
pub mod normal;

use crate::sources::{SourceError, Sources};
use cairn_core::digest::Digest;
use cairn_core::image;
use cairn_core::json::Value;
use cairn_core::layout;
use cairn_core::plan::{Base, Copy, CopyFrom, ImageRef, Mode, Op, Plan, SourceUrl};
use cairn_core::store::{self, Store, TempDir};
use cairn_core::tar::{Accept, Entry, Kind, ReadError, Reader};
use cairn_core::tree::{FileKind, Package};
pub use foreign::Foreign;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The longest list of layers in a docker-archive, in bytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// Why another engine's build gives no image.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum DriverError {
    #[error(transparent)]
    Unsupported(#[from] lower::Unsupported),
    #[error("{0}")]
    Engine(#[from] foreign::ForeignError),
    #[error("the image {0} is not in the store")]
    NoImage(ImageRef),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("the engine's image has {have} layers where {want} were asked for")]
    Layers { have: usize, want: usize },
    #[error("the engine's archive has no usable manifest.json")]
    Manifest,
    #[error("the engine's archive: {0}")]
    Archive(#[from] ReadError),
    #[error("a layer of the engine: {0}")]
    Layer(#[from] normal::NormalError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("an image for the engine: {0}")]
    Export(#[from] layout::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What a build by another engine needs.
pub struct Order<'a> {
    /// Which engine.
    pub engine: Foreign,
    /// What to build.
    pub plan: &'a Plan,
    /// Its own files.
    pub package: &'a Package,
    /// The manifest digest of an image that it is built from.
    pub image: &'a dyn Fn(&ImageRef) -> Option<Digest>,
    /// Where images are, and layers go.
    pub store: &'a Store,
    /// Where sources come from.
    pub sources: &'a dyn Sources,
    /// Takes what the engine prints.
    pub log: &'a Path,
}

/// Builds the plan and gives the layers of its last stage, in the store.
pub fn build(order: &Order<'_>) -> Result<Vec<image::Layer>, DriverError> {
    refuse_run_in_last_stage(order.plan)?;
    let tmp = order.store.tmp_dir()?;
    let tag = |image: &ImageRef| match (order.image)(image) {
        Some(digest) => local_tag(image, &digest),
        None => image.to_string(),
    };
    let lowered = lower::lower(order.plan, &tag)?;
    for (image, tag) in &lowered.images {
        load(order, image, tag, &tmp)?;
    }
    let context = tmp.path().join("context");
    fs::create_dir(&context)?;
    fs::write(context.join("Containerfile"), &lowered.text)?;
    copy_context(order.package, &context.join("ctx"))?;
    let sources = fetch(order)?;
    for file in &lowered.files {
        let source = |digest: &Digest| {
            let path =
                sources.get(digest).ok_or_else(|| io::Error::other("a source that was not planned"))?;
            Ok(path.clone().into_boxed_path())
        };
        file.place(&context, &order.package.dir, &source)?;
    }
    let result = format!("cairn.local/build/{}:latest", order.package.name.flat());
    let archive = tmp.path().join("image.tar");
    order.engine.build(&context, &result, order.log)?;
    order.engine.save(&result, &archive)?;
    layers(order, &archive, &tmp)
}

/// What a RUN in the image itself leaves differs between engines (`/etc/hostname`,
/// mount points), and cannot be told from what the command left.
fn refuse_run_in_last_stage(plan: &Plan) -> Result<(), lower::Unsupported> {
    let steps = plan.stages.last().into_iter().flat_map(|stage| &stage.steps);
    match steps.into_iter().find(|step| matches!(step.op, Op::Run(_))) {
        Some(step) => Err(lower::Unsupported {
            line: step.line,
            what: "RUN in the last stage",
            text: step.text.clone(),
        }),
        None => Ok(()),
    }
}

/// Why the engines cannot be asked to build `plan`, if they cannot.
pub fn refuses(plan: &Plan) -> Option<lower::Unsupported> {
    let name = |image: &ImageRef| image.to_string();
    refuse_run_in_last_stage(plan).and_then(|()| lower::lower(plan, &name)).err()
}

fn local_tag(image: &ImageRef, digest: &Digest) -> String {
    let name = match image {
        ImageRef::Package(name) => name.as_str(),
        ImageRef::Digest { name, .. } => name.as_str(),
    };
    format!("cairn.local/{name}:{}", &digest.hex()[..16])
}

fn load(order: &Order<'_>, image: &ImageRef, tag: &str, tmp: &TempDir) -> Result<(), DriverError> {
    if order.engine.has(tag) {
        return Ok(());
    }
    let digest = (order.image)(image).ok_or_else(|| DriverError::NoImage(image.clone()))?;
    let file = tmp.path().join("load.tgz");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&file)?);
    layout::export(order.store, &[(tag.to_owned(), digest)], &mut out)?;
    out.flush()?;
    order.engine.load(&file, tag)?;
    Ok(fs::remove_file(&file)?)
}

/// The package's own files with the two modes that a definition digest knows.
fn copy_context(package: &Package, target: &Path) -> io::Result<()> {
    fs::create_dir(target)?;
    fs::set_permissions(target, fs::Permissions::from_mode(0o755))?;
    for entry in &package.files {
        let to = target.join(&entry.path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        match &entry.kind {
            FileKind::File { executable, .. } => {
                fs::copy(package.dir.join(&entry.path), &to)?;
                let mode = if *executable { 0o755 } else { 0o644 };
                fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
            }
            FileKind::Link { target } => symlink(target, &to)?,
            FileKind::EmptyDir => fs::create_dir_all(&to)?,
        }
    }
    Ok(())
}

fn fetch(order: &Order<'_>) -> Result<BTreeMap<Digest, PathBuf>, DriverError> {
    let mut found = BTreeMap::new();
    for step in order.plan.stages.iter().flat_map(|stage| &stage.steps) {
        if let Op::Fetch(fetch) = &step.op {
            let url: &SourceUrl = &fetch.source;
            found.insert(fetch.checksum, order.sources.fetch(url, &fetch.checksum, &mut |_, _| {})?);
        }
    }
    Ok(found)
}

/// One canonical layer for each step of the last stage.
fn layers(order: &Order<'_>, archive: &Path, tmp: &TempDir) -> Result<Vec<image::Layer>, DriverError> {
    let last = order.plan.stages.last().expect("a plan ends with its target");
    let saved = tmp.path().join("saved");
    unpack(BufReader::with_capacity(1 << 20, File::open(archive)?), &saved)?;
    let names = layer_names(&saved)?;
    let want = last.steps.len();
    let enough = if last.base == Base::Scratch { names.len() == want } else { names.len() >= want };
    if !enough {
        return Err(DriverError::Layers { have: names.len(), want });
    }
    let mut layers = Vec::new();
    for (name, step) in names[names.len() - want..].iter().zip(&last.steps) {
        let from = BufReader::with_capacity(1 << 20, File::open(saved.join(name))?);
        let scratch =
            File::options().read(true).write(true).create_new(true).open(tmp.path().join("scratch"))?;
        fs::remove_file(tmp.path().join("scratch"))?;
        let writer = BufWriter::with_capacity(1 << 20, order.store.blob_writer()?);
        let mut writer = normal::normalise(from, scratch, &|entry| change_mode(&step.op, entry), writer)?;
        writer.flush()?;
        let writer = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        let (digest, size) = writer.commit(None)?;
        layers.push(image::Layer { digest, size });
    }
    Ok(layers)
}

/// What `COPY --chmod` from another stage does to an entry of its own layer: old engines
/// cannot be asked for it, but here it can be done exactly. Directories on the way to the
/// destination, and the destination itself if it is one, keep their modes.
fn change_mode(op: &Op, entry: &mut Entry) {
    let Op::Copy(Copy { chmod: Some(Mode::Octal(mode)), dest, from, .. }) = op else { return };
    if matches!(from, CopyFrom::Context) {
        return;
    }
    let dest = dest.trim_matches('/').as_bytes();
    let rest = dest.strip_prefix(entry.path.as_slice());
    let on_the_way = rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')));
    match entry.kind {
        Kind::Dir if on_the_way => {}
        Kind::File { .. } | Kind::Dir | Kind::Fifo => entry.mode = *mode,
        _ => {}
    }
}

/// Unpacks a docker-archive or OCI layout: files, and links between them, whose names the reader has
/// found to be relative and without `..`.
pub fn unpack(archive: impl Read, into: &Path) -> Result<(), DriverError> {
    fs::create_dir(into)?;
    let mut reader = Reader::new(archive, Accept::Archive);
    let mut links = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        let path = into.join(text(&entry.path)?);
        match &entry.kind {
            Kind::Dir => fs::create_dir_all(&path)?,
            Kind::File { .. } => {
                fs::create_dir_all(path.parent().unwrap_or(into))?;
                io::copy(&mut reader, &mut File::create(&path)?)?;
            }
            Kind::Symlink { target } => links.push((path, text(target)?)),
            Kind::Hardlink { target } => links.push((path, format!("/{}", text(target)?))),
            _ => {}
        }
    }
    for (path, target) in links {
        // A layer that stands twice in an image is a link to the other place.
        let base = if target.starts_with('/') { into } else { path.parent().unwrap_or(into) };
        let from = base.join(target.trim_start_matches('/')).canonicalize()?;
        if !from.starts_with(into.canonicalize()?) {
            return Err(DriverError::Manifest);
        }
        fs::create_dir_all(path.parent().unwrap_or(into))?;
        fs::copy(from, &path)?;
    }
    Ok(())
}

fn text(bytes: &[u8]) -> Result<String, DriverError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| DriverError::Manifest)
}

/// `manifest.json`: `[{"Layers":["…/layer.tar",…]}]`.
fn layer_names(saved: &Path) -> Result<Vec<String>, DriverError> {
    let path = saved.join("manifest.json");
    if fs::metadata(&path)?.len() > MAX_MANIFEST {
        return Err(DriverError::Manifest);
    }
    let value = Value::parse(&fs::read(&path)?).map_err(|_| DriverError::Manifest)?;
    let layers = value.as_array().and_then(|images| images.first()?.get("Layers")?.as_array());
    let names = layers.ok_or(DriverError::Manifest)?.iter().map(|name| name.as_str().map(str::to_owned));
    let names: Vec<String> = names.collect::<Option<_>>().ok_or(DriverError::Manifest)?;
    let inside = |name: &String| cairn_core::tar::check_path(name.as_bytes()).is_ok();
    if names.iter().all(inside) { Ok(names) } else { Err(DriverError::Manifest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_goes_to_what_is_copied_and_not_to_where_it_is_put() {
        let changed = |dest: &str, path: &str, kind: Kind| {
            let op = Op::Copy(Copy {
                from: CopyFrom::Stage(0),
                sources: vec!["/x".into()],
                inline: Vec::new(),
                dest: dest.into(),
                chown: None,
                chmod: Some(Mode::Octal(0o4711)),
                link: false,
                parents: false,
                exclude: Vec::new(),
                unpack: false,
            });
            let mut entry = Entry { path: path.into(), kind, mode: 0o600, uid: 0, gid: 0 };
            change_mode(&op, &mut entry);
            entry.mode == 0o4711
        };
        let file = || Kind::File { size: 1 };
        assert!(changed("/usr/bin/", "usr/bin/x", file()));
        assert!(changed("/usr/bin/x", "usr/bin/x", file()));
        assert!(changed("/usr", "usr/bin", Kind::Dir));
        assert!(changed("/", "usr", Kind::Dir));
        assert!(!changed("/usr/bin/", "usr/bin", Kind::Dir), "the destination");
        assert!(!changed("/usr/bin/", "usr", Kind::Dir), "on the way to it");
        assert!(!changed("/", "l", Kind::Symlink { target: b"x".to_vec() }));
    }
}
