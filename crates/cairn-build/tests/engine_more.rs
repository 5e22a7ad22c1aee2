//! What only some packages need: long stages, scripts in the recipe, a shell for a
//! person, checkouts with odd permissions.

mod common;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use cairn_build::{Options, Streams};
use cairn_core::tree::Name;
use cairn_sandbox::Status;
use common::Area;

#[test]
fn a_stage_of_very_many_steps_still_runs() {
    let area = Area::new();
    let steps: String = (0..140).map(|n| format!("COPY --chown={n} note /n/{n}\n")).collect();
    let recipe = format!(
        "TOOL\n{steps}RUN [\"/tool\", \"holds\", \"/n/0\", \"x\", \",\", \"copy\", \"/n/139\", \"/out\"]\nFROM scratch AS package\nCOPY --from=base /n/7 /out /"
    );
    let dir = area.package("core/long", &recipe);
    fs::write(dir.join("note"), "x").expect("writable");
    assert_eq!(area.entries("core/long"), ["644 7:7 7 1", "644 0:0 out 1"]);
}

#[test]
fn packages_built_at_once_give_the_images_that_they_give_one_by_one() {
    let images = |jobs| {
        let area = Area::new();
        area.package("core/base", "TOOL\nFROM base AS package\nCOPY tool /again");
        for n in 0..8 {
            let recipe = format!(
                "FROM core/base AS base\nRUN [\"/tool\", \"write\", \"/out\", \"{n}\", \",\", \"sleep\", \"20\"]\nFROM scratch AS package\nCOPY --from=base /out /out"
            );
            area.package(&format!("core/p{n}"), &recipe);
        }
        let (engine, _) = area.engine_with(Options { jobs, ..Options::default() });
        let names: Vec<Name> = engine.tree.packages.keys().cloned().collect();
        let built = engine.build(&names).unwrap_or_else(|error| panic!("{error}"));
        built.iter().map(|built| built.record.image).collect::<Vec<_>>()
    };
    let one_by_one = images(1);
    assert_eq!(one_by_one.len(), 9);
    assert_eq!(images(4), one_by_one);
}

#[test]
fn an_empty_stage_can_be_copied() {
    let area = Area::new();
    let recipe = "FROM scratch AS empty\nFROM scratch AS half\nCOPY --from=empty / /d/\nFROM scratch\nCOPY --from=half . /";
    area.package("core/empty", recipe);
    assert_eq!(area.entries("core/empty"), ["755 0:0 d/"]);
}

#[test]
fn a_script_in_the_recipe_is_a_file_while_its_run_lasts() {
    let area = Area::new();
    let recipe = |verb: &str| {
        format!(
            "TOOL\nSHELL [\"/tool\", \"{verb}\"]\nRUN <<EOF\n#!/anything\nEOF\nFROM base\nCOPY note /note"
        )
    };
    let dir = area.package("core/script", &recipe("exists"));
    fs::write(dir.join("note"), "x").expect("writable");
    let entries = area.entries("core/script");
    assert!(!entries.iter().any(|entry| entry.contains("pipes")), "{entries:?}");
    area.package("core/script", &recipe("absent"));
    let error = area.build("core/script").0.expect_err("it is there, so `absent` fails");
    assert!(error.to_string().contains("| failed: absent /dev/pipes/EOF"), "{error}");
}

#[test]
fn a_checkout_with_another_umask_gives_the_same_image() {
    let area = Area::new();
    let dir = area.package("core/modes", "FROM scratch\nCOPY d /d");
    fs::create_dir_all(dir.join("d")).expect("writable");
    let mut images = Vec::new();
    for (folder, file, program) in [(0o755, 0o644, 0o755), (0o700, 0o600, 0o700), (0o775, 0o664, 0o775)] {
        for (name, mode) in [("file", file), ("program", program)] {
            fs::write(dir.join("d").join(name), "x").expect("writable");
            fs::set_permissions(dir.join("d").join(name), Permissions::from_mode(mode)).expect("ours");
        }
        fs::set_permissions(dir.join("d"), Permissions::from_mode(folder)).expect("ours");
        // A new store each time: the definition does not tell these apart.
        fs::remove_dir_all(area.home()).ok();
        images.push(area.image("core/modes").0);
    }
    assert_eq!(area.entries("core/modes"), ["755 0:0 d/", "644 0:0 d/file 1", "755 0:0 d/program 1"]);
    assert!(images[0] == images[1] && images[1] == images[2], "{images:?}");
}

/// Not a test: a person in a shell, in a terminal that `script` makes.
#[test]
#[ignore = "run by the next test"]
fn person() {
    let Some(area) = std::env::var_os("AREA") else { return };
    let area = std::mem::ManuallyDrop::new(Area(area.into()));
    let (engine, _) = area.engine();
    let name: Name = "core/broken".parse().expect("a good name");
    let shell = engine.shell(&name, None).expect("the stage before the failure is there");
    assert_eq!(shell.stage(), "base");
    assert!(shell.failed.as_ref().is_some_and(|error| error.to_string().contains("exit status 3")));
    let open = |words: &[&str]| {
        let terminal = File::options().read(true).write(true).open("/dev/tty").expect("script made it");
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        shell.open(&words, Streams::Terminal(terminal)).expect("it starts").status
    };
    let words = ["/tool", "holds", "/before", "1", ",", "write", "/mine", "1", ",", "say", "seen"];
    assert_eq!(open(&words), Status::Exit(0));
    assert_eq!(open(&["/tool", "absent", "/mine"]), Status::Exit(0));
    println!("both ended well");
}

#[test]
fn a_shell_opens_where_the_build_failed_and_changes_nothing() {
    let area = Area::new();
    area.package(
        "core/broken",
        "TOOL\nRUN [\"/tool\", \"write\", \"/before\", \"1\"]\nRUN [\"/tool\", \"exit\", \"3\"]\nFROM scratch AS package\nCOPY --from=base /before /b",
    );
    let test = std::env::current_exe().expect("a test is a program");
    let command = format!("{} --exact person --ignored --nocapture", test.display());
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("AREA", &area.0)
        .stdin(Stdio::null())
        .output()
        .expect("script is in Debian's base");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("seen") && text.contains("both ended well"), "{text}");

    let (engine, _) = area.engine();
    let name: Name = "core/broken".parse().expect("a good name");
    let error = engine.shell(&name, Some("nowhere")).err().expect("there is no such stage");
    assert!(error.to_string().contains("base, package"), "{error}");
}
