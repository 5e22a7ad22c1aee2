//! A request turned into what the kernel takes, before the fork: afterwards nothing may
//! be allocated.

use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use libc::sock_filter;
use rustix::process::{Resource, Rlimit};

use crate::ceiling;
use crate::error::Error;
use crate::request::{Mount, Request};
use crate::sys::Strings;
use crate::workplace::Workplace;
use crate::{filter, processors};

/// Where Docker looks when an image sets no PATH.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const LAWS: [(&str, &str); 3] = [("LC_ALL", "C"), ("TZ", "UTC"), ("SOURCE_DATE_EPOCH", "0")];
/// overlayfs takes 500; the lowest is ours.
const MOST_LAYERS: usize = 490;
const STACK: usize = 64 * 1024;

/// All that init and the command need.
#[derive(Debug)]
pub struct Plan {
    pub rootless: bool,
    /// Init's end of the report socket.
    pub report: OwnedFd,
    /// Descriptors 1 and 2 of the command; nothing if absent.
    pub output: Option<RawFd>,
    /// Also descriptor 0, and the session is kept.
    pub terminal: bool,

    /// Rootless: `uid_map` and `gid_map` of init, which is user 0 there.
    pub init_maps: [Vec<u8>; 2],
    /// `uid_map` and `gid_map` of the command's own namespace.
    pub command_maps: [Vec<u8>; 2],
    /// For `/proc/sys/kernel/pid_max`, where that belongs to the namespace.
    pub pid_max: Option<Vec<u8>>,
    /// `cgroup.procs` of the group that limits processes, where nothing else does.
    pub group: Option<RawFd>,
    pub hostname: Vec<u8>,

    /// Topmost first.
    pub lower: Vec<CString>,
    pub upper: CString,
    pub overlay_work: CString,
    /// A directory of the host that memory may cover.
    pub work: CString,
    pub mounts: Vec<MountPlan>,
    pub cpuinfo: Vec<u8>,
    pub stat: Vec<u8>,

    /// Paths to try, in order.
    pub programs: Vec<CString>,
    pub argv: Strings,
    pub env: Strings,
    pub cwd: CString,
    pub uid: u32,
    pub gid: u32,
    pub umask: u32,
    pub persona: u32,
    pub limits: Vec<(Resource, Rlimit)>,
    pub filter: &'static [sock_filter],
    /// Seconds.
    pub clock_ahead: u32,
    pub reversed_directories: bool,

    pub cpus: u32,
    pub grace_ms: u32,
    pub processes: u32,
    /// For the command until it executes its program, and for init's trial forks.
    pub stacks: [Vec<u8>; 2],
}

/// A [`Mount`] as the kernel takes it.
#[derive(Debug)]
pub struct MountPlan {
    pub what: What,
    /// Path inside, without a leading slash.
    pub target: CString,
    /// The mount point and the directories above it, outermost first.
    pub points: Vec<CString>,
    /// How many of `points` lie outside every other mount, and so belong into the layer
    /// of mount points; the others are made where that mount is.
    pub in_layer: usize,
    /// The last of them is a file.
    pub file: bool,
}

/// What is mounted.
#[derive(Debug)]
pub enum What {
    Bind { source: CString, read_only: bool },
    Tree { lower: Vec<CString>, path: CString },
    Tmpfs { size: Option<CString> },
}

