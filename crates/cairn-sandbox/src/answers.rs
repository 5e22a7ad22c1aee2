//! Init's answers to the calls that the filter defers.
//!
//! Most are refusals, kept so that the outcome can name the last one. An address is only
//! noted: the network namespace is what keeps it from being reached. A rootless `chown`
//! is carried out as far as it can be: see [`crate::chown`]. Under other [`crate::Conditions`]
//! init also tells the time ([`crate::clock`]) and lists directories ([`crate::directory`]).

use std::os::fd::BorrowedFd;

use rustix::io::Errno;

use crate::calls::{self, Clock, I386, Question, Rule, Then};
use crate::chown::{self, Change, File, NOT_GIVEN};
use crate::plan::Plan;
use crate::report::Report;
use crate::sys::{self, Answer};
use crate::{clock, directory, vdso};

/// Room for an IPv6 `struct sockaddr`.
const ADDRESS: usize = 28;

/// State between calls.
pub struct Answers<'a> {
    plan: &'a Plan,
    proc: BorrowedFd<'a>,
    noted: Noted,
}

/// What the outcome will name.
#[derive(Debug, Clone, Copy)]
enum Noted {
    Nothing,
    Call(&'static Rule),
    Address([u8; ADDRESS]),
}

/// A deferred call and whom it is from.
struct Call<'a> {
    listener: BorrowedFd<'a>,
    id: u64,
    pid: u32,
    args: [u64; 6],
    narrow: bool,
}

