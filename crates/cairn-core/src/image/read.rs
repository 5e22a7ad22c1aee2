//! Reading config and manifest from outside.
//!
//! Nothing is skipped: a member that is not known here is refused, because whoever
//! knows it may run something else than we would.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::json::{self, Value};

use super::{CONFIG_TYPE, Config, History, Image, LAYER_TYPE, Layer, MANIFEST_TYPE};

/// No manifest or config is longer, in bytes.
pub const MAX_DOCUMENT: usize = 4 * 1024 * 1024;
/// No image has more layers: the limit of overlay-based engines.
pub const MAX_LAYERS: usize = 127;

/// Why documents from outside are not an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the {document} has {size} bytes, more than {MAX_DOCUMENT}")]
    TooLong { document: &'static str, size: usize },
    #[error("the {document} is no strict JSON: {source}")]
    Json { document: &'static str, source: json::Error },
    #[error("{place}: {problem}")]
    Member { place: String, problem: String },
    #[error("the manifest asks for the config {expected}, but was given {got}")]
    WrongConfig { expected: Digest, got: Digest },
    #[error("layer {index} is {layer} in the manifest, but {diff_id} in the config")]
    WrongLayer { index: usize, layer: Digest, diff_id: Digest },
    #[error("the manifest has {layers} layers and the config {diff_ids}")]
    LayerCount { layers: usize, diff_ids: usize },
    #[error("the history makes {history} layers, but there are {layers}")]
    HistoryCount { history: usize, layers: usize },
}

/// Reads an image from its two documents and checks that they belong together.
///
/// Accepted are OCI documents with uncompressed layers, as this project and BuildKit
/// write them; times and annotations are ignored.
pub fn read(manifest_bytes: &[u8], config_bytes: &[u8]) -> Result<Image, Error> {
    let manifest = document("manifest", manifest_bytes)?;
    let (wanted, config_size, layers) = read_manifest(&manifest)?;
    let config_digest = Digest::of(config_bytes);
    if wanted != config_digest || config_size != config_bytes.len() as u64 {
        return Err(Error::WrongConfig { expected: wanted, got: config_digest });
    }
    let (config, diff_ids) = read_config(&document("config", config_bytes)?)?;
    if layers.len() != diff_ids.len() {
        return Err(Error::LayerCount { layers: layers.len(), diff_ids: diff_ids.len() });
    }
    for (index, (layer, diff_id)) in layers.iter().zip(diff_ids).enumerate() {
        if layer.digest != diff_id {
            return Err(Error::WrongLayer { index, layer: layer.digest, diff_id });
        }
    }
    let history = config.history.iter().filter(|entry| !entry.empty_layer).count();
    if !config.history.is_empty() && history != layers.len() {
        return Err(Error::HistoryCount { history, layers: layers.len() });
    }
    Ok(Image { manifest: Digest::of(manifest_bytes), config_digest, layers, config })
}

/// The digest of the config that a manifest names, so that it can be fetched.
pub fn config_of(manifest_bytes: &[u8]) -> Result<Digest, Error> {
    Ok(read_manifest(&document("manifest", manifest_bytes)?)?.0)
}

fn document(name: &'static str, bytes: &[u8]) -> Result<Value, Error> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Error::TooLong { document: name, size: bytes.len() });
    }
    Value::parse(bytes).map_err(|source| Error::Json { document: name, source })
}

fn read_manifest(manifest: &Value) -> Result<(Digest, u64, Vec<Layer>), Error> {
    let mut members = Members::of("manifest", manifest)?;
    let version = members.required("schemaVersion", Value::as_number)?;
    if version != 2 {
        return Err(members.problem("schemaVersion", format!("{version} instead of 2")));
    }
    if let Some(kind) = members.optional("mediaType", text)? {
        members.must_equal("mediaType", &kind, MANIFEST_TYPE)?;
    }
    let config = descriptor("manifest.config", members.take("config"), CONFIG_TYPE)?;
    let list = members.nullable("layers", |value| value.as_array().map(<[Value]>::to_vec))?;
    if list.len() > MAX_LAYERS {
        return Err(members.problem("layers", format!("more than {MAX_LAYERS}")));
    }
    members.take("annotations");
    members.nothing_else()?;
    let layers = list.iter().map(|layer| descriptor("manifest.layers", Some(layer), LAYER_TYPE));
    Ok((config.digest, config.size, layers.collect::<Result<_, _>>()?))
}

fn descriptor(place: &str, value: Option<&Value>, media_type: &str) -> Result<Layer, Error> {
    let mut members = Members::of(place, value.unwrap_or(&Value::Null))?;
    let kind = members.required("mediaType", text)?;
    members.must_equal("mediaType", &kind, media_type)?;
    let name = members.required("digest", text)?;
    let digest = digest(&members, "digest", &name)?;
    let size = members.required("size", |size| size.as_number().and_then(|n| n.try_into().ok()))?;
    members.take("annotations");
    members.nothing_else()?;
    Ok(Layer { digest, size })
}

fn digest(members: &Members, key: &str, text: &str) -> Result<Digest, Error> {
    text.parse().map_err(|error| members.problem(key, format!("{error}")))
}