impl Plan {
    pub fn new(request: &Request, place: &Workplace, report: OwnedFd) -> Result<Plan, Error> {
        check(request)?;
        let rootless = !rustix::process::geteuid().is_root();
        let env = environment(&request.env);
        Ok(Plan {
            rootless,
            report,
            output: request.terminal.as_ref().or(request.log.as_ref()).map(|file| file.as_raw_fd()),
            terminal: request.terminal.is_some(),
            init_maps: init_maps(),
            command_maps: command_maps(rootless, request)?,
            pid_max: ceiling::process_numbers_are_namespaced()
                .then(|| (request.limits.processes + ceiling::FIRST_REUSED).to_string().into_bytes()),
            group: None,
            hostname: request.conditions.hostname.clone().into_bytes(),
            lower: host_paths("lower", &request.lower)?,
            upper: host_path("upper", &request.upper)?,
            overlay_work: host_path("work", &place.overlay())?,
            work: host_path("work", place.dir())?,
            mounts: mount_plans(&request.mounts)?,
            cpuinfo: processors::cpuinfo(request.cpus).into_bytes(),
            stat: processors::stat(request.cpus).into_bytes(),
            programs: programs(&request.argv[0], &env)?,
            argv: strings("argv", request.argv.iter().cloned())?,
            env: strings("env", env.into_iter().map(|(name, value)| format!("{name}={value}")))?,
            cwd: c_string("cwd", request.cwd.as_bytes())?,
            uid: request.uid,
            gid: request.gid,
            umask: request.conditions.umask,
            persona: persona(request),
            limits: ceiling::limits(&request.limits),
            filter: filter::program(rootless, request.conditions.need_answers()),
            clock_ahead: request.conditions.clock_ahead,
            reversed_directories: request.conditions.reversed_directories,
            cpus: request.cpus,
            grace_ms: request.limits.grace_ms,
            processes: request.limits.processes,
            stacks: [vec![0; STACK], vec![0; STACK / 4]],
        })
    }
}

impl Plan {
    /// Whether the kernel stops user 0 at the limit of processes by itself.
    pub fn needs_group(&self) -> bool {
        self.pid_max.is_none() && !self.rootless
    }
}

/// What no kernel call would tell as clearly.
fn check(request: &Request) -> Result<(), Error> {
    let wrong = |field, problem: &str| Err(Error::Request { field, problem: problem.to_owned() });
    if request.argv.is_empty() || request.argv[0].is_empty() {
        return wrong("argv", "no program given");
    }
    if request.lower.len() > MOST_LAYERS {
        return wrong("lower", "more than 490 layers, the most that overlayfs can stack");
    }
    if request.cpus == 0 || request.cpus > 1024 {
        return wrong("cpus", "not between 1 and 1024");
    }
    if request.limits.processes < 2 {
        return wrong("limits.processes", "fewer than 2: the command and what it starts");
    }
    if request.conditions.hostname.len() > 64 {
        return wrong("conditions.hostname", "longer than 64 bytes");
    }
    if !request.cwd.starts_with('/') {
        return wrong("cwd", "not absolute");
    }
    for (name, _) in &request.env {
        if name.is_empty() || name.contains('=') {
            return wrong("env", "an empty name, or one with an equals sign");
        }
    }
    for mount in &request.mounts {
        let target = mount.target();
        let odd = |part: &str| part == ".." || part == ".";
        if !target.starts_with('/') || target.split('/').any(odd) || target.trim_matches('/').is_empty() {
            return wrong("mounts", &format!("{target} is not an absolute path below the root"));
        }
    }
    Ok(())
}

fn c_string(field: &'static str, bytes: &[u8]) -> Result<CString, Error> {
    CString::new(bytes).map_err(|_| Error::Request { field, problem: "a zero byte in it".to_owned() })
}

fn host_path(field: &'static str, path: &Path) -> Result<CString, Error> {
    let path = std::path::absolute(path).map_err(|source| Error::Host { path: path.to_owned(), source })?;
    c_string(field, path.as_os_str().as_bytes())
}

fn host_paths(field: &'static str, paths: &[PathBuf]) -> Result<Vec<CString>, Error> {
    paths.iter().map(|path| host_path(field, path)).collect()
}

fn strings(field: &'static str, list: impl Iterator<Item = String>) -> Result<Strings, Error> {
    let list: Result<Vec<CString>, Error> = list.map(|string| c_string(field, string.as_bytes())).collect();
    Ok(Strings::new(list?))
}

