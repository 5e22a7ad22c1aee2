//! Makes a process ask the kernel for the time.
//!
//! Programs normally read the clock without any call: the kernel maps a small shared object
//! into each process, the vDSO, whose functions compute the time from a shared page. A filter
//! of calls never sees that. So, once a process has started, the beginnings of those functions
//! are overwritten with the calls that they spare:
//!
//! ```text
//!   64-bit    mov eax, N; syscall; ret
//!   32-bit    mov eax, N; push ebx; mov ebx, [esp+8]; mov ecx, [esp+12]; int 0x80; pop ebx; ret
//! ```
//!
//! The pages are the process's own from then on, and those of what it forks; a program that is
//! executed gets fresh ones and is met again at its own start.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Mode, OFlags, openat};

use crate::sys;
use crate::text::Text;

/// The largest vDSO that is looked at; they have two pages.
const SIZE: usize = 4 * 4096;
/// In the auxiliary vector: where the vDSO is.
const AT_SYSINFO_EHDR: u64 = 33;
const PT_DYNAMIC: u64 = 2;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;

/// A function, and its call's number in the 64-bit and in the 32-bit table.
type Function = (&'static [u8], Option<u32>, Option<u32>);

const FUNCTIONS: [Function; 4] = [
    (b"__vdso_clock_gettime", Some(228), Some(265)),
    (b"__vdso_clock_gettime64", None, Some(403)),
    (b"__vdso_gettimeofday", Some(96), Some(78)),
    (b"__vdso_time", Some(201), Some(13)),
];

/// Rewrites the vDSO of process `pid`, `narrow` if it is a 32-bit one. What cannot be
/// rewritten stays: the process then reads the true time.
pub fn use_calls(proc: BorrowedFd<'_>, pid: u32, narrow: bool) {
    let open = |file: &[u8], flags| {
        let mut path: Text<48> = Text::new();
        path.push_number(pid).push(file);
        openat(proc, path.as_c_str(), flags | OFlags::CLOEXEC, Mode::empty()).ok()
    };
    let Some(vector) = open(b"/auxv", OFlags::RDONLY) else { return };
    let Some(base) = base(vector, narrow) else { return };
    let mut image = [0u8; SIZE];
    let length = sys::read_memory(pid, base, &mut image).or_else(|_| {
        // What lies behind it is not mapped.
        sys::read_memory(pid, base, &mut image[..SIZE / 2])
    });
    let Ok(length) = length else { return };
    let object = Object { bytes: &image[..length] };
    let Some(memory) = open(b"/mem", OFlags::RDWR) else { return };
    object.rewrite(&mut |place, code| {
        let _ = rustix::io::pwrite(&memory, code, base + place as u64);
    });
}

/// The address of the vDSO, from the auxiliary vector: pairs of words, ended by zeroes.
fn base(vector: impl AsFd, narrow: bool) -> Option<u64> {
    let mut bytes = [0u8; 1024];
    let length = rustix::io::read(vector, &mut bytes).ok()?;
    let pair = if narrow { 8 } else { 16 };
    let words = |pair: &[u8]| {
        let (key, value) = pair.split_at(pair.len() / 2);
        (number(key), number(value))
    };
    bytes[..length].chunks_exact(pair).map(words).find(|(key, _)| *key == AT_SYSINFO_EHDR).map(|(_, at)| at)
}

/// Little-endian, of up to 8 bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// The vDSO as an ELF file; addresses in it count from its first byte.
struct Object<'a> {
    bytes: &'a [u8],
}

