//! What a command may try, and what the host looks like afterwards.
//!
//! Calls are made by number (`sys` for the 64-bit table, `int80` for the 32-bit one), so
//! that no library stands between.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, Instant};

use cairn_sandbox::{Error, Mount, Refusal, Status};
use support::{Dir, Rig, is_root};

#[test]
fn everything_as_an_ordinary_user() {
    support::again_as_an_ordinary_user();
}

/// Calls that must fail, how, and what the outcome names (nothing: an empty string).
const REFUSED: &[(&str, &str, &str)] = &[
    ("sys 165 s:none s:/tmp s:tmpfs 0 0", "EPERM", "mount"),
    ("int80 21 s:none s:/tmp s:tmpfs 0 0", "EPERM", "mount"),
    ("sys 166 s:/proc 2", "EPERM", "umount2"),
    ("int80 22 s:/proc", "EPERM", "umount"),
    ("sys 155 s:/ s:/tmp", "EPERM", "pivot_root"),
    ("sys 428 -100 s:/ 1", "EPERM", "open_tree"),
    ("sys 430 s:tmpfs 0", "EPERM", "fsopen"),
    ("sys 304 -100 0 0", "EPERM", "open_by_handle_at"),
    ("sys 308 0 0", "EPERM", "setns"),
    ("sys 272 0x10000000", "EPERM", "unshare"),
    ("int80 310 0x00020000", "EPERM", "unshare"),
    ("sys 56 0x10000011 0 0 0 0", "EPERM", "clone"),
    ("sys 435 0 0", "ENOSYS", ""),
    ("sys 101 16 1 0 0", "EPERM", "ptrace"),
    ("sys 101 0 0 0 0", "EPERM", "ptrace"),
    ("int80 26 16 1 0 0", "EPERM", "ptrace"),
    ("sys 310 1 0 0 0 0 0", "EPERM", "process_vm_readv"),
    ("sys 311 1 0 0 0 0 0", "EPERM", "process_vm_writev"),
    ("sys 438 3 0 0", "EPERM", "pidfd_getfd"),
    ("sys 175 0 0 s:", "EPERM", "init_module"),
    ("sys 313 3 s: 0", "EPERM", "finit_module"),
    ("sys 246 0 0 0 0", "EPERM", "kexec_load"),
    ("sys 169 0xfee1dead 672274793 0x1234567 0", "EPERM", "reboot"),
    ("sys 103 3 0 0", "EPERM", "syslog"),
    ("sys 170 s:other 5", "EPERM", "sethostname"),
    ("sys 227 0 0", "EPERM", "clock_settime"),
    ("sys 164 0 0", "EPERM", "settimeofday"),
    ("sys 172 3", "EPERM", "iopl"),
    ("sys 321 0 0 0", "EPERM", "bpf"),
    ("sys 298 0 0 -1 -1 0", "EPERM", "perf_event_open"),
    ("sys 323 0", "EPERM", "userfaultfd"),
    ("sys 425 8 0", "ENOSYS", ""),
    ("int80 425 8 0", "ENOSYS", ""),
    ("sys 248 s:user s:name s:x 1 -3", "EPERM", "add_key"),
    ("sys 249 s:user s:name 0 -3", "EPERM", "request_key"),
    ("sys 250 0 -3 0", "EPERM", "keyctl"),
    ("int80 288 0 -3 0", "EPERM", "keyctl"),
    ("sys 16 0 0x5412 s:x", "EPERM", "ioctl(TIOCSTI)"),
    ("sys 133 s:/null 020666 0x103", "EPERM", "device node"),
    ("sys 259 -100 s:/tmp/disk 060666 0x800", "EPERM", "device node"),
    ("int80 14 s:/null 020666 0x103", "EPERM", "device node"),
    ("sys 133 s:/whiteout 020000 0", "EPERM", "device node"),
    ("sys 167 s:/bin/inside 0", "EPERM", "swapon"),
    ("sys 163 s:/bin/inside", "EPERM", "acct"),
    ("sys 41 40 1 0", "EAFNOSUPPORT", ""),
    ("sys 41 38 5 0", "EAFNOSUPPORT", ""),
    ("sys 41 17 3 0x300", "EAFNOSUPPORT", ""),
    ("sys 41 2 3 1", "EPERM", ""),
    ("sys 41 16 3 9", "EPROTONOSUPPORT", ""),
    ("int80 359 40 1 0", "EAFNOSUPPORT", ""),
    ("int80 102 1 0", "EAFNOSUPPORT", ""),
    ("sys 188 s:/bin s:user.x s:y 1 0", "EOPNOTSUPP", ""),
    ("sys 188 s:/bin s:user.cairn.owner s:0:0 3 0", "EOPNOTSUPP", ""),
    ("sys 188 s:/bin s:user.overlay.opaque s:y 1 0", "EOPNOTSUPP", ""),
    ("sys 467 0 0 0", "ENOSYS", ""),
    ("sys 999 0 0 0", "ENOSYS", ""),
    ("sys 0x40000027", "ENOSYS", ""),
    // Process 1 is init; there are no others but the command's own.
    ("kill 1 9 , sleep 0 , sys 62 7 0", "ESRCH", ""),
    ("sys 160 7 s:0000000000000000", "EPERM", ""),
    ("sys 141 0 0 -20", "EACCES", ""),
];

