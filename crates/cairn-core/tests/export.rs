//! The exported file: one for each set of images, and taken by the engines people have.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_core::digest::Digest;
use cairn_core::image::{Config, History, Layer, assemble};
use cairn_core::layout::{Error, export};
use cairn_core::store::Store;
use cairn_core::tar::{Entry, Kind, Writer};

/// A directory of this test alone, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("cairn-{name}-{}", std::process::id()));
        fs::create_dir(&path).expect("the name is unique");
        Scratch(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Puts an image with one layer into `store`; `text` is the content of its file.
fn image(store: &Store, text: &str) -> (Digest, Layer) {
    let mut writer = Writer::new(store.blob_writer().expect("the store is writable"));
    let entry = |path: &str, kind, mode| Entry { path: path.into(), kind, mode, uid: 0, gid: 0 };
    let size = text.len() as u64;
    let entries = [
        entry("bin", Kind::Dir, 0o755),
        entry("bin/grüße", Kind::File { size }, 0o4755),
        entry("link", Kind::Symlink { target: b"bin".to_vec() }, 0o777),
    ];
    for entry in entries {
        let mut data = if entry.size() > 0 { text.as_bytes() } else { b"" };
        writer.append(&entry, &mut data).expect("the entries are in order");
    }
    let blob = writer.finish().expect("the store is writable");
    let (digest, size) = blob.commit(None).expect("the store is writable");
    let layer = Layer { digest, size };
    let created_by = "COPY / / # buildkit".to_owned();
    let comment = "buildkit.dockerfile.v0".to_owned();
    let config = Config {
        cmd: Some(vec!["/bin/grüße".to_owned()]),
        history: vec![History { created_by, comment, empty_layer: false }],
        ..Config::scratch("amd64")
    };
    let assembled = assemble(&config, &[layer]);
    store.put_blob(&assembled.config_bytes).expect("the store is writable");
    let manifest = store.put_blob(&assembled.manifest_bytes).expect("the store is writable");
    (manifest, layer)
}

fn two_images(store: &Store) -> Vec<(String, Digest)> {
    let one = image(store, "one").0;
    let two = image(store, "two").0;
    vec![("test/one:1.0".to_owned(), one), ("test/two".to_owned(), two)]
}

#[test]
fn the_same_images_give_the_same_file_in_any_order() {
    let scratch = Scratch::new("export-order");
    let store = Store::open(&scratch.join("home")).expect("a new store");
    let mut images = two_images(&store);
    let mut first = Vec::new();
    export(&store, &images, &mut first).expect("the images are whole");
    images.reverse();
    let mut second = Vec::new();
    export(&store, &images, &mut second).expect("the images are whole");
    assert_eq!(Digest::of(&first), Digest::of(&second));
    // A change of this digest breaks the promise that old and new versions agree.
    let pinned = "sha256:0b7a312201d10dcc38fc59fa14f7036f32184f2d5099ffd5666c06f84dd0126b";
    assert_eq!(Digest::of(&first).to_string(), pinned);
}

#[test]
fn a_flipped_byte_in_any_blob_stops_the_export() {
    let scratch = Scratch::new("export-flip");
    let store = Store::open(&scratch.join("home")).expect("a new store");
    let (manifest, layer) = image(&store, "text");
    for digest in [manifest, layer.digest] {
        let path = store.blob_path(&digest);
        let good = fs::read(&path).expect("the blob is there");
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        fs::write(&path, bad).expect("the blob is writable");
        let result = export(&store, &[("a".to_owned(), manifest)], std::io::sink());
        let error = result.expect_err("exported a damaged image").to_string();
        assert!(error.contains("damaged"), "{error}");
        fs::write(&path, good).expect("the blob is writable");
    }
    export(&store, &[("a".to_owned(), manifest)], std::io::sink()).expect("whole again");
}

#[test]
fn a_name_that_engines_would_read_differently_is_refused() {
    let scratch = Scratch::new("export-names");
    let store = Store::open(&scratch.join("home")).expect("a new store");
    let (manifest, _) = image(&store, "text");
    for name in ["", "A", "a/", "/a", "a//b", "a:", "a:b:c", "a b", "../a", "-a", "a@b", "ä"] {
        let result = export(&store, &[(name.to_owned(), manifest)], std::io::sink());
        assert!(matches!(result, Err(Error::Name { .. })), "{name:?}");
    }
    let twice = [("a".to_owned(), manifest), ("a:latest".to_owned(), manifest)];
    let result = export(&store, &twice, std::io::sink());
    assert!(matches!(result, Err(Error::NameTwice { .. })));
}

#[test]
#[ignore = "needs skopeo"]
fn skopeo_copies_each_image_and_sees_its_digest() {
    let scratch = Scratch::new("export-skopeo");
    let store = Store::open(&scratch.join("home")).expect("a new store");
    let images = two_images(&store);
    let file = scratch.join("images.tgz");
    export(&store, &images, File::create(&file).expect("writable")).expect("whole");
    for (name, digest) in [("test/one:1.0", images[0].1), ("test/two:latest", images[1].1)] {
        let from = format!("oci-archive:{}:{name}", path(&file));
        let to = scratch.join("copied");
        run("skopeo", &["copy", "--insecure-policy", &from, &format!("dir:{}", path(&to))]);
        let manifest = fs::read(to.join("manifest.json")).expect("skopeo wrote it");
        assert_eq!(Digest::of(&manifest), digest);
    }
}

#[test]
#[ignore = "needs podman, as root"]
fn podman_loads_an_image_under_its_name_and_digest() {
    let scratch = Scratch::new("export-podman");
    let store = Store::open(&scratch.join("home")).expect("a new store");
    let (name, digest) = two_images(&store).remove(0);
    let file = scratch.join("image.tgz");
    let images = [(name, digest)];
    export(&store, &images, File::create(&file).expect("writable")).expect("whole");
    let (root, run_root) = (scratch.join("root"), scratch.join("run"));
    let podman = |arguments: &[&str]| {
        let common = ["--root", path(&root), "--runroot", path(&run_root), "--storage-driver", "vfs"];
        run("podman", &[&common, arguments].concat())
    };
    podman(&["load", "--input", path(&file)]);
    let listed = podman(&["images", "--format", "{{.Repository}}:{{.Tag}} {{.Digest}}"]);
    assert!(listed.contains(&format!("test/one:1.0 {digest}")), "{listed}");
}

/// `CAIRN_TEST_DOCKER` is a docker command, for instance one that reaches the private
/// daemon of `tests/golden/buildkit`.
#[test]
#[ignore = "needs docker: see the comment"]
fn docker_loads_each_image_under_its_name() {
    let docker = std::env::var("CAIRN_TEST_DOCKER").expect("CAIRN_TEST_DOCKER is set");
    let scratch = Scratch::new("export-docker");
    let store = Store::open(&scratch.join("home")).expect("a new store");
    let file = scratch.join("images.tgz");
    let images = two_images(&store);
    export(&store, &images, File::create(&file).expect("writable")).expect("whole");
    run("sh", &["-c", &format!("{docker} load < {}", path(&file))]);
    let format = "{{.Repository}}:{{.Tag}}";
    let listed = run("sh", &["-c", &format!("{docker} images --format '{format}'")]);
    run("sh", &["-c", &format!("{docker} rmi test/one:1.0 test/two:latest")]);
    assert!(listed.contains("test/one:1.0") && listed.contains("test/two:latest"), "{listed}");
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect(program);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    text
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are plain")
}
