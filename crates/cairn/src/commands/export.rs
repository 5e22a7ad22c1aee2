//! `cairn export NAME FILE`: one file that docker, podman and skopeo load.

use crate::args::{Export, Global};
use crate::commands::{build, trust};
use crate::error::{Result, doing};
use crate::output::{Output, size};
use crate::project;
use cairn_core::layout;
use cairn_trust::quorum;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub fn run(global: &Global, args: &Export, output: Output) -> Result<()> {
    let name = project::name(&args.name)?;
    let mut engine = build::engine(global, &args.how, false, output)?;
    build::known(&engine.tree, &name)?;
    let targets = std::slice::from_ref(&name);
    engine.imported = trust::finished(global, &engine, &args.finished, targets, output)?;
    let built = build::run(&engine, targets)?;
    let built = built.iter().find(|b| b.record.name == name).expect("a target is among what was built");
    let reference = format!("{name}:{}", quorum::tag(&built.record.version));
    let bytes = replace(&args.file, |out| {
        layout::export(&engine.store, &[(reference.clone(), built.record.image)], out)
            .map(drop)
            .map_err(doing(format!("write {}", args.file.display())))
    })?;
    output.note(&format!("{}: {}, {}", args.file.display(), reference, size(bytes)));
    println!("{} {}", built.record.image, args.file.display());
    Ok(())
}

/// Writes a file beside its final place and renames it when it is whole.
fn replace(file: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<u64> {
    let failed = |what: &str| doing::<std::io::Error>(format!("{what} {}", file.display()));
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
    }
    let part = PathBuf::from(format!("{}.part", file.display()));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(failed("write"))?);
    let written = write(&mut out).and_then(|()| out.flush().map_err(failed("write")));
    if let Err(failure) = written {
        // The half-written file is of no use; if it cannot be removed it is still no FILE.
        let _ = fs::remove_file(&part);
        return Err(failure);
    }
    let file_handle = out.into_inner().map_err(|e| failed("write")(e.into_error()))?;
    file_handle.sync_all().map_err(failed("write"))?;
    let bytes = file_handle.metadata().map_err(failed("read"))?.len();
    fs::rename(&part, file).map_err(failed("write"))?;
    Ok(bytes)
}
