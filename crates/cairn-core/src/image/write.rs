//! Writing config, manifest and index as BuildKit does.

use crate::digest::Digest;
use crate::json::Value;

use super::{CONFIG_TYPE, CREATED, Config, History, INDEX_TYPE, LAYER_TYPE, Layer, MANIFEST_TYPE};

/// The two documents of an image, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    pub config_bytes: Vec<u8>,
    pub config_digest: Digest,
    pub manifest_bytes: Vec<u8>,
    /// Digest of `manifest_bytes`: the image's name.
    pub manifest_digest: Digest,
}

/// Writes the documents of the image with this `config` and these `layers`, lowest
/// first.
pub fn assemble(config: &Config, layers: &[Layer]) -> Assembled {
    let config_bytes = config_document(config, layers).compact().into_bytes();
    let config_digest = Digest::of(&config_bytes);
    let manifest = manifest_document(config_digest, config_bytes.len(), layers);
    let manifest_bytes = manifest.indented().into_bytes();
    let manifest_digest = Digest::of(&manifest_bytes);
    Assembled { config_bytes, config_digest, manifest_bytes, manifest_digest }
}

/// The `index.json` that BuildKit puts beside one image in an OCI layout.
pub fn index(manifest_digest: Digest, manifest_size: u64, config: &Config) -> Vec<u8> {
    let entry = Value::object([
        ("mediaType", MANIFEST_TYPE.into()),
        ("digest", manifest_digest.to_string().into()),
        ("size", number(manifest_size)),
        ("annotations", Value::object([("org.opencontainers.image.created", CREATED.into())])),
        ("platform", platform(config)),
    ]);
    let index = Value::object([
        ("schemaVersion", 2.into()),
        ("mediaType", INDEX_TYPE.into()),
        ("manifests", Value::Array(vec![entry])),
    ]);
    index.compact().into_bytes()
}

/// The platform as an index names it.
pub(crate) fn platform(config: &Config) -> Value {
    Value::object([("architecture", config.architecture.as_str().into()), ("os", config.os.as_str().into())])
}

fn manifest_document(config: Digest, config_size: usize, layers: &[Layer]) -> Value {
    let layers = layers.iter().map(|layer| {
        let mut descriptor = descriptor(LAYER_TYPE, layer.digest, layer.size);
        let rewritten = Value::object([("buildkit/rewritten-timestamp", "0".into())]);
        descriptor.push(("annotations", rewritten));
        Value::object(descriptor)
    });
    Value::object([
        ("schemaVersion", 2.into()),
        ("mediaType", MANIFEST_TYPE.into()),
        ("config", Value::object(descriptor(CONFIG_TYPE, config, config_size as u64))),
        ("layers", list(layers.collect())),
    ])
}

fn descriptor(media_type: &str, digest: Digest, size: u64) -> Vec<(&'static str, Value)> {
    vec![("mediaType", media_type.into()), ("digest", digest.to_string().into()), ("size", number(size))]
}

/// BuildKit says `null` where there are no layers.
fn list(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::Array(items) }
}

fn number(size: u64) -> Value {
    Value::Number(i64::try_from(size).expect("no file is longer than 2^63 bytes"))
}

fn config_document(config: &Config, layers: &[Layer]) -> Value {
    let diff_ids = list(layers.iter().map(|layer| layer.digest.to_string().into()).collect());
    Value::object([
        ("architecture", config.architecture.as_str().into()),
        ("config", execution(config)),
        ("created", CREATED.into()),
        ("history", Value::Array(config.history.iter().map(history).collect())),
        ("os", config.os.as_str().into()),
        ("rootfs", Value::object([("type", "layers".into()), ("diff_ids", diff_ids)])),
    ])
}

/// The inner `config` object. What is empty is left out, as Go's `omitempty` does.
fn execution(config: &Config) -> Value {
    let mut members: Vec<(&str, Value)> = Vec::new();
    if !config.user.is_empty() {
        members.push(("User", config.user.as_str().into()));
    }
    if !config.exposed_ports.is_empty() {
        members.push(("ExposedPorts", set(&config.exposed_ports)));
    }
    push_list(&mut members, "Env", Some(&config.env));
    push_list(&mut members, "Entrypoint", config.entrypoint.as_ref());
    push_list(&mut members, "Cmd", config.cmd.as_ref());
    if !config.volumes.is_empty() {
        members.push(("Volumes", set(&config.volumes)));
    }
    let working_dir = if config.working_dir.is_empty() { "/" } else { &config.working_dir };
    members.push(("WorkingDir", working_dir.into()));
    if !config.labels.is_empty() {
        let labels = config.labels.iter().map(|(name, text)| (name, text.as_str().into()));
        members.push(("Labels", Value::object(labels)));
    }
    if let Some(signal) = &config.stop_signal {
        members.push(("StopSignal", signal.as_str().into()));
    }
    if config.args_escaped {
        members.push(("ArgsEscaped", true.into()));
    }
    push_list(&mut members, "Shell", config.shell.as_ref());
    Value::object(members)
}

fn push_list(members: &mut Vec<(&str, Value)>, name: &'static str, list: Option<&Vec<String>>) {
    if let Some(items) = list.filter(|items| !items.is_empty()) {
        members.push((name, Value::strings(items)));
    }
}

fn set(names: &std::collections::BTreeSet<String>) -> Value {
    Value::object(names.iter().map(|name| (name, Value::Object(Vec::new()))))
}

fn history(entry: &History) -> Value {
    let mut members = vec![("created", CREATED.into())];
    if !entry.created_by.is_empty() {
        members.push(("created_by", entry.created_by.as_str().into()));
    }
    if !entry.comment.is_empty() {
        members.push(("comment", entry.comment.as_str().into()));
    }
    if entry.empty_layer {
        members.push(("empty_layer", true.into()));
    }
    Value::object(members)
}
