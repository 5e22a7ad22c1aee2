//! Hashing blocks beside writing them.
//!
//! SHA-256 takes about as long as the kernel needs to copy the bytes. So from the
//! second block on, a thread hashes one block while the next is read and written.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use crate::digest::{Digest, Hasher};

/// Bytes of one block.
pub(super) const BLOCK: usize = 1 << 20;

/// How many blocks may wait to be hashed.
const WAITING: usize = 4;

/// The digest of blocks given one after the other.
#[derive(Debug)]
pub(super) enum Hashing {
    /// Nothing has been given yet: most blobs are shorter than a block.
    Idle,
    Running {
        blocks: SyncSender<Vec<u8>>,
        /// Blocks come back here to be filled again.
        empty: Receiver<Vec<u8>>,
        thread: JoinHandle<Hasher>,
    },
}

impl Hashing {
    /// Takes a full block and gives back an empty one.
    pub(super) fn block(&mut self, block: Vec<u8>) -> Vec<u8> {
        if let Hashing::Idle = self {
            *self = Hashing::start();
        }
        let Hashing::Running { blocks, empty, .. } = self else {
            unreachable!("it has just been started");
        };
        blocks.send(block).expect("the thread takes blocks until there are no more");
        empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(BLOCK))
    }

    /// The digest and length of everything, ending with `rest`.
    pub(super) fn finish(self, rest: &[u8]) -> (Digest, u64) {
        let mut hasher = match self {
            Hashing::Idle => Hasher::new(),
            Hashing::Running { blocks, thread, .. } => {
                drop(blocks);
                thread.join().expect("hashing cannot panic")
            }
        };
        hasher.update(rest);
        hasher.finish()
    }

    fn start() -> Hashing {
        let (blocks, waiting) = sync_channel::<Vec<u8>>(WAITING);
        let (done, empty) = channel();
        let thread = thread::spawn(move || {
            let mut hasher = Hasher::new();
            for mut block in waiting {
                hasher.update(&block);
                block.clear();
                // The writer may have gone away; then nobody needs the block.
                let _ = done.send(block);
            }
            hasher
        });
        Hashing::Running { blocks, empty, thread }
    }
}
