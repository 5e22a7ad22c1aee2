//! Ceilings on what the command may use: `setrlimit`, and the number of processes.

use rustix::process::{Resource, Rlimit, getrlimit};

use crate::request::Limits;

const MIB: u64 = 1 << 20;

/// The limits as the command gets them: fixed numbers, lower only where the host's own
/// ceiling is lower (raising it takes a capability that root may lack as well).
pub fn limits(limits: &Limits) -> Vec<(Resource, Rlimit)> {
    let processes = Some(u64::from(limits.processes));
    let fixed: [(Resource, Option<u64>, Option<u64>); 13] = [
        // One byte, not none: with none, the kernel still starts the host's crash handler.
        (Resource::Core, Some(1), Some(1)),
        (Resource::Cpu, None, None),
        (Resource::Data, None, None),
        (Resource::As, None, None),
        (Resource::Fsize, limits.file_size, limits.file_size),
        (Resource::Memlock, Some(MIB / 16), Some(MIB / 16)),
        (Resource::Msgqueue, Some(819_200), Some(819_200)),
        (Resource::Nice, Some(0), Some(0)),
        (Resource::Nofile, Some(1024), Some(4096)),
        (Resource::Nproc, processes, processes),
        (Resource::Rtprio, Some(0), Some(0)),
        (Resource::Sigpending, Some(4096), Some(4096)),
        // Compilers raise theirs to 64 MiB if they may.
        (Resource::Stack, Some(8 * MIB), Some(1024 * MIB)),
    ];
    fixed.into_iter().map(|(resource, soft, hard)| (resource, lowered(resource, soft, hard))).collect()
}

fn lowered(resource: Resource, soft: Option<u64>, hard: Option<u64>) -> Rlimit {
    let ceiling = getrlimit(resource).maximum;
    let at_most = |wanted: Option<u64>| match (wanted, ceiling) {
        (Some(wanted), Some(ceiling)) => Some(wanted.min(ceiling)),
        (wanted, ceiling) => wanted.or(ceiling),
    };
    Rlimit { current: at_most(soft), maximum: at_most(hard) }
}

/// Whether `kernel.pid_max` belongs to the process namespace (Linux 6.14). Before, it is
/// the whole machine's and must not be touched.
pub fn process_numbers_are_namespaced() -> bool {
    let name = rustix::system::uname();
    release(name.release().to_str().unwrap_or("")) >= (6, 14)
}

fn release(text: &str) -> (u32, u32) {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The kernel hands out numbers from 300 on once it has gone round.
pub const FIRST_REUSED: u32 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_releases_are_compared_as_numbers() {
        let cases = [
            ("6.18.44-fc", (6, 18)),
            ("6.1.0-42-amd64", (6, 1)),
            ("6.14-rc1", (6, 14)),
            ("5.4", (5, 4)),
            ("", (0, 0)),
        ];
        for (text, expected) in cases {
            assert_eq!(release(text), expected, "{text}");
        }
        assert!(release("6.9.1") < (6, 14) && release("10.1") > (6, 14));
    }

    #[test]
    fn no_limit_is_above_the_hosts() {
        for (resource, limit) in limits(&Limits::default()) {
            if let Some(host) = getrlimit(resource).maximum {
                assert!(limit.maximum.is_some_and(|ours| ours <= host), "{resource:?}");
            }
            assert!(limit.current <= limit.maximum || limit.maximum.is_none(), "{resource:?}");
        }
    }
}
