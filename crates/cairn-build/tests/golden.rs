//! Every case of `tests/golden/` through the engine: the image digest must be the one
//! that a real BuildKit gave (`tests/golden/record`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cairn_build::{Engine, Options};
use cairn_core::store::Store;
use cairn_core::tree::{Name, Tree};

/// What this engine does otherwise, each with its reason.
const OTHERWISE: &[(&str, &str)] =
    &[("everything-in-config", "an unknown user is refused, where BuildKit silently takes 0")];

/// What a store of an ordinary user cannot hold: devices, and directories that their
/// owner may not enter.
const ROOT_ONLY: &[&str] = &["add-archive-devices", "devices-from-stage", "copy-link"];

struct Area(PathBuf);

impl Area {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cairn-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// Case and manifest digest.
fn expected() -> BTreeMap<String, String> {
    let text = fs::read_to_string(golden().join("expected.txt")).expect("it is in the tree");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            Some((words.next()?, words.next()?))
        })
        .collect()
}

#[test]
fn every_case_gives_the_image_that_buildkit_gives() {
    let area = Area::new("golden");
    let context = area.0.join("context");
    let made = Command::new(golden().join("make-context")).arg(&context).status();
    assert!(made.expect("sh runs").success(), "make-context needs GNU tar");
    // tests/run names what is left out where there is none: cargo shows no output of a
    // test that passes.
    let busybox = Path::new("/bin/busybox");
    let runs = busybox.exists();
    if runs {
        fs::copy(busybox, context.join("busybox")).expect("both are readable");
    }
    let store = Arc::new(Store::open(&area.0.join("home")).expect("a new store"));
    let only = std::env::var("CASE").ok();
    let (mut wrong, mut right) = (Vec::new(), 0);
    for (case, manifest) in expected() {
        if only.as_ref().is_some_and(|only| *only != case) {
            continue;
        }
        if OTHERWISE.iter().any(|(name, _)| *name == case)
            || !store.is_root() && ROOT_ONLY.contains(&case.as_str())
            || !runs && case.starts_with("run-")
        {
            continue;
        }
        match build(&area.0, &store, &context, &case) {
            Ok(got) if got == manifest => right += 1,
            Ok(got) => wrong.push(format!("{case}: expected {manifest}, got {got}")),
            Err(error) => wrong.push(format!("{case}: {error}")),
        }
    }
    if std::env::var_os("KEEP").is_some() {
        println!("kept in {}", area.0.display());
        std::mem::forget(area);
    }
    assert!(wrong.is_empty(), "{right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(right >= 60 || only.is_some(), "only {right} cases were compared");
}

/// The manifest digest of one case; its context is not its own directory.
fn build(area: &Path, store: &Arc<Store>, context: &Path, case: &str) -> Result<String, String> {
    let name: Name = format!("golden/{case}").parse().map_err(|e| format!("{e}"))?;
    let packages = area.join("packages").join(case);
    let dir = packages.join("golden").join(case);
    fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let recipe = golden().join(format!("cases/{case}.Containerfile"));
    fs::copy(recipe, dir.join("Containerfile")).map_err(|e| e.to_string())?;
    let mut tree = Tree::load(&packages).map_err(|e| e.to_string())?;
    let package = tree.packages.get_mut(&name).expect("it has just been written");
    package.dir = context.to_owned();
    let options = Options { exact_modes: true, ..Options::default() };
    let engine = Engine::new(store.clone(), Arc::new(tree), options);
    let built = engine.build(&[name]).map_err(|e| e.to_string())?;
    Ok(built[0].record.image.to_string())
}
