//! Reading layers and archives that may come from anybody.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::rules::{Rules, lossy};
use super::{BLOCK, Entry, Kind, OPAQUE, Violation, WHITEOUT, header};

/// Longest set of PAX records or GNU long name, in bytes; as in Go.
const MAX_RECORDS: u64 = 1 << 20;

/// How much freedom the bytes have to say the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Only what [`super::Writer`] would have written, to the last byte.
    Canonical,
    /// Layers of other builders: any order, times, names of users.
    Layer,
    /// What people's `tar` makes, too: GNU long names, `./`, missing directories.
    Archive,
}

/// Why a layer is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("entry at byte {offset}: {problem}")]
    Header { offset: u64, problem: &'static str },
    #[error("entry at byte {offset}: {field} {value:?} is no number that fits")]
    Number { offset: u64, field: &'static str, value: String },
    #[error("entry at byte {offset}: entries of type {kind:?} are not accepted")]
    Type { offset: u64, kind: char },
    #[error("entry at byte {offset}: the record {key:?} is not accepted")]
    Record { offset: u64, key: String },
    #[error("{path}: other bytes than the canonical header")]
    NotCanonical { path: String },
    #[error(transparent)]
    Violation(#[from] Violation),
    #[error("the layer ends at byte {offset}, inside an entry or before its end marker")]
    Truncated { offset: u64 },
    #[error("the layer goes on after its end marker")]
    TrailingBytes,
    #[error("cannot read the layer: {0}")]
    Read(#[from] io::Error),
}

/// Gives the entries of a layer one by one, each checked before it is given.
///
/// Between two calls of [`Reader::next_entry`] the reader itself is a [`Read`] of the
/// current entry's data; what is not read is skipped.
pub struct Reader<R: Read> {
    source: R,
    accept: Accept,
    rules: Rules,
    /// Bytes read so far.
    offset: u64,
    /// Data of the current entry that has not been read.
    left: u64,
    /// Zeros after that data.
    padding: usize,
    /// Where the current entry's first header begins.
    start: u64,
    /// All header bytes of the current entry, for comparing with the canonical ones.
    raw: Vec<u8>,
    done: bool,
}

type Block = [u8; BLOCK];

/// PAX records, and GNU's long names as if they were such.
type Records = BTreeMap<String, Vec<u8>>;

impl<R: Read> Reader<R> {
    pub fn new(source: R, accept: Accept) -> Reader<R> {
        let rules = Rules::new(accept == Accept::Canonical, accept == Accept::Archive);
        Reader {
            source,
            accept,
            rules,
            offset: 0,
            left: 0,
            padding: 0,
            start: 0,
            raw: Vec::new(),
            done: false,
        }
    }

    /// The next entry, or `None` after the end marker.
    ///
    /// After an error the reader must not be used any more.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ReadError> {
        self.skip_data()?;
        loop {
            if self.done {
                return Ok(None);
            }
            self.start = self.offset;
            self.raw.clear();
            let Some(entry) = self.read_entry()? else {
                continue;
            };
            self.rules.admit(&entry)?;
            if self.accept == Accept::Canonical {
                let mut canonical = Vec::with_capacity(self.raw.len());
                header::encode(&entry, &mut canonical);
                if canonical != self.raw {
                    return Err(ReadError::NotCanonical { path: lossy(&entry.path) });
                }
            }
            self.left = entry.size();
            self.padding = header::padding(self.left);
            return Ok(Some(entry));
        }
    }

    /// Reads headers up to the one with data, or the end marker. `None` if what was
    /// read is no entry.
    fn read_entry(&mut self) -> Result<Option<Entry>, ReadError> {
        let mut records = Records::new();
        loop {
            let block = self.block()?;
            if block == [0; BLOCK] {
                if !records.is_empty() {
                    return Err(self.problem("records without an entry"));
                }
                self.end()?;
                return Ok(None);
            }
            self.check_seal(&block)?;
            let (key, archive_only) = match block[156] {
                b'x' => (None, false),
                b'g' => (None, true),
                b'L' => (Some("path"), true),
                b'K' => (Some("linkpath"), true),
                _ => return self.entry(&block, &records),
            };
            if archive_only && self.accept != Accept::Archive {
                return Err(ReadError::Type { offset: self.start, kind: block[156] as char });
            }
            let data = self.special(&block)?;
            match key {
                // Global records say nothing that decides content: `git archive` puts
                // the commit there. Those that would are refused all the same.
                None if block[156] == b'g' => drop(self.parse_records(&data)?),
                None if records.is_empty() => records = self.parse_records(&data)?,
                None => return Err(self.problem("two sets of records")),
                Some(key) => {
                    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
                    if records.insert(key.to_owned(), data[..end].to_vec()).is_some() {
                        return Err(self.problem("two long names"));
                    }
                }
            }
        }
    }

    fn entry(&self, block: &Block, records: &Records) -> Result<Option<Entry>, ReadError> {
        let mut name = match records.get("path") {
            Some(path) => path.clone(),
            None => self.name(block),
        };
        let kind = self.kind(block, records)?;
        let is_dir = kind == Kind::Dir;
        if self.accept == Accept::Archive {
            while name.starts_with(b"./") {
                name.drain(..2);
            }
            if is_dir && (name.is_empty() || name == b".") {
                return Ok(None);
            }
        }
        if name.last() == Some(&b'/') {
            if !is_dir {
                return Err(self.problem("a slash after the name of something else than a directory"));
            }
            name.pop();
        }
        let (path, kind) = deletion(name, kind);
        let mode = self.octal("mode", &block[100..108])?;
        // Old engines put the file type into the mode, too.
        let type_bits = if self.accept == Accept::Canonical { 0 } else { 0o170000 };
        let entry = Entry {
            path,
            kind,
            mode: u32::try_from(mode & !type_bits).unwrap_or(u32::MAX),
            uid: self.number("uid", &block[108..116], records)?,
            gid: self.number("gid", &block[116..124], records)?,
        };
        Ok(Some(entry))
    }

    /// The name in the header itself, with ustar's prefix.
    fn name(&self, block: &Block) -> Vec<u8> {
        let name = text(&block[..100]);
        let prefix = if &block[257..263] == b"ustar\0" { text(&block[345..500]) } else { b"" };
        if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
    }

    fn kind(&self, block: &Block, records: &Records) -> Result<Kind, ReadError> {
        let link = || match records.get("linkpath") {
            Some(target) => target.clone(),
            None => text(&block[157..257]).to_vec(),
        };
        let size = self.number("size", &block[124..136], records)?;
        let device = |at: usize| -> Result<u32, ReadError> {
            let number = self.octal("device", &block[at..at + 8])?;
            // Eight bytes hold seven octal digits, so nothing is lost.
            Ok(u32::try_from(number).unwrap_or(u32::MAX))
        };
        let kind = match block[156] {
            b'0' | 0 => Kind::File { size },
            b'1' => {
                let mut target = link();
                if self.accept == Accept::Archive {
                    while target.starts_with(b"./") {
                        target.drain(..2);
                    }
                }
                Kind::Hardlink { target }
            }
            b'2' => Kind::Symlink { target: link() },
            b'3' => Kind::Char { major: device(329)?, minor: device(337)? },
            b'4' => Kind::Block { major: device(329)?, minor: device(337)? },
            b'5' => Kind::Dir,
            b'6' => Kind::Fifo,
            other => {
                return Err(ReadError::Type { offset: self.start, kind: other as char });
            }
        };
        if size != 0 && !matches!(kind, Kind::File { .. }) {
            return Err(self.problem("a size on something that is no file"));
        }
        Ok(kind)
    }

    /// A number that a record may give. The field must then agree or be 0, as it is
    /// when the number did not fit; else two readers could see different archives.
    fn number(&self, key: &'static str, field: &[u8], records: &Records) -> Result<u64, ReadError> {
        let in_field = self.octal(key, field)?;
        let Some(record) = records.get(key) else {
            return Ok(in_field);
        };
        let refuse = || ReadError::Number { offset: self.start, field: key, value: lossy(record) };
        let decimal = record.iter().all(u8::is_ascii_digit);
        let number: u64 = std::str::from_utf8(record)
            .ok()
            .filter(|_| decimal)
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(refuse)?;
        if in_field != number && in_field != 0 {
            return Err(self.problem("a record contradicts its field"));
        }
        if i64::try_from(number).is_err() { Err(refuse()) } else { Ok(number) }
    }

    fn octal(&self, name: &'static str, field: &[u8]) -> Result<u64, ReadError> {
        let refuse = || ReadError::Number { offset: self.start, field: name, value: lossy(field) };
        if field[0] & 0x80 != 0 {
            let binary = (self.accept == Accept::Archive).then(|| base_256(field)).flatten();
            return binary.ok_or_else(refuse);
        }
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        if field[end..].iter().any(|byte| *byte != 0 && *byte != b' ') {
            return Err(refuse());
        }
        let digits = field[..end].trim_ascii();
        digits.iter().try_fold(0u64, |number, digit| match digit {
            b'0'..=b'7' => Ok(number << 3 | u64::from(digit - b'0')),
            _ => Err(refuse()),
        })
    }

    fn check_seal(&self, block: &Block) -> Result<(), ReadError> {
        if self.octal("checksum", &block[148..156])? != seal(block) {
            return Err(self.problem("wrong checksum"));
        }
        let posix = &block[257..265] == b"ustar\x0000";
        let old = &block[257..265] == b"ustar  \0" || block[257..265] == [0; 8];
        if posix || old && self.accept == Accept::Archive {
            return Ok(());
        }
        Err(self.problem("not a POSIX tar header"))
    }

    /// The data of a header that belongs to the entry after it.
    fn special(&mut self, block: &Block) -> Result<Vec<u8>, ReadError> {
        let size = self.octal("size", &block[124..136])?;
        if size > MAX_RECORDS {
            return Err(self.problem("more than 1 MiB of records"));
        }
        let mut data = Vec::new();
        while (data.len() as u64) < size {
            data.extend_from_slice(&self.block()?);
        }
        if data[size as usize..].iter().any(|byte| *byte != 0) {
            return Err(self.problem("padding that is not zero"));
        }
        data.truncate(size as usize);
        Ok(data)
    }

    fn parse_records(&self, mut data: &[u8]) -> Result<Records, ReadError> {
        let mut records = Records::new();
        let malformed = || self.problem("malformed records");
        while !data.is_empty() {
            let space = data.iter().position(|byte| *byte == b' ').ok_or_else(malformed)?;
            let digits = std::str::from_utf8(&data[..space]).map_err(|_| malformed())?;
            let canonical = digits.bytes().all(|byte| byte.is_ascii_digit());
            let length: usize = digits.parse().map_err(|_| malformed())?;
            let whole = data.get(..length).filter(|_| canonical && !digits.starts_with('0'));
            let record = whole.and_then(|whole| whole.get(space + 1..)).ok_or_else(malformed)?;
            let record = record.strip_suffix(b"\n").ok_or_else(malformed)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(malformed)?;
            let key = std::str::from_utf8(&record[..equals]).map_err(|_| malformed())?;
            let value = &record[equals + 1..];
            self.check_record(key, value)?;
            if records.insert(key.to_owned(), value.to_vec()).is_some() {
                return Err(self.problem("a record that comes twice"));
            }
            data = &data[length..];
        }
        Ok(records)
    }

    fn check_record(&self, key: &str, value: &[u8]) -> Result<(), ReadError> {
        let known = matches!(key, "path" | "linkpath" | "size" | "uid" | "gid");
        let harmless = matches!(key, "mtime" | "atime" | "ctime");
        // These change what the entry holds, in ways this reader does not carry over.
        let decisive = key.starts_with("GNU.sparse") || key.starts_with("SCHILY.xattr");
        let accepted = match self.accept {
            Accept::Canonical => known,
            Accept::Layer => known || harmless,
            Accept::Archive => !decisive,
        };
        if !accepted {
            return Err(ReadError::Record { offset: self.start, key: key.to_owned() });
        }
        if known && (value.is_empty() || value.contains(&0)) {
            return Err(self.problem("an empty record or one with a NUL byte"));
        }
        Ok(())
    }

    /// Skips what is left of the current entry.
    fn skip_data(&mut self) -> Result<(), ReadError> {
        let skipped = io::copy(&mut (&mut self.source).take(self.left), &mut io::sink())?;
        self.offset += skipped;
        if skipped < self.left {
            return Err(ReadError::Truncated { offset: self.offset });
        }
        self.left = 0;
        let mut padding = [0; BLOCK];
        let padding = &mut padding[..std::mem::take(&mut self.padding)];
        self.fill(padding)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(self.problem("padding that is not zero"));
        }
        Ok(())
    }

    /// Reads what follows the first block of zeros.
    fn end(&mut self) -> Result<(), ReadError> {
        if self.block()? != [0; BLOCK] {
            return Err(self.problem("a single block of zeros"));
        }
        let mut buffer = [0; BLOCK];
        loop {
            let read = self.source.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            if self.accept == Accept::Canonical || buffer[..read].iter().any(|byte| *byte != 0) {
                return Err(ReadError::TrailingBytes);
            }
        }
        self.done = true;
        Ok(())
    }

    fn block(&mut self) -> Result<Block, ReadError> {
        let mut block = [0; BLOCK];
        self.fill(&mut block)?;
        self.raw.extend_from_slice(&block);
        Ok(block)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.source.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => ReadError::Truncated { offset: self.offset },
            _ => ReadError::Read(error),
        })?;
        self.offset += buffer.len() as u64;
        Ok(())
    }

    fn problem(&self, problem: &'static str) -> ReadError {
        ReadError::Header { offset: self.start, problem }
    }
}

