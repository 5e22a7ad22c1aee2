//! The processes of a sandbox, as its `/proc` shows them to init.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;

use rustix::fs::{Mode, OFlags, RawDir, openat};

use crate::text::Text;

const MOST_NAMES: u32 = 8;

/// Append up to eight names of processes to `names`, each closed by a zero byte. `proc` is
/// a descriptor of the sandbox's `/proc`.
pub fn names<const N: usize>(proc: BorrowedFd<'_>, names: &mut Text<N>) {
    let mut found = 0;
    each(proc, |pid| {
        let mut path: Text<64> = Text::new();
        path.push(pid.to_bytes()).push(b"/comm");
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        if let Ok(comm) = openat(proc, path.as_c_str(), flags, Mode::empty()) {
            let mut name = [0u8; 17];
            let length = rustix::io::read(&comm, &mut name).unwrap_or(0);
            names.push(name.get(..length).unwrap_or(&[]).trim_ascii_end()).push(&[0]);
            found += 1;
        }
        found < MOST_NAMES
    });
}

/// How many there are, without init, counting no further than `limit`.
pub fn count(proc: BorrowedFd<'_>, limit: u32) -> u32 {
    let mut found = 0;
    each(proc, |_| {
        found += 1;
        found < limit
    });
    found
}

/// Call `visit` with the number of each process but init, until it returns false.
fn each(proc: BorrowedFd<'_>, mut visit: impl FnMut(&CStr) -> bool) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(dir) = openat(proc, c".", flags, Mode::empty()) else { return };
    let mut buffer = [MaybeUninit::<u8>::uninit(); 2048];
    let mut entries = RawDir::new(dir, &mut buffer);
    while let Some(Ok(entry)) = entries.next() {
        let pid = entry.file_name();
        let is_number = pid.to_bytes().iter().all(u8::is_ascii_digit);
        if is_number && pid != c"1" && !visit(pid) {
            return;
        }
    }
}
