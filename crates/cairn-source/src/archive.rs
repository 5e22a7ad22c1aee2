//! Archives as streams of files: tar, plain or packed with gzip, bzip2, xz, lzip or zstd.
//!
//! A packed file that holds no tar is an archive with one file that has no name.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use cairn_core::tar::{Accept, Kind, ReadError, Reader};

/// How much of a file decides what it is.
pub const HEAD: usize = 512;

/// Where the sum of a tar header stands in it.
const TAR_SUM: std::ops::Range<usize> = 148..156;

/// Ceilings. What goes over one is an error, never a short result.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes after unpacking, of all files together and of what pads them.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

impl Default for Limits {
    /// Twice what the largest source of the tree, the Linux kernel, needs.
    fn default() -> Self {
        Self { bytes: 4 << 30, files: 250_000 }
    }
}

/// Why an archive cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is packed is damaged, or not what it says.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// The tar inside.
    #[error("{0}")]
    Tar(#[from] ReadError),
    /// More than the ceiling.
    #[error("more than {0} bytes or {1} files after unpacking", limits.bytes, limits.files)]
    TooLarge {
        /// Which ceiling.
        limits: Limits,
    },
    /// No archive at all.
    #[error("neither tar nor packed with gzip, bzip2, xz, lzip or zstd")]
    Unknown,
}

/// How bytes are packed, by how they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Lzip,
    Zstd,
}

impl Packing {
    fn of(head: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 5] = [
            (b"\x1f\x8b", Self::Gzip),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ\0", Self::Xz),
            (b"LZIP", Self::Lzip),
            (b"\x28\xb5\x2f\xfd", Self::Zstd),
        ];
        known.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, packing)| packing)
    }

    fn unpack<'a>(self, source: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(source)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new(source, true)),
            Self::Lzip => Box::new(lzma_rust2::LzipReader::new(source)),
            Self::Zstd => {
                Box::new(ruzstd::decoding::StreamingDecoder::new(source).map_err(io::Error::other)?)
            }
        })
    }
}

/// What is done with a file: its path and its content.
pub type OnFile<'a> = &'a mut dyn FnMut(&str, &mut dyn Read) -> io::Result<()>;

/// Calls `file(path, content)` for every regular file, in the archive's order.
///
/// # Errors
///
/// What is damaged, too large, or no archive. What was seen before was there.
pub fn walk(source: impl Read, limits: Limits, file: OnFile<'_>) -> Result<(), Error> {
    let mut source = BufReader::with_capacity(64 << 10, source);
    let packing = Packing::of(source.fill_buf()?);
    let unpacked: Box<dyn Read + '_> = match packing {
        Some(packing) => packing.unpack(source)?,
        None => Box::new(source),
    };
    // One byte more than allowed tells too large from just large enough.
    let mut counted = Counted { inner: unpacked.take(limits.bytes + 1), read: 0 };
    let result = walk_unpacked(&mut counted, packing.is_some(), limits, file);
    if counted.read > limits.bytes {
        return Err(Error::TooLarge { limits });
    }
    result
}

fn walk_unpacked(
    source: &mut impl Read,
    packed: bool,
    limits: Limits,
    file: OnFile<'_>,
) -> Result<(), Error> {
    let head = head(source)?;
    let is_tar = is_tar(&head);
    let mut whole = Cursor::new(head).chain(source);
    if !is_tar {
        return if packed { Ok(file("", &mut whole)?) } else { Err(Error::Unknown) };
    }
    let mut reader = Reader::new(whole, Accept::Archive);
    let mut files = 0;
    while let Some(entry) = reader.next_entry()? {
        files += 1;
        if files > limits.files {
            return Err(Error::TooLarge { limits });
        }
        if let Kind::File { .. } = entry.kind {
            file(&String::from_utf8_lossy(&entry.path), &mut reader)?;
        }
    }
    Ok(())
}

/// Whether bytes begin like a tar archive: the sum of its first header is right. Old
/// archives have no magic.
pub fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..HEAD) else { return false };
    let stated = std::str::from_utf8(&header[TAR_SUM]).ok();
    let stated = stated.map(|text| text.trim_matches([' ', '\0']));
    let stated = stated.and_then(|digits| u32::from_str_radix(digits, 8).ok());
    let blank = TAR_SUM.len() as u32 * u32::from(b' ');
    let bytes = |part: &[u8]| part.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    stated == Some(bytes(&header[..TAR_SUM.start]) + blank + bytes(&header[TAR_SUM.end..]))
}

/// Whether bytes begin like something [`walk`] can look into.
pub fn is_archive(head: &[u8]) -> bool {
    is_tar(head) || Packing::of(head).is_some()
}

/// The first [`HEAD`] bytes, fewer only at the end.
pub fn head(source: &mut (impl Read + ?Sized)) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    source.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

struct Counted<R> {
    inner: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