impl<R: Read> Read for Reader<R> {
    /// Reads data of the current entry. A layer that ends too early is an error here,
    /// never a short file.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if want == 0 {
            return Ok(0);
        }
        let read = self.source.read(&mut buffer[..want])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        self.offset += read as u64;
        Ok(read)
    }
}

/// Whether a block can be the header of an entry: its checksum is right. Old tars had
/// no magic, so nothing else decides whether a file is an archive.
pub fn is_header(block: &[u8; BLOCK]) -> bool {
    let digits = text(&block[148..156]).trim_ascii();
    let stated = digits.iter().try_fold(0u64, |number, digit| match digit {
        b'0'..=b'7' => Some(number << 3 | u64::from(digit - b'0')),
        _ => None,
    });
    !digits.is_empty() && stated == Some(seal(block))
}

/// The sum of a header's bytes, its checksum taken as blanks.
fn seal(block: &Block) -> u64 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    sum(&block[..148]) + 8 * u64::from(b' ') + sum(&block[156..])
}

/// Up to the first NUL.
fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// GNU's binary numbers: big-endian after a first bit of 1. Negative ones have none.
fn base_256(field: &[u8]) -> Option<u64> {
    let start = (field[0] == 0x80).then_some(0u64)?;
    field[1..].iter().try_fold(start, |number, byte| Some(number.checked_mul(256)? | u64::from(*byte)))
}

/// Turns the marker file of a deletion into the deletion.
fn deletion(name: Vec<u8>, kind: Kind) -> (Vec<u8>, Kind) {
    let start = name.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    if kind != (Kind::File { size: 0 }) || !name[start..].starts_with(WHITEOUT) {
        // A marker that is anything else is refused with its name, as a path.
        return (name, kind);
    }
    if &name[start..] == OPAQUE {
        return (name[..start.saturating_sub(1)].to_vec(), Kind::Opaque);
    }
    let hidden = [&name[..start], &name[start + WHITEOUT.len()..]].concat();
    (hidden, Kind::Whiteout)
}