fn environment(env: &[(String, String)]) -> Vec<(String, String)> {
    let mut env = env.to_vec();
    for (name, value) in LAWS {
        if !env.iter().any(|(known, _)| known == name) {
            env.push((name.to_owned(), value.to_owned()));
        }
    }
    env
}

/// Where the program may be: at the path it has, or in each directory of PATH.
fn programs(name: &str, env: &[(String, String)]) -> Result<Vec<CString>, Error> {
    if name.contains('/') {
        return Ok(vec![c_string("argv", name.as_bytes())?]);
    }
    let path = env.iter().find(|(known, _)| known == "PATH").map_or(DEFAULT_PATH, |(_, path)| path);
    path.split(':')
        .map(|dir| if dir.is_empty() { "." } else { dir })
        .map(|dir| c_string("argv", format!("{dir}/{name}").as_bytes()))
        .collect()
}

fn persona(request: &Request) -> u32 {
    let mut persona = 0;
    if !request.conditions.aslr {
        persona |= libc::ADDR_NO_RANDOMIZE as u32;
    }
    if request.conditions.old_kernel_name {
        persona |= libc::UNAME26 as u32;
    }
    persona
}

fn init_maps() -> [Vec<u8>; 2] {
    let uid = rustix::process::geteuid().as_raw();
    let gid = rustix::process::getegid().as_raw();
    [format!("0 {uid} 1\n").into_bytes(), format!("0 {gid} 1\n").into_bytes()]
}

/// As root every number means itself; for an ordinary user there is one.
fn command_maps(rootless: bool, request: &Request) -> Result<[Vec<u8>; 2], Error> {
    if rootless {
        let one = |id: u32| format!("{id} 0 1\n").into_bytes();
        return Ok([one(request.uid), one(request.gid)]);
    }
    Ok([identity("/proc/self/uid_map")?, identity("/proc/self/gid_map")?])
}

/// Root may itself live in a user namespace; then only the numbers that exist there do.
fn identity(path: &str) -> Result<Vec<u8>, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Error::Host { path: PathBuf::from(path), source })?;
    let line = |line: &str| {
        let mut fields = line.split_whitespace();
        let (first, _, count) = (fields.next()?, fields.next()?, fields.next()?);
        Some(format!("{first} {first} {count}\n"))
    };
    Ok(text.lines().filter_map(line).collect::<String>().into_bytes())
}

fn mount_plans(mounts: &[Mount]) -> Result<Vec<MountPlan>, Error> {
    let mut plans = Vec::with_capacity(mounts.len());
    for (index, mount) in mounts.iter().enumerate() {
        let earlier = mounts[..index].iter().map(Mount::target).chain(["/dev"]);
        let parts: Vec<&str> = mount.target().split('/').filter(|part| !part.is_empty()).collect();
        let points = (1..=parts.len()).map(|end| c_string("mounts", parts[..end].join("/").as_bytes()));
        plans.push(MountPlan {
            what: what(mount)?,
            target: c_string("mounts", parts.join("/").as_bytes())?,
            points: points.collect::<Result<_, _>>()?,
            in_layer: depth_in_layer(&parts, earlier),
            file: is_file(mount),
        });
    }
    Ok(plans)
}

/// How many components of a target are not within one of the `earlier` mounts.
fn depth_in_layer<'a>(target: &[&str], earlier: impl Iterator<Item = &'a str>) -> usize {
    let around = |mount: &str| {
        let mount: Vec<&str> = mount.split('/').filter(|part| !part.is_empty()).collect();
        (target.starts_with(&mount) && target.len() > mount.len()).then_some(mount.len())
    };
    earlier.filter_map(around).min().unwrap_or(target.len())
}

