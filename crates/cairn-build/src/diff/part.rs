//! Where in a file a byte is: the section of a program, the member of an archive, a header.
//!
//! Archives are looked into, so the answer may have several parts: a difference in
//! `libx.a` is in *member x.o*, and there in *.rodata*. A file that cannot be read as what
//! it seems to be has no parts; that is no error.

/// The parts around the byte at `offset`, outermost first, joined by commas.
pub fn name(file: &[u8], offset: usize) -> String {
    let mut parts = Vec::new();
    let (mut file, mut offset) = (file, offset);
    while let Some(Part { name, inside, .. }) = part(file, offset) {
        parts.push(name);
        let Some((start, end)) = inside else { break };
        (file, offset) = (&file[start..end], offset - start);
    }
    parts.join(", ")
}

/// Whether the format says that this byte belongs to a time.
pub fn is_time(file: &[u8], offset: usize) -> bool {
    let (mut file, mut offset) = (file, offset);
    while let Some(Part { time, inside, .. }) = part(file, offset) {
        if time {
            return true;
        }
        let Some((start, end)) = inside else { break };
        (file, offset) = (&file[start..end], offset - start);
    }
    false
}

/// One of them.
struct Part {
    name: String,
    /// A file of its own from here to there.
    inside: Option<(usize, usize)>,
    time: bool,
}

impl Part {
    fn header(name: &str, time: bool) -> Option<Part> {
        Some(Part { name: name.to_owned(), inside: None, time })
    }
}

fn part(file: &[u8], offset: usize) -> Option<Part> {
    if file.starts_with(b"!<arch>\n") {
        return archive(file, offset);
    }
    if file.starts_with(b"\x7fELF") {
        return section(file, offset);
    }
    if file.starts_with(&[0x1f, 0x8b]) && offset < 10 {
        return Part::header("gzip header", (4..8).contains(&offset));
    }
    if file.starts_with(b"PK\x03\x04") {
        return zip(file, offset);
    }
    if file.get(257..262) == Some(b"ustar") {
        return tar(file, offset);
    }
    None
}

/// `ar`: 60 bytes of header (name 16, time 12, owner 6, group 6, mode 8, size 10, 2), the
/// content, padded to an even length.
fn archive(file: &[u8], offset: usize) -> Option<Part> {
    let mut at = 8;
    let mut long_names: &[u8] = b"";
    loop {
        let header = file.get(at..at + 60)?;
        let size: usize = text(&header[48..58]).parse().ok()?;
        let start = at + 60;
        let end = start.checked_add(size)?.min(file.len());
        let name = match text(&header[..16]) {
            "/" | "/SYM64/" => "symbol table".to_owned(),
            "//" => {
                long_names = &file[start..end];
                "long names".to_owned()
            }
            name => format!("member {}", member(name, long_names)),
        };
        if offset < start {
            return Part::header(&format!("header of {name}"), (at + 16..at + 28).contains(&offset));
        }
        if offset < end {
            return Some(Part { name, inside: Some((start, end)), time: false });
        }
        at = end + end % 2;
    }
}

