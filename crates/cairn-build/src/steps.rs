//! Keys and results of steps: what makes a build resumable.
//!
//! A step's *key* is the digest of all that decides its result: the trees below it
//! and what is done ([`Key`]). Its *record* says which tree came out.
//!
//! ```text
//! tree sha256:9a1b… plain
//! layer sha256:77aa… 1024
//! seconds 0.3
//! ```
//!
//! The store seals records with a checksum and forgets them, with the trees, if the
//! machine went down before they were on the disk: so nothing is synced here.

use cairn_core::digest::{Digest, Hasher};

/// Builds a key. Fields are written with their length, so no two different lists of
/// fields give the same bytes.
pub struct Key(Hasher);

impl Key {
    /// A key of this kind; kinds never collide.
    pub fn new(kind: &str) -> Self {
        let mut key = Self(Hasher::new());
        key.bytes(b"cairn key 1");
        key.text(kind);
        key
    }

    /// Adds a field.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Adds a list: its length and its members.
    pub fn list<T>(&mut self, items: &[T], mut add: impl FnMut(&mut Self, &T)) -> &mut Self {
        self.number(items.len() as u64);
        for item in items {
            add(self, item);
        }
        self
    }

    /// Adds a list of digests.
    pub fn digests(&mut self, digests: &[Digest]) -> &mut Self {
        self.list(digests, |key, digest| {
            key.bytes(digest.as_bytes());
        })
    }

    /// The key.
    pub fn finish(self) -> Digest {
        self.0.finish().0
    }
}

/// What a step gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The new tree.
    pub tree: Digest,
    /// The tree removes nothing from those below it.
    pub plain: bool,
    /// In a final stage: the tree as a layer, its digest and size.
    pub layer: Option<(Digest, u64)>,
    /// How long it took.
    pub seconds: f64,
}

impl Record {
    /// The record as it is stored.
    pub fn encode(&self) -> Vec<u8> {
        let kind = if self.plain { "plain" } else { "removes" };
        let mut text = format!("tree {} {kind}\n", self.tree);
        if let Some((digest, size)) = &self.layer {
            text += &format!("layer {digest} {size}\n");
        }
        text += &format!("seconds {:.6}\n", self.seconds);
        text.into_bytes()
    }

    /// Reads it back; anything unexpected is as good as no record.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let mut lines = text.split('\n').peekable();
        let (tree, kind) = lines.next()?.strip_prefix("tree ")?.split_once(' ')?;
        let layer = match lines.next_if(|line| line.starts_with("layer ")) {
            None => None,
            Some(line) => {
                let (digest, size) = line.strip_prefix("layer ")?.split_once(' ')?;
                Some((digest.parse().ok()?, size.parse().ok()?))
            }
        };
        let seconds = lines.next()?.strip_prefix("seconds ")?.parse().ok()?;
        let plain = match kind {
            "plain" => true,
            "removes" => false,
            _ => return None,
        };
        let record = Self { tree: tree.parse().ok()?, plain, layer, seconds };
        lines.next().is_none().then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_whole_or_not_at_all() {
        let whole = Record {
            tree: Digest::of(b"tree"),
            plain: false,
            layer: Some((Digest::of(b"layer"), 1024)),
            seconds: 0.25,
        };
        let bytes = whole.encode();
        assert_eq!(Record::decode(&bytes), Some(whole.clone()));
        for length in 0..bytes.len() {
            assert_eq!(Record::decode(&bytes[..length]), None, "cut at {length}");
        }
        let bare = Record { layer: None, plain: true, ..whole };
        assert_eq!(Record::decode(&bare.encode()), Some(bare));
    }

    #[test]
    fn keys_of_different_fields_differ() {
        let key = |parts: &[&str]| {
            let mut key = Key::new("test");
            for part in parts {
                key.text(part);
            }
            key.finish()
        };
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["a"]), key(&["a", ""]));
        assert_ne!(Key::new("run").finish(), Key::new("copy").finish());
    }
}
