//! The names of the processes that a command left behind.

use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;

use rustix::fs::{Mode, OFlags, RawDir, openat};

use crate::text::Text;

const MOST: u32 = 8;

/// Append up to eight names to `names`, each closed by a zero byte. `proc` is a
/// descriptor of the sandbox's `/proc`.
pub fn names<const N: usize>(proc: BorrowedFd<'_>, names: &mut Text<N>) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(dir) = openat(proc, c".", flags, Mode::empty()) else { return };
    let mut buffer = [MaybeUninit::<u8>::uninit(); 2048];
    let mut entries = RawDir::new(dir, &mut buffer);
    let mut found = 0;
    while let Some(Ok(entry)) = entries.next() {
        let pid = entry.file_name().to_bytes();
        if pid == b"1" || !pid.iter().all(u8::is_ascii_digit) {
            continue;
        }
        let mut path: Text<64> = Text::new();
        path.push(pid).push(b"/comm");
        let Ok(comm) = openat(proc, path.as_c_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) else {
            continue;
        };
        let mut name = [0u8; 17];
        let length = rustix::io::read(&comm, &mut name).unwrap_or(0);
        names.push(name.get(..length).unwrap_or(&[]).trim_ascii_end()).push(&[0]);
        found += 1;
        if found == MOST {
            return;
        }
    }
}
