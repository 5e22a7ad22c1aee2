//! What this machine can and cannot do for the sandbox, for `cairn doctor`.
//!
//! Nothing is guessed from versions where it can be tried: two programs of a few bytes
//! each are run as builds are.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::ceiling;
use crate::cgroup::Group;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::run::{check_devices, run};
use crate::step::Step;

/// One thing tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was tried, as a short noun: "user namespaces".
    pub name: &'static str,
    /// What was found, one line.
    pub found: String,
    /// Whether builds work with what was found.
    pub ok: bool,
    /// A command or setting that mends it, when there is one.
    pub fix: Option<String>,
}

/// Try what the sandbox needs from this machine, in the directory for temporary files.
pub fn probe() -> Vec<Check> {
    probe_in(&std::env::temp_dir())
}

/// The same in `dir`, an existing directory on the
/// filesystem where builds will be made, usually the store; nothing is left in it.
pub fn probe_in(dir: &Path) -> Vec<Check> {
    let mut checks = vec![user(), devices(), sandbox(dir), narrow_programs(dir), process_limit()];
    checks.retain(|check| !check.name.is_empty());
    checks
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn good(name: &'static str, found: impl Into<String>) -> Check {
    Check { name, found: found.into(), ok: true, fix: None }
}

fn user() -> Check {
    let found = match is_root() {
        true => "root: files get their owners".to_owned(),
        false => format!("user {}: owners are kept beside the files", rustix::process::geteuid().as_raw()),
    };
    good("user", found)
}

fn devices() -> Check {
    match check_devices() {
        Ok(()) => good("devices", "/dev/null and its like are devices"),
        // Root makes its own.
        Err(error) => Check { name: "devices", found: error.to_string(), ok: is_root(), fix: None },
    }
}

/// `_start: mov eax, 60; xor edi, edi; syscall`
const EXIT_64: &[u8] = &[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];
/// `_start: mov eax, 1; xor ebx, ebx; int 0x80`
const EXIT_32: &[u8] = &[0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80];

fn sandbox(dir: &Path) -> Check {
    match try_program(dir, &program(EXIT_64, true)) {
        Ok(outcome) if outcome.succeeded() => {
            good("sandbox", "namespaces, overlayfs, system call filter: a program ran in them")
        }
        Ok(outcome) => Check { name: "sandbox", found: outcome.status.to_string(), ok: false, fix: None },
        Err(error) => {
            let fix = remedy(&error);
            Check { name: "sandbox", found: error.to_string(), ok: false, fix }
        }
    }
}

fn narrow_programs(dir: &Path) -> Check {
    let name = "32-bit programs";
    match try_program(dir, &program(EXIT_32, false)) {
        Ok(outcome) if outcome.succeeded() => good(name, "they run, as the first bootstrap stages need"),
        Err(Error::Exec { .. }) | Ok(_) => Check {
            name,
            found: "this kernel does not run them, so the bootstrap stages cannot be built".into(),
            ok: false,
            fix: Some("boot with ia32_emulation=1, or a kernel with CONFIG_IA32_EMULATION".into()),
        },
        // Told by the check before.
        Err(_) => good("", ""),
    }
}

fn process_limit() -> Check {
    let found = match (ceiling::process_numbers_are_namespaced(), is_root()) {
        (true, _) => "by kernel.pid_max of each sandbox",
        (false, false) => "by RLIMIT_NPROC of each sandbox",
        (false, true) if Group::new(2).is_some() => "by a control group for each sandbox",
        (false, true) => {
            return Check {
                name: "process limit",
                found: "none that holds root: a fork bomb could take the machine along".into(),
                ok: false,
                fix: Some(
                    "build as an ordinary user, or mount the pids controller below /sys/fs/cgroup".into(),
                ),
            };
        }
    };
    good("process limit", found)
}

/// The setting that commonly stands behind a failure.
fn remedy(error: &Error) -> Option<String> {
    let Error::Isolation { step, source } = error else { return None };
    let setting =
        |path: &str| fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let namespaces = [Step::UserMap, Step::Start, Step::CommandMap].map(Step::words);
    if step == "create namespaces" || namespaces.contains(&step.as_str()) || step.starts_with("mount") {
        if setting("/proc/sys/user/max_user_namespaces") == "0" {
            return Some("sudo sysctl -w user.max_user_namespaces=15000".into());
        }
        if setting("/proc/sys/kernel/unprivileged_userns_clone") == "0" {
            return Some("sudo sysctl -w kernel.unprivileged_userns_clone=1".into());
        }
        if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" {
            return Some("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0".into());
        }
        if source.kind() == io::ErrorKind::PermissionDenied {
            return Some("in a container: start it with --privileged".into());
        }
    }
    if step == Step::Propagation.words() && source.raw_os_error() == Some(libc::EINVAL) {
        return Some(
            "in a chroot: enter it with pivot_root (bwrap and systemd-nspawn do), so that / is a mount point"
                .into(),
        );
    }
    if step == Step::Overlay.words() && source.raw_os_error() == Some(libc::ENODEV) {
        return Some("sudo modprobe overlay".into());
    }
    if step == Step::Overlay.words() {
        return Some("set CAIRN_HOME to a directory on ext4, xfs, btrfs or a tmpfs".into());
    }
    None
}

