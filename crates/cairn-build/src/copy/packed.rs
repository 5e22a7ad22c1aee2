//! The four compressions that `ADD` of a local archive undoes, as stock engines do.
//!
//! ```text
//! 1f 8b 08            gzip     all members
//! BZh                 bzip2    all streams
//! fd 7zXZ 00          xz       all streams
//! 28 b5 2f fd         zstd     all frames, 5? 2a 4d 18 ones skipped
//! ```

use std::io::{self, BufReader, Read};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How the bytes behind this head are compressed, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// A frame of zstd that holds something else than data.
fn is_skippable(magic: &[u8]) -> bool {
    matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

impl Packing {
    /// By the first bytes; six are enough.
    pub fn of(head: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 4] = [
            (&[0x1f, 0x8b, 0x08], Self::Gzip),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ\0", Self::Xz),
            (&[0x28, 0xb5, 0x2f, 0xfd], Self::Zstd),
        ];
        let skippable = head.len() >= 4 && is_skippable(&head[..4]);
        let found = known.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, packing)| *packing);
        found.or(skippable.then_some(Self::Zstd))
    }

    /// What is inside. Damage is an error of a later read.
    pub fn unpack<'a>(self, source: impl Read + 'a) -> Box<dyn Read + 'a> {
        let source = BufReader::with_capacity(64 << 10, source);
        match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
            Self::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(source)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new(source, true)),
            Self::Zstd => Box::new(Frames { source, decoder: FrameDecoder::new(), inside: false }),
        }
    }
}

/// Zstandard frames one after the other: the crate decodes one.
struct Frames<R: Read> {
    source: R,
    decoder: FrameDecoder,
    inside: bool,
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside && !self.enter()? {
                return Ok(0);
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if self.decoder.is_finished() {
                self.leave()?;
            } else {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, one).map_err(io::Error::other)?;
            }
        }
    }
}

impl<R: Read> Frames<R> {
    /// Begins the next frame; `false` at the end.
    fn enter(&mut self) -> io::Result<bool> {
        let mut magic = [0; 4];
        loop {
            if self.source.by_ref().take(1).read(&mut magic)? == 0 {
                return Ok(false);
            }
            self.source.read_exact(&mut magic[1..])?;
            if !is_skippable(&magic) {
                break;
            }
            let mut length = [0; 4];
            self.source.read_exact(&mut length)?;
            let length = u64::from(u32::from_le_bytes(length));
            if io::copy(&mut self.source.by_ref().take(length), &mut io::sink())? < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.decoder.init((&magic[..]).chain(&mut self.source)).map_err(io::Error::other)?;
        self.inside = true;
        Ok(true)
    }

    /// Ends a frame, whose checksum, if it has one, must be right.
    fn leave(&mut self) -> io::Result<()> {
        self.inside = false;
        let stated = self.decoder.get_checksum_from_data();
        if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "wrong checksum of a zstd frame"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf one | xz -c` and so on, by the programs themselves.
    const ONE: [(Packing, &[u8]); 4] = [
        (Packing::Gzip, b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcfK\x05\x00\xf1\x86lz\x03\x00\x00\x00"),
        (Packing::Bzip2, b"BZh91AY&SY\xbbp\x1b\x10\x00\x00\x01\x01\x00\x02\x01\xa0\x00!\x98\x19\x81aw$S\x85\x09\x0b\xb7\x01\xb1\x00"),
        (Packing::Xz, b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\x01\x00\x02one\x00\x00~\xe5\x10\xc5\xd5jl\x9a\x00\x01\x1b\x03\x0b/\xb9\x10\x1f\xb6\xf3}\x01\x00\x00\x00\x00\x04YZ"),
        (Packing::Zstd, b"(\xb5/\xfd\x04X\x19\x00\x00one\xf6\xa1\x08$"),
    ];

    fn unpacked(packing: Packing, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        packing.unpack(bytes).read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn what_the_programs_pack_is_unpacked_however_many_pieces_it_has() {
        for (packing, bytes) in ONE {
            assert_eq!(Packing::of(bytes), Some(packing));
            assert_eq!(unpacked(packing, bytes).expect("whole"), b"one", "{packing:?}");
            let twice = [bytes, bytes].concat();
            assert_eq!(unpacked(packing, &twice).expect("whole"), b"oneone", "{packing:?}");
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_an_error_and_never_short() {
        for (packing, bytes) in ONE {
            for length in 6..bytes.len() {
                assert!(unpacked(packing, &bytes[..length]).is_err(), "{packing:?} cut at {length}");
            }
            let mut changed = bytes.to_vec();
            // The last byte of zstd, and one near the end of the others, is of a checksum.
            let at = bytes.len() - if packing == Packing::Zstd { 1 } else { 6 };
            changed[at] ^= 1;
            assert!(unpacked(packing, &changed).is_err(), "{packing:?}");
        }
    }

    #[test]
    fn frames_of_zstd_that_hold_no_data_are_skipped() {
        let (_, one) = ONE[3];
        let note = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0], b"abc".as_slice()].concat();
        let whole = [&note, one, &note, one, &note].concat();
        assert_eq!(Packing::of(&whole), Some(Packing::Zstd));
        assert_eq!(unpacked(Packing::Zstd, &whole).expect("whole"), b"oneone");
        assert!(unpacked(Packing::Zstd, &whole[..whole.len() - 1]).is_err(), "a note that is cut");
    }

    #[test]
    fn other_bytes_are_not_packed() {
        for bytes in [&b""[..], b"BZ", b"text", &[0x1f, 0x8b, 7], b"\xfd7zXZ", &[0x28, 0xb5, 0x2f]] {
            assert_eq!(Packing::of(bytes), None, "{bytes:?}");
        }
    }
}
