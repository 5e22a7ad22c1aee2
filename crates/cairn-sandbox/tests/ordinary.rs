//! What a command finds in a sandbox, and what it leaves in `upper`.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};

use cairn_sandbox::{Error, Mount, OWNER_XATTR, Refusal, Status};
use support::{Rig, is_root};

#[test]
fn everything_as_an_ordinary_user() {
    support::again_as_an_ordinary_user();
}

#[test]
fn status_is_the_commands_own() {
    let mut rig = Rig::new();
    assert_eq!(rig.inside("exit 0").status(), Status::Exit(0));
    assert_eq!(rig.inside("exit 7").status(), Status::Exit(7));
    assert_eq!(rig.inside("abort").status(), Status::Signal(6));
    assert_eq!(rig.inside("exit 0").outcome().reason, None);
}

#[test]
fn identity_host_and_umask_are_those_of_the_request() {
    let mut rig = Rig::new();
    let log = rig.inside("self").log().to_owned();
    let groups = log.split("groups ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(groups, "0", "supplementary groups");
    let expected = "uid 0 0 gid 0 0 groups 0 host cairn domain (none) umask 22 \
                    persona 40000 pid 2 sid 2 newprivs 1";
    assert_eq!(log, expected);
    rig.request.uid = 1000;
    rig.request.gid = 1001;
    rig.request.conditions.hostname = "elsewhere".into();
    rig.request.conditions.aslr = true;
    rig.request.conditions.umask = 0o077;
    let expected = "uid 1000 1000 gid 1001 1001 groups 0 host elsewhere domain (none) umask 77 \
                    persona 0 pid 2 sid 2 newprivs 1";
    assert_eq!(rig.inside("self").log(), expected);
}

#[test]
fn environment_is_the_requests_and_the_laws() {
    let mut rig = Rig::new();
    rig.request.env = vec![("B".into(), "2 3".into()), ("A".into(), "é".into())];
    let log = rig.inside("env").log().to_owned();
    assert_eq!(log, "B=2 3\nA=é\nLC_ALL=C\nTZ=UTC\nSOURCE_DATE_EPOCH=0");
}

#[test]
fn addresses_are_the_same_each_time() {
    let mut rig = Rig::new();
    let first = rig.inside("address").log().to_owned();
    assert_eq!(rig.inside("address").log(), first);
    rig.request.conditions.aslr = true;
    assert_ne!(rig.inside("address").log(), first);
}

/// Years since 1970, as the programs count them.
fn years(ahead: u64) -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    (now.as_secs() + ahead) / 31_556_952
}

#[test]
fn the_clock_is_ahead_by_what_the_request_says_for_every_way_to_read_it() {
    let mut rig = Rig::new();
    for ahead in [0, 3000 * 86400] {
        rig.request.conditions.clock_ahead = ahead;
        let year = years(ahead.into());
        let expected = [year; 6].map(|year| year.to_string()).join(" ");
        assert_eq!(rig.inside("clock").log(), expected);
        rig.request.argv = vec!["/bin/narrow".into(), "clock".into()];
        assert_eq!(rig.run().status(), Status::Exit(year as i32), "32-bit");
    }
}

#[test]
fn directories_can_be_listed_in_the_opposite_order() {
    let mut rig = Rig::new();
    let many = rig.root().join("many");
    fs::create_dir(&many).unwrap();
    for n in 0..2000 {
        fs::write(many.join(format!("a-longer-name-{n}")), "").unwrap();
    }
    let mut list = |path: &str, reversed| {
        rig.request.conditions.reversed_directories = reversed;
        let log = rig.inside(&format!("order {path}")).log().to_owned();
        let (names, again) = log.split_once(" again ").unwrap();
        let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
        assert_eq!(names[0], again, "rewinddir in {path}");
        names
    };
    let few = list("/", false);
    assert_eq!(list("/", true), few.iter().rev().cloned().collect::<Vec<_>>());
    let (mut before, mut after) = (list("/many", false), list("/many", true));
    assert_ne!(before, after);
    before.sort();
    after.sort();
    assert_eq!(before, after, "nothing twice, nothing lost");
}

#[test]
fn processors_are_as_many_as_the_request_says() {
    let mut rig = Rig::new();
    for cpus in [1, 3, 70] {
        rig.request.cpus = cpus;
        let log = rig.inside("cpus").log().to_owned();
        let size = 8 * cpus.div_ceil(64);
        assert_eq!(log, format!("affinity 0 {cpus} online {cpus}"), "{size}");
        let log = rig.inside("read /proc/cpuinfo").log().to_owned();
        assert_eq!(log.matches("processor\t").count(), cpus as usize);
    }
}