fn read_config(config: &Value) -> Result<(Config, Vec<Digest>), Error> {
    let mut members = Members::of("config", config)?;
    let mut result = Config {
        architecture: members.required("architecture", text)?,
        os: members.required("os", text)?,
        ..Config::default()
    };
    members.take("created");
    members.take("author");
    if let Some(execution) = members.take("config") {
        read_execution(execution, &mut result)?;
    }
    let history = members.optional("history", |value| value.as_array().map(<[Value]>::to_vec))?;
    result.history = history.iter().flatten().map(read_history).collect::<Result<_, _>>()?;
    let mut rootfs = Members::of("config.rootfs", members.take("rootfs").unwrap_or(&Value::Null))?;
    let kind = rootfs.required("type", text)?;
    rootfs.must_equal("type", &kind, "layers")?;
    let diff_ids = rootfs.nullable("diff_ids", strings)?;
    rootfs.nothing_else()?;
    members.nothing_else()?;
    let diff_ids = diff_ids.iter().map(|id| digest(&rootfs, "diff_ids", id));
    Ok((result, diff_ids.collect::<Result<_, _>>()?))
}

fn read_execution(execution: &Value, config: &mut Config) -> Result<(), Error> {
    let mut members = Members::of("config.config", execution)?;
    config.user = members.optional("User", text)?.unwrap_or_default();
    config.exposed_ports = members.optional("ExposedPorts", set)?.unwrap_or_default();
    config.env = members.optional("Env", strings)?.unwrap_or_default();
    config.entrypoint = members.optional("Entrypoint", strings)?;
    config.cmd = members.optional("Cmd", strings)?;
    config.volumes = members.optional("Volumes", set)?.unwrap_or_default();
    config.working_dir = members.optional("WorkingDir", text)?.unwrap_or_default();
    config.labels = members.optional("Labels", map)?.unwrap_or_default();
    config.stop_signal = members.optional("StopSignal", text)?;
    config.args_escaped = members.optional("ArgsEscaped", boolean)?.unwrap_or(false);
    config.shell = members.optional("Shell", strings)?;
    if let Some(bad) = config.env.iter().find(|variable| !variable.contains('=')) {
        return Err(members.problem("Env", format!("{bad:?} has no '='")));
    }
    members.nothing_else()
}

fn read_history(entry: &Value) -> Result<History, Error> {
    let mut members = Members::of("config.history", entry)?;
    let history = History {
        created_by: members.optional("created_by", text)?.unwrap_or_default(),
        comment: members.optional("comment", text)?.unwrap_or_default(),
        empty_layer: members.optional("empty_layer", boolean)?.unwrap_or(false),
    };
    members.take("created");
    members.take("author");
    members.nothing_else()?;
    Ok(history)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(text).collect()
}

fn map(value: &Value) -> Option<BTreeMap<String, String>> {
    value.as_object()?.iter().map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

/// A Go set: an object whose values are all `{}`.
fn set(value: &Value) -> Option<BTreeSet<String>> {
    let empty = |value: &Value| value.as_object().is_some_and(<[_]>::is_empty);
    value.as_object()?.iter().map(|(key, value)| empty(value).then(|| key.clone())).collect()
}

/// The members of an object that nobody has asked for yet.
struct Members<'a> {
    place: &'a str,
    left: Vec<&'a (String, Value)>,
}

impl<'a> Members<'a> {
    fn of(place: &'a str, value: &'a Value) -> Result<Members<'a>, Error> {
        let members = value.as_object().ok_or_else(|| Error::Member {
            place: place.to_owned(),
            problem: "expected an object".to_owned(),
        })?;
        Ok(Members { place, left: members.iter().collect() })
    }

    fn problem(&self, key: &str, problem: impl Into<String>) -> Error {
        Error::Member { place: format!("{}.{key}", self.place), problem: problem.into() }
    }

    fn take(&mut self, key: &str) -> Option<&'a Value> {
        let index = self.left.iter().position(|(name, _)| name == key)?;
        Some(&self.left.swap_remove(index).1)
    }

    /// The member `key` as `read` understands it; missing and `null` are the same.
    fn optional<T>(&mut self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, Error> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.problem(key, "wrong type")),
        }
    }

    fn required<T>(&mut self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Result<T, Error> {
        self.optional(key, read)?.ok_or_else(|| self.problem(key, "missing"))
    }

    /// A list that must be there but may be `null`: how Go writes an empty one.
    fn nullable<T: Default>(&mut self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Result<T, Error> {
        if !self.left.iter().any(|(name, _)| name == key) {
            return Err(self.problem(key, "missing"));
        }
        Ok(self.optional(key, read)?.unwrap_or_default())
    }

    fn must_equal(&self, key: &str, got: &str, expected: &str) -> Result<(), Error> {
        if got == expected {
            return Ok(());
        }
        Err(self.problem(key, format!("{got:?} instead of {expected:?}")))
    }

    fn nothing_else(&self) -> Result<(), Error> {
        match self.left.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.problem(key, "unknown member")),
        }
    }
}
