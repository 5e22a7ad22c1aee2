use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::*;

/// A directory that is gone when the test is.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cairn-tree-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary directory can be made");
        Self(path)
    }

    fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("it can be made");
        fs::write(&path, text).expect("a file can be written");
        path
    }

    fn load(&self) -> Tree {
        Tree::load(&self.0).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(text: &str) -> Name {
    text.parse().expect("a name of the test is valid")
}

fn paths(package: &Package) -> Vec<&str> {
    package.files.iter().map(|entry| entry.path.as_str()).collect()
}

#[test]
fn a_context_is_every_file_that_is_not_ignored() {
    let dir = Temporary::new("context");
    dir.put("core/x/Containerfile", "FROM core/y\n");
    dir.put("core/x/patches/0001-a.patch", "1");
    dir.put("core/x/notes.txt", "2");
    dir.put("core/x/docs/a", "3");
    dir.put("core/x/docs/keep/b", "4");
    dir.put("core/x/.dockerignore", "*.txt\ndocs\n!docs/keep\n");
    let run = dir.put("core/x/run", "5");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).expect("ours");
    symlink("run", dir.0.join("core/x/link")).expect("a link can be made");
    fs::create_dir_all(dir.0.join("core/x/empty/inner")).expect("it can be made");
    dir.put("README.md", "no group");
    dir.put("core/README.md", "no package");
    dir.put("core/.hidden/x", "no package");
    let tree = dir.load();
    let package = &tree.packages[&name("core/x")];
    assert_eq!(
        paths(package),
        [
            ".dockerignore",
            "Containerfile",
            "docs/keep/b",
            "empty/inner",
            "link",
            "patches/0001-a.patch",
            "run"
        ]
    );
    assert_eq!(package.files[3].kind, FileKind::EmptyDir);
    assert_eq!(package.files[4].kind, FileKind::Link { target: "run".into() });
    let executable = FileKind::File { digest: Digest::of(b"5"), executable: true };
    assert_eq!(package.files[6].kind, executable);
    assert_eq!(package.dependencies(), [&name("core/y")]);
    assert_eq!(tree.packages.len(), 1);
}

#[test]
fn what_is_wrong_with_one_package_is_kept_with_it() {
    let dir = Temporary::new("broken");
    dir.put("core/good/Containerfile", "FROM scratch\n");
    dir.put("core/bad/Containerfile", "FORM scratch\n");
    dir.put("core/none/readme", "");
    dir.put("core/two/Containerfile", "FROM scratch\n");
    dir.put("core/two/.dockerignore", "a");
    dir.put("core/two/.containerignore", "b");
    dir.put("core/line/Containerfile", "FROM scratch\n");
    dir.put("core/line/.containerignore", "a\n[b");
    dir.put("core/char/Containerfile", "FROM scratch\n");
    dir.put("core/char/a\nb", "");
    let tree = dir.load();
    assert_eq!(tree.packages.keys().map(Name::base).collect::<Vec<_>>(), ["good"]);
    let reasons = [
        ("core/bad", "FORM is no instruction"),
        ("core/none", "has no Containerfile"),
        ("core/two", "they differ"),
        ("core/line", "line 2: \"[b\" is no pattern"),
        ("core/char", "control characters"),
    ];
    for (package, reason) in reasons {
        let error = tree.broken[&name(package)].to_string();
        assert!(error.contains(reason), "{package}: {error}");
    }
    let bad = Temporary::new("name");
    bad.put("core/Not-A-Name/Containerfile", "FROM scratch\n");
    assert!(Tree::load(&bad.0).is_err());
}

/// Loads with a cache file, as one process would.
fn cached(dir: &Temporary, cache: &Path, now: SystemTime) -> String {
    let stat = StatCache::read(cache, now);
    let tree = Tree::load_with(&dir.0, BTreeMap::new(), &stat).unwrap_or_else(|error| panic!("{error}"));
    stat.write(cache).expect("a cache can be written");
    match &tree.packages[&name("core/x")].files[1].kind {
        FileKind::File { digest, .. } => digest.hex(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_changed_file_is_never_taken_from_the_cache() {
    let dir = Temporary::new("cache");
    let later = SystemTime::now() + Duration::from_secs(60);
    dir.put("core/x/Containerfile", "FROM scratch\n");
    let file = dir.put("core/x/a", "one");
    let cache = dir.0.join("cache");
    assert_eq!(cached(&dir, &cache, later), Digest::of(b"one").hex());
    assert!(cache.exists());
    assert_eq!(cached(&dir, &cache, later), Digest::of(b"one").hex());
    fs::write(&file, "two").expect("ours");
    assert_eq!(cached(&dir, &cache, later), Digest::of(b"two").hex());
    // The same size and times, another inode.
    let meta = fs::metadata(&file).expect("ours");
    let other = dir.put("core/x/b", "six");
    let times = fs::FileTimes::new().set_modified(meta.modified().expect("it has one"));
    fs::File::options().write(true).open(&other).and_then(|f| f.set_times(times)).expect("ours");
    fs::rename(&other, &file).expect("ours");
    assert_eq!(cached(&dir, &cache, later), Digest::of(b"six").hex());
}

#[test]
fn a_file_that_has_just_changed_is_not_remembered() {
    let dir = Temporary::new("racy");
    dir.put("core/x/Containerfile", "FROM scratch\n");
    dir.put("core/x/a", "one");
    let cache = dir.0.join("cache");
    assert_eq!(cached(&dir, &cache, SystemTime::now()), Digest::of(b"one").hex());
    let kept = fs::read_to_string(&cache).expect("the recipe is remembered by its text");
    assert!(!kept.contains("core/x/a"), "{kept}");
}

#[test]
fn a_test_is_a_package_of_its_own_and_no_part_of_the_one_it_tries() {
    let dir = Temporary::new("test");
    dir.put("core/x/Containerfile", "FROM scratch\n");
    dir.put("core/x/files/test", "data");
    let before = dir.load();
    dir.put("core/x/test", "FROM core/x\n");
    dir.put("core/x/opaque", "a  reason\n");
    dir.put("core/y/Containerfile", "FROM scratch\n");
    dir.put("core/y/test", "NONSENSE\n");
    let tree = dir.load();
    let x = name("core/x");
    assert_eq!(tree.packages[&x].files, before.packages[&x].files);
    assert_eq!(paths(&tree.packages[&x]), ["Containerfile", "files/test"]);
    assert_eq!(tree.packages.len(), 2, "what is wrong with a test is not wrong with its package");
    let tree = tree.with_tests();
    assert_eq!(tree.packages[&x.test()].dependencies(), [&x]);
    assert_eq!(tree.broken.keys().collect::<Vec<_>>(), [&name("core/y").test()]);
    dir.put("tests/z/Containerfile", "FROM scratch\n");
    let broken = &dir.load().broken[&name("tests/z")];
    assert!(broken.to_string().contains("that of the tests"), "{broken}");
}