fn try_program(dir: &Path, program: &[u8]) -> Result<Outcome, Error> {
    let place = Place::new(dir)?;
    let path = place.0.join("root/run");
    let host = |source| Error::Host { path: path.clone(), source };
    fs::write(&path, program).map_err(host)?;
    fs::set_permissions(&path, Permissions::from_mode(0o755)).map_err(host)?;
    let mut request = Request::new(place.0.join("root"), place.0.join("upper"), place.0.join("work"));
    request.argv = vec!["/run".into()];
    request.limits.seconds = Some(30);
    run(&request)
}

/// A root filesystem for a moment.
pub(crate) struct Place(pub PathBuf);

impl Place {
    pub fn new(dir: &Path) -> Result<Place, Error> {
        let path = dir.join(format!("probe-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let place = Place(path);
        for part in ["", "root", "upper", "work"] {
            let path = place.0.join(part);
            DirBuilder::new().mode(0o755).create(&path).map_err(|source| Error::Host { path, source })?;
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The smallest static ELF program with this code.
pub(crate) fn program(code: &[u8], wide: bool) -> Vec<u8> {
    const BASE: u64 = 0x10000;
    let (class, machine, header, entry) = if wide { (2u8, 62u16, 64u16, 56u16) } else { (1, 3, 52, 32) };
    let start = u64::from(header + entry);
    let size = start + code.len() as u64;
    let mut file = vec![0x7f, b'E', b'L', b'F', class, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let half = |file: &mut Vec<u8>, n: u16| file.extend(n.to_le_bytes());
    let word = |file: &mut Vec<u8>, n: u32| file.extend(n.to_le_bytes());
    let address = |file: &mut Vec<u8>, n: u64| match wide {
        true => file.extend(n.to_le_bytes()),
        false => file.extend((n as u32).to_le_bytes()),
    };
    // e_type: executable; e_machine; e_version; e_entry; e_phoff; e_shoff; e_flags.
    half(&mut file, 2);
    half(&mut file, machine);
    word(&mut file, 1);
    address(&mut file, BASE + start);
    address(&mut file, u64::from(header));
    address(&mut file, 0);
    word(&mut file, 0);
    // e_ehsize; e_phentsize; e_phnum; no sections.
    for n in [header, entry, 1, 0, 0, 0] {
        half(&mut file, n);
    }
    // One segment, loaded whole, readable and executable. The flags stand second in the
    // 64-bit table and seventh in the 32-bit one.
    const LOAD: u32 = 1;
    const READ_EXECUTE: u32 = 5;
    word(&mut file, LOAD);
    if wide {
        word(&mut file, READ_EXECUTE);
    }
    for n in [0, BASE, BASE, size, size] {
        address(&mut file, n);
    }
    if !wide {
        word(&mut file, READ_EXECUTE);
    }
    address(&mut file, 0x1000);
    file.extend(code);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_have_the_sizes_their_headers_state() {
        assert_eq!(program(EXIT_64, true).len(), 64 + 56 + EXIT_64.len());
        assert_eq!(program(EXIT_32, false).len(), 52 + 32 + EXIT_32.len());
    }

    #[test]
    fn this_machine_can_do_it_all() {
        for check in probe() {
            assert!(check.ok, "{check:?}");
        }
    }
}
