//! Images that somebody else built: neither they nor what only they need is built, and
//! the lines of a dispute when two images differ.

mod common;

use std::fs;

use cairn_build::listing;
use cairn_core::layout;
use cairn_core::tree::Name;
use common::Area;

const FILE: &str = "FROM scratch AS package\nCOPY note /note";

fn name(text: &str) -> Name {
    text.parse().expect("a good name")
}

fn file(area: &Area, package: &str, from: &str, text: &str) {
    let dir = area.package(package, &format!("{from}{FILE}"));
    fs::write(dir.join("note"), text).expect("writable");
}

#[test]
fn what_is_imported_and_what_only_it_needs_is_not_built() {
    let area = Area::new();
    file(&area, "core/low", "", "low");
    area.package("core/middle", "FROM scratch AS package\nCOPY --from=core/low /note /middle");
    area.package("core/high", "FROM scratch AS package\nCOPY --from=core/middle /middle /high");
    let finished = area.build("core/middle").0.unwrap_or_else(|error| panic!("{error}"));
    let high = area.image("core/high").0;
    // Another machine's store, where only the image's bytes are.
    let other = Area::new();
    file(&other, "core/low", "", "low");
    other.package("core/middle", "FROM scratch AS package\nCOPY --from=core/low /note /middle");
    other.package("core/high", "FROM scratch AS package\nCOPY --from=core/middle /middle /high");
    // A store's blobs lie as those of a layout do.
    layout::import(&other.store(), &area.home(), &finished.record.image).expect("whole");
    let (mut engine, _) = other.engine();
    engine.imported.insert(name("core/middle"), finished.record.clone());
    let built = engine.build(&[name("core/high")]).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> = built.iter().map(|built| built.record.name.as_str()).collect();
    assert_eq!(names, ["core/middle", "core/high"], "core/low is needed by nobody who builds");
    assert_eq!(built[1].record.image.to_string(), high);
    // What was imported is remembered as nobody's build.
    let (engine, _) = other.engine();
    let again = engine.build(&[name("core/middle")]).unwrap_or_else(|error| panic!("{error}"));
    assert!(again.iter().all(|built| !built.cached), "it was built, for the first time");
}

#[test]
fn a_dispute_says_which_files_differ_and_how() {
    let area = Area::new();
    file(&area, "core/one", "", "hello");
    file(&area, "core/two", "", "evil");
    let store = area.store();
    let image = |package: &str| {
        let digest = area.image(package).0.parse().expect("a digest");
        layout::image(&store, &digest).expect("in the store")
    };
    let (one, two) = (image("core/one"), image("core/two"));
    let lines = listing::differing(&store, Some(&one), &two).expect("readable");
    let hash = |text: &str| cairn_core::digest::Digest::of(text.as_bytes()).hex();
    assert_eq!(
        lines,
        [
            format!("-config - - {} -", one.config_digest.hex()),
            format!("+config - - {} -", two.config_digest.hex()),
            format!("-file 644 0:0 {} note", hash("hello")),
            format!("+file 644 0:0 {} note", hash("evil")),
        ]
    );
    assert_eq!(listing::differing(&store, Some(&one), &one).expect("readable"), [""; 0]);
    let alone = listing::differing(&store, None, &two).expect("readable");
    assert_eq!(alone, [lines[1].clone(), lines[3].clone()]);
}
