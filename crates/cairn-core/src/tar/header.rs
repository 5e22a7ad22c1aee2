//! The bytes before an entry's data: a ustar header, and PAX records where ustar
//! has no room.
//!
//! The rules for what does not fit are those of Go's `archive/tar`, which BuildKit
//! uses. Where a value is in a PAX record, the ustar field keeps a best effort:
//! names lose their non-ASCII bytes and are cut, numbers become 0.

use super::{BLOCK, Entry, Kind, OPAQUE, WHITEOUT};

const NAME: usize = 100;
const PREFIX: usize = 155;
/// Largest user or group id that seven octal digits can say.
const MAX_ID: u64 = 0o7777777;
/// Largest size that eleven octal digits can say.
const MAX_SIZE: u64 = 0o77777777777;

/// Appends everything that precedes the data of `entry`.
pub(super) fn encode(entry: &Entry, out: &mut Vec<u8>) {
    let name = stored_name(entry);
    let link: &[u8] = match &entry.kind {
        Kind::Hardlink { target } | Kind::Symlink { target } => target,
        _ => b"",
    };
    let mut records = Vec::new();
    add_records(entry, link, &mut records);
    let (prefix, rest) = split(&name).unwrap_or((b"", &name));
    if records.is_empty() && fits_field(rest) {
        out.extend_from_slice(&main_header(entry, prefix, rest, link));
        return;
    }
    if !fits_field(&name) {
        records.push(("path", name.clone()));
    }
    records.sort();
    let records: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
    out.extend_from_slice(&pax_header(&name, records.len() as u64));
    out.extend_from_slice(&records);
    out.resize(out.len() + padding(records.len() as u64), 0);
    out.extend_from_slice(&main_header(entry, b"", &name, link));
}

/// How many zero bytes follow data of this length.
pub(super) fn padding(size: u64) -> usize {
    // The remainder is below 512, so it fits.
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

/// The path as the header has it: directories end in `/`, deletions are marked.
fn stored_name(entry: &Entry) -> Vec<u8> {
    match entry.kind {
        Kind::Dir => [&entry.path, b"/".as_slice()].concat(),
        Kind::Opaque => [&entry.path, b"/".as_slice(), OPAQUE].concat(),
        Kind::Whiteout => {
            let start = entry.path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
            [&entry.path[..start], WHITEOUT, &entry.path[start..]].concat()
        }
        _ => entry.path.clone(),
    }
}

/// Adds what the ustar header cannot say, other than a long name.
fn add_records(entry: &Entry, link: &[u8], records: &mut Vec<(&str, Vec<u8>)>) {
    let mut number = |key, number: u64, limit| {
        if number > limit {
            records.push((key, number.to_string().into_bytes()));
        }
    };
    number("gid", entry.gid, MAX_ID);
    number("size", entry.size(), MAX_SIZE);
    number("uid", entry.uid, MAX_ID);
    if !fits_field(link) {
        records.push(("linkpath", link.to_vec()));
    }
}

fn fits_field(text: &[u8]) -> bool {
    text.is_ascii() && text.len() <= NAME
}

/// Divides a name too long for its field into ustar's prefix and name, at the last
/// slash that leaves a prefix of at most 155 bytes.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= NAME || !name.is_ascii() {
        return None;
    }
    // The slash itself is stored nowhere; that at the end of a directory divides nothing.
    let reach = (PREFIX + 1).min(name.len() - usize::from(name.ends_with(b"/")));
    let slash = name[..reach].iter().rposition(|byte| *byte == b'/')?;
    let (prefix, rest) = (&name[..slash], &name[slash + 1..]);
    (!prefix.is_empty() && !rest.is_empty() && rest.len() <= NAME).then_some((prefix, rest))
}

/// `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, itself too.
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [length.to_string().as_bytes(), b" ", key.as_bytes(), b"=", value, b"\n"].concat()
}

/// The header of the records: named `DIRECTORY/PaxHeaders.0/FILE`.
fn pax_header(name: &[u8], size: u64) -> [u8; BLOCK] {
    let file = name.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let mut full = [&name[..file], b"PaxHeaders.0/", &name[file..]].concat();
    full.retain(u8::is_ascii);
    full.truncate(NAME);
    while full.last() == Some(&b'/') {
        full.pop();
    }
    let mut block = Header([0; BLOCK]);
    block.text(0, NAME, &full);
    block.octal(100, 8, 0);
    block.octal(108, 8, 0);
    block.octal(116, 8, 0);
    block.octal(124, 12, size);
    block.octal(136, 12, 0);
    block.0[156] = b'x';
    block.seal()
}

fn main_header(entry: &Entry, prefix: &[u8], name: &[u8], link: &[u8]) -> [u8; BLOCK] {
    let (kind, major, minor) = match entry.kind {
        Kind::File { .. } | Kind::Whiteout | Kind::Opaque => (b'0', 0, 0),
        Kind::Hardlink { .. } => (b'1', 0, 0),
        Kind::Symlink { .. } => (b'2', 0, 0),
        Kind::Char { major, minor } => (b'3', major, minor),
        Kind::Block { major, minor } => (b'4', major, minor),
        Kind::Dir => (b'5', 0, 0),
        Kind::Fifo => (b'6', 0, 0),
    };
    let mut block = Header([0; BLOCK]);
    block.text(0, NAME, name);
    block.octal(100, 8, u64::from(entry.mode));
    block.octal(108, 8, entry.uid);
    block.octal(116, 8, entry.gid);
    block.octal(124, 12, entry.size());
    block.octal(136, 12, 0);
    block.0[156] = kind;
    block.text(157, NAME, link);
    block.octal(329, 8, u64::from(major));
    block.octal(337, 8, u64::from(minor));
    block.text(345, PREFIX, prefix);
    block.seal()
}

/// A block under construction.
struct Header([u8; BLOCK]);

impl Header {
    /// Puts the ASCII part of `text` into a field, cut to its width.
    fn text(&mut self, start: usize, width: usize, text: &[u8]) {
        let ascii = text.iter().copied().filter(u8::is_ascii);
        for (slot, byte) in self.0[start..start + width].iter_mut().zip(ascii.clone()) {
            *slot = byte;
        }
        // A cut must not leave a slash at the end: readers would see a directory.
        let last = &mut self.0[start + width - 1];
        if ascii.count() > width && *last == b'/' {
            *last = 0;
        }
    }

    /// Puts `value` into a field as octal digits and a NUL; 0 if it does not fit.
    fn octal(&mut self, start: usize, width: usize, value: u64) {
        let digits = width - 1;
        let mut rest = if value >> (3 * digits) == 0 { value } else { 0 };
        for slot in self.0[start..start + digits].iter_mut().rev() {
            *slot = b'0' + (rest & 7) as u8;
            rest >>= 3;
        }
    }

    /// Adds magic, version and checksum.
    fn seal(mut self) -> [u8; BLOCK] {
        self.0[257..265].copy_from_slice(b"ustar\x0000");
        self.0[148..156].copy_from_slice(b"        ");
        let sum: u64 = self.0.iter().map(|byte| u64::from(*byte)).sum();
        self.octal(148, 7, sum);
        self.0[154] = 0;
        self.0
    }
}