/// `x.o/`, or `/NUMBER` into the list of long names.
fn member<'a>(name: &'a str, long_names: &'a [u8]) -> &'a str {
    let long = name.strip_prefix('/').and_then(|number| number.parse::<usize>().ok());
    match long.and_then(|from| long_names.get(from..)) {
        Some(rest) => text(rest.split(|byte| matches!(byte, b'/' | b'\n')).next().unwrap_or(rest)),
        None => name.trim_end_matches('/'),
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default().trim_end()
}

/// ELF, of either width, little-endian.
fn section(file: &[u8], offset: usize) -> Option<Part> {
    let wide = *file.get(4)? == 2;
    let word = if wide { 8 } else { 4 };
    let (table, size, count, names) = if wide { (40, 58, 60, 62) } else { (32, 46, 48, 50) };
    let table = number(file, table, word)?;
    let [size, count, names] = [number(file, size, 2)?, number(file, count, 2)?, number(file, names, 2)?];
    let header = |n: usize| table.checked_add(n.checked_mul(size)?);
    // Within a section header: its type, its place and length in the file.
    let (place, length) = if wide { (24, 32) } else { (16, 20) };
    let range = |n: usize| {
        let header = header(n)?;
        let start = number(file, header.checked_add(place)?, word)?;
        let end = start.checked_add(number(file, header.checked_add(length)?, word)?)?;
        Some((start, end))
    };
    const NO_BITS: usize = 8;
    for n in 1..count {
        let (start, end) = range(n)?;
        if number(file, header(n)?.checked_add(4)?, 4)? == NO_BITS || !(start..end).contains(&offset) {
            continue;
        }
        let name = range(names)?.0.checked_add(number(file, header(n)?, 4)?)?;
        let name = file.get(name..)?.split(|byte| *byte == 0).next()?;
        return Part::header(&format!("section {}", String::from_utf8_lossy(name)), false);
    }
    Part::header(if offset < 64 { "ELF header" } else { "outside every section" }, false)
}

/// A little-endian number of `size` bytes.
fn number(file: &[u8], at: usize, size: usize) -> Option<usize> {
    let bytes = file.get(at..at.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}

/// Local headers one behind the other: 30 bytes, name, extra fields, content.
fn zip(file: &[u8], offset: usize) -> Option<Part> {
    let mut at = 0;
    while file.get(at..at + 4)? == b"PK\x03\x04" {
        let (name, extra) = (number(file, at + 26, 2)?, number(file, at + 28, 2)?);
        let start = at + 30 + name + extra;
        let title = String::from_utf8_lossy(file.get(at + 30..at + 30 + name)?).into_owned();
        if offset < start {
            return Part::header(&format!("header of member {title}"), (at + 10..at + 14).contains(&offset));
        }
        at = start.checked_add(number(file, at + 18, 4)?)?;
        if offset < at {
            return Part::header(&format!("member {title}, compressed"), false);
        }
    }
    Part::header("directory of the archive", false)
}

/// Headers of 512 bytes, contents padded to as many.
fn tar(file: &[u8], offset: usize) -> Option<Part> {
    let mut at = 0;
    loop {
        let header = file.get(at..at + 512)?;
        if header.iter().all(|byte| *byte == 0) {
            return Part::header("end of the archive", false);
        }
        let size = usize::from_str_radix(text(&header[124..135]).trim_end_matches('\0'), 8).ok()?;
        let title = header[..100].split(|byte| *byte == 0).next()?;
        let title = format!("member {}", String::from_utf8_lossy(title));
        let (start, end) = (at + 512, (at + 512).checked_add(size)?.min(file.len()));
        if offset < start {
            return Part::header(&format!("header of {title}"), (at + 136..at + 148).contains(&offset));
        }
        if offset < end {
            return Some(Part { name: title, inside: Some((start, end)), time: false });
        }
        at = end.next_multiple_of(512);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf() -> Vec<u8> {
        let mut file = vec![0; 64 + 16];
        file[..5].copy_from_slice(b"\x7fELF\x02");
        file[64..72].copy_from_slice(b"constant");
        file.extend(b"\0.rodata\0.names\0");
        let (names, table) = (80, file.len());
        // Name, type, and then place and length: nothing, .rodata, .names.
        for (name, place, length) in [(0u32, 0u64, 0u64), (1, 64, 8), (9, names, 16)] {
            let mut header = [0u8; 64];
            header[..4].copy_from_slice(&name.to_le_bytes());
            header[4] = 1;
            header[24..32].copy_from_slice(&place.to_le_bytes());
            header[32..40].copy_from_slice(&length.to_le_bytes());
            file.extend(header);
        }
        file[40..48].copy_from_slice(&(table as u64).to_le_bytes());
        file[58] = 64;
        file[60] = 3;
        file[62] = 2;
        file
    }

    fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut file = b"!<arch>\n".to_vec();
        for (name, content) in members {
            let header = format!(
                "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                1_700_000_000,
                0,
                0,
                100644,
                content.len()
            );
            file.extend(header.as_bytes());
            file.extend(*content);
            file.resize(file.len().next_multiple_of(2), b'\n');
        }
        file
    }

    #[test]
    fn a_byte_is_found_in_its_section_and_member() {
        let elf = elf();
        assert_eq!(name(&elf, 66), "section .rodata");
        assert_eq!(name(&elf, 3), "ELF header");
        let library = ar(&[("/", b"odd"), ("//", b"a-very-long-name.o/\n"), ("/0", &elf), ("y.o/", b"abc")]);
        let inner = library.windows(8).position(|w| w == b"constant").expect("it is in there");
        assert_eq!(name(&library, inner), "member a-very-long-name.o, section .rodata");
        assert_eq!(name(&library, library.len() - 3), "member y.o");
        assert_eq!(name(&library, 8 + 60), "symbol table");
        assert!(is_time(&library, 8 + 20) && !is_time(&library, inner));
        assert_eq!(name(&library, 8 + 20), "header of symbol table");
    }

    #[test]
    fn headers_with_times_are_known() {
        let gzip = [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 0, 3, 0, 0];
        assert!(is_time(&gzip, 5) && !is_time(&gzip, 9));
        assert_eq!(name(&gzip, 5), "gzip header");
        let mut zip = b"PK\x03\x04".to_vec();
        zip.resize(30, 0);
        (zip[18], zip[26]) = (3, 1);
        zip.extend(b"nabc");
        assert!(is_time(&zip, 11));
        assert_eq!(name(&zip, 32), "member n, compressed");
        let mut tar = vec![0; 1024];
        tar[..4].copy_from_slice(b"file");
        tar[124..136].copy_from_slice(b"00000000003\0");
        tar[257..262].copy_from_slice(b"ustar");
        assert!(is_time(&tar, 140));
        assert_eq!(name(&tar, 513), "member file");
    }

    #[test]
    fn a_damaged_file_has_no_parts() {
        for file in [elf(), ar(&[("x.o/", b"abc")])] {
            for length in 0..file.len() {
                name(&file[..length], length / 2);
                let mut spoiled = file.clone();
                spoiled[length] = 0xff;
                name(&spoiled, file.len() - 1);
            }
        }
    }
}