#[test]
fn no_file_of_the_caller_is_open() {
    let mut rig = Rig::new();
    let other = fs::File::open("/").unwrap();
    rustix::io::fcntl_setfd(&other, rustix::io::FdFlags::empty()).unwrap();
    assert_eq!(rig.inside("fds").log(), "0 /dev/null\n1 (log)\n2 (log)");
}

#[test]
fn limits_are_fixed() {
    let mut rig = Rig::new();
    rig.request.limits.file_size = Some(4096);
    let log = rig.inside("limits").log().to_owned();
    let limits: BTreeMap<&str, &str> = log.split(' ').filter_map(|l| l.split_once(':')).collect();
    assert_eq!(limits["7"].split('/').next(), Some("1024"), "open files: {log}");
    assert_eq!(limits["1"], "4096/4096", "file size: {log}");
    assert!(limits["4"].starts_with(['0', '1']), "core: {log}");
}

#[test]
fn dev_and_proc_are_our_own() {
    let mut rig = Rig::new();
    let log = rig.inside("list /dev , list /proc/self/fd , list /dev/pts , list /dev/shm").log().to_owned();
    let lines: Vec<&str> = log.lines().collect();
    let dev = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ";
    assert_eq!(lines, [dev, "0 1 2 3 ", "ptmx"]);
    let log = rig.inside("list /proc").log().to_owned();
    let processes: Vec<&str> = log.split(' ').filter(|name| name.parse::<u32>().is_ok()).collect();
    assert_eq!(processes, ["2"], "init is hidden");
    let log = rig.inside("stat /dev/null , stat /sys , write /dev/null x").log().to_owned();
    let owner = if is_root() { "0:0" } else { "65534:65534" };
    assert_eq!(log, format!("20666 {owner} dev 1:3\nstat: ENOENT\nwrite: 1"));
}

#[test]
fn upper_holds_what_the_command_did_and_nothing_else() {
    let mut rig = Rig::new();
    fs::write(rig.root().join("etc/old"), "old").unwrap();
    let mkdir = "sys 83 s:/made 0755";
    let log = rig.inside(&format!("{mkdir} , write /made/file text , sys 87 s:/etc/old"));
    assert_eq!(log.log(), "sys: 0\nwrite: 4\nsys: 0");
    let mut names: Vec<_> =
        fs::read_dir(&rig.request.upper).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["etc", "made"]);
    assert_eq!(fs::read_to_string(rig.upper("made/file")).unwrap(), "text");
    let gone = fs::symlink_metadata(rig.upper("etc/old")).unwrap();
    assert!(gone.file_type().is_char_device() && gone.rdev() == 0, "a deletion");
    assert_eq!(fs::read_to_string(rig.root().join("etc/old")).unwrap(), "old");
    assert_eq!(rig.inside("list /etc").log(), "", "a second run goes on in the same upper");
}

#[test]
fn no_layer_at_all_is_an_empty_root() {
    let mut rig = Rig::new();
    let program = rig.dir.0.join("program");
    fs::copy(rig.root().join("bin/inside"), &program).unwrap();
    rig.request.lower.clear();
    rig.request.mounts = vec![Mount::Bind { source: program, target: "/run/me".into(), read_only: true }];
    rig.request.argv = ["/run/me", "list", "/"].map(str::to_owned).to_vec();
    assert_eq!(rig.run().log(), "dev proc run");
    assert_eq!(fs::read_dir(&rig.request.upper).unwrap().count(), 0);
}

#[test]
fn hundreds_of_layers_stack_in_order() {
    let mut rig = Rig::new();
    for n in 0..400 {
        let layer = rig.dir.0.join(format!("layer-with-a-name-that-is-not-short-{n}"));
        fs::create_dir_all(layer.join("etc")).unwrap();
        fs::write(layer.join("etc/top"), n.to_string()).unwrap();
        fs::write(layer.join(format!("etc/{n}")), "").unwrap();
        rig.request.lower.insert(0, layer);
    }
    let log = rig.inside("read /etc/top , read /proc/mounts , stat /etc/0").log().to_owned();
    assert_eq!(log.lines().next(), Some("399"));
    assert!(log.contains("100644"), "the lowest is there");
    assert!(!log.contains("sandbox-"), "paths of the host in {log}");
}