#[test]
fn forbidden_calls_fail_and_are_named() {
    let mut rig = Rig::new();
    for (call, errno, named) in REFUSED {
        for uid in [0, 1000] {
            rig.request.uid = uid;
            let ran = rig.inside(call);
            let answer = ran.log().rsplit(' ').next().unwrap();
            assert_eq!(answer, *errno, "{call} as user {uid}: {ran:?}");
            let reason = ran.outcome().reason.as_ref().map(Refusal::to_string).unwrap_or_default();
            assert!(reason.contains(named) && named.is_empty() == reason.is_empty(), "{call}: {reason:?}");
        }
    }
}

#[test]
fn the_network_is_not_there_and_the_outcome_says_so() {
    let mut rig = Rig::new();
    let ran = rig.inside("connect 192.0.2.1 80 , exit 3");
    assert_eq!((ran.status(), ran.log.trim_end()), (Status::Exit(3), "connect: ENETUNREACH"));
    assert_eq!(ran.outcome().reason, Some(Refusal::Network("192.0.2.1:80".into())));
    let ran = rig.inside("connect 127.0.0.1 53");
    assert_eq!(ran.outcome().reason, Some(Refusal::Network("a name server".into())));
    assert_eq!(ran.log(), "connect: ECONNREFUSED");
    // A loopback interface, and none else.
    let ran = rig.inside("connect 127.0.0.1 80 , read /proc/net/dev");
    let devices: Vec<&str> =
        ran.log().lines().filter_map(|l| l.split_once(':')).map(|l| l.0.trim()).collect();
    assert_eq!(devices, ["connect", "lo"]);
    assert_eq!(ran.outcome().reason, None);
}

#[test]
fn proc_cannot_be_written() {
    let mut rig = Rig::new();
    let before = fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
    for path in [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/pid_max",
        "/proc/sys/vm/drop_caches",
        "/proc/sysrq-trigger",
        "/proc/self/oom_score_adj",
        "/proc/self/uid_map",
        "/proc/self/mem",
        "/proc/cpuinfo",
    ] {
        let ran = rig.inside(&format!("write {path} 0"));
        // Not every kernel has every file.
        let refused = ["write: EROFS", "write: EACCES", "write: ENOENT"];
        assert!(refused.contains(&ran.log()), "{path}: {}", ran.log());
    }
    assert_eq!(fs::read_to_string("/proc/sys/kernel/pid_max").unwrap(), before, "the host's own");
}

#[test]
fn init_and_the_caller_cannot_be_seen() {
    let mut rig = Rig::new();
    for path in ["/proc/1/environ", "/proc/1/cmdline", "/proc/1/maps", "/proc/1/mountinfo"] {
        let log = rig.inside(&format!("read {path}")).log().to_owned();
        assert!(log == "read: ENOENT" || log == "read: EACCES" || log == "read: EPERM", "{path}: {log}");
    }
    for path in ["/proc/1/root/etc", "/proc/1/cwd", "/proc/1/fd"] {
        let log = rig.inside(&format!("list {path}")).log().to_owned();
        assert!(log.starts_with("list: E"), "{path}: {log}");
    }
    for path in ["/proc/keys", "/proc/timer_list", "/proc/kcore"] {
        let log = rig.inside(&format!("read {path}")).log().to_owned();
        assert!(log.is_empty() || log.starts_with("read: E"), "{path}: {log}");
    }
}

