//! One entry of a layer, and the order that entries have.

use std::cmp::Ordering;

use super::WHITEOUT;

/// A file, directory or other thing in a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative, without leading or trailing `/`; any bytes but NUL. For a
    /// [`Kind::Whiteout`] the path of what is hidden, not of the marker.
    pub path: Vec<u8>,
    pub kind: Kind,
    /// Permission bits with setuid, setgid and sticky: at most `0o7777`.
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Dir,
    /// A regular file; its `size` bytes follow.
    File {
        size: u64,
    },
    /// Another name of an earlier entry of the same layer.
    Hardlink {
        target: Vec<u8>,
    },
    /// `target` is kept as it is, wherever it points.
    Symlink {
        target: Vec<u8>,
    },
    Fifo,
    Char {
        major: u32,
        minor: u32,
    },
    Block {
        major: u32,
        minor: u32,
    },
    /// Hides `path` of the layers below.
    Whiteout,
    /// Hides all that the layers below have inside the directory `path`.
    Opaque,
}

impl Entry {
    /// How many bytes of content follow the header.
    pub fn size(&self) -> u64 {
        match self.kind {
            Kind::File { size } => size,
            _ => 0,
        }
    }
}

/// Compares two paths component by component, so that everything inside `a` comes
/// between `a` and `a-b`.
pub fn order(a: &[u8], b: &[u8]) -> Ordering {
    // A slash must come before every byte a name can have, and no name has NUL.
    let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
    a.iter().map(key).cmp(b.iter().map(key))
}

/// Why a path cannot be in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    #[error("is empty")]
    Empty,
    #[error("is absolute")]
    Absolute,
    #[error("has an empty component")]
    EmptyComponent,
    #[error("has a component `.` or `..`")]
    Dots,
    #[error("contains a NUL byte")]
    Nul,
    #[error("begins with .wh., which layers use for deletions")]
    Whiteout,
    #[error("is longer than 4095 bytes, or one of its names longer than 255")]
    TooLong,
}

/// Checks that `path` names one thing below the root, in one spelling.
pub fn check_path(path: &[u8]) -> Result<(), BadPath> {
    if path.is_empty() {
        return Err(BadPath::Empty);
    }
    if path[0] == b'/' {
        return Err(BadPath::Absolute);
    }
    if path.contains(&0) {
        return Err(BadPath::Nul);
    }
    if path.len() > 4095 {
        return Err(BadPath::TooLong);
    }
    path.split(|byte| *byte == b'/').try_for_each(check_name)
}

fn check_name(name: &[u8]) -> Result<(), BadPath> {
    match name {
        b"" => Err(BadPath::EmptyComponent),
        b"." | b".." => Err(BadPath::Dots),
        _ if name.starts_with(WHITEOUT) => Err(BadPath::Whiteout),
        _ if name.len() > 255 => Err(BadPath::TooLong),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_follow_their_directory_and_precede_longer_names() {
        let sorted: [&[u8]; 8] = [b"a", b"a/b", b"a/b/c", b"a/b!", b"a!", b"a-b", b"a0", b"b"];
        for pair in sorted.windows(2) {
            assert_eq!(order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(order(b"a/b", b"a/b"), Ordering::Equal);
    }

    #[test]
    fn a_path_that_could_leave_the_tree_or_be_spelled_twice_is_refused() {
        let long = vec![b'x'; 256];
        let cases: [(&[u8], Result<(), BadPath>); 13] = [
            (b"a/b", Ok(())),
            (b"...", Ok(())),
            ("ä/\n".as_bytes(), Ok(())),
            (b"", Err(BadPath::Empty)),
            (b"/etc", Err(BadPath::Absolute)),
            (b"a/", Err(BadPath::EmptyComponent)),
            (b"a//b", Err(BadPath::EmptyComponent)),
            (b"../a", Err(BadPath::Dots)),
            (b"a/..", Err(BadPath::Dots)),
            (b"./a", Err(BadPath::Dots)),
            (b"a\0b", Err(BadPath::Nul)),
            (b"a/.wh.b", Err(BadPath::Whiteout)),
            (&long, Err(BadPath::TooLong)),
        ];
        for (path, expected) in cases {
            assert_eq!(check_path(path), expected, "{:?}", String::from_utf8_lossy(path));
        }
    }
}