#[test]
fn mounts_appear_for_the_run_only() {
    let mut rig = Rig::new();
    let (cache, source) = (rig.dir.0.join("cache"), rig.dir.0.join("source"));
    fs::create_dir(&cache).unwrap();
    fs::create_dir_all(source.join("deep/er")).unwrap();
    fs::write(source.join("deep/er/file"), "below").unwrap();
    symlink("/deep", source.join("link")).unwrap();
    let over = rig.dir.0.join("over");
    fs::create_dir_all(over.join("deep/er")).unwrap();
    fs::write(over.join("deep/er/other"), "above").unwrap();
    rig.request.mounts = vec![
        Mount::Bind { source: cache.clone(), target: "/var/cache".into(), read_only: false },
        Mount::Bind { source: source.clone(), target: "/src".into(), read_only: true },
        Mount::Tree { lower: vec![over, source.clone()], path: "/link/er".into(), target: "/tree".into() },
        Mount::Tmpfs { target: "/tmp".into(), size: Some(65536) },
        Mount::Bind { source: source.join("deep/er/file"), target: "/tmp/a/b".into(), read_only: true },
        Mount::Bind { source: source.join("deep/er/file"), target: "/dev/pipes/EOF".into(), read_only: true },
    ];
    let log = rig
        .inside(
            "write /var/cache/kept yes , write /src/no no , read /src/deep/er/file , list /tree , \
             write /tree/no no , write /tmp/gone gone , read /tmp/gone , read /tmp/a/b , read /dev/pipes/EOF",
        )
        .log()
        .to_owned();
    assert_eq!(log, "write: 3\nwrite: EROFS\nbelow\nfile other \nwrite: EROFS\nwrite: 4\ngone\nbelow\nbelow");
    assert_eq!(fs::read_to_string(cache.join("kept")).unwrap(), "yes");
    assert_eq!(fs::read_dir(&rig.request.upper).unwrap().count(), 0, "nothing is left in upper");
}

#[test]
fn programs_of_32_bits_run() {
    let mut rig = Rig::new();
    rig.request.argv = vec!["narrow".into()];
    rig.request.env = vec![("PATH".into(), "/nowhere:/bin".into())];
    let ran = rig.run();
    assert_eq!(ran.log(), "narrow");
    assert_eq!(owner(&rig, "made-by-narrow"), (7, 8));
}

#[test]
fn background_processes_may_finish_and_must_not_stay() {
    let mut rig = Rig::new();
    rig.request.limits.grace_ms = 3000;
    assert_eq!(rig.inside("daemon 0.2").outcome().reason, None);
    rig.request.limits.grace_ms = 200;
    let ran = rig.inside("daemon 60 , daemon 60");
    assert_eq!(ran.status(), Status::Exit(0));
    let names = vec!["straggler".to_owned(); 2];
    assert_eq!(ran.outcome().reason, Some(Refusal::LeftProcesses(names)));
    assert!(!ran.outcome().succeeded());
}

