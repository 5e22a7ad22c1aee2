//! The canonical layer: one tree of files, one sequence of bytes.
//!
//! ```text
//! layer  := entry* end                 end   := 1024 zero bytes
//! entry  := [pax] header data          data  := bytes, padded with zeros to 512
//! pax    := header(type x) records     only if the ustar header cannot say it all
//! ```
//!
//! - **Order**: each directory is followed by its children, children sorted by bytes;
//!   equivalently, paths are compared component by component. No entry for the root.
//! - **Names**: relative, directories end in `/`, no `.`, `..` or empty components.
//! - **Time, names of users**: always 0 and empty. **Mode**: the lower twelve bits.
//! - **Hard links**: the first path in order is the file, later ones point at it.
//! - **Deletions** (in a layer above others): an empty file `.wh.NAME` of mode 0.
//!
//! A symlink `a -> b` owned by root is one block of 512 bytes, fields in ustar's order:
//!
//! ```text
//! name "a"  mode "0000777\0"  uid, gid "0000000\0"  size, mtime "00000000000\0"
//! checksum "0NNNNN\0 "  type "2"  linkname "b"  magic "ustar\0" version "00"
//! uname, gname ""  devmajor, devminor "0000000\0"  prefix ""          (rest NUL)
//! ```
//!
//! [`Writer`] enforces all of it, [`Reader`] refuses what would be dangerous or
//! ambiguous, [`write_tree`] makes a layer from a directory on disk and [`extract`]
//! a directory from a layer. The bytes are those of BuildKit (`docs/image.md`).

mod entry;
mod extract;
mod header;
mod reader;
mod rules;
mod walk;
mod writer;

pub use entry::{BadPath, Entry, Kind, check_path, order};
pub use extract::{ExtractError, extract};
pub use reader::{Accept, ReadError, Reader, is_header};
pub use rules::Violation;
pub use walk::{OWNER_XATTR, Owners, WalkError, write_tree};
pub use writer::{WriteError, Writer};

/// Tar's unit: headers are one block, data is padded to whole ones.
const BLOCK: usize = 512;
/// What is read and written at once when file contents are copied.
const BUFFER: usize = 256 * 1024;
/// What a deletion in an upper layer is called: `.wh.NAME` beside where NAME was.
const WHITEOUT: &[u8] = b".wh.";
/// A directory that hides all that lower layers have at its place.
const OPAQUE: &[u8] = b".wh..wh..opq";

#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod tests;