impl Object<'_> {
    /// Calls `write(place, code)` for every function that is there and does not say so yet.
    fn rewrite(&self, write: &mut dyn FnMut(usize, &[u8])) {
        let Some(wide) = self.is_wide() else { return };
        let Some((symbols, strings)) = self.tables(wide) else { return };
        let entry = if wide { 24 } else { 16 };
        // The names follow the symbols in every vDSO there has been.
        for at in (symbols..strings).step_by(entry) {
            let Some((name, place, size)) = self.symbol(wide, at, strings) else { return };
            let function = FUNCTIONS.iter().find(|function| function.0 == name);
            let call = function.and_then(|function| if wide { function.1 } else { function.2 });
            let Some(call) = call else { continue };
            let mut code = [0u8; 18];
            let length = stub(wide, call, &mut code);
            let there = self.bytes.get(place..place + length);
            if size >= length && there.is_some_and(|there| there != &code[..length]) {
                write(place, &code[..length]);
            }
        }
    }

    fn is_wide(&self) -> Option<bool> {
        match self.bytes.get(..5)? {
            [0x7f, b'E', b'L', b'F', class] => Some(*class == 2),
            _ => None,
        }
    }

    /// `size` bytes at `at` as a number.
    fn at(&self, at: usize, size: usize) -> Option<u64> {
        self.bytes.get(at..at.checked_add(size)?).map(number)
    }

    /// The same, where it must be a place in here.
    fn place(&self, at: usize, size: usize) -> Option<usize> {
        self.at(at, size).map(|place| place as usize).filter(|place| *place < self.bytes.len())
    }

    /// Where symbols and their names are.
    fn tables(&self, wide: bool) -> Option<(usize, usize)> {
        let word = if wide { 8 } else { 4 };
        let (headers, size, count) = if wide { (32, 54, 56) } else { (28, 42, 44) };
        let headers = self.place(headers, word)?;
        let (size, count) = (self.at(size, 2)? as usize, self.at(count, 2)? as usize);
        let header =
            (0..count).map(|n| headers + n * size).find(|header| self.at(*header, 4) == Some(PT_DYNAMIC))?;
        let dynamic = self.place(header + if wide { 16 } else { 8 }, word)?;
        let entry = |tag: u64| {
            let places = (0..64).map(|n| dynamic + n * 2 * word);
            let mut found = places.take_while(|place| self.at(*place, word).is_some_and(|tag| tag != 0));
            found.find(|at| self.at(*at, word) == Some(tag)).and_then(|at| self.place(at + word, word))
        };
        Some((entry(DT_SYMTAB)?, entry(DT_STRTAB)?))
    }

    /// Name, place and size of the symbol at `at`.
    fn symbol(&self, wide: bool, at: usize, strings: usize) -> Option<(&[u8], usize, usize)> {
        let name = self.bytes.get(strings.checked_add(self.at(at, 4)? as usize)?..)?;
        let name = name.split(|byte| *byte == 0).next()?;
        let (place, size) = if wide {
            (self.place(at + 8, 8)?, self.place(at + 16, 8)?)
        } else {
            (self.place(at + 4, 4)?, self.place(at + 8, 4)?)
        };
        Some((name, place, size))
    }
}

/// Writes the code of a function that makes the call, and gives its length.
fn stub(wide: bool, call: u32, code: &mut [u8; 18]) -> usize {
    let rest: &[u8] = if wide {
        &[0x0f, 0x05, 0xc3]
    } else {
        &[0x53, 0x8b, 0x5c, 0x24, 8, 0x8b, 0x4c, 0x24, 12, 0xcd, 0x80, 0x5b, 0xc3]
    };
    code[0] = 0xb8;
    code[1..5].copy_from_slice(&call.to_le_bytes());
    code[5..5 + rest.len()].copy_from_slice(rest);
    5 + rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vDSO of this test itself, a real one.
    #[test]
    fn the_functions_of_this_kernel_are_found() {
        let vector = std::fs::File::open("/proc/self/auxv").expect("proc is mounted");
        let base = base(vector, false).expect("x86-64 has a vDSO");
        let mut image = [0u8; SIZE];
        let pid = std::process::id();
        let length = sys::read_memory(pid, base, &mut image)
            .or_else(|_| sys::read_memory(pid, base, &mut image[..SIZE / 2]))
            .expect("own memory");
        let mut calls = Vec::new();
        Object { bytes: &image[..length] }.rewrite(&mut |_, code| calls.push(number(&code[1..5])));
        calls.sort_unstable();
        assert_eq!(calls, [96, 201, 228]);
    }

    #[test]
    fn an_object_that_is_none_is_left_alone() {
        for bytes in [&b""[..], b"\x7fELF", b"\x7fELF\x02", &[0x7f, b'E', b'L', b'F', 2, 255, 255, 255]] {
            Object { bytes }.rewrite(&mut |_, _| panic!("nothing to write"));
        }
        let mut bytes = [0xffu8; 200];
        bytes[..5].copy_from_slice(b"\x7fELF\x02");
        Object { bytes: &bytes }.rewrite(&mut |_, _| panic!("nothing to write"));
    }

    #[test]
    fn stubs_are_the_instructions_in_the_head_of_this_file() {
        let mut code = [0u8; 18];
        assert_eq!(stub(true, 201, &mut code), 8);
        assert_eq!(code[..8], [0xb8, 201, 0, 0, 0, 0x0f, 0x05, 0xc3]);
        assert_eq!(stub(false, 403, &mut code), 18);
        assert_eq!(code[..6], [0xb8, 0x93, 1, 0, 0, 0x53]);
    }
}
