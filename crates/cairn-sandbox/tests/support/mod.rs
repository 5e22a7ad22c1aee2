//! A root filesystem with one program in it, and requests to run that.

#![allow(dead_code, clippy::unwrap_used)]

use std::fs::{self, File, Permissions};
use std::io::{Read, Seek};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use cairn_sandbox::{Error, Outcome, Request, Status, run};

/// Removed when dropped.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new() -> Dir {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("sandbox-{}-{count}", std::process::id()));
        fs::DirBuilder::new().mode(0o755).create(&path).unwrap();
        Dir(path)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The programs, compiled once a test process.
fn programs() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Cargo's own, unless this is the second run (see below), which cleans up itself.
        let again = std::env::var_os(AGAIN).is_some();
        let place = if again { std::env::temp_dir() } else { env!("CARGO_TARGET_TMPDIR").into() };
        let dir = place.join(format!("programs-{}", std::process::id()));
        let kept = place.join(format!("programs-{}", env!("CARGO_CRATE_NAME")));
        fs::create_dir_all(&dir).unwrap();
        let compile = |name: &str, source: &str, flags: &[&str]| {
            let from = dir.join(format!("{name}.c"));
            fs::write(&from, source).unwrap();
            let mut cc = Command::new("cc");
            cc.args(["-O1", "-static", "-o"]).arg(dir.join(name)).arg(&from).args(flags);
            assert!(cc.status().unwrap().success(), "{name} does not compile");
        };
        compile("inside", include_str!("inside.c"), &["-no-pie"]);
        let bare = ["-m32", "-nostdlib", "-ffreestanding", "-no-pie", "-fno-stack-protector"];
        compile("narrow", include_str!("narrow.c"), &bare);
        let _ = fs::remove_dir_all(&kept);
        fs::rename(&dir, &kept).unwrap();
        kept
    })
}

/// Layers, a place to work in, and a log.
pub struct Rig {
    pub dir: Dir,
    pub request: Request,
}

impl Rig {
    pub fn new() -> Rig {
        let dir = Dir::new();
        let root = dir.0.join("root");
        for name in ["bin", "etc", "tmp", "home"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::set_permissions(root.join("tmp"), Permissions::from_mode(0o1777)).unwrap();
        for name in ["inside", "narrow"] {
            fs::copy(programs().join(name), root.join("bin").join(name)).unwrap();
        }
        for name in ["upper", "work"] {
            fs::create_dir(dir.0.join(name)).unwrap();
        }
        let mut request = Request::new(root, dir.0.join("upper"), dir.0.join("work"));
        let log = dir.0.join("log");
        request.log = Some(File::options().read(true).append(true).create(true).open(log).unwrap());
        request.limits.grace_ms = 300;
        request.limits.seconds = Some(60);
        Rig { dir, request }
    }

    /// The lowest layer.
    pub fn root(&self) -> PathBuf {
        self.dir.0.join("root")
    }

    /// A path below what the run changed.
    pub fn upper(&self, path: &str) -> PathBuf {
        self.request.upper.join(path)
    }

    /// Run `inside` with these words, split at spaces.
    pub fn inside(&mut self, words: &str) -> Ran {
        self.request.argv = format!("/bin/inside {words}").split(' ').map(str::to_owned).collect();
        self.run()
    }

    pub fn run(&mut self) -> Ran {
        self.request.log.as_ref().unwrap().set_len(0).unwrap();
        let outcome = run(&self.request);
        let mut text = String::new();
        let mut log = self.request.log.as_ref().unwrap();
        log.rewind().unwrap();
        log.read_to_string(&mut text).unwrap();
        let left: Vec<_> = fs::read_dir(&self.request.work).unwrap().collect();
        assert!(left.is_empty(), "left in work: {left:?}");
        Ran { outcome, log: text }
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    pub outcome: Result<Outcome, Error>,
    pub log: String,
}

impl Ran {
    /// The log of a run that succeeded.
    #[track_caller]
    pub fn log(&self) -> &str {
        assert!(self.outcome.as_ref().is_ok_and(Outcome::succeeded), "{self:?}");
        self.log.trim_end()
    }

    #[track_caller]
    pub fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().unwrap_or_else(|error| panic!("{error}\n{}", self.log))
    }

    #[track_caller]
    pub fn status(&self) -> Status {
        self.outcome().status
    }

    #[track_caller]
    pub fn error(&self) -> &Error {
        self.outcome.as_ref().expect_err("the run should not have started")
    }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

const AGAIN: &str = "CAIRN_SANDBOX_TESTS_AGAIN";

/// Run all tests of this program as a user without rights, if this is root.
pub fn again_as_an_ordinary_user() {
    if !is_root() || std::env::var_os(AGAIN).is_some() {
        return;
    }
    const NOBODY: u32 = 65534;
    let dir = Dir::new();
    let program = dir.0.join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::os::unix::fs::chown(&dir.0, Some(NOBODY), Some(NOBODY)).unwrap();
    // In one more group, as most people are.
    let status = Command::new("setpriv")
        .args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--groups=100".into()])
        .arg(program)
        .env(AGAIN, "1")
        .env("TMPDIR", &dir.0)
        .current_dir(&dir.0)
        .status()
        .unwrap();
    assert!(status.success(), "as an ordinary user: see above");
}
