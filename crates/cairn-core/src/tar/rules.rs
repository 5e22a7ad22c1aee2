//! What must hold between the entries of one layer.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::{BadPath, Entry, Kind, check_path, order};

/// A rule of layers that an entry breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    #[error("{path}: the path {reason}")]
    Path { path: String, reason: BadPath },
    #[error("{path}: out of order after {last}")]
    Order { path: String, last: String },
    #[error("{path}: comes twice")]
    Duplicate { path: String },
    #[error("{path}: lies in something that is no directory of this layer")]
    Parent { path: String },
    #[error("{path}: mode {mode:o} has bits beyond 7777")]
    Mode { path: String, mode: u32 },
    #[error("{path}: {id} is no user or group id")]
    Id { path: String, id: u64 },
    #[error("{path}: hard link to {target}, which is no earlier file of this layer")]
    Hardlink { path: String, target: String },
    #[error("{path}: a symbolic link to nothing, to a NUL byte, or to more than 4095 bytes")]
    Symlink { path: String },
    #[error("{path}: device number {number} needs more than seven octal digits")]
    Device { path: String, number: u32 },
}

/// Checks entries one by one, remembering those that came before.
pub(super) struct Rules {
    ordered: bool,
    missing_parents: bool,
    last: Vec<u8>,
    seen: HashMap<Vec<u8>, Seen>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Dir,
    /// Left out, or still to come: what is inside it made it one.
    ImpliedDir,
    OpaqueDir,
    Deleted,
    Other,
}

impl Rules {
    /// `ordered`: entries come in canonical order. `missing_parents`: a directory may
    /// be left out, or come after what is inside it, as in people's archives.
    pub(super) fn new(ordered: bool, missing_parents: bool) -> Rules {
        Rules { ordered, missing_parents, last: Vec::new(), seen: HashMap::new() }
    }

    /// Accepts `entry` as the next one, or says which rule it breaks.
    pub(super) fn admit(&mut self, entry: &Entry) -> Result<(), Violation> {
        let path = || lossy(&entry.path);
        check_path(&entry.path).map_err(|reason| Violation::Path { path: path(), reason })?;
        if entry.mode > 0o7777 {
            return Err(Violation::Mode { path: path(), mode: entry.mode });
        }
        // The largest value means "leave it alone" to the kernel.
        if let Some(id) = [entry.uid, entry.gid].into_iter().find(|id| *id >= u32::MAX.into()) {
            return Err(Violation::Id { path: path(), id });
        }
        self.check_kind(entry)?;
        if entry.kind == Kind::Opaque {
            return self.admit_opaque(entry);
        }
        self.check_parent(entry)?;
        let seen = match entry.kind {
            Kind::Dir => Seen::Dir,
            Kind::Whiteout => Seen::Deleted,
            _ => Seen::Other,
        };
        match self.seen.insert(entry.path.clone(), seen) {
            None => {}
            Some(Seen::ImpliedDir) if seen == Seen::Dir => {}
            Some(_) => return Err(Violation::Duplicate { path: path() }),
        }
        if self.ordered && order(&self.last, &entry.path) != Ordering::Less {
            return Err(Violation::Order { path: path(), last: lossy(&self.last) });
        }
        self.last.clone_from(&entry.path);
        Ok(())
    }

    fn check_kind(&self, entry: &Entry) -> Result<(), Violation> {
        let path = || lossy(&entry.path);
        match &entry.kind {
            Kind::Hardlink { target } if self.seen.get(target) != Some(&Seen::Other) => {
                Err(Violation::Hardlink { path: path(), target: lossy(target) })
            }
            Kind::Symlink { target } if target.is_empty() || target.contains(&0) || target.len() > 4095 => {
                Err(Violation::Symlink { path: path() })
            }
            Kind::Char { major, minor } | Kind::Block { major, minor } => {
                match [*major, *minor].into_iter().find(|number| *number > 0o7777777) {
                    Some(number) => Err(Violation::Device { path: path(), number }),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn check_parent(&mut self, entry: &Entry) -> Result<(), Violation> {
        let Some(slash) = entry.path.iter().rposition(|byte| *byte == b'/') else {
            return Ok(());
        };
        let parent = &entry.path[..slash];
        match self.seen.get(parent) {
            Some(Seen::Dir | Seen::ImpliedDir | Seen::OpaqueDir) => return Ok(()),
            None if self.missing_parents => {}
            _ => {
                return Err(Violation::Parent { path: lossy(&entry.path) });
            }
        }
        for (end, _) in entry.path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let ancestor = &entry.path[..end];
            match self.seen.get(ancestor) {
                Some(Seen::Dir | Seen::ImpliedDir | Seen::OpaqueDir) => {}
                Some(_) => {
                    return Err(Violation::Parent { path: lossy(&entry.path) });
                }
                None => {
                    self.seen.insert(ancestor.to_vec(), Seen::ImpliedDir);
                }
            }
        }
        Ok(())
    }

    /// The marker belongs to a directory that has come; in order, it comes first in it.
    fn admit_opaque(&mut self, entry: &Entry) -> Result<(), Violation> {
        let path = lossy(&entry.path);
        let misplaced = self.ordered && self.last != entry.path;
        match self.seen.get_mut(&entry.path) {
            Some(Seen::Dir | Seen::ImpliedDir) if misplaced => {
                Err(Violation::Order { path, last: lossy(&self.last) })
            }
            Some(seen @ (Seen::Dir | Seen::ImpliedDir)) => {
                *seen = Seen::OpaqueDir;
                Ok(())
            }
            Some(Seen::OpaqueDir) => Err(Violation::Duplicate { path }),
            _ => Err(Violation::Parent { path }),
        }
    }
}

/// A path as a message shows it.
pub(super) fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
