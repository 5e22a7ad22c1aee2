//! What a store goes through: killed builds, two builds at once, a full disk.

mod common;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cairn_core::store::Store;
use common::Area;

/// Several steps of every kind, each long enough to be hit.
const SLOW: &str = r#"TOOL
RUN ["/tool", "fill", "/a", "40", ",", "sleep", "20"]
RUN ["/tool", "fill", "/b", "40", ",", "sleep", "20"]
COPY --chown=5:6 tool /copy
RUN ["/tool", "unlink", "/a", ",", "mkdir", "/d", ",", "rename", "/b", "/d/b"]
RUN ["/tool", "sleep", "20", ",", "write", "/d/end", "end"]
FROM scratch AS package
COPY --from=base /d /d
COPY --from=base /copy /copy"#;

/// Not a test: a build in a process of its own, for the others to kill.
#[test]
#[ignore = "run by the other tests"]
fn child() {
    let Some(area) = std::env::var_os("AREA") else { return };
    let area = std::mem::ManuallyDrop::new(Area(area.into()));
    println!("{}", area.image("core/slow").0);
}

fn start(area: &Area) -> Child {
    let test = std::env::current_exe().expect("a test is a program");
    Command::new(test)
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("AREA", &area.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

fn assert_sound(area: &Area) {
    let problems = Store::open(&area.home()).expect("it opens").verify().expect("it can be read");
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn a_build_killed_at_any_moment_goes_on_and_the_store_is_sound() {
    let undisturbed = Area::new();
    undisturbed.package("core/slow", SLOW);
    let (image, _) = undisturbed.image("core/slow");

    let area = Area::new();
    area.package("core/slow", SLOW);
    // Moments spread over the whole build, whatever the machine's speed: each child
    // gets a little further than the one before.
    for moment in 0..20 {
        let mut child = start(&area);
        std::thread::sleep(Duration::from_millis(5 + moment * 13));
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        assert_sound(&area);
    }
    assert_eq!(area.image("core/slow").0, image);
    assert_sound(&area);
}

#[test]
fn two_builds_at_once_do_the_work_once() {
    let area = Area::new();
    area.package("core/slow", SLOW);
    drop(area.store());
    let (one, two) = std::thread::scope(|scope| {
        let builds = [(); 2].map(|()| scope.spawn(|| area.image("core/slow")));
        let [one, two] = builds.map(|build| build.join().expect("it builds"));
        (one, two)
    });
    assert_eq!(one.0, two.0);
    let executed = one.1.executed().len() + two.1.executed().len();
    assert_eq!(executed, 9, "{:?} {:?}", one.1.executed(), two.1.executed());
    assert_sound(&area);
}

#[test]
fn a_full_disk_is_named_and_the_store_is_sound_afterwards() {
    let area = Area::new();
    area.package("core/large", "TOOL\nRUN [\"/tool\", \"fill\", \"/a\", \"400\"]\nFROM base");
    let home = area.home();
    std::fs::create_dir_all(&home).expect("writable");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "none"]).arg(&home).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("not tried: only root can mount a small tmpfs");
        return;
    }
    let (result, _) = area.build("core/large");
    let error = result.expect_err("25 MB do not fit into 8");
    let (text, hint) = (error.to_string(), error.hint().unwrap_or_default());
    let problems = Store::open(&home).expect("it opens").verify().expect("it can be read");
    let unmounted = Command::new("umount").arg(&home).status();
    assert!(unmounted.expect("umount runs").success());
    assert!(text.contains("No space left on device"), "{text}");
    assert!(hint.contains("cairn gc"), "{hint}");
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn gc_keeps_the_steps_of_a_build_that_is_not_finished_and_nothing_older() {
    let area = Area::new();
    let recipe = |first: &str, exit: u32| {
        format!(
            "TOOL\nRUN [\"/tool\", \"write\", \"/a\", \"{first}\"]\nRUN [\"/tool\", \"exit\", \"{exit}\"]\n\
             FROM scratch AS package\nCOPY --from=base /a /a"
        )
    };
    for first in ["older", "newer"] {
        area.package("core/begun", &recipe(first, 3));
        assert!(area.build("core/begun").0.is_err());
    }
    let steps = || std::fs::read_dir(area.home().join("trees")).expect("readable").count();
    let before = steps();
    collect(&area);
    assert_eq!(steps(), before - 1, "only what the older definition had is gone");
    area.package("core/begun", &recipe("newer", 0));
    let (_, seen) = area.image("core/begun");
    assert_eq!(seen.executed()[0], "RUN [\"/tool\", \"exit\", \"0\"]");
}

#[test]
fn gc_waits_for_a_build_and_keeps_what_it_made_meanwhile() {
    let area = Area::new();
    area.package("core/slow", SLOW);
    // A user of the store from before the collection until the build is done.
    let user = area.store();
    let collector = std::thread::scope(|scope| {
        let collector = scope.spawn(|| collect(&area));
        std::thread::sleep(Duration::from_millis(100));
        let (engine, _) = area.engine_with(Default::default());
        let name = "core/slow".parse().expect("a good name");
        // The engine has a store of its own: whichever of the two comes first.
        let built = engine.build(&[name]).unwrap_or_else(|error| panic!("{error}"));
        drop((engine, user));
        collector.join().expect("it does not panic");
        built
    });
    let (image, seen) = area.image("core/slow");
    assert_eq!(image, collector.last().expect("one").record.image.to_string());
    assert_eq!(seen.built(), [""; 0], "the image is still there");
    assert_sound(&area);
}

/// As `cairn gc` does it: alone first, then the roots.
fn collect(area: &Area) {
    let (engine, _) = area.engine();
    let store = engine.store.clone();
    store.exclude(|| {}).expect("everybody else ends");
    let roots = engine.roots().unwrap_or_else(|error| panic!("{error}"));
    drop(engine);
    std::sync::Arc::into_inner(store).expect("the only one").gc(&roots).expect("writable");
}