impl<'a> Answers<'a> {
    pub fn new(plan: &'a Plan, proc: BorrowedFd<'a>) -> Answers<'a> {
        Answers { plan, proc, noted: Noted::Nothing }
    }

    /// Take one call and answer it.
    pub fn serve(&mut self, listener: BorrowedFd<'_>) {
        let Ok(notice) = sys::take_notice(listener) else { return };
        let libc::seccomp_data { nr, arch, args, .. } = notice.data;
        let call = Call { listener, id: notice.id, pid: notice.pid, args, narrow: arch == I386 };
        let answer = match calls::find(arch, nr as u32, &args) {
            Some(rule) => self.decide(rule, &call),
            None => Answer::Error(Errno::PERM),
        };
        sys::answer_notice(listener, notice.id, answer);
    }

    /// Tell the caller what was noted last.
    pub fn report(&self) {
        match &self.noted {
            Noted::Nothing => {}
            Noted::Call(rule) => Report::Refused { rule: calls::index(rule) }.send(&self.plan.report),
            Noted::Address(bytes) => Report::Address { bytes }.send(&self.plan.report),
        }
    }

    fn decide(&mut self, rule: &'static Rule, call: &Call<'_>) -> Answer {
        let question = match rule.then {
            Then::Ask(question) => question,
            Then::Refuse | Then::Fail(_) => {
                self.noted = Noted::Call(rule);
                return Answer::Error(Errno::PERM);
            }
        };
        match question {
            Question::Device => {
                self.noted = Noted::Call(rule);
                Answer::Error(Errno::PERM)
            }
            Question::Address { arg } => {
                self.note_address(call, call.arg(arg), call.arg(arg + 1));
                Answer::Continue
            }
            Question::Multiplexed => {
                self.note_multiplexed(call);
                Answer::Continue
            }
            Question::Processors => call.processors(self.plan.cpus),
            Question::Clock(form) => self.clock(form, call),
            Question::Entries => self.entries(call),
            Question::Started => {
                if self.plan.clock_ahead != 0 {
                    vdso::use_calls(self.proc, call.pid, call.narrow);
                }
                Answer::Continue
            }
            Question::Chown { .. } | Question::FChown { .. } | Question::ChownAt => {
                match self.chown(question, call) {
                    Ok(()) => Answer::Value(0),
                    Err(errno) => Answer::Error(errno),
                }
            }
        }
    }

    fn note_address(&mut self, call: &Call<'_>, address: u64, length: u64) {
        let mut bytes = [0u8; ADDRESS];
        let length = (length as usize).min(ADDRESS);
        let read = sys::read_memory(call.pid, address, &mut bytes[..length]);
        if read.is_ok() && is_outside(&bytes) {
            self.noted = Noted::Address(bytes);
        }
    }

    /// `socketcall` keeps the arguments of `connect` and `sendto` in memory.
    fn note_multiplexed(&mut self, call: &Call<'_>) {
        const CONNECT: u64 = 3;
        let mut bytes = [0u8; 24];
        let first = if call.arg(0) == CONNECT { 1 } else { 4 };
        let wanted = 4 * (first + 2);
        if sys::read_memory(call.pid, call.arg(1), &mut bytes[..wanted]).is_err() {
            return;
        }
        let word = |n: usize| {
            let at = 4 * n;
            let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
            word.map_or(0, |word| u64::from(u32::from_ne_bytes(word)))
        };
        self.note_address(call, word(first), word(first + 1));
    }

    fn clock(&self, form: Clock, call: &Call<'_>) -> Answer {
        let (number, address) = match form {
            Clock::Nanoseconds | Clock::WideNanoseconds => (call.arg(0) as u32, call.arg(1)),
            Clock::Seconds | Clock::Microseconds => (libc::CLOCK_REALTIME as u32, call.arg(0)),
        };
        let time = match sys::clock(number) {
            Ok(time) => {
                clock::Time { seconds: time[0] + i64::from(self.plan.clock_ahead), nanoseconds: time[1] }
            }
            Err(errno) => return Answer::Error(errno),
        };
        let told = time.tell(form, call.narrow);
        let put = |address: u64, bytes: &[u8]| {
            address == 0 || sys::write_memory(call.pid, address, bytes) == Ok(bytes.len())
        };
        // The time zone of the kernel, which nobody has set.
        let zone = form != Clock::Microseconds || put(call.arg(1), &[0; 8]);
        match (zone && put(address, told.as_bytes()), form) {
            (false, _) => Answer::Error(Errno::FAULT),
            (true, Clock::Seconds) => Answer::Value(time.seconds),
            (true, _) => Answer::Value(0),
        }
    }

    /// Whatever cannot be done here the kernel does: then in its own order.
    fn entries(&self, call: &Call<'_>) -> Answer {
        if !self.plan.reversed_directories {
            return Answer::Continue;
        }
        let Ok(fd) = sys::descriptor_of(call.pid, call.arg(0) as i32) else { return Answer::Continue };
        let mut bytes = [0u8; 32 << 10];
        let room = (call.arg(2) as usize).min(bytes.len());
        let length = match sys::entries(&fd, &mut bytes[..room]) {
            Ok(length) => length,
            Err(errno) => return Answer::Error(errno),
        };
        let mut turned = [0u8; 32 << 10];
        directory::reverse(&bytes[..length], &mut turned[..length]);
        match sys::write_memory(call.pid, call.arg(1), &turned[..length]) {
            Ok(written) if written == length => Answer::Value(length as i64),
            _ => Answer::Error(Errno::FAULT),
        }
    }

    fn chown(&self, question: Question, call: &Call<'_>) -> Result<(), Errno> {
        let mut path = [0u8; 4096];
        let (file, ids, narrow) = match question {
            Question::Chown { follow, narrow } => {
                let path = call.read_path(call.arg(0), &mut path)?;
                let file = File { dir: chown::CWD, path, follow, may_be_empty: false };
                (file, [call.arg(1), call.arg(2)], narrow)
            }
            Question::FChown { narrow } => {
                let file = File { dir: call.arg(0) as i32, path: c"", follow: true, may_be_empty: true };
                (file, [call.arg(1), call.arg(2)], narrow)
            }
            _ => {
                let flags = call.arg(4) as i32;
                let path = call.read_path(call.arg(1), &mut path)?;
                let follow = flags & libc::AT_SYMLINK_NOFOLLOW == 0;
                let may_be_empty = flags & libc::AT_EMPTY_PATH != 0;
                (
                    File { dir: call.arg(0) as i32, path, follow, may_be_empty },
                    [call.arg(2), call.arg(3)],
                    false,
                )
            }
        };
        let id = |raw: u64| match (narrow, raw as u32) {
            (true, raw) if raw & 0xffff == 0xffff => NOT_GIVEN,
            (true, raw) => raw & 0xffff,
            (false, raw) => raw,
        };
        let change = Change { uid: id(ids[0]), gid: id(ids[1]) };
        let opened = chown::open(self.proc, call.pid, &file)?;
        // The number of a process that has died may by now be another's.
        if !sys::notice_is_valid(call.listener, call.id) {
            return Err(Errno::SRCH);
        }
        chown::apply(self.plan, self.proc, &opened, change)
    }
}

