//! The engine as a person meets it: what is built, what is not built again, and what
//! is said when something fails.

mod common;

use std::fs;

use cairn_build::{Kind, Options};
use cairn_core::tree::Name;
use common::Area;

/// Everything a package usually has, without a byte of the tool in the image.
const ORDINARY: &str = r#"TOOL
USER 1000:1000
WORKDIR /home/user
FROM base AS build
RUN ["/tool", "mkdir", "rootfs", ",", "write", "rootfs/a", "one", ",", "chmod", "04755", "rootfs/a"]
RUN ["/tool", "link", "rootfs/a", "rootfs/b", ",", "symlink", "a", "rootfs/l", ",", "mkdir", "rootfs/d"]
RUN ["/tool", "write", "gone", "x", ",", "fifo", "rootfs/p", ",", "chmod", "0700", "rootfs/d"]
FROM build AS install
USER 0:0
RUN ["/tool", "unlink", "gone", ",", "chown", "0", "0", "rootfs/l", ",", "chown", "7", "8", "rootfs/d"]
FROM scratch AS package
LABEL org.opencontainers.image.version=1.2
COPY --from=install /home/user/rootfs /usr
ENTRYPOINT ["/usr/a"]"#;

/// The image of [`ORDINARY`]: the same on every machine, as root and as a user.
const ORDINARY_IMAGE: &str = "sha256:69972d960c18f9744ecb9617d76d2c1696ecf1c26ea91bd32a98393bc06bfed1";

#[test]
fn the_image_is_the_same_whoever_builds_it() {
    let area = Area::new();
    area.package("core/ordinary", ORDINARY);
    let (image, _) = area.image("core/ordinary");
    assert_eq!(
        area.entries("core/ordinary"),
        [
            "755 0:0 usr/",
            "4755 1000:1000 usr/a 3",
            "4755 1000:1000 usr/b = usr/a",
            "700 7:8 usr/d/",
            "777 0:0 usr/l -> a",
            "644 1000:1000 usr/p Fifo",
        ]
    );
    assert_eq!(image, ORDINARY_IMAGE);
}

#[test]
fn a_second_build_does_nothing() {
    let area = Area::new();
    area.package("core/ordinary", ORDINARY);
    let (first, _) = area.image("core/ordinary");
    let (second, seen) = area.image("core/ordinary");
    assert_eq!((first, seen.executed()), (second, Vec::<String>::new()));
}

#[test]
fn only_what_comes_after_a_change_is_executed_again() {
    let area = Area::new();
    area.package("core/ordinary", ORDINARY);
    area.image("core/ordinary");
    area.package("core/ordinary", &ORDINARY.replace("\"0700\"", "\"0750\""));
    let (_, seen) = area.image("core/ordinary");
    let executed = seen.executed();
    assert_eq!(executed.len(), 3, "{executed:?}");
    assert!(executed[0].contains("0750"), "{executed:?}");
}

#[test]
fn a_dependency_that_gives_the_same_image_rebuilds_nothing_above_it() {
    let area = Area::new();
    let low = "TOOL\nRUN [\"/tool\", \"write\", \"/out\", \"same\"]\nFROM scratch AS package\nCOPY --from=base /out /out";
    let high = "FROM core/low AS base\nFROM scratch AS package\nCOPY --from=base /out /copy";
    area.package("core/low", low);
    area.package("core/high", high);
    area.image("core/high");
    area.package("core/low", &low.replace("write", "say\", \"changed\", \",\", \"write"));
    let (_, seen) = area.image("core/high");
    assert_eq!(seen.built(), ["core/low"]);
}

