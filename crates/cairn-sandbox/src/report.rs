//! What init and the command tell the caller: small messages on a socket that keeps
//! their boundaries.
//!
//! ```text
//!   tag:u8  a:u32  b:u32  c:u32  text…        integers in the machine's byte order
//! ```

use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

/// Longest text: a path, with room for the address of a socket.
const TEXT: usize = 4200;
const HEAD: usize = 13;

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report<'a> {
    /// The isolation could not be made, or the command not be executed.
    Failed { step: u32, index: u32, errno: i32 },
    /// Rootless: the command gave the symbolic link (or special file) at this path away.
    Owner { uid: u32, gid: u32, path: &'a [u8] },
    /// The last call that was refused, by its place in the table.
    Refused { rule: u32 },
    /// The last address outside that the command sent to: a `struct sockaddr`.
    Address { bytes: &'a [u8] },
    /// Names of processes left behind, each closed by a zero byte.
    Left { names: &'a [u8] },
    /// No more processes could be had.
    ProcessLimit,
    /// The command ended with this status, as `wait` gives it.
    Ended { status: i32 },
}

impl<'a> Report<'a> {
    fn parts(&self) -> (u8, [u32; 3], &'a [u8]) {
        match *self {
            Report::Failed { step, index, errno } => (1, [step, index, errno as u32], &[]),
            Report::Owner { uid, gid, path } => (2, [uid, gid, 0], path),
            Report::Refused { rule } => (3, [rule, 0, 0], &[]),
            Report::Address { bytes } => (4, [0; 3], bytes),
            Report::Left { names } => (5, [0; 3], names),
            Report::ProcessLimit => (6, [0; 3], &[]),
            Report::Ended { status } => (7, [status as u32, 0, 0], &[]),
        }
    }

    /// Send it. Nothing can be done if the caller is gone: it takes the sandbox with it.
    pub fn send(&self, socket: impl AsFd) {
        let (tag, numbers, text) = self.parts();
        let mut message = [0u8; HEAD + TEXT];
        message[0] = tag;
        for (place, number) in message[1..HEAD].chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_ne_bytes());
        }
        let length = text.len().min(TEXT);
        message[HEAD..HEAD + length].copy_from_slice(&text[..length]);
        let _ = rustix::net::send(socket, &message[..HEAD + length], SendFlags::NOSIGNAL);
    }

    fn parse(message: &'a [u8]) -> Option<Report<'a>> {
        let (head, text) = message.split_at_checked(HEAD)?;
        let number = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes);
        let (a, b, c) = (number(1)?, number(5)?, number(9)?);
        Some(match head[0] {
            1 => Report::Failed { step: a, index: b, errno: c as i32 },
            2 => Report::Owner { uid: a, gid: b, path: text },
            3 => Report::Refused { rule: a },
            4 => Report::Address { bytes: text },
            5 => Report::Left { names: text },
            6 => Report::ProcessLimit,
            7 => Report::Ended { status: a as i32 },
            _ => return None,
        })
    }
}

/// The caller's end.
pub struct Reports {
    buffer: Vec<u8>,
}

impl Reports {
    pub fn new() -> Reports {
        Reports { buffer: vec![0; HEAD + TEXT] }
    }

    /// The next message; `None` when init is gone.
    pub fn next(&mut self, socket: BorrowedFd<'_>) -> Result<Option<Report<'_>>, Errno> {
        let (_, length) = rustix::net::recv(socket, &mut self.buffer[..], RecvFlags::empty())?;
        if length == 0 {
            return Ok(None);
        }
        Report::parse(&self.buffer[..length]).map(Some).ok_or(Errno::PROTO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    #[test]
    fn every_message_arrives_as_it_was_sent() {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .expect("a socket pair can always be had");
        let sent = [
            Report::Failed { step: 3, index: 400, errno: 22 },
            Report::Owner { uid: 1000, gid: u32::MAX, path: b"usr/bin/sh" },
            Report::Refused { rule: 7 },
            Report::Address { bytes: &[2, 0, 0, 53] },
            Report::Left { names: b"sleep\0" },
            Report::ProcessLimit,
            Report::Ended { status: -1 },
        ];
        for report in sent {
            report.send(&theirs);
        }
        drop(theirs);
        let mut reports = Reports::new();
        for report in sent {
            assert_eq!(reports.next(ours.as_fd()), Ok(Some(report)));
        }
        assert_eq!(reports.next(ours.as_fd()), Ok(None));
    }
}
