//! Which system calls a build does not get, and how each is answered.
//!
//! A deny list, closed at its far end: numbers that did not exist when it was written
//! answer "no such call". Each rule holds for 64-bit and 32-bit programs alike (the first
//! bootstrap stages are 32-bit), which is why it names both numbers.

use libc::c_int;

/// The newest call known here, `removexattrat`, has the same number in both tables.
pub const NEWEST: u32 = 466;

/// One line of the table: when call `name` is made so, then this.
#[derive(Debug)]
pub struct Rule {
    pub name: &'static str,
    /// Number in the 64-bit table.
    pub x86_64: Option<u32>,
    /// Number in the 32-bit table.
    pub i386: Option<u32>,
    /// All must hold; none means always.
    pub when: &'static [When],
    pub then: Then,
}

/// A condition on an argument's low 32 bits (all 64 for [`When::Given`]).
#[derive(Debug)]
pub enum When {
    /// Equal to one of these under the mask.
    Masked { arg: u32, mask: u32, one_of: &'static [u32] },
    /// Equal to none of these.
    NoneOf { arg: u32, of: &'static [u32] },
    /// One of these bits is set.
    AnyBit { arg: u32, mask: u32 },
    /// Not zero, all 64 bits considered.
    Given { arg: u32 },
}

/// What happens instead of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// EPERM, and the outcome names the call.
    Refuse,
    /// This error, or success without effect where 0; nobody is told.
    Fail(c_int),
    /// Init decides.
    Ask(Question),
}

/// A call that init looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The file by path in argument 0, owner and group in 1 and 2.
    Chown { follow: bool, narrow: bool },
    /// The file by descriptor in argument 0, owner and group in 1 and 2.
    FChown { narrow: bool },
    /// Directory, path, owner, group, flags.
    ChownAt,
    /// A device node: refused under its own name.
    Device,
    /// An address at this argument, its length in the next: noted, then left to the
    /// kernel, which has no route.
    Address { arg: usize },
    /// The same through the 32-bit multiplexer: call in 0, its arguments at 1.
    Multiplexed,
    /// The processors this process may use: answered with the number it is to see.
    Processors,
    /// The wall clock, in the form that this call writes: answered with another time.
    Clock(Clock),
    /// A directory's next entries: answered in the opposite order.
    Entries,
    /// What every program does right after it has started: the moment to make its vDSO,
    /// which tells the time without a call, use calls.
    Started,
}

/// How a call tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Seconds, also to the address in argument 0.
    Seconds,
    /// Seconds and microseconds at argument 0, the time zone at 1, in the caller's words.
    Microseconds,
    /// Seconds and nanoseconds at argument 1, in the caller's words.
    Nanoseconds,
    /// The same in 64-bit words, whoever calls.
    WideNanoseconds,
}

const fn rule(name: &'static str, x86_64: c_int, i386: c_int, then: Then) -> Rule {
    when(name, x86_64, i386, &[], then)
}

const fn when(name: &'static str, x86_64: c_int, i386: c_int, when: &'static [When], then: Then) -> Rule {
    Rule { name, x86_64: number(x86_64), i386: number(i386), when, then }
}

const fn number(n: c_int) -> Option<u32> {
    if n < 0 { None } else { Some(n as u32) }
}

/// Not in this table.
const NO: c_int = -1;

const REFUSE: Then = Then::Refuse;
/// Wrappers fall back to older calls on this.
const ABSENT: Then = Then::Fail(libc::ENOSYS);
/// As on a filesystem without extended attributes: images hold none, and the ones that
/// overlayfs and the rootless mode keep are nobody's business.
const NO_XATTR: Then = Then::Fail(libc::EOPNOTSUPP);

const NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;
/// Only `unshare` takes it: in `clone` the bit is part of the exit signal.
const NEW_TIME: u32 = 0x80;

const TYPE: u32 = libc::S_IFMT;
const DEVICES: &[u32] = &[libc::S_IFCHR, libc::S_IFBLK];
const FAMILIES: &[u32] =
    &[libc::AF_UNIX as u32, libc::AF_INET as u32, libc::AF_INET6 as u32, libc::AF_NETLINK as u32];