#[test]
fn a_failing_step_says_where_why_and_what_it_printed_and_is_where_the_next_build_goes_on() {
    let area = Area::new();
    let recipe = "TOOL\nRUN [\"/tool\", \"write\", \"/a\", \"x\"]\nRUN [\"/tool\", \"say\", \"last words\", \",\", \"exit\", \"7\"]\nFROM scratch AS package\nCOPY --from=base /a /a";
    area.package("core/broken", recipe);
    let (result, _) = area.build("core/broken");
    let error = result.expect_err("a RUN exits with 7");
    let text = error.to_string();
    for part in ["core/broken", "exit status 7", "Containerfile:6", "| last words", "stage base"] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.hint().is_some_and(|hint| hint.contains("cairn log core/broken")));
    let name: Name = "core/broken".parse().expect("a good name");
    let log = cairn_build::logs::last(&area.store().logs(), &name).expect("readable").expect("a step ran");
    assert_eq!(
        (log.state.as_str(), cairn_build::logs::tail(&log.path).join("")),
        ("failed", "last words".into())
    );

    area.package("core/broken", &recipe.replace("\"7\"", "\"0\""));
    let (_, seen) = area.image("core/broken");
    assert_eq!(seen.executed().len(), 2, "{:?}", seen.executed());
}

#[test]
fn a_run_that_wants_the_network_fails() {
    let area = Area::new();
    let dir = area.package("core/net", "FROM scratch AS base\nCOPY net /net\nRUN [\"/net\"]");
    let source = dir.with_extension("c");
    fs::write(
        &source,
        "#include <sys/socket.h>\n#include <netinet/in.h>\n#include <arpa/inet.h>\nint main(void){struct sockaddr_in a={AF_INET};a.sin_port=htons(80);inet_pton(AF_INET,\"192.0.2.1\",&a.sin_addr);int s=socket(AF_INET,SOCK_STREAM,0);return connect(s,(void*)&a,sizeof a)?1:0;}\n",
    )
    .expect("writable");
    let cc =
        std::process::Command::new("cc").args(["-static", "-o"]).arg(dir.join("net")).arg(&source).status();
    assert!(cc.expect("cc runs").success());
    let (result, _) = area.build("core/net");
    let text = result.expect_err("there is no network").to_string();
    assert!(text.contains("192.0.2.1") && text.contains("ADD --checksum"), "{text}");
}

#[test]
fn an_image_that_is_not_the_recorded_one_is_refused_with_both_digests() {
    let area = Area::new();
    area.package("core/a", "FROM scratch\nCOPY f /f");
    fs::write(area.0.join("packages/core/a/f"), "one").expect("writable");
    let update = Options { update: true, ..Options::default() };
    let name: Name = "core/a".parse().expect("a good name");
    area.engine_with(update.clone()).0.build(std::slice::from_ref(&name)).expect("it builds");
    let recorded = fs::read_to_string(area.0.join("digests/core.txt")).expect("it was recorded");
    let (image, _) = area.image("core/a");
    assert_eq!(recorded, format!("{} a -\n", &image["sha256:".len()..]));

    fs::write(area.0.join("packages/core/a/f"), "two").expect("writable");
    let (result, _) = area.build("core/a");
    let error = result.expect_err("another image");
    assert_eq!(error.kind(), Kind::DigestDiffers);
    assert!(error.to_string().contains(&image), "{error}");
    // Also when there is nothing left to build.
    assert_eq!(area.build("core/a").0.expect_err("still another").kind(), Kind::DigestDiffers);
    area.engine_with(update).0.build(&[name]).expect("it builds");
    area.image("core/a");
}

#[test]
fn nothing_is_built_on_a_bootstrap_image_that_differs() {
    let area = Area::new();
    for (name, recipe) in [
        ("bootstrap/seed", "FROM scratch\nCOPY f /f"),
        ("core/above", "FROM bootstrap/seed\nCOPY f /g"),
        ("core/beside", "FROM scratch\nCOPY f /h"),
    ] {
        let dir = area.package(name, recipe);
        fs::write(dir.join("f"), "x").expect("writable");
    }
    fs::create_dir(area.0.join("digests")).expect("writable");
    let line = format!("{} seed -\n", "0".repeat(64));
    fs::write(area.0.join("digests/bootstrap.txt"), line).expect("writable");
    let (engine, seen) = area.engine();
    assert!(engine.tree.broken.is_empty(), "{:?}", engine.tree.broken);
    let names: Vec<Name> = engine.tree.packages.keys().cloned().collect();
    let error = engine.build(&names).expect_err("the seed differs");
    assert_eq!(error.kind(), Kind::DigestDiffers);
    assert!(!seen.built().contains(&"core/above".to_owned()), "{:?}", seen.built());
    assert!(error.to_string().contains("1 package"), "{error}");
    // The seed has a record by now: still nothing.
    let (engine, seen) = area.engine();
    assert_eq!(engine.build(&names).expect_err("it still differs").kind(), Kind::DigestDiffers);
    assert_eq!(seen.built(), Vec::<String>::new());
}