/// Whether `mount` puts a file at its target, not a directory.
fn is_file(mount: &Mount) -> bool {
    let file = |path: &Path| std::fs::symlink_metadata(path).ok().map(|found| !found.is_dir());
    match mount {
        Mount::Bind { source, .. } => std::fs::metadata(source).is_ok_and(|found| !found.is_dir()),
        Mount::Tree { lower, path, .. } => {
            let within = |layer: &PathBuf| file(&layer.join(path.trim_start_matches('/')));
            lower.iter().find_map(within).unwrap_or(false)
        }
        Mount::Tmpfs { .. } => false,
    }
}

fn what(mount: &Mount) -> Result<What, Error> {
    Ok(match mount {
        Mount::Bind { source, read_only, .. } => {
            What::Bind { source: host_path("mounts", source)?, read_only: *read_only }
        }
        Mount::Tree { lower, path, .. } => {
            let path = path.trim_matches('/');
            let path = if path.is_empty() { "." } else { path };
            What::Tree { lower: host_paths("mounts", lower)?, path: c_string("mounts", path.as_bytes())? }
        }
        Mount::Tmpfs { size, .. } => {
            let size = size.map(|size| c_string("mounts", size.to_string().as_bytes()));
            What::Tmpfs { size: size.transpose()? }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let mut request = Request::new("/l".into(), "/u".into(), "/w".into());
        request.argv = vec!["true".into()];
        request
    }

    #[test]
    fn a_request_that_cannot_be_right_is_refused_by_field() {
        type Spoil = fn(&mut Request);
        let cases: [(&str, Spoil); 8] = [
            ("argv", |r| r.argv.clear()),
            ("lower", |r| r.lower = vec!["/l".into(); 491]),
            ("cpus", |r| r.cpus = 0),
            ("limits.processes", |r| r.limits.processes = 1),
            ("conditions.hostname", |r| r.conditions.hostname = "x".repeat(65)),
            ("cwd", |r| r.cwd = "home".into()),
            ("env", |r| r.env = vec![("A=B".into(), "C".into())]),
            ("mounts", |r| r.mounts = vec![Mount::Tmpfs { target: "/a/../../b".into(), size: None }]),
        ];
        assert!(check(&request()).is_ok());
        for (expected, spoil) in cases {
            let mut request = request();
            spoil(&mut request);
            match check(&request) {
                Err(Error::Request { field, .. }) => assert_eq!(field, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }

    #[test]
    fn points_within_other_mounts_are_not_in_the_layer() {
        let cases: [(&str, &[&str], usize); 6] = [
            ("src", &["/dev"], 1),
            ("src/deep/er", &["/dev"], 3),
            ("dev/pipes/EOF", &["/dev"], 1),
            ("tmp/a/b/c", &["/tmp", "/tmp/a", "/dev"], 1),
            ("device", &["/dev"], 1),
            ("tmp", &["/tmp"], 1),
        ];
        for (target, earlier, expected) in cases {
            let parts: Vec<&str> = target.split('/').collect();
            let depth = depth_in_layer(&parts, earlier.iter().copied());
            assert_eq!(depth, expected, "{target}");
        }
    }

    #[test]
    fn the_laws_are_added_but_never_override() {
        let env = environment(&[("TZ".into(), "Europe/Oslo".into())]);
        let text: Vec<String> = env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(text, ["TZ=Europe/Oslo", "LC_ALL=C", "SOURCE_DATE_EPOCH=0"]);
    }

    #[test]
    fn programs_are_looked_up_as_a_shell_would() {
        let env = [("PATH".to_owned(), "/a::/b".to_owned())];
        let found = |name: &str, env: &[(String, String)]| -> Vec<String> {
            let found = programs(name, env).expect("no zero bytes here");
            found.into_iter().map(|path| path.into_string().expect("made from text")).collect()
        };
        assert_eq!(found("cc", &env), ["/a/cc", "./cc", "/b/cc"]);
        assert_eq!(found("bin/cc", &env), ["bin/cc"]);
        assert_eq!(found("cc", &[])[5], "/bin/cc");
    }
}
