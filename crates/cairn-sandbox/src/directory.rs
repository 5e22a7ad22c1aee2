//! A directory's entries in the opposite order.
//!
//! ```text
//!   ino 8 | offset 8 | length 2 | type 1 | name, zero-terminated, padded     struct linux_dirent64
//! ```
//!
//! The offset says where to go on *after* an entry. It belongs to the place in the list, not
//! to the name, so the offsets stay in their order while the entries change theirs. Reading on
//! and `rewinddir` work as ever; `seekdir` into the middle of what was read does not come back
//! to the same entry, since the kernel goes on from there in its own order.

const OFFSET: std::ops::Range<usize> = 8..16;
const LENGTH: std::ops::Range<usize> = 16..18;

/// Writes the entries of `list` to `turned`, which is as long, last one first. A list that
/// cannot be the kernel's is copied as it is.
pub fn reverse(list: &[u8], turned: &mut [u8]) {
    let mut end = turned.len();
    let mut rest = list;
    while let Some(length) = length(rest) {
        let (entry, behind) = rest.split_at(length);
        end -= length;
        turned[end..end + length].copy_from_slice(entry);
        rest = behind;
    }
    if !rest.is_empty() {
        turned.copy_from_slice(list);
        return;
    }
    let (mut from, mut to) = (list, turned);
    while let (Some(theirs), Some(ours)) = (length(from), length(to)) {
        to[OFFSET].copy_from_slice(&from[OFFSET]);
        from = &from[theirs..];
        to = &mut to[ours..];
    }
}

/// How long the first entry is; `None` at the end, or if it is longer than the list.
fn length(list: &[u8]) -> Option<usize> {
    let field = list.get(LENGTH)?;
    let length = usize::from(u16::from_le_bytes([field[0], field[1]]));
    (length > LENGTH.end && length <= list.len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(u64, u64, &str)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (inode, offset, name) in entries {
            let length = (19 + name.len() + 1).next_multiple_of(8);
            let end = bytes.len() + length;
            bytes.extend(inode.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
            bytes.extend((length as u16).to_le_bytes());
            bytes.push(8);
            bytes.extend(name.as_bytes());
            bytes.resize(end, 0);
        }
        bytes
    }

    #[test]
    fn names_change_places_and_offsets_do_not() {
        let given = list(&[(1, 10, "a"), (2, 20, "a longer name"), (3, 30, "c")]);
        let mut turned = vec![0; given.len()];
        reverse(&given, &mut turned);
        assert_eq!(turned, list(&[(3, 10, "c"), (2, 20, "a longer name"), (1, 30, "a")]));
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        let mut given = list(&[(1, 10, "a"), (2, 20, "b")]);
        given.truncate(given.len() - 1);
        let mut turned = vec![0; given.len()];
        reverse(&given, &mut turned);
        assert_eq!(turned, given);
        reverse(&[], &mut []);
    }
}