#[test]
fn whole_images_are_stacked_and_not_copied() {
    let area = Area::new();
    let dir = area.package("core/one", "FROM scratch\nCOPY root /");
    fs::create_dir_all(dir.join("root/usr/bin")).expect("writable");
    fs::write(dir.join("root/usr/bin/one"), "1").expect("writable");
    let dir = area.package("core/two", "FROM scratch\nCOPY root /");
    fs::create_dir_all(dir.join("root/usr/bin")).expect("writable");
    fs::write(dir.join("root/usr/bin/two"), "2").expect("writable");
    area.package(
        "core/both",
        "TOOL\nCOPY --from=core/one . /\nCOPY --from=core/two . /\nRUN [\"/tool\", \"holds\", \"/usr/bin/one\", \"1\", \",\", \"copy\", \"/usr/bin/two\", \"/out\"]\nFROM scratch AS package\nCOPY --from=base /out /out",
    );
    let (_, seen) = area.image("core/both");
    let executed = seen.executed();
    assert!(!executed.iter().any(|text| text.contains("--from=core/")), "{executed:?}");
}

#[test]
fn a_directory_does_not_silently_replace_a_link_when_images_meet() {
    let area = Area::new();
    let dir = area.package("core/real", "FROM scratch\nCOPY root /");
    fs::create_dir_all(dir.join("root/bin")).expect("writable");
    fs::write(dir.join("root/bin/x"), "1").expect("writable");
    let dir = area.package("core/merged", "FROM scratch\nCOPY root /");
    fs::create_dir_all(dir.join("root/usr/bin")).expect("writable");
    std::os::unix::fs::symlink("usr/bin", dir.join("root/bin")).expect("writable");
    area.package(
        "core/both",
        "FROM scratch AS base\nCOPY --from=core/merged . /\nCOPY --from=core/real . /\nFROM base",
    );
    let error = area.build("core/both").0.expect_err("BuildKit refuses it, too");
    assert!(error.to_string().contains("bin"), "{error}");
}

#[test]
fn what_a_stage_deletes_is_deleted_in_copies_and_in_layers() {
    let area = Area::new();
    let deletes = "TOOL\nRUN [\"/tool\", \"mkdir\", \"/d\", \",\", \"write\", \"/d/a\", \"1\", \",\", \"write\", \"/d/b\", \"2\"]\nFROM base AS less\nRUN [\"/tool\", \"unlink\", \"/d/a\"]\n";
    area.package("core/copied", &format!("{deletes}FROM scratch AS package\nCOPY --from=less /d /d"));
    assert_eq!(area.entries("core/copied"), ["755 0:0 d/", "644 0:0 d/b 1"]);
    area.package(
        "core/layered",
        "FROM core/copied AS base\nCOPY tool /tool\nFROM base AS package\nRUN [\"/tool\", \"unlink\", \"/d/b\"]",
    );
    let entries = area.entries("core/layered");
    assert_eq!(entries[entries.len() - 2..], ["755 0:0 d/", "0 0:0 d/b deleted"], "{entries:?}");
    area.package(
        "core/replaced",
        "FROM core/copied AS base\nCOPY tool /tool\nFROM base AS package\nRUN [\"/tool\", \"unlink\", \"/d/b\", \",\", \"rmdir\", \"/d\", \",\", \"mkdir\", \"/d\", \",\", \"write\", \"/d/c\", \"3\"]",
    );
    let entries = area.entries("core/replaced");
    assert_eq!(
        entries[entries.len() - 3..],
        ["755 0:0 d/", "0 0:0 d/b deleted", "644 0:0 d/c 1"],
        "{entries:?}"
    );
}

