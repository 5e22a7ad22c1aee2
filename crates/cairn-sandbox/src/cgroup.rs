//! A ceiling on processes by control group, for root on kernels before 6.14: there
//! `kernel.pid_max` is the whole machine's, and `RLIMIT_NPROC` does not bind user 0.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the controller may be: alone, in the only hierarchy, in the newer of two.
const PLACES: [&str; 3] = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// Init and its trial forks count too.
const OURS: u32 = 2;

/// Removed when dropped, which is when its last process is gone.
#[derive(Debug)]
pub struct Group {
    dir: PathBuf,
    /// `cgroup.procs`: a process that writes `0` to it joins.
    pub door: OwnedFd,
}

impl Group {
    /// A group for `processes` of a command; `None` where the controller cannot be had.
    pub fn new(processes: u32) -> Option<Group> {
        PLACES.iter().find_map(|place| Group::below(Path::new(place), processes))
    }

    fn below(place: &Path, processes: u32) -> Option<Group> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = place.join(format!("cairn-{}-{count}", std::process::id()));
        fs::create_dir(&dir).ok()?;
        let limited = fs::write(dir.join("pids.max"), (processes + OURS).to_string());
        let door = fs::File::options().write(true).open(dir.join("cgroup.procs"));
        match (limited, door) {
            (Ok(()), Ok(door)) => Some(Group { dir, door: door.into() }),
            _ => {
                let _ = fs::remove_dir(&dir);
                None
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.dir);
    }
}