const NETLINK: When = When::Masked { arg: 0, mask: u32::MAX, one_of: &[libc::AF_NETLINK as u32] };
const NETLINK_ROUTE: u32 = libc::NETLINK_ROUTE as u32;
/// Of the 32-bit multiplexer `socketcall`.
const SOCKET: u32 = 1;
const CONNECT: u32 = 3;
const SENDTO: u32 = 11;

/// For every build.
#[rustfmt::skip]
pub const EVERYWHERE: &[Rule] = &[
    // Mounts, and the ways around them.
    rule("mount", 165, 21, REFUSE),
    rule("umount", NO, 22, REFUSE),
    rule("umount2", 166, 52, REFUSE),
    rule("pivot_root", 155, 217, REFUSE),
    rule("open_tree", 428, 428, REFUSE),
    rule("move_mount", 429, 429, REFUSE),
    rule("fsopen", 430, 430, REFUSE),
    rule("fsconfig", 431, 431, REFUSE),
    rule("fsmount", 432, 432, REFUSE),
    rule("fspick", 433, 433, REFUSE),
    rule("mount_setattr", 442, 442, REFUSE),
    rule("open_by_handle_at", 304, 342, REFUSE),
    rule("quotactl", 179, 131, REFUSE),
    rule("quotactl_fd", 443, 443, REFUSE),
    rule("swapon", 167, 87, REFUSE),
    rule("swapoff", 168, 115, REFUSE),
    rule("acct", 163, 51, REFUSE),

    // Namespaces. clone3 hides its flags in memory, where a filter cannot look.
    rule("setns", 308, 346, REFUSE),
    when("unshare", 272, 310, &[When::AnyBit { arg: 0, mask: NAMESPACES | NEW_TIME }], REFUSE),
    when("clone", 56, 120, &[When::AnyBit { arg: 0, mask: NAMESPACES }], REFUSE),
    rule("clone3", 435, 435, ABSENT),

    // Other processes.
    rule("ptrace", 101, 26, REFUSE),
    rule("process_vm_readv", 310, 347, REFUSE),
    rule("process_vm_writev", 311, 348, REFUSE),
    rule("process_madvise", 440, 440, REFUSE),
    rule("pidfd_getfd", 438, 438, REFUSE),
    rule("kcmp", 312, 349, REFUSE),

    // The kernel and the machine.
    rule("init_module", 175, 128, REFUSE),
    rule("finit_module", 313, 350, REFUSE),
    rule("delete_module", 176, 129, REFUSE),
    rule("create_module", 174, 127, ABSENT),
    rule("kexec_load", 246, 283, REFUSE),
    rule("kexec_file_load", 320, NO, REFUSE),
    rule("reboot", 169, 88, REFUSE),
    rule("syslog", 103, 103, REFUSE),
    rule("sethostname", 170, 74, REFUSE),
    rule("setdomainname", 171, 121, REFUSE),
    rule("settimeofday", 164, 79, REFUSE),
    rule("clock_settime", 227, 264, REFUSE),
    rule("clock_settime64", NO, 404, REFUSE),
    rule("stime", NO, 25, REFUSE),
    rule("iopl", 172, 110, REFUSE),
    rule("ioperm", 173, 101, REFUSE),
    rule("vm86", NO, 166, REFUSE),
    rule("vm86old", NO, 113, REFUSE),
    rule("bpf", 321, 357, REFUSE),
    rule("perf_event_open", 298, 336, REFUSE),
    rule("userfaultfd", 323, 374, REFUSE),
    rule("fanotify_init", 300, 338, REFUSE),
    rule("lookup_dcookie", 212, 253, ABSENT),
    rule("uselib", 134, 86, ABSENT),
    rule("nfsservctl", 180, 169, ABSENT),
    rule("_sysctl", 156, 149, ABSENT),
    rule("sysfs", 139, 135, ABSENT),
    rule("bdflush", NO, 134, ABSENT),
    rule("io_uring_setup", 425, 425, ABSENT),
    rule("io_uring_enter", 426, 426, ABSENT),
    rule("io_uring_register", 427, 427, ABSENT),

    // Keyrings are not namespaced by what we have.
    rule("add_key", 248, 286, REFUSE),
    rule("request_key", 249, 287, REFUSE),
    rule("keyctl", 250, 288, REFUSE),

    // Typing into a terminal that is not ours.
    when("ioctl(TIOCSTI)", 16, 54, &[When::Masked { arg: 1, mask: u32::MAX, one_of: &[0x5412, 0x541c] }], REFUSE),

    when("mknod", 133, 14, &[When::Masked { arg: 1, mask: TYPE, one_of: DEVICES }], Then::Ask(Question::Device)),
    when("mknodat", 259, 297, &[When::Masked { arg: 2, mask: TYPE, one_of: DEVICES }], Then::Ask(Question::Device)),

    // Sockets: some families (vsock, for one) pay no heed to network namespaces.
    when("socket", 41, 359, &[When::NoneOf { arg: 0, of: FAMILIES }], Then::Fail(libc::EAFNOSUPPORT)),
    when("socket", 41, 359, &[NETLINK, When::NoneOf { arg: 2, of: &[NETLINK_ROUTE] }], Then::Fail(libc::EPROTONOSUPPORT)),
    when("socketcall", NO, 102, &[When::Masked { arg: 0, mask: u32::MAX, one_of: &[SOCKET] }], Then::Fail(libc::EAFNOSUPPORT)),
    when("socketcall", NO, 102, &[When::Masked { arg: 0, mask: u32::MAX, one_of: &[CONNECT, SENDTO] }], Then::Ask(Question::Multiplexed)),
    rule("connect", 42, 362, Then::Ask(Question::Address { arg: 1 })),
    when("sendto", 44, 369, &[When::Given { arg: 4 }], Then::Ask(Question::Address { arg: 4 })),

    // The number of processors is part of the request.
    rule("sched_getaffinity", 204, 242, Then::Ask(Question::Processors)),
    rule("sched_setaffinity", 203, 241, Then::Fail(0)),

    rule("setxattr", 188, 226, NO_XATTR),
    rule("lsetxattr", 189, 227, NO_XATTR),
    rule("fsetxattr", 190, 228, NO_XATTR),
    rule("getxattr", 191, 229, NO_XATTR),
    rule("lgetxattr", 192, 230, NO_XATTR),
    rule("fgetxattr", 193, 231, NO_XATTR),
    rule("listxattr", 194, 232, NO_XATTR),
    rule("llistxattr", 195, 233, NO_XATTR),
    rule("flistxattr", 196, 234, NO_XATTR),
    rule("removexattr", 197, 235, NO_XATTR),
    rule("lremovexattr", 198, 236, NO_XATTR),
    rule("fremovexattr", 199, 237, NO_XATTR),
    rule("setxattrat", 463, 463, NO_XATTR),
    rule("getxattrat", 464, 464, NO_XATTR),
    rule("listxattrat", 465, 465, NO_XATTR),
    rule("removexattrat", 466, 466, NO_XATTR),
];