impl Call<'_> {
    /// 32-bit programs leave the upper halves undefined.
    fn arg(&self, n: usize) -> u64 {
        let value = self.args.get(n).copied().unwrap_or(0);
        if self.narrow { value & 0xffff_ffff } else { value }
    }

    /// A string of the calling process.
    fn read_path<'b>(&self, address: u64, into: &'b mut [u8; 4096]) -> Result<&'b std::ffi::CStr, Errno> {
        // Up to the end of its page first: the next may not be mapped.
        let to_page_end = 4096 - (address as usize & 4095);
        let first = sys::read_memory(self.pid, address, &mut into[..to_page_end])?;
        if !into[..first].contains(&0) && first == to_page_end {
            let _ = sys::read_memory(self.pid, address + first as u64, &mut into[first..]);
        }
        std::ffi::CStr::from_bytes_until_nul(into).map_err(|_| Errno::NAMETOOLONG)
    }

    /// What `sched_getaffinity` writes: a bit for each processor the command is to see.
    fn processors(&self, count: u32) -> Answer {
        let mut mask = [0u8; 128];
        for n in 0..(count as usize).min(8 * mask.len()) {
            mask[n / 8] |= 1 << (n % 8);
        }
        let word = if self.narrow { 4 } else { 8 };
        let needed = (count as usize).div_ceil(64) * 8;
        let offered = self.arg(1) as usize;
        if !offered.is_multiple_of(word) || offered * 8 < count as usize {
            return Answer::Error(Errno::INVAL);
        }
        let length = needed.min(offered);
        match sys::write_memory(self.pid, self.arg(2), &mask[..length]) {
            Ok(written) if written == length => Answer::Value(length as i64),
            _ => Answer::Error(Errno::FAULT),
        }
    }
}

/// Whether a `struct sockaddr` means a machine other than this one, or asks for a name
/// (which resolvers send to this machine when nobody told them better).
fn is_outside(address: &[u8; ADDRESS]) -> bool {
    let family = i32::from(u16::from_ne_bytes([address[0], address[1]]));
    let port = u16::from_be_bytes([address[2], address[3]]);
    const NAME_SERVICE: u16 = 53;
    let local = match family {
        libc::AF_INET => address[4] == 127 || address[4..8] == [0; 4],
        libc::AF_INET6 => address[8..23] == [0; 15] && address[23] <= 1,
        _ => return false,
    };
    !local || port == NAME_SERVICE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_outside_are_told_from_those_inside() {
        let v4 = |ip: [u8; 4], port: u16| {
            let mut address = [0u8; ADDRESS];
            address[0] = libc::AF_INET as u8;
            address[2..4].copy_from_slice(&port.to_be_bytes());
            address[4..8].copy_from_slice(&ip);
            address
        };
        let v6 = |ip: [u8; 16]| {
            let mut address = [0u8; ADDRESS];
            address[0] = libc::AF_INET6 as u8;
            address[8..24].copy_from_slice(&ip);
            address
        };
        let mut loopback = [0; 16];
        loopback[15] = 1;
        let mut other = loopback;
        other[0] = 0x20;
        let cases = [
            (v4([192, 0, 2, 1], 80), true),
            (v4([127, 0, 0, 1], 8080), false),
            (v4([0, 0, 0, 0], 8080), false),
            (v4([127, 0, 0, 53], 53), true),
            (v6(loopback), false),
            (v6([0; 16]), false),
            (v6(other), true),
            ([1; ADDRESS], false),
        ];
        for (address, outside) in cases {
            assert_eq!(is_outside(&address), outside, "{address:?}");
        }
    }
}
