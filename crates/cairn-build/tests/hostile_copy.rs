//! Copies that try to reach outside of the root they belong to.
//!
//! Each case of `tests/hostile/copy/` is a recipe; what it must not be able to do
//! stands in its first line. A file with a secret lies beside the package, and no case
//! may bring it into an image or change it.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::Area;

const SECRET: &str = "secret of the host";

/// A package whose context is full of traps.
fn trapped(area: &Area, recipe: &str) {
    let dir = area.package("hostile/case", recipe);
    fs::write(area.0.join("secret"), SECRET).expect("writable");
    fs::create_dir_all(dir.join("dir")).expect("writable");
    fs::write(dir.join("plain"), "plain").expect("writable");
    let traps = [
        ("up", "../../../secret".into()),
        ("absolute", area.0.join("secret").to_string_lossy().into_owned()),
        ("dir/parent", "../../../..".into()),
        ("etc", "/etc".into()),
        ("loop", "loop".into()),
        ("proc", "/proc/self/root/etc/passwd".into()),
    ];
    for (name, target) in traps {
        symlink(target, dir.join(name)).expect("writable");
    }
    evil_archive(&dir);
}

/// An archive that brings a link out and then a file behind it.
fn evil_archive(dir: &Path) {
    let parts = dir.with_extension("parts");
    let tar = |mode: &str, member: &str| {
        let status = Command::new("tar")
            .args(["--format=ustar", mode])
            .arg(dir.join("evil.tar"))
            .arg("-C")
            .arg(&parts)
            .arg(member)
            .status();
        assert!(status.expect("tar runs").success());
    };
    fs::create_dir_all(&parts).expect("writable");
    symlink("../../../../../..", parts.join("out")).expect("writable");
    tar("-cf", "out");
    fs::remove_file(parts.join("out")).expect("just made");
    fs::create_dir(parts.join("out")).expect("writable");
    fs::write(parts.join("out/secret"), "overwritten").expect("writable");
    tar("-rf", "out/secret");
}

#[test]
fn no_copy_leaves_its_root() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile/copy");
    let mut count = 0;
    for case in fs::read_dir(&cases).expect("the cases are in the tree") {
        let path = case.expect("readable").path();
        let text = fs::read_to_string(&path).expect("readable");
        let (first, recipe) = text.split_once('\n').expect("two lines");
        let refused = first.ends_with(": refused");
        let area = Area::new();
        trapped(&area, recipe);
        let (result, _) = area.build("hostile/case");
        let name = path.display();
        match result {
            Ok(built) => {
                assert!(!refused, "{name}: should have been refused");
                let store = area.store();
                for layer in &built.record.layers {
                    let bytes = fs::read(store.blob_path(layer)).expect("the layer is there");
                    let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
                    assert!(!found, "{name}: the secret is in the image");
                }
            }
            Err(error) => {
                println!("{name}: {error}");
                assert!(refused, "{name}: {error}");
            }
        }
        let kept = fs::read_to_string(area.0.join("secret")).expect("still there");
        assert_eq!(kept, SECRET, "{name}: the secret was overwritten");
        count += 1;
    }
    assert!(count >= 10, "only {count} cases");
}