#[test]
fn mounts_are_seen_and_leave_nothing() {
    let area = Area::new();
    let run = |mount: &str, verbs: &str| format!("RUN --mount={mount} [\"/tool\", {verbs}]\n");
    let recipe = [
        "TOOL\nFROM base AS data\nRUN [\"/tool\", \"write\", \"/in\", \"stage\"]\nFROM base AS build\n".to_owned(),
        run("type=bind,from=data,source=/in,target=/mnt/in", r#""holds", "/mnt/in", "stage""#),
        run("type=bind,source=note,target=/mnt/note", r#""holds", "/mnt/note", "context""#),
        run("type=bind,rw,source=.,target=/mnt", r#""write", "/mnt/note", "changed""#),
        run("type=bind,source=.,target=/mnt", r#""holds", "/mnt/note", "context""#),
        run("type=cache,target=/cache", r#""write", "/cache/x", "1""#),
        run("type=cache,target=/cache", r#""absent", "/cache/x", ",", "absent", "/mnt""#),
        run("type=tmpfs,target=/fast", r#""write", "/fast/x", "1""#),
        "RUN [\"/tool\", \"absent\", \"/fast\", \",\", \"absent\", \"/cache\", \",\", \"write\", \"/ok\", \"1\"]\nFROM scratch AS package\nCOPY --from=build /ok /ok".to_owned(),
    ];
    let dir = area.package("core/mounts", &recipe.concat());
    fs::write(dir.join("note"), "context").expect("writable");
    assert_eq!(area.entries("core/mounts"), ["644 0:0 ok 1"]);
    assert_eq!(fs::read_to_string(dir.join("note")).expect("still there"), "context");
}

#[test]
fn names_of_users_are_those_of_the_stage() {
    let area = Area::new();
    let recipe = "TOOL\nCOPY passwd /etc/passwd\nCOPY group /etc/group\nUSER ann\nWORKDIR /w\nRUN [\"/tool\", \"env\", \"HOME\", \"/h\", \",\", \"write\", \"f\", \"1\"]\nFROM scratch AS package\nCOPY --from=base /etc /etc\nCOPY --from=base /w/f /f\nCOPY --chown=ann:staff passwd /g\nCOPY --chown=ann passwd /h";
    let dir = area.package("core/users", recipe);
    fs::write(dir.join("passwd"), "ann:x:70:71::/h:/bin/sh\n").expect("writable");
    fs::write(dir.join("group"), "staff:x:50:\n").expect("writable");
    let entries = area.entries("core/users");
    assert_eq!(entries[3..], ["644 70:71 f 1", "644 70:50 g 24", "644 70:71 h 24"], "{entries:?}");
    area.package("core/nobody", "FROM scratch\nCOPY --chown=bob Containerfile /x");
    let error = area.build("core/nobody").0.expect_err("there is no bob");
    assert!(error.to_string().contains("\"bob\""), "{error}");
}

#[test]
fn without_the_cache_everything_is_done_again_and_the_new_result_counts() {
    let area = Area::new();
    area.package(
        "core/clock",
        "TOOL\nRUN [\"/tool\", \"time\", \"/now\"]\nFROM scratch AS package\nCOPY --from=base /now /now",
    );
    let (first, _) = area.image("core/clock");
    let (engine, seen) = area.engine_with(Options { no_cache: true, ..Options::default() });
    let name: Name = "core/clock".parse().expect("a good name");
    let second = engine.build(&[name]).expect("it builds")[0].record.image.to_string();
    drop(engine);
    assert_ne!(first, second, "the clock went on");
    assert_eq!(seen.executed().len(), 4, "{:?}", seen.executed());
    assert_eq!(area.image("core/clock").0, second);
}
