//! `ADD archive.tar /dir`: local archives are unpacked.
//!
//! An archive is what begins with the header of a tar entry, as it is or inside one of
//! the four compressions of [`super::packed`], whatever its name. Anything else is
//! copied as it is, a compressed text, too. An archive that cannot be unpacked is an
//! error and never copied, since another engine might unpack it.

use std::fs::File;
use std::io::{self, Read, Seek};

use cairn_core::tar;
use rustix::fs::{FileType, makedev};

use super::packed::Packing;
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
    let packing = Packing::of(&head[..length]);
    if let Some(packing) = packing {
        // What cannot be decompressed at all only looks compressed by chance.
        let inside = read_up_to(&mut packing.unpack(&mut *file), &mut head);
        file.rewind()?;
        if !inside.is_ok_and(|length| length == head.len() && tar::is_header(&head)) {
            return Ok(false);
        }
    } else if length < head.len() || !tar::is_header(&head) {
        return Ok(false);
    }
    let bytes: Box<dyn Read + '_> = match packing {
        Some(packing) => packing.unpack(file),
        None => Box::new(io::BufReader::new(file)),
    };
    unpack_tar(copy, bytes, name, to)?;
    Ok(true)
}

fn unpack_tar(copy: &Copy<'_>, bytes: Box<dyn Read + '_>, name: &str, to: &mut Upper) -> Result<(), Error> {
    let dest = to.make_directories(copy.dest.as_bytes(), copy.owner.unwrap_or((0, 0)))?;
    let bad = |error: tar::ReadError| Error::Archive(name.to_owned(), error.to_string());
    let id = |id: u64| u32::try_from(id).expect("the reader admits only 32-bit ids");
    let mut reader = tar::Reader::new(bytes, tar::Accept::Archive);
    while let Some(entry) = reader.next_entry().map_err(bad)? {
        let path = crate::view::join(&dest, &entry.path);
        // `--chown` is for the directory only, as in BuildKit.
        let owner = (id(entry.uid), id(entry.gid));
        let new = Attributes { owner, mode: entry.mode, mtime: EPOCH };
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
    Ok(())
}

fn read_up_to(file: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            more => filled += more,
        }
    }
    Ok(filled)
}
