//! What is remembered of a finished package.
//!
//! The record of a definition says which image it gave, so that the next build of the
//! same definition does nothing, and what a signature would be based on: when, where
//! and how it was built, and whether it was built here at all.

use std::fs;

use cairn_core::digest::Digest;
use cairn_core::json::Value;
use cairn_core::tree::Name;

use crate::owner::Ownership;

/// Where the image came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was built on this machine: its owner may sign it.
    Built,
    /// It was downloaded.
    Imported,
}

/// The record of one finished build.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildRecord {
    /// The package.
    pub name: Name,
    /// Its version label, or empty.
    pub version: String,
    /// What was built.
    pub definition: Digest,
    /// What it gave: the manifest digest.
    pub image: Digest,
    /// Digest of the image's config.
    pub config: Digest,
    /// Digests of its layers, lowest first.
    pub layers: Vec<Digest>,
    /// As in `linux/amd64`.
    pub platform: String,
    /// What built it, as in `embedded` or `docker 20.10`.
    pub engine: String,
    /// Built here, or not.
    pub origin: Origin,
    /// Seconds since 1970, when it was finished.
    pub finished: i64,
    /// How long it took, in milliseconds.
    pub milliseconds: i64,
    /// Facts of the machine: kernel, number of processors, root or user.
    pub host: Vec<(String, String)>,
}

impl BuildRecord {
    /// The key under which the store keeps the record of `definition`.
    pub fn key(definition: &Digest) -> Digest {
        let mut key = crate::steps::Key::new("build record");
        key.bytes(definition.as_bytes());
        key.finish()
    }

    /// The record as JSON.
    pub fn encode(&self) -> Vec<u8> {
        let text = |text: &str| Value::from(text);
        let digest = |digest: &Digest| Value::from(digest.to_string());
        let origin = match self.origin {
            Origin::Built => "built",
            Origin::Imported => "imported",
        };
        let host = self.host.iter().map(|(key, value)| (key.as_str(), text(value)));
        let value = Value::object([
            ("cairnBuildRecord", Value::from(1)),
            ("name", text(self.name.as_str())),
            ("version", text(&self.version)),
            ("definition", digest(&self.definition)),
            ("image", digest(&self.image)),
            ("config", digest(&self.config)),
            ("layers", Value::Array(self.layers.iter().map(digest).collect())),
            ("platform", text(&self.platform)),
            ("engine", text(&self.engine)),
            ("origin", text(origin)),
            ("finished", Value::from(self.finished)),
            ("milliseconds", Value::from(self.milliseconds)),
            ("host", Value::object(host)),
        ]);
        let mut bytes = value.compact().into_bytes();
        bytes.push(b'\n');
        bytes
    }

    /// Reads it back; anything unexpected is as good as no record.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let value = Value::parse(bytes).ok()?;
        let text = |key: &str| value.get(key)?.as_str();
        let digest = |key: &str| -> Option<Digest> { text(key)?.parse().ok() };
        let number = |key: &str| value.get(key)?.as_number();
        if number("cairnBuildRecord")? != 1 {
            return None;
        }
        let layers = value.get("layers")?.as_array()?;
        let host = value.get("host")?.as_object()?;
        Some(Self {
            name: text("name")?.parse().ok()?,
            version: text("version")?.to_owned(),
            definition: digest("definition")?,
            image: digest("image")?,
            config: digest("config")?,
            layers: layers.iter().map(|l| l.as_str()?.parse().ok()).collect::<Option<_>>()?,
            platform: text("platform")?.to_owned(),
            engine: text("engine")?.to_owned(),
            origin: match text("origin")? {
                "built" => Origin::Built,
                "imported" => Origin::Imported,
                _ => return None,
            },
            finished: number("finished")?,
            milliseconds: number("milliseconds")?,
            host: host
                .iter()
                .map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect::<Option<_>>()?,
        })
    }
}

/// Facts of this machine that help to explain a difference later.
pub fn host_facts(ownership: Ownership, cpus: u32) -> Vec<(String, String)> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("", |(_, model)| model.trim());
    let mode = match ownership {
        Ownership::Disk => "root",
        Ownership::Logical => "user",
    };
    [("kernel", kernel.trim()), ("processor", processor), ("cpusInside", &cpus.to_string()), ("mode", mode)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_whole() {
        let record = BuildRecord {
            name: "core/zlib".parse().expect("a good name"),
            version: "1.3.1".into(),
            definition: Digest::of(b"definition"),
            image: Digest::of(b"image"),
            config: Digest::of(b"config"),
            layers: vec![Digest::of(b"layer")],
            platform: "linux/amd64".into(),
            engine: "embedded".into(),
            origin: Origin::Built,
            finished: 1_700_000_000,
            milliseconds: 1234,
            host: vec![("kernel".into(), "6.1 \"odd\"".into())],
        };
        assert_eq!(BuildRecord::decode(&record.encode()), Some(record.clone()));
        assert_eq!(BuildRecord::decode(b"{}"), None);
        assert_ne!(BuildRecord::key(&record.definition), record.definition);
    }
}
