//! What a file is, by its bytes: something a person can read, or not.
//!
//! Names decide only where bytes cannot: a `.o` of an old machine has no magic.

use crate::archive;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A person can read it.
    Text,
    /// An image, a font, a sound, a page: it is looked at, not executed.
    Data(&'static str),
    /// Code for a machine, real or not.
    Program(&'static str),
    /// Something inside something.
    Packed(&'static str),
    /// Bytes.
    Unknown,
}

impl Kind {
    /// Whether somebody must say why it is there.
    pub fn is_opaque(self) -> bool {
        matches!(self, Self::Program(_) | Self::Packed(_) | Self::Unknown)
    }

    /// In a sentence: `a program (ELF)`.
    pub fn describe(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Data(what) => format!("data ({what})"),
            Self::Program(what) => format!("a program ({what})"),
            Self::Packed(what) => format!("an archive ({what})"),
            Self::Unknown => "bytes of no known kind".to_owned(),
        }
    }
}

/// Bytes at the start that say what a file is, whatever its name.
const MAGIC: [(&[u8], Kind); 47] = [
    (b"\x7fELF", Kind::Program("ELF")),
    (b"\xfe\xed\xfa\xce", Kind::Program("Mach-O")),
    (b"\xfe\xed\xfa\xcf", Kind::Program("Mach-O")),
    (b"\xce\xfa\xed\xfe", Kind::Program("Mach-O")),
    (b"\xcf\xfa\xed\xfe", Kind::Program("Mach-O")),
    (b"\xca\xfe\xba\xbe", Kind::Program("Java class or Mach-O")),
    (b"!<arch>\n", Kind::Program("ar archive")),
    (b"\0asm", Kind::Program("WebAssembly")),
    (b"BC\xc0\xde", Kind::Program("LLVM bitcode")),
    (b"dex\n", Kind::Program("Dalvik")),
    (b";ELC", Kind::Program("Emacs Lisp")),
    (b"\x1bLua", Kind::Program("Lua")),
    (b"\x1f\x8b", Kind::Packed("gzip")),
    (b"\x1f\x9d", Kind::Packed("compress")),
    (b"BZh", Kind::Packed("bzip2")),
    (b"\xfd7zXZ\0", Kind::Packed("xz")),
    (b"LZIP", Kind::Packed("lzip")),
    (b"\x28\xb5\x2f\xfd", Kind::Packed("zstd")),
    (b"\x04\x22\x4d\x18", Kind::Packed("lz4")),
    (b"PK\x03\x04", Kind::Packed("zip")),
    (b"PK\x05\x06", Kind::Packed("zip")),
    (b"7z\xbc\xaf\x27\x1c", Kind::Packed("7z")),
    (b"Rar!\x1a\x07", Kind::Packed("rar")),
    (b"MSCF\0", Kind::Packed("cab")),
    (b"xar!\0", Kind::Packed("xar")),
    (b"070701", Kind::Packed("cpio")),
    (b"070707", Kind::Packed("cpio")),
    (b"\x89PNG\r\n\x1a\n", Kind::Data("PNG")),
    (b"GIF87a", Kind::Data("GIF")),
    (b"GIF89a", Kind::Data("GIF")),
    (b"\xff\xd8\xff", Kind::Data("JPEG")),
    (b"II*\0", Kind::Data("TIFF")),
    (b"MM\0*", Kind::Data("TIFF")),
    (b"\0\0\x01\0", Kind::Data("icon")),
    (b"RIFF", Kind::Data("sound or picture")),
    (b"OggS", Kind::Data("sound")),
    (b"fLaC", Kind::Data("sound")),
    (b"ID3", Kind::Data("sound")),
    (b"\0\x01\0\0\0", Kind::Data("font")),
    (b"OTTO", Kind::Data("font")),
    (b"ttcf", Kind::Data("font")),
    (b"wOFF", Kind::Data("font")),
    (b"wOF2", Kind::Data("font")),
    (b"%PDF-", Kind::Data("PDF")),
    (b"\xde\x12\x04\x95", Kind::Data("message catalogue")),
    (b"\x95\x04\x12\xde", Kind::Data("message catalogue")),
    (b"icns", Kind::Data("icon")),
];

/// What a file without magic is that is no text, by the end of its name.
const ENDINGS: [(&str, Kind); 14] = [
    (".o", Kind::Program("object file")),
    (".obj", Kind::Program("object file")),
    (".lib", Kind::Program("library")),
    (".pyc", Kind::Program("Python")),
    (".pyo", Kind::Program("Python")),
    (".exe", Kind::Program("program")),
    (".dll", Kind::Program("library")),
    (".com", Kind::Program("program")),
    (".lzma", Kind::Packed("lzma")),
    (".bmp", Kind::Data("picture")),
    (".eot", Kind::Data("font")),
    (".tga", Kind::Data("picture")),
    (".dvi", Kind::Data("page")),
    (".info", Kind::Data("manual")),
];

/// The word of one of the kinds, as a constant.
pub(crate) fn name(what: &str) -> Option<&'static str> {
    let word = |kind: Kind| match kind {
        Kind::Data(word) | Kind::Program(word) | Kind::Packed(word) => Some(word),
        Kind::Text | Kind::Unknown => None,
    };
    let without_magic = [Kind::Packed("tar"), Kind::Program("PE")];
    let magic = MAGIC.iter().map(|(_, kind)| *kind);
    let mut all = magic.chain(ENDINGS.iter().map(|(_, kind)| *kind)).chain(without_magic);
    all.find_map(|kind| word(kind).filter(|word| *word == what))
}

