//! Records of steps that have been done: `steps/KEY` holds a checksum and the value.

use std::fs;
use std::io;

use crate::digest::Digest;

use super::{Error, Result, Store, at};

/// What every record begins with; a change of the format changes it.
const HEAD: &str = "cairn-step-1 ";

impl Store {
    /// The value stored under `key`. A damaged record counts as none.
    pub fn get_step(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
        let path = self.home.join("steps").join(key.hex());
        match fs::read(&path) {
            Ok(bytes) => Ok(unseal(&bytes).map(<[u8]>::to_vec)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Io { action: "read", path, source }),
        }
    }

    /// Stores `value` under `key`, replacing what was there.
    pub fn put_step(&self, key: &Digest, value: &[u8]) -> Result<()> {
        self.dirty.set()?;
        let sealed = [HEAD, &Digest::of(value).hex(), "\n"].concat().into_bytes();
        let temporary = self.temporary();
        fs::write(&temporary, [sealed.as_slice(), value].concat()).map_err(at("write", &temporary))?;
        let path = self.home.join("steps").join(key.hex());
        fs::rename(&temporary, &path).map_err(at("write", &path))
    }
}

/// The value of a record, if the record is whole.
pub(super) fn unseal(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(HEAD.as_bytes())?;
    let sum = Digest::from_hex(std::str::from_utf8(rest.get(..64)?).ok()?).ok()?;
    let value = rest[64..].strip_prefix(b"\n")?;
    (Digest::of(value) == sum).then_some(value)
}
