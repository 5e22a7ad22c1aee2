//! Two packers, one result: `plain/pack.sh` is GNU tar and sha256sum and shares no line
//! with this crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cairn_core::digest::Digest;
use cairn_core::image::{Config, History, Layer, assemble};
use cairn_core::tar::{Owners, write_tree};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The trees of the golden images, removed at the end.
struct Trees(PathBuf);

impl Trees {
    fn make(name: &str) -> Trees {
        let dir = std::env::temp_dir().join(format!("cairn-{name}-{}", std::process::id()));
        let script = project().join("tests/golden/make-context");
        let status = Command::new(script).arg(&dir).status().expect("sh is there");
        assert!(status.success());
        Trees(dir)
    }
}

impl Drop for Trees {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn script(tree: &Path, out: &Path, members: &[&str]) -> Output {
    let mut command = Command::new(project().join("plain/pack.sh"));
    command.arg(tree).arg(out).arg("COPY /rootfs / # buildkit").args(members);
    command.output().expect("sh is there")
}

fn history() -> Vec<History> {
    let created_by = "COPY /rootfs / # buildkit".to_owned();
    let comment = "buildkit.dockerfile.v0".to_owned();
    vec![History { created_by, comment, empty_layer: false }]
}

/// The manifest digest of `tree` by this crate.
fn ours(tree: &Path, config: Config) -> String {
    let bytes = write_tree(tree, &Owners::Disk, Vec::new()).expect("the tree can be packed");
    let layer = Layer { digest: Digest::of(&bytes), size: bytes.len() as u64 };
    assemble(&Config { history: history(), ..config }, &[layer]).manifest_digest.to_string()
}

#[test]
fn gnu_tar_gives_the_same_image_wherever_ustar_can_say_it() {
    let trees = Trees::make("pack-same");
    let same = ["plain", "second", "globs", "hard", "order", "sizes", "special", "modes", "empty"];
    for name in same {
        let tree = trees.0.join(name);
        let output = script(&tree, &trees.0.join(format!("out-{name}")), &[]);
        assert!(output.status.success(), "{name}: {output:?}");
        let theirs = String::from_utf8_lossy(&output.stdout);
        assert_eq!(theirs.trim(), ours(&tree, Config::scratch("amd64")), "{name}");
    }
}

#[test]
fn gnu_tar_divides_long_names_at_the_same_slash() {
    let trees = Trees::make("pack-names");
    let names = trees.0.join("around-the-limits");
    for first in [1, 49, 54, 55, 56, 98, 99] {
        for second in [1, 44, 45, 46, 50, 54, 55, 56, 98, 99] {
            let dir = names.join("a".repeat(first)).join("b".repeat(second));
            // With its final slash a prefix may have 156 bytes.
            if first + second + 2 > 156 {
                continue;
            }
            fs::create_dir_all(&dir).expect("the directory is writable");
            for third in [1, 43, 44, 99, 100] {
                fs::write(dir.join("c".repeat(third)), "x").expect("the directory is writable");
            }
        }
    }
    let output = script(&names, &trees.0.join("out"), &[]);
    assert!(output.status.success(), "{output:?}");
    let theirs = String::from_utf8_lossy(&output.stdout);
    assert_eq!(theirs.trim(), ours(&names, Config::scratch("amd64")));
}

#[test]
fn config_facts_given_as_json_give_the_same_image() {
    let trees = Trees::make("pack-config");
    let mut config = Config::scratch("amd64");
    config.user = "1000:1000".to_owned();
    config.cmd = Some(vec!["/bin/tool".to_owned(), "<x>".to_owned()]);
    config.working_dir = "/home/user".to_owned();
    config.labels.insert("version".to_owned(), "1.3.1".to_owned());
    let members = [
        r#""User":"1000:1000""#,
        r#""Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]"#,
        r#""Cmd":["/bin/tool","\u003cx\u003e"]"#,
        r#""WorkingDir":"/home/user""#,
        r#""Labels":{"version":"1.3.1"}"#,
    ];
    let tree = trees.0.join("plain");
    let output = script(&tree, &trees.0.join("out"), &members);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), ours(&tree, config), "{output:?}");
}

#[test]
fn what_ustar_cannot_say_is_refused_and_never_packed_differently() {
    let trees = Trees::make("pack-refused");
    for name in ["names", "bytes", "targets"] {
        let output = script(&trees.0.join(name), &trees.0.join(format!("out-{name}")), &[]);
        assert!(!output.status.success(), "{name}: {output:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{name}: {output:?}");
    }
}