#[test]
fn time_limit_ends_everything() {
    let mut rig = Rig::new();
    rig.request.limits.seconds = Some(1);
    let start = std::time::Instant::now();
    let ran = rig.inside("daemon 60 , sleep 60");
    assert_eq!(ran.outcome().reason, Some(Refusal::Timeout(1)));
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn what_cannot_start_says_why() {
    let mut rig = Rig::new();
    rig.request.argv = vec!["/bin/nothing".into()];
    let text = rig.run().error().to_string();
    assert!(text.starts_with("/bin/nothing: No such file") && text.contains("root filesystem"), "{text}");
    fs::write(rig.root().join("bin/text"), "no program").unwrap();
    fs::set_permissions(rig.root().join("bin/text"), fs::Permissions::from_mode(0o755)).unwrap();
    rig.request.argv = vec!["text".into()];
    let text = rig.run().error().to_string();
    assert!(text.contains("Exec format error"), "{text}");
    rig.request.cwd = "/home/nobody".into();
    assert!(matches!(rig.inside("self").error(), Error::Directory { .. }));
    rig.request.cwd = "/".into();
    rig.request.lower.push("/no/such/layer".into());
    let text = rig.inside("self").error().to_string();
    assert!(text.starts_with("/no/such/layer: "), "{text}");
}

/// The owner that the packer would see: on disk, or in the attribute.
fn owner(rig: &Rig, path: &str) -> (u32, u32) {
    let path = rig.upper(path);
    if is_root() {
        let found = fs::symlink_metadata(path).unwrap();
        return (found.uid(), found.gid());
    }
    let mut value = [0u8; 32];
    match rustix::fs::getxattr(&path, OWNER_XATTR, &mut value[..]) {
        Err(_) => (rig.request.uid, rig.request.gid),
        Ok(length) => {
            let text = std::str::from_utf8(&value[..length]).unwrap();
            let (uid, gid) = text.split_once(':').unwrap();
            (uid.parse().unwrap(), gid.parse().unwrap())
        }
    }
}

const NONE: &str = "0xffffffff";

#[test]
fn owners_are_kept_as_the_command_gave_them() {
    let mut rig = Rig::new();
    let log = rig
        .inside(&format!(
            "write /a a , sys 92 s:/a 1 2 , \
             write /b b , sys 92 s:/b 3 4 , sys 92 s:/b {NONE} 5 , sys 92 s:/b 6 {NONE} , \
             write /c c , sys 260 -100 s:c 7 8 0 , \
             sys 83 s:/d 0755 , sys 94 s:/d 9 10 , \
             sys 88 s:a s:/link , sys 94 s:/link 11 12 , sys 92 s:/link 13 14 , \
             sys 92 s:/missing 1 1"
        ))
        .log()
        .to_owned();
    assert!(!log.replace("ENOENT", "").contains('E') && log.ends_with("sys: ENOENT"), "{log}");
    assert_eq!(owner(&rig, "a"), (13, 14), "through the link");
    assert_eq!(owner(&rig, "b"), (6, 5));
    assert_eq!(owner(&rig, "c"), (7, 8));
    assert_eq!(owner(&rig, "d"), (9, 10));
    // Files of a layer keep their owner when they are changed.
    let ran = rig.inside("sys 93 1 0 0 , sys 260 -100 s:/link 15 16 0x100");
    ran.log();
    if is_root() {
        assert_eq!(owner(&rig, "link"), (15, 16));
    } else {
        let expected = BTreeMap::from([(b"link".to_vec(), (15, 16))]);
        assert_eq!(ran.outcome().owners, expected);
    }
}

#[test]
fn owners_follow_a_file_into_the_next_layer() {
    let mut rig = Rig::new();
    rig.inside("sys 83 s:/dir 0755 , write /dir/file x , sys 92 s:/dir/file 1 2 , sys 92 s:/dir 3 4").log();
    let first = rig.dir.0.join("first");
    fs::rename(&rig.request.upper, &first).unwrap();
    fs::create_dir(&rig.request.upper).unwrap();
    rig.request.lower.insert(0, first);
    rig.inside("sys 90 s:/dir/file 0600").log();
    assert_eq!(owner(&rig, "dir/file"), (1, 2));
    assert_eq!(owner(&rig, "dir"), (3, 4));
}

#[test]
fn a_new_owner_takes_setuid_away() {
    let mut rig = Rig::new();
    rig.inside("write /s s , sys 90 s:/s 06755 , sys 92 s:/s 0 0").log();
    assert_eq!(fs::metadata(rig.upper("s")).unwrap().mode() & 0o7777, 0o755);
    rig.inside("sys 90 s:/s 04711").log();
    assert_eq!(fs::metadata(rig.upper("s")).unwrap().mode() & 0o7777, 0o4711);
}

#[test]
fn an_ordinary_user_inside_gives_nothing_away() {
    let mut rig = Rig::new();
    rig.request.uid = 1000;
    rig.request.gid = 1000;
    rig.request.cwd = "/tmp".into();
    let log = rig
        .inside(&format!(
            "write mine x , sys 92 s:mine 0 0 , sys 92 s:mine 1000 1000 , sys 92 s:mine {NONE} {NONE}"
        ))
        .log()
        .to_owned();
    assert_eq!(log, "write: 1\nsys: EPERM\nsys: 0\nsys: 0");
    assert_eq!(owner(&rig, "tmp/mine"), (1000, 1000));
}

#[test]
fn pseudo_terminals_work() {
    let mut rig = Rig::new();
    // posix_openpt: TIOCSPTLCK unlocks, TIOCGPTN numbers.
    let log = rig.inside("sys 2 s:/dev/ptmx 2 , list /dev/pts").log().to_owned();
    assert_eq!(log, "sys: 3\n0 ptmx");
}

#[test]
fn many_at_once() {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut rig = Rig::new();
                for n in 0..5 {
                    let ran = rig.inside(&format!("write /n {n} , read /n , exit {n}"));
                    assert_eq!(ran.status(), Status::Exit(n));
                    assert_eq!(ran.log, format!("write: 1\n{n}\n"));
                }
            });
        }
    });
}