/// Beyond this share of control characters a file is no text.
const MAX_CONTROLS: u64 = 50;

/// Looks at a file's bytes, a piece at a time.
#[derive(Debug, Default)]
pub struct Look {
    head: Vec<u8>,
    bytes: u64,
    nuls: u64,
    controls: u64,
}

impl Look {
    /// The next bytes.
    pub fn at(&mut self, bytes: &[u8]) {
        let room = archive::HEAD - self.head.len();
        self.head.extend(&bytes[..bytes.len().min(room)]);
        self.bytes += bytes.len() as u64;
        for byte in bytes {
            match byte {
                0 => self.nuls += 1,
                1..=7 | 14..=26 | 28..=31 | 127 => self.controls += 1,
                _ => {}
            }
        }
    }

    /// How it begins.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// How long it is so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What the file with these bytes is, called `path`.
    pub fn kind(&self, path: &str) -> Kind {
        if archive::is_tar(&self.head) {
            return Kind::Packed("tar");
        }
        let text = self.is_text();
        let magic = MAGIC.iter().find(|(magic, _)| self.head.starts_with(magic));
        // Short magic of letters begins many a text.
        if let Some((magic, kind)) = magic
            && !(text && magic.iter().all(|byte| (b' '..=b'~').contains(byte)))
        {
            return *kind;
        }
        if text {
            return Kind::Text;
        }
        if self.head.starts_with(b"MZ") {
            return Kind::Program("PE");
        }
        // The parts of a manual in Info format are called x.info-1, x.info-2.
        let lower = path.to_ascii_lowercase();
        let lower = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        let ending = ENDINGS.iter().find(|(ending, _)| lower.ends_with(ending));
        ending.map_or(Kind::Unknown, |(_, kind)| *kind)
    }

    /// UTF-8 or an older alphabet, with no NUL and few control characters; or UTF-16 with
    /// its mark, where every other byte is often NUL.
    fn is_text(&self) -> bool {
        let wide = self.head.starts_with(b"\xff\xfe") || self.head.starts_with(b"\xfe\xff");
        match wide {
            true => self.nuls * 5 >= self.bytes,
            false => self.nuls == 0 && self.controls * MAX_CONTROLS <= self.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &str, bytes: &[u8]) -> Kind {
        let mut look = Look::default();
        bytes.chunks(7).for_each(|piece| look.at(piece));
        look.kind(path)
    }

    #[test]
    fn bytes_say_what_a_file_is_and_names_only_help() {
        let mut tar = vec![b'a'; 512];
        tar[148..156].copy_from_slice(b"137770\0 ");
        let table: &[(&str, &[u8], Kind)] = &[
            ("README", b"hello\n", Kind::Text),
            ("empty", b"", Kind::Text),
            ("latin", b"stra\xdfe\n", Kind::Text),
            ("wide", b"\xff\xfea\0b\0\n\0", Kind::Text),
            ("x.info-12", b"a manual\0\x08[image]", Kind::Data("manual")),
            ("not-wide", b"\xff\xfe\0aaaaaaaaaaaaaaaaaaaaaaaaa", Kind::Unknown),
            ("configure", b"#!/bin/sh\n", Kind::Text),
            ("README.png", b"no picture\n", Kind::Text),
            ("notes.o", b"letters\n", Kind::Text),
            ("ID3-tags.txt", b"ID3 tags are text\n", Kind::Text),
            ("numbers", b"0707071 is a number\n", Kind::Text),
            ("innocent.txt", b"\x7fELF\x02\x01\x01\0", Kind::Program("ELF")),
            ("a.c", b"!<arch>\nfoo.o/  \0", Kind::Program("ar archive")),
            ("setup.bin", b"MZ\x90\0\x03\0", Kind::Program("PE")),
            ("m", b"MZ is no magic here\n", Kind::Text),
            ("a.O", b"\x4c\x01\0\0", Kind::Program("object file")),
            ("x.pyc", b"\xa7\r\r\n\0\0", Kind::Program("Python")),
            ("t.xz", b"\xfd7zXZ\0\0", Kind::Packed("xz")),
            ("t", &tar, Kind::Packed("tar")),
            ("logo", b"\x89PNG\r\n\x1a\n\0", Kind::Data("PNG")),
            ("de.gmo", b"\xde\x12\x04\x95\0", Kind::Data("message catalogue")),
            ("firmware", b"\x01\x02\x03\x04\x05\x06", Kind::Unknown),
            (
                "mostly.txt",
                b"a page of plain text may have a form feed \x0c and one odd byte\x01......",
                Kind::Text,
            ),
        ];
        for (path, bytes, want) in table {
            assert_eq!(kind(path, bytes), *want, "{path}");
        }
    }
}
