//! A second build under other circumstances catches what depends on them, and says
//! where.

mod common;

use cairn_build::diff::Cause;
use cairn_build::diff::Change;
use cairn_build::reproduce::{Inside, Reproduced};
use cairn_core::tree::Name;
use common::Area;

fn reproduce(area: &Area, name: &str, everything: bool) -> Vec<Reproduced> {
    let (engine, _) = area.engine();
    let name: Name = name.parse().expect("a good name");
    let mut again = Inside::new(&engine, &area.0.join("again"), &[]);
    let results = engine.reproduce(&[name], everything, &mut [&mut again], &mut |_| {});
    results.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_ordinary_package_is_equal_and_its_dependencies_are_not_built_again() {
    let area = Area::new();
    area.package(
        "core/low",
        "TOOL\nRUN [\"/tool\", \"write\", \"/f\", \"1\"]\nFROM scratch AS package\nCOPY --from=base / /",
    );
    area.package(
        "core/high",
        "FROM core/low AS base\nRUN [\"/tool\", \"copy\", \"/f\", \"/g\"]\nFROM scratch AS package\nCOPY --from=base /g /g",
    );
    let results = reproduce(&area, "core/high", false);
    assert_eq!(results.len(), 1);
    assert!(results[0].is_equal());
    std::fs::remove_dir_all(area.0.join("again")).expect("it was made");
    assert_eq!(reproduce(&area, "core/high", true).len(), 2);
}

#[test]
fn a_clock_in_an_image_is_caught_and_named() {
    let area = Area::new();
    area.package(
        "core/clock",
        "TOOL\nRUN [\"/tool\", \"time\", \"/now\"]\nFROM scratch AS package\nCOPY --from=base /now /etc/now",
    );
    let results = reproduce(&area, "core/clock", false);
    let differences = &results[0].differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(differences[0].path, "etc/now");
    assert!(
        matches!(differences[0].change, Change::Content { cause: Cause::Time, .. }),
        "{}",
        differences[0]
    );
}

#[test]
fn what_a_step_sees_of_the_machine_is_caught() {
    for (what, source) in [("host name", "/proc/sys/kernel/hostname"), ("processors", "/proc/cpuinfo")] {
        let area = Area::new();
        let recipe = format!(
            "TOOL\nRUN [\"/tool\", \"copy\", \"{source}\", \"/seen\"]\nFROM scratch AS package\nCOPY --from=base /seen /seen"
        );
        area.package("core/nosy", &recipe);
        let results = reproduce(&area, "core/nosy", false);
        assert_eq!(results[0].differences.len(), 1, "{what}: {:?}", results[0].differences);
        assert_eq!(results[0].differences[0].path, "seen", "{what}");
    }
}