/// The first argument is a negative number.
const NEGATIVE: &[When] = &[When::AnyBit { arg: 0, mask: 1 << 31 }];

/// For an ordinary user's builds, where the kernel would refuse them all.
#[rustfmt::skip]
pub const ROOTLESS: &[Rule] = &[
    rule("chown", 92, 212, Then::Ask(Question::Chown { follow: true, narrow: false })),
    rule("lchown", 94, 198, Then::Ask(Question::Chown { follow: false, narrow: false })),
    rule("fchown", 93, 207, Then::Ask(Question::FChown { narrow: false })),
    rule("fchownat", 260, 298, Then::Ask(Question::ChownAt)),
    // The 32-bit originals have 16-bit owners.
    rule("chown16", NO, 182, Then::Ask(Question::Chown { follow: true, narrow: true })),
    rule("lchown16", NO, 16, Then::Ask(Question::Chown { follow: false, narrow: true })),
    rule("fchown16", NO, 95, Then::Ask(Question::FChown { narrow: true })),
    // The person's own groups cannot be dropped: "none" is the answer, but to a bad question.
    when("getgroups", 115, 205, NEGATIVE, Then::Fail(libc::EINVAL)),
    when("getgroups16", NO, 80, NEGATIVE, Then::Fail(libc::EINVAL)),
    rule("getgroups", 115, 205, Then::Fail(0)),
    rule("getgroups16", NO, 80, Then::Fail(0)),
];

/// Clocks that tell the time of day: real, coarse, atomic.
const WALL: &[When] = &[When::Masked { arg: 0, mask: u32::MAX, one_of: &[0, 5, 11] }];

