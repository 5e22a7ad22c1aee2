//! `ADD archive.tar /dir`: local archives are unpacked.
//!
//! Only plain tar is: for compressed ones this crate would need four decompressors
//! that no other part of cairn uses, while every package that needs sources already
//! has a program for them in its RUN. They are refused, never copied as they are,
//! since another engine would unpack them.

use std::fs::File;
use std::io::{self, Read, Seek};

use cairn_core::tar;
use rustix::fs::{FileType, makedev};

use super::upper::{Attributes, Content, EPOCH, Upper};
use super::{Copy, Error};
use crate::view::{Node, View};

/// Unpacks `node` if it is an archive; `false` if it is an ordinary file.
pub fn unpack(copy: &Copy<'_>, from: &View, node: &Node, to: &mut Upper) -> Result<bool, Error> {
    if !node.meta.is_file() {
        return Ok(false);
    }
    let mut file = from.open(node)?;
    let name = || format!("/{}", String::from_utf8_lossy(&node.path));
    unpack_file(copy, &mut file, &name(), to)
}

/// As [`unpack`], for a file that is already open.
pub fn unpack_file(copy: &Copy<'_>, file: &mut File, name: &str, to: &mut Upper) -> Result<bool, Error> {
    let mut head = [0; 512];
    let length = read_up_to(file, &mut head)?;
    file.rewind()?;
    if let Some(kind) = compression(&head[..length]) {
        return Err(Error::Archive(name.to_owned(), format!("it is compressed with {kind}")));
    }
    if length < 512 || &head[257..262] != b"ustar" {
        return Ok(false);
    }
    let dest = to.make_directories(copy.dest.as_bytes(), copy.owner.unwrap_or((0, 0)))?;
    let bad = |error: tar::ReadError| Error::Archive(name.to_owned(), error.to_string());
    let id = |id: u64| u32::try_from(id).expect("the reader admits only 32-bit ids");
    let mut reader = tar::Reader::new(io::BufReader::new(file), tar::Accept::Archive);
    while let Some(entry) = reader.next_entry().map_err(bad)? {
        let path = crate::view::join(&dest, &entry.path);
        // `--chown` is for the directory only, as in BuildKit.
        let owner = (id(entry.uid), id(entry.gid));
        let new = Attributes { owner, mode: entry.mode, mtime: EPOCH };
        // Directories that the archive leaves out are root's.
        to.parents(&path, (0, 0))?;
        // Directories that the archive leaves out are root's.
        to.parents(&path, (0, 0))?;
        match &entry.kind {
            tar::Kind::Dir => to.directory(&path, &new)?,
            tar::Kind::File { .. } => to.file(&path, &mut Content::Stream(&mut reader), &new)?,
            tar::Kind::Symlink { target } => to.symlink(&path, target, &new)?,
            tar::Kind::Hardlink { target } => {
                to.hard_link(&path, &crate::view::join(&dest, target))?;
            }
            tar::Kind::Fifo => to.special(&path, FileType::Fifo, 0, &new)?,
            tar::Kind::Char { major, minor } => {
                to.special(&path, FileType::CharacterDevice, makedev(*major, *minor), &new)?;
            }
            tar::Kind::Block { major, minor } => {
                to.special(&path, FileType::BlockDevice, makedev(*major, *minor), &new)?;
            }
            tar::Kind::Whiteout | tar::Kind::Opaque => {
                let why = format!("{} means a deletion", String::from_utf8_lossy(&entry.path));
                return Err(Error::Archive(name.to_owned(), why));
            }
        }
    }
    Ok(true)
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            more => filled += more,
        }
    }
    Ok(filled)
}

/// The compressions that stock engines undo.
fn compression(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 4] = [
        (&[0x1f, 0x8b, 0x08], "gzip"),
        (b"BZh", "bzip2"),
        (&[0xfd, b'7', b'z', b'X', b'Z', 0], "xz"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}
