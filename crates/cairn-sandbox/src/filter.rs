//! The system call filter as the kernel takes it: a small program of comparisons.
//!
//! ```text
//!   which table?  64-bit ─┬─ number too new or of the x32 table: ENOSYS
//!                         └─ search tree over the numbers with rules
//!                              └─ conditions of each rule, then its answer; else allow
//!                 32-bit ──  the same with the other numbers
//!                 neither: kill
//! ```
//!
//! A tree, because the kernel runs the program once for each call there is when it is
//! installed, and that is before every RUN.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use libc::sock_filter;

use crate::calls::{EVERYWHERE, I386, NEWEST, ROOTLESS, Rule, Then, VARIED, When, X86_64};

type Program = Vec<sock_filter>;

// Offsets into the kernel's struct seccomp_data.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const fn low(arg: u32) -> u32 {
    16 + 8 * arg
}
const fn high(arg: u32) -> u32 {
    low(arg) + 4
}

/// The filter for a build by root, or by an ordinary user; `varied` lets init answer for
/// the clock and the order of directories.
pub fn program(rootless: bool, varied: bool) -> &'static [sock_filter] {
    static BUILT: [OnceLock<Program>; 4] = [const { OnceLock::new() }; 4];
    BUILT[usize::from(rootless) + 2 * usize::from(varied)].get_or_init(|| {
        let given = |wanted: bool, rules: &'static [Rule]| if wanted { rules } else { &[] };
        let more = given(rootless, ROOTLESS).iter().chain(given(varied, VARIED));
        build(&EVERYWHERE.iter().chain(more).collect::<Vec<_>>())
    })
}

