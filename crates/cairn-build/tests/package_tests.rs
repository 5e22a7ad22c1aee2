//! The test beside a package: run on the finished image, once, and never part of it.

mod common;

use std::fs;

use cairn_build::{Engine, Options};
use cairn_core::tree::{Name, Tree};
use common::Area;

const PACKAGE: &str = "TOOL\nRUN [\"/tool\", \"write\", \"/made\", \"1\"]\nFROM base AS package";

/// A test that needs the file `file` to hold `content` in the image of `name`.
fn test(name: &str, file: &str, content: &str) -> String {
    format!("FROM {name}\nRUN [\"/tool\", \"holds\", \"/{file}\", \"{content}\"]\n")
}

/// An engine for the tests, and what it will tell.
fn engine(area: &Area, options: Options) -> (Engine, std::sync::Arc<common::Seen>) {
    let (mut engine, seen) = area.engine_with(options);
    let tree = Tree::load(&area.0.join("packages")).expect("the tree loads");
    engine.tree = tree.with_tests().into();
    (engine, seen)
}

fn names(all: &[&str]) -> Vec<Name> {
    all.iter().map(|name| name.parse::<Name>().expect("a good name").test()).collect()
}

#[test]
fn a_test_is_run_once_for_each_image_and_changes_none() {
    let area = Area::new();
    let dir = area.package("core/x", PACKAGE);
    let (untested, _) = area.image("core/x");
    fs::write(dir.join("test"), test("core/x", "made", "1")).expect("writable");
    fs::write(dir.join("opaque"), "x  a reason\n").expect("writable");
    let (tested, seen) = area.image("core/x");
    assert_eq!(tested, untested);
    assert_eq!(seen.built(), Vec::<String>::new(), "a test rebuilds nothing");
    let run = |options: Options| {
        let (engine, seen) = engine(&area, options);
        let attempt = engine.attempt(&names(&["core/x"])).expect("the tree is sound");
        assert!(attempt.failed.is_empty(), "{:?}", attempt.failed);
        seen.built()
    };
    assert_eq!(run(Options::default()), ["tests/core-x"]);
    assert_eq!(run(Options::default()), Vec::<String>::new());
    assert_eq!(run(Options { retest: true, ..Options::default() }), ["tests/core-x"]);
    area.package("core/x", &PACKAGE.replace("\"1\"", "\"2\""));
    let (engine, _) = engine(&area, Options::default());
    let attempt = engine.attempt(&names(&["core/x"])).expect("the tree is sound");
    let failed: Vec<&str> = attempt.failed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(failed, ["tests/core-x"], "the image is another one");
}

#[test]
fn one_failure_says_nothing_about_the_others() {
    let area = Area::new();
    for (name, content) in [("core/a", "1"), ("core/b", "2"), ("core/c", "1")] {
        let dir = area.package(name, PACKAGE);
        fs::write(dir.join("test"), test(name, "made", content)).expect("writable");
    }
    let dir = area.package("core/broken", "TOOL\nRUN [\"/tool\", \"absent\", \"/tool\"]");
    fs::write(dir.join("test"), test("core/broken", "made", "1")).expect("writable");
    let (engine, _) = engine(&area, Options::default());
    let attempt = engine.attempt(&names(&["core/a", "core/b", "core/broken", "core/c"]));
    let attempt = attempt.expect("the tree is sound");
    let mut failed: Vec<&str> = attempt.failed.iter().map(|(name, _)| name.as_str()).collect();
    failed.sort();
    assert_eq!(failed, ["core/broken", "tests/core-b"]);
    let passed = attempt.built.iter().map(|built| built.record.name.as_str());
    let passed: Vec<&str> = passed.filter(|name| name.starts_with("tests/")).collect();
    assert_eq!(passed, ["tests/core-a", "tests/core-c"]);
}

#[test]
fn a_build_sees_neither_its_test_nor_its_reasons() {
    let area = Area::new();
    let dir = area.package("core/x", "FROM scratch AS package\nCOPY . /");
    fs::write(dir.join("test"), "FROM core/x\n").expect("writable");
    fs::write(dir.join("opaque"), "x  a reason\n").expect("writable");
    // An ignore file that takes everything back does not take these back.
    fs::write(dir.join(".dockerignore"), "*\n!**\n").expect("writable");
    fs::create_dir_all(dir.join("more")).expect("writable");
    fs::write(dir.join("more/test"), "1").expect("writable");
    let entries = area.entries("core/x");
    let files: Vec<&str> = entries.iter().filter_map(|entry| entry.split(' ').nth(2)).collect();
    assert_eq!(files, [".dockerignore", "Containerfile", "more/", "more/test"]);
}
