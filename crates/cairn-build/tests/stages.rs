//! A package as far as one of its stages, and the times of its steps.

mod common;

use cairn_build::Error;
use cairn_core::tree::Name;
use common::Area;

/// base (2 steps), build (1), other (1, not needed by package), package (1).
const RECIPE: &str = "TOOL
FROM base AS build
RUN [\"/tool\", \"write\", \"/out\", \"1\"]
FROM base AS other
RUN [\"/tool\", \"write\", \"/other\", \"2\"]
FROM scratch AS package
COPY --from=build /out /out";

fn name() -> Name {
    "core/staged".parse().expect("a good name")
}

#[test]
fn a_stage_is_built_with_what_it_needs_and_nothing_else() {
    let area = Area::new();
    area.package("core/staged", RECIPE);
    let (engine, seen) = area.engine();
    let part = engine.build_stage(&name(), "Build").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((part.stage.as_str(), part.steps.len()), ("build", 3));
    assert!(part.steps.iter().all(|step| !step.cached && step.seconds.is_some()));
    let run = "RUN [\"/tool\", \"write\", \"/out\", \"1\"]";
    assert_eq!(seen.executed().last().map(String::as_str), Some(run));

    // By its number, another time: everything is there.
    let part = engine.build_stage(&name(), "1").unwrap_or_else(|error| panic!("{error}"));
    assert!(part.steps.iter().all(|step| step.cached));

    // The whole package goes on from there.
    let (_, seen) = area.image("core/staged");
    assert_eq!(seen.executed(), ["COPY --from=build /out /out"]);
}

#[test]
fn the_last_stage_alone_is_what_the_package_takes() {
    let area = Area::new();
    area.package("core/staged", RECIPE);
    let (engine, _) = area.engine();
    engine.build_stage(&name(), "package").unwrap_or_else(|error| panic!("{error}"));
    let (_, seen) = area.image("core/staged");
    assert_eq!(seen.executed(), [""; 0]);
}

#[test]
fn a_stage_is_compared_with_nothing_but_what_it_needs_is() {
    let area = Area::new();
    area.package("core/staged", RECIPE);
    area.package("bootstrap/low", "TOOL\nFROM base AS package");
    area.package(
        "core/above",
        "FROM bootstrap/low AS base\nFROM scratch AS package\nCOPY --from=base /tool /t",
    );
    let digests = area.0.join("digests");
    std::fs::create_dir_all(&digests).expect("writable");
    let wrong = "0".repeat(64);
    std::fs::write(digests.join("core.txt"), format!("{wrong} staged -\n")).expect("writable");
    std::fs::write(digests.join("bootstrap.txt"), format!("{wrong} low -\n")).expect("writable");
    let (engine, _) = area.engine();
    engine.build_stage(&name(), "build").unwrap_or_else(|error| panic!("{error}"));
    let above = engine.build_stage(&"core/above".parse().expect("a good name"), "base");
    assert!(matches!(above, Err(Error::DigestDiffers(_))), "{above:?}");
}

#[test]
fn a_stage_that_does_not_exist_is_refused_before_anything_is_built() {
    let area = Area::new();
    area.package("core/low", "TOOL\nFROM base AS package");
    area.package("core/staged", "FROM core/low AS base\nFROM base AS package");
    let (engine, seen) = area.engine();
    let error = engine.build_stage(&name(), "bulid").expect_err("there is no such stage");
    assert!(error.to_string().ends_with("it has base, package"), "{error}");
    assert_eq!(seen.built(), [""; 0]);
}

#[test]
fn times_are_those_of_the_last_real_run_of_each_step() {
    let area = Area::new();
    let slow = |exit: u32| {
        format!(
            "TOOL\nRUN [\"/tool\", \"sleep\", \"300\"]\nRUN [\"/tool\", \"exit\", \"{exit}\"]\n\
             FROM scratch AS package\nCOPY --from=base /tool /t"
        )
    };
    area.package("core/staged", &slow(7));
    let (built, _) = area.build("core/staged");
    assert!(built.is_err());
    let (engine, seen) = area.engine();
    let part = engine.look(&name(), None).unwrap_or_else(|error| panic!("{error}"));
    let ran: Vec<bool> = part.steps.iter().map(|step| step.seconds.is_some()).collect();
    assert_eq!(ran, [true, true, true, false, false], "nothing after the failure has a time");
    assert_eq!(seen.executed(), [""; 0], "a look executes nothing");
    let slept = part.steps[2].seconds;

    // A build that takes the slow step from the store keeps its time.
    area.package("core/staged", &slow(0));
    let (built, _) = area.build("core/staged");
    let built = built.unwrap_or_else(|error| panic!("{error}"));
    let (engine, _) = area.engine();
    let part = engine.look(&name(), None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(part.steps[2].seconds, slept);
    assert!(slept.is_some_and(|seconds| seconds >= 0.3), "{slept:?}");
    assert!(built.steps >= 0.3, "the sum counts what came from the store: {}", built.steps);
}

#[test]
fn times_of_a_package_whose_needs_are_not_there_name_the_one_that_is_missing() {
    let area = Area::new();
    area.package("core/low", "TOOL\nFROM base AS package");
    area.package("core/staged", "FROM core/low AS base\nFROM base AS package");
    let (engine, _) = area.engine();
    let error = engine.look(&name(), None).expect_err("core/low was never built");
    assert_eq!(error.to_string(), "core/staged needs core/low, which has not been built here");
    assert_eq!(error.hint().as_deref(), Some("cairn build core/low"));
}