/// For a run whose [`crate::Conditions`] differ in what only init can make different.
#[rustfmt::skip]
pub const VARIED: &[Rule] = &[
    when("clock_gettime", 228, 265, WALL, Then::Ask(Question::Clock(Clock::Nanoseconds))),
    when("clock_gettime64", NO, 403, WALL, Then::Ask(Question::Clock(Clock::WideNanoseconds))),
    rule("gettimeofday", 96, 78, Then::Ask(Question::Clock(Clock::Microseconds))),
    rule("time", 201, 13, Then::Ask(Question::Clock(Clock::Seconds))),
    rule("getdents64", 217, 220, Then::Ask(Question::Entries)),
    // Of these every C library makes one before it could ask for the time.
    rule("brk", 12, 45, Then::Ask(Question::Started)),
    rule("arch_prctl", 158, NO, Then::Ask(Question::Started)),
    rule("set_thread_area", 205, 243, Then::Ask(Question::Started)),
];

/// All rules there are.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    EVERYWHERE.iter().chain(ROOTLESS).chain(VARIED)
}

/// The rule behind a deferred call, as the filter chose it: the first of that number
/// which defers and whose conditions hold.
pub fn find(arch: u32, number: u32, args: &[u64; 6]) -> Option<&'static Rule> {
    all().find(|rule| {
        let ours = if arch == X86_64 { rule.x86_64 } else { rule.i386 };
        ours == Some(number)
            && !matches!(rule.then, Then::Fail(_))
            && rule.when.iter().all(|condition| condition.holds(args))
    })
}

/// The place of a rule among all, and the rule at a place: how init names one to the caller.
pub fn index(rule: &Rule) -> u32 {
    let place = all().position(|other| std::ptr::eq(other, rule));
    place.map_or(u32::MAX, |place| place as u32)
}

/// See [`index`].
pub fn at_index(index: u32) -> Option<&'static Rule> {
    all().nth(index as usize)
}

impl When {
    /// What the filter computes, once more, for init.
    pub fn holds(&self, args: &[u64; 6]) -> bool {
        let low = |arg: u32| args.get(arg as usize).copied().unwrap_or(0) as u32;
        match *self {
            When::Masked { arg, mask, one_of } => one_of.contains(&(low(arg) & mask)),
            When::NoneOf { arg, of } => !of.contains(&low(arg)),
            When::AnyBit { arg, mask } => low(arg) & mask != 0,
            When::Given { arg } => args.get(arg as usize).is_some_and(|&value| value != 0),
        }
    }
}

/// `AUDIT_ARCH_X86_64`: what the kernel calls the 64-bit table.
pub const X86_64: u32 = 0xc000_003e;
/// `AUDIT_ARCH_I386`: the 32-bit one, also behind `int 0x80` in a 64-bit program.
pub const I386: u32 = 0x4000_0003;

#[cfg(test)]
mod tests {
    use super::*;

    /// Compare with the kernel's own headers where they are installed.
    #[test]
    fn numbers_are_those_of_the_kernel() {
        let mut compared = 0;
        for (header, number) in
            [("unistd_64.h", (|r| r.x86_64) as fn(&Rule) -> Option<u32>), ("unistd_32.h", |r| r.i386)]
        {
            let path = format!("/usr/include/x86_64-linux-gnu/asm/{header}");
            let Ok(text) = std::fs::read_to_string(path) else {
                continue;
            };
            let numbers: std::collections::BTreeMap<&str, u32> = text
                .lines()
                .filter_map(|line| line.strip_prefix("#define __NR_")?.split_once(' '))
                .filter_map(|(name, n)| Some((name, n.trim().parse().ok()?)))
                .collect();
            for rule in all() {
                let Some(ours) = number(rule) else { continue };
                let name = rule.name.split('(').next().expect("split gives one part at least");
                let name = match (header, name) {
                    ("unistd_32.h", "chown" | "lchown" | "fchown" | "getgroups") => format!("{name}32"),
                    _ => name.trim_end_matches("16").to_string(),
                };
                // Headers may be older than the table.
                if let Some(&theirs) = numbers.get(name.as_str()) {
                    assert_eq!(ours, theirs, "{name} in {header}");
                    compared += 1;
                }
            }
        }
        println!("{compared} numbers compared");
    }
}