fn build(rules: &[&'static Rule]) -> Program {
    let wide = table(rules, |rule| rule.x86_64);
    let narrow = table(rules, |rule| rule.i386);
    let mut program = vec![load(ARCH), jump(libc::BPF_JEQ, X86_64, 0, 1), skip(1), skip(wide.len())];
    program.extend(wide);
    program.push(jump(libc::BPF_JEQ, I386, 1, 0));
    program.push(give(libc::SECCOMP_RET_KILL_PROCESS));
    program.extend(narrow);
    program
}

/// One of the two system call tables.
fn table(rules: &[&'static Rule], number: fn(&Rule) -> Option<u32>) -> Program {
    let mut calls: BTreeMap<u32, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        if let Some(number) = number(rule) {
            calls.entry(number).or_default().push(rule);
        }
    }
    // The x32 table is the 64-bit one with a high bit: above NEWEST as well.
    let mut program = vec![
        load(NUMBER),
        jump(libc::BPF_JGT, NEWEST, 0, 1),
        give(libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
    ];
    program.extend(tree(&spans(&calls)));
    program
}

/// Neighbouring numbers with one treatment.
struct Span {
    first: u32,
    last: u32,
    /// What to do once the number is known to be one of these.
    body: Program,
    /// The answer, where it depends on nothing else.
    answer: Option<u32>,
}

fn spans(calls: &BTreeMap<u32, Vec<&Rule>>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (&number, rules) in calls {
        let answer = match rules[..] {
            [rule] if rule.when.is_empty() => Some(answer(rule)),
            _ => None,
        };
        match spans.last_mut() {
            Some(span) if span.last + 1 == number && answer.is_some() && span.answer == answer => {
                span.last = number;
            }
            _ => {
                let body = rules.iter().flat_map(|rule| test(rule)).collect();
                spans.push(Span { first: number, last: number, body, answer });
            }
        }
    }
    spans
}

/// Find the number, which is in the accumulator; every path ends in an answer.
fn tree(spans: &[Span]) -> Program {
    match spans {
        [] => vec![give(libc::SECCOMP_RET_ALLOW)],
        [span] => {
            let past = span.body.len() as u8;
            let mut program = match span.first == span.last {
                true => vec![jump(libc::BPF_JEQ, span.first, 0, past)],
                false => vec![
                    jump(libc::BPF_JGE, span.first, 0, past + 1),
                    jump(libc::BPF_JGT, span.last, past, 0),
                ],
            };
            program.extend_from_slice(&span.body);
            program.push(give(libc::SECCOMP_RET_ALLOW));
            program
        }
        _ => {
            let (below, above) = spans.split_at(spans.len() / 2);
            let left = tree(below);
            let mut program = match u8::try_from(left.len()) {
                Ok(past) => vec![jump(libc::BPF_JGE, above[0].first, past, 0)],
                Err(_) => vec![jump(libc::BPF_JGE, above[0].first, 0, 1), skip(left.len())],
            };
            program.extend(left);
            program.extend(tree(above));
            program
        }
    }
}

/// Give the rule's answer if its conditions hold, else go on behind it.
fn test(rule: &Rule) -> Program {
    let mut program = vec![give(answer(rule))];
    for condition in rule.when.iter().rev() {
        let mut before = condition_code(condition, program.len() as u8);
        before.append(&mut program);
        program = before;
    }
    program
}

fn answer(rule: &Rule) -> u32 {
    match rule.then {
        Then::Fail(errno) => libc::SECCOMP_RET_ERRNO | errno as u32,
        Then::Refuse | Then::Ask(_) => libc::SECCOMP_RET_USER_NOTIF,
    }
}

/// Fall through if the condition holds, else jump over the `rest` instructions behind it.
fn condition_code(condition: &When, rest: u8) -> Program {
    match *condition {
        When::Masked { arg, mask, one_of } => {
            let mut program = vec![load(low(arg)), and(mask)];
            program.extend(one_of_code(one_of, 0, rest));
            program
        }
        When::NoneOf { arg, of } => {
            let mut program = vec![load(low(arg))];
            program.extend(one_of_code(of, rest, 0));
            program
        }
        When::AnyBit { arg, mask } => vec![load(low(arg)), jump(libc::BPF_JSET, mask, 0, rest)],
        When::Given { arg } => vec![
            load(low(arg)),
            jump(libc::BPF_JEQ, 0, 0, 2),
            load(high(arg)),
            jump(libc::BPF_JEQ, 0, rest, 0),
        ],
    }
}

/// Jump by `found` or `missing` from the end of this piece.
fn one_of_code(values: &[u32], found: u8, missing: u8) -> Program {
    let last = values.len() - 1;
    let at = |(i, &value): (usize, &u32)| {
        let behind = (last - i) as u8;
        jump(libc::BPF_JEQ, value, behind + found, if i == last { missing } else { 0 })
    };
    values.iter().enumerate().map(at).collect()
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
}

fn and(mask: u32) -> sock_filter {
    instruction(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, 0, 0, mask)
}

fn jump(test: u32, value: u32, yes: u8, no: u8) -> sock_filter {
    instruction(libc::BPF_JMP | test | libc::BPF_K, yes, no, value)
}

fn skip(count: usize) -> sock_filter {
    instruction(libc::BPF_JMP | libc::BPF_JA, 0, 0, count as u32)
}

fn give(answer: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, 0, answer)
}

fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls;

    /// What the kernel would answer: a machine for the instructions used here.
    fn run(program: &[sock_filter], arch: u32, number: u32, args: [u64; 6]) -> u32 {
        let word = |offset: u32| match offset {
            NUMBER => number,
            ARCH => arch,
            _ => (args[(offset as usize - 16) / 8] >> (8 * (offset % 8))) as u32,
        };
        let (mut at, mut a) = (0usize, 0u32);
        loop {
            let i = program[at];
            at += 1;
            let by = |yes: bool| usize::from(if yes { i.jt } else { i.jf });
            match u32::from(i.code) {
                0x20 => a = word(i.k),
                0x54 => a &= i.k,
                0x05 => at += i.k as usize,
                0x15 => at += by(a == i.k),
                0x25 => at += by(a > i.k),
                0x35 => at += by(a >= i.k),
                0x45 => at += by(a & i.k != 0),
                0x06 => return i.k,
                other => panic!("instruction {other:#x}"),
            }
        }
    }

    const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
    const ASK: u32 = libc::SECCOMP_RET_USER_NOTIF;
    const fn errno(n: i32) -> u32 {
        libc::SECCOMP_RET_ERRNO | n as u32
    }

    #[test]
    fn answers_by_call_and_argument() {
        let program = program(true, true);
        let cases: &[(&str, u32, u32, [u64; 6], u32)] = &[
            ("read", X86_64, 0, [0; 6], ALLOW),
            ("exit, 32-bit", I386, 1, [0; 6], ALLOW),
            ("execve, 32-bit", I386, 11, [0; 6], ALLOW),
            ("mount", X86_64, 165, [0; 6], ASK),
            ("mount, 32-bit", I386, 21, [0; 6], ASK),
            ("number 21 means access in the 64-bit table", X86_64, 21, [0; 6], ALLOW),
            ("a call newer than the table", X86_64, NEWEST + 1, [0; 6], errno(libc::ENOSYS)),
            ("the x32 table", X86_64, 0x4000_0000, [0; 6], errno(libc::ENOSYS)),
            ("another architecture", 0x1234, 0, [0; 6], libc::SECCOMP_RET_KILL_PROCESS),
            ("fork", X86_64, 56, [17, 0, 0, 0, 0, 0], ALLOW),
            ("a user namespace", X86_64, 56, [0x1000_0011, 0, 0, 0, 0, 0], ASK),
            ("clone3", X86_64, 435, [0; 6], errno(libc::ENOSYS)),
            ("unshare of files", X86_64, 272, [0x400, 0, 0, 0, 0, 0], ALLOW),
            ("unshare of time", X86_64, 272, [0x80, 0, 0, 0, 0, 0], ASK),
            ("a pipe by mknod", X86_64, 133, [0, 0o010644, 0, 0, 0, 0], ALLOW),
            ("a device by mknod", X86_64, 133, [0, 0o020644, 0, 0, 0, 0], ASK),
            ("a disk by mknodat", I386, 297, [0, 0, 0o060644, 0, 0, 0], ASK),
            ("a unix socket", X86_64, 41, [1, 1, 0, 0, 0, 0], ALLOW),
            ("a vsock", X86_64, 41, [40, 1, 0, 0, 0, 0], errno(libc::EAFNOSUPPORT)),
            ("a vsock, 32-bit", I386, 359, [40, 1, 0, 0, 0, 0], errno(libc::EAFNOSUPPORT)),
            ("any by socketcall", I386, 102, [1, 0, 0, 0, 0, 0], errno(libc::EAFNOSUPPORT)),
            ("socketpair by socketcall", I386, 102, [8, 0, 0, 0, 0, 0], ALLOW),
            ("route netlink", X86_64, 41, [16, 3, 0, 0, 0, 0], ALLOW),
            ("audit netlink", X86_64, 41, [16, 3, 9, 0, 0, 0], errno(libc::EPROTONOSUPPORT)),
            ("connect", X86_64, 42, [0; 6], ASK),
            ("send", X86_64, 44, [0; 6], ALLOW),
            ("sendto low address", X86_64, 44, [0, 0, 0, 0, 1, 0], ASK),
            ("sendto high address", X86_64, 44, [0, 0, 0, 0, 1 << 40, 0], ASK),
            ("an ordinary ioctl", X86_64, 16, [0, 0x5401, 0, 0, 0, 0], ALLOW),
            ("TIOCSTI", X86_64, 16, [0, 0x5412, 0, 0, 0, 0], ASK),
            ("TIOCSTI with high bits", X86_64, 16, [0, 0xf_0000_5412, 0, 0, 0, 0], ASK),
            ("getxattr", X86_64, 191, [0; 6], errno(libc::EOPNOTSUPP)),
            ("setting processors", X86_64, 203, [0; 6], errno(0)),
            ("chown", X86_64, 92, [0; 6], ASK),
            ("chown, 32-bit", I386, 182, [0; 6], ASK),
            ("groups", X86_64, 115, [64, 0, 0, 0, 0, 0], errno(0)),
            ("a negative number of groups", X86_64, 115, [0xffff_ffff, 0, 0, 0, 0, 0], errno(libc::EINVAL)),
            ("the time of day", X86_64, 228, [0; 6], ASK),
            ("time since the start", X86_64, 228, [1, 0, 0, 0, 0, 0], ALLOW),
            ("a directory's entries, 32-bit", I386, 220, [0; 6], ASK),
        ];
        for (what, arch, number, args, expected) in cases {
            assert_eq!(run(program, *arch, *number, *args), *expected, "{what}");
        }
        assert_eq!(run(super::program(false, true), X86_64, 92, [0; 6]), ALLOW, "root's chown");
        assert_eq!(run(super::program(true, false), X86_64, 228, [0; 6]), ALLOW, "the clock, ordinarily");
    }

    /// The tree must say what the table says, and init must find the rule for all that is
    /// deferred and for nothing else.
    #[test]
    fn tree_and_table_agree_on_every_call() {
        let program = program(true, true);
        let arguments = [0, 1, 3, 16, 40, 0x5412, 0o020000, 0x1000_0000];
        for arch in [X86_64, I386] {
            for number in 0..=NEWEST {
                for value in arguments {
                    let args = [value; 6];
                    let got = run(program, arch, number, args);
                    let first = calls::all().find(|rule| {
                        let ours = if arch == X86_64 { rule.x86_64 } else { rule.i386 };
                        ours == Some(number) && rule.when.iter().all(|when| when.holds(&args))
                    });
                    let what = format!("call {number} of {arch:#x} with {value:#x}");
                    assert_eq!(got, first.map_or(ALLOW, answer), "{what}");
                    let found = calls::find(arch, number, &args).is_some();
                    assert_eq!(got == ASK, found, "{what}");
                }
            }
        }
    }

    #[test]
    fn stays_small() {
        // The kernel takes 4096; its compiler's time is part of every RUN.
        let (usual, most) = (program(true, false).len(), program(true, true).len());
        assert!(usual < 600 && most < 650, "{usual} and {most} instructions");
    }
}
