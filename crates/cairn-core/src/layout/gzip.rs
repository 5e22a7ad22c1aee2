//! Gzip that stores: the format's frame and checksum around unchanged bytes.

use std::io::{self, Write};

/// The longest block that deflate can store.
const BLOCK: usize = 65535;

/// Header: no name, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Writes one gzip member of stored blocks.
pub(super) struct Stored<W: Write> {
    out: W,
    block: Vec<u8>,
    sum: u32,
    bytes: u64,
}

impl<W: Write> Stored<W> {
    pub(super) fn new(mut out: W) -> io::Result<Stored<W>> {
        out.write_all(&HEADER)?;
        Ok(Stored { out, block: Vec::with_capacity(BLOCK), sum: !0, bytes: 0 })
    }

    /// Writes the last block and the trailer.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.write_block(true)?;
        self.out.write_all(&(!self.sum).to_le_bytes())?;
        // The format has room for the length modulo 2^32 only.
        self.out.write_all(&(self.bytes as u32).to_le_bytes())?;
        Ok(self.out)
    }

    fn write_block(&mut self, last: bool) -> io::Result<()> {
        let length = u16::try_from(self.block.len()).expect("a block has at most 65535 bytes");
        let [a, b] = length.to_le_bytes();
        let [c, d] = (!length).to_le_bytes();
        self.out.write_all(&[u8::from(last), a, b, c, d])?;
        self.out.write_all(&self.block)?;
        self.sum = crc32(self.sum, &self.block);
        self.bytes += self.block.len() as u64;
        self.block.clear();
        Ok(())
    }
}

impl<W: Write> Write for Stored<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.len() == BLOCK {
            self.write_block(false)?;
        }
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Blocks stay whole: where they end must not depend on who flushes.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `TABLES[k][b]` is what the byte `b` adds to the sum when `k` bytes follow it.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut next = 256;
    while next < 8 * 256 {
        let before = tables[next / 256 - 1][next % 256];
        tables[next / 256][next % 256] = before >> 8 ^ tables[0][(before & 255) as usize];
        next += 1;
    }
    tables
}

/// Continues the CRC-32 `sum` over `bytes`, eight at a time.
fn crc32(mut sum: u32, bytes: &[u8]) -> u32 {
    let mut groups = bytes.chunks_exact(8);
    for group in &mut groups {
        let [a, b, c, d] = sum.to_le_bytes();
        let mixed = [group[0] ^ a, group[1] ^ b, group[2] ^ c, group[3] ^ d];
        sum = 0;
        for (place, byte) in mixed.iter().chain(&group[4..]).enumerate() {
            sum ^= TABLES[7 - place][usize::from(*byte)];
        }
    }
    for byte in groups.remainder() {
        sum = sum >> 8 ^ TABLES[0][usize::from(sum as u8 ^ byte)];
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_format() {
        assert_eq!(!crc32(!0, b""), 0);
        assert_eq!(!crc32(!0, b"123456789"), 0xcbf4_3926);
        assert_eq!(!crc32(!0, &[0; 32]), 0x190a_55ad);
    }

    #[test]
    fn gunzip_gives_back_every_byte_across_blocks() {
        let data: Vec<u8> = (0..200_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, data.len()] {
            let mut writer = Stored::new(Vec::new()).expect("memory does not fail");
            for piece in data[..size].chunks(1000) {
                writer.write_all(piece).expect("memory does not fail");
            }
            let packed = writer.finish().expect("memory does not fail");
            assert!(gunzip(&packed) == data[..size], "{size} bytes");
        }
    }

    /// What the system's own gzip makes of `packed`.
    fn gunzip(packed: &[u8]) -> Vec<u8> {
        let path = std::env::temp_dir().join(format!("cairn-gzip-{}", std::process::id()));
        std::fs::write(&path, packed).expect("the file can be written");
        let file = std::fs::File::open(&path).expect("it was just written");
        let output = Command::new("gzip").arg("-dc").stdin(file).output();
        std::fs::remove_file(&path).expect("it was just written");
        let output = output.expect("gzip is part of every base system");
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }
}
