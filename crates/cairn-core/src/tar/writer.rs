//! Writing a canonical layer entry by entry.

use std::io::{self, Read, Write};

use super::rules::{Rules, lossy};
use super::{BLOCK, BUFFER, Entry, Violation, header};

/// Writes entries in canonical order and refuses every other.
///
/// What engines and extractors rely on is checked here, in release builds too: parents
/// come before children, no path comes twice, hard links point backwards at something
/// that is no directory.
///
/// ```
/// use cairn_core::tar::{Entry, Kind, Writer};
/// let mut writer = Writer::new(Vec::new());
/// let kind = Kind::File { size: 3 };
/// let entry = Entry { path: b"a".into(), kind, mode: 0o644, uid: 0, gid: 0 };
/// writer.append(&entry, &mut b"abc".as_slice()).unwrap();
/// assert_eq!(writer.finish().unwrap().len(), 512 + 512 + 1024);
/// ```
pub struct Writer<W: Write> {
    out: W,
    rules: Rules,
    head: Vec<u8>,
    buffer: Vec<u8>,
}

/// Why an entry cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Violation(#[from] Violation),
    #[error("{path}: listed with {expected} bytes, but has another length when read")]
    Size { path: String, expected: u64 },
    #[error("{path}: {source}")]
    Read { path: String, source: io::Error },
    #[error("cannot write the layer: {0}")]
    Write(#[from] io::Error),
}

impl<W: Write> Writer<W> {
    /// A writer of a new layer. `out` is written to in pieces of any size.
    pub fn new(out: W) -> Writer<W> {
        let rules = Rules::new(true, false);
        Writer { out, rules, head: Vec::new(), buffer: vec![0; BUFFER] }
    }

    /// Writes `entry`; `data` must give exactly its [`Entry::size`] bytes.
    pub fn append(&mut self, entry: &Entry, data: &mut dyn Read) -> Result<(), WriteError> {
        self.rules.admit(entry)?;
        self.head.clear();
        header::encode(entry, &mut self.head);
        self.out.write_all(&self.head)?;
        self.copy(entry, data)
    }

    /// Writes the end and gives back what was written to, flushed.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn copy(&mut self, entry: &Entry, data: &mut dyn Read) -> Result<(), WriteError> {
        let size = entry.size();
        let mut left = size;
        loop {
            // One byte more than expected shows that the file has grown.
            let want = usize::try_from(left).map_or(BUFFER, |left| (left + 1).min(BUFFER));
            match data.read(&mut self.buffer[..want]) {
                Ok(0) if left == 0 => break,
                Ok(read) if read > 0 && read as u64 <= left => {
                    self.out.write_all(&self.buffer[..read])?;
                    left -= read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) => {
                    return Err(WriteError::Size { path: lossy(&entry.path), expected: size });
                }
                Err(source) => {
                    return Err(WriteError::Read { path: lossy(&entry.path), source });
                }
            }
        }
        self.out.write_all(&[0; BLOCK][..header::padding(size)])?;
        Ok(())
    }
}