#[test]
fn no_path_leads_out() {
    let mut rig = Rig::new();
    let outside = rig.dir.0.join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "").unwrap();
    let path = outside.to_str().unwrap();
    symlink(&outside, rig.root().join("link")).unwrap();
    let ups = "/..".repeat(40);
    for way in [
        format!("list {ups}{path}"),
        format!("list {path}"),
        "list /link".into(),
        format!("list /proc/self/root{ups}{path}"),
        format!("list /proc/self/cwd{ups}{path}"),
        // The old way out of a chroot.
        format!(
            "sys 83 s:/jail 0755 , sys 161 s:/jail , sys 80 s:{} , sys 161 s:. , list {path}",
            "../".repeat(40)
        ),
    ] {
        let ran = rig.inside(&way);
        assert!(ran.log().ends_with("list: ENOENT"), "{way}: {}", ran.log());
    }
}

#[test]
fn devices_of_the_host_stay_devices() {
    let before = fs::metadata("/dev/null").unwrap();
    let mut rig = Rig::new();
    for path in ["/dev/null", "/dev/zero", "/dev/tty"] {
        rig.inside(&format!(
            "write {path} text , sys 90 s:{path} 0 , sys 92 s:{path} 1 1 , sys 132 s:{path} 0 , \
             sys 76 s:{path} 0 , sys 82 s:{path} s:/dev/moved , sys 87 s:{path} , \
             write {path} over , sys 82 s:/bin/inside s:{path}"
        ));
    }
    rig.inside("sys 90 s:/dev 0 , sys 84 s:/dev , sys 82 s:/dev s:/old");
    let after = fs::metadata("/dev/null").unwrap();
    assert!(after.file_type().is_char_device());
    for (what, before, after) in [
        ("number", before.rdev(), after.rdev()),
        ("inode", before.ino(), after.ino()),
        ("mode", before.mode().into(), after.mode().into()),
        ("owner", before.uid().into(), after.uid().into()),
        ("change", before.ctime() as u64, after.ctime() as u64),
    ] {
        assert_eq!(before, after, "{what} of the host's /dev/null");
    }
    // And the next run has whole ones.
    let log = rig.inside("stat /dev/null").log().to_owned();
    assert!(log.starts_with("20666 ") && log.ends_with(" dev 1:3"), "{log}");
}

#[test]
fn mount_points_made_by_a_layer_lead_nowhere() {
    let victim = Dir::new();
    for point in ["dev", "proc"] {
        let mut rig = Rig::new();
        symlink(&victim.0, rig.root().join(point)).unwrap();
        assert!(matches!(rig.inside("self").error(), Error::MountPoint { .. }), "a link at /{point}");
        let mut rig = Rig::new();
        fs::write(rig.root().join(point), "a file").unwrap();
        let text = rig.inside("self").error().to_string();
        assert!(text.starts_with(&format!("/{point} in the root filesystem")), "{text}");
    }
    // The target of a mount may lie behind a link, but within the root filesystem only.
    let mut rig = Rig::new();
    symlink(&victim.0, rig.root().join("out")).unwrap();
    rig.request.mounts = vec![Mount::Tmpfs { target: "/out".into(), size: None }];
    assert!(matches!(rig.inside("self").error(), Error::MountPoint { .. }));
    assert_eq!(fs::read_dir(&victim.0).unwrap().count(), 0);
    assert!(!fs::read_to_string("/proc/self/mounts").unwrap().contains(victim.0.to_str().unwrap()));
}

#[test]
fn a_fork_bomb_is_stopped_and_named() {
    let mut rig = Rig::new();
    rig.request.limits.processes = 100;
    for words in ["bomb", "daemon 60 , daemon 60 , bomb"] {
        let start = Instant::now();
        let ran = rig.inside(words);
        assert_eq!(ran.outcome().reason, Some(Refusal::ProcessLimit(100)), "{ran:?}");
        assert!(!ran.outcome().succeeded() && start.elapsed() < Duration::from_secs(30));
    }
    rig.inside("self").log();
}

#[test]
fn setuid_programs_give_nothing() {
    let mut rig = Rig::new();
    let program = rig.root().join("bin/inside");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o6755)).unwrap();
    rig.request.uid = 1000;
    rig.request.gid = 1000;
    let log = rig.inside("exec /bin/inside self").log().to_owned();
    assert!(log.starts_with("uid 1000 1000 gid 1000 1000"), "{log}");
    let log = rig.inside("sys 105 0 , sys 106 0").log().to_owned();
    assert!(!log.contains("sys: 0"), "{log}");
}

#[test]
fn capabilities_are_few_and_cannot_grow() {
    let mut rig = Rig::new();
    let log = rig.inside("read /proc/self/status").log().to_owned();
    let caps = |name: &str| {
        let line = log.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    };
    let docker_less_three = 0xa004_25fb_u64 & !(1 << 13) & !(1 << 27) & !(1 << 29) | 1 << 31;
    for set in ["CapPrm:", "CapEff:", "CapBnd:"] {
        assert_eq!(caps(set), docker_less_three, "{set}");
    }
    assert_eq!((caps("CapInh:"), caps("CapAmb:")), (0, 0));
    assert!(log.contains("NoNewPrivs:\t1") && log.contains("Seccomp:\t2"), "{log}");
    rig.request.uid = 1000;
    let log = rig.inside("read /proc/self/status").log().to_owned();
    assert!(log.contains("CapEff:\t0000000000000000") && log.contains("CapPrm:\t0000000000000000"));
}

#[test]
fn a_file_grows_no_larger_than_it_may() {
    let mut rig = Rig::new();
    rig.request.limits.file_size = Some(4096);
    let ran = rig.inside("sys 2 s:/big 0101 0644 , sys 77 3 1000000");
    assert_eq!(ran.status(), Status::Signal(libc_sigxfsz()));
    assert!(fs::metadata(rig.upper("big")).unwrap().len() <= 4096);
}

fn libc_sigxfsz() -> i32 {
    25
}

#[test]
fn rootless_owners_cannot_reach_files_of_init() {
    // `/proc/self` is another process for init, who answers: such paths are not followed.
    let mut rig = Rig::new();
    for path in ["/proc/self/fd/1", "/proc/1/fd/3", "/proc/self/root", "/proc/self/exe"] {
        let log = rig.inside(&format!("sys 92 s:{path} 4242 4242")).log().to_owned();
        if !is_root() {
            assert!(log.starts_with("sys: E"), "{path}: {log}");
        }
    }
    let log =
        rig.inside("sys 92 0 1 1 , sys 92 1 1 1 , sys 93 999 1 1 , sys 260 55 s:x 1 1 0").log().to_owned();
    assert_eq!(log, "sys: EFAULT\nsys: EFAULT\nsys: EBADF\nsys: EBADF");
}

/// Run by the next test in a process of its own.
#[test]
#[ignore = "sleeps until it is killed"]
fn sleeper() {
    let mut rig = Rig::new();
    rig.inside(&std::env::var("SLEEPER").unwrap());
}

#[test]
fn a_killed_caller_takes_its_sandbox_with_it() {
    let dir = Dir::new();
    let mark = format!("mark-{}", std::process::id());
    let mut caller = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sleeper", "--ignored", "--quiet"])
        .env("SLEEPER", format!("daemon 600 , sleep 600 , {mark}"))
        .env("TMPDIR", &dir.0)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let marked = || processes().into_iter().filter(|(_, command)| command.contains(&mark)).count();
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("the command and its daemon start", &|| marked() == 2);
    caller.kill().unwrap();
    caller.wait().unwrap();
    until("they end with the caller", &|| marked() == 0);
    // What it was working in serves the next run, and is clean after it.
    let mut rig = Rig::new();
    let mut left = fs::read_dir(&dir.0).unwrap().map(|entry| entry.unwrap().path());
    let left = left.find(|path| path.join("work").is_dir()).unwrap();
    assert!(fs::read_dir(left.join("work")).unwrap().count() > 0);
    rig.request.upper = left.join("upper");
    rig.request.work = left.join("work");
    rig.inside("self").log();
}

/// Tests run in threads of one process, so mounts and children are told by their names.
#[test]
fn a_failure_leaves_no_mount_and_no_process() {
    let mut rig = Rig::new();
    let name = rig.dir.0.file_name().unwrap().to_str().unwrap().to_owned();
    rig.request.mounts =
        vec![Mount::Bind { source: "/no/such/source".into(), target: "/x".into(), read_only: true }];
    let text = rig.inside("self").error().to_string();
    assert!(text.starts_with("mount /x: No such file"), "{text}");
    rig.request.mounts.clear();
    rig.request.limits.grace_ms = 10;
    assert!(matches!(rig.inside("daemon 601").outcome().reason, Some(Refusal::LeftProcesses(_))));
    assert!(!fs::read_to_string("/proc/self/mounts").unwrap().contains(&name));
    assert!(!processes().iter().any(|(_, command)| command.contains("daemon 601")));
}

/// Number and command line of every process of the host.
fn processes() -> Vec<(u32, String)> {
    let pids = fs::read_dir("/proc").unwrap();
    let pids = pids.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let command = |pid: u32| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
        line.starts_with("/bin/inside").then(|| (pid, line.replace('\0', " ")))
    };
    pids.filter_map(command).collect()
}
