//! Writing statements: one spelling, compact, members in the order of the documents.

use super::{Dispute, Host, Opinion, Reproducer, Reproduction, Root, Settlement, Snapshot, Statement};
use cairn_core::digest::Digest;
use cairn_core::json::Value;

/// The constant that makes podman and skopeo read the document.
pub(super) const SIMPLE_SIGNING: &str = "atomic container signature";

impl Statement {
    /// The document's bytes: one line, no line break at its end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let value = match self {
            Statement::Reproduction(r) => return reproduction(r).compact().into_bytes(),
            Statement::Maintainer(o) => opinion("maintainer", o),
            Statement::Review(o) => opinion("review", o),
            Statement::Dispute(d) => dispute(d),
            Statement::Settlement(s) => settlement(s),
            Statement::Snapshot(s) => snapshot(s),
            Statement::Root(r) => root(r),
        };
        Value::object([("cairn", value)]).compact().into_bytes()
    }
}

fn digest(digest: &Digest) -> Value {
    digest.to_string().into()
}

fn reproduction(r: &Reproduction) -> Value {
    let role = match r.role {
        Reproducer::Person => "reproducer",
        Reproducer::Machine => "machine",
    };
    let mut cairn = vec![
        ("role", role.into()),
        ("name", r.name.as_str().into()),
        ("version", r.version.as_str().into()),
        ("definition", digest(&r.definition)),
        ("platform", r.platform.as_str().into()),
    ];
    cairn.extend(host(&r.host));
    let identity = Value::object([("docker-reference", r.reference.as_str().into())]);
    let image = Value::object([("docker-manifest-digest", digest(&r.image))]);
    Value::object([
        (
            "critical",
            Value::object([("identity", identity), ("image", image), ("type", SIMPLE_SIGNING.into())]),
        ),
        (
            "optional",
            Value::object([
                ("creator", r.creator.as_str().into()),
                ("timestamp", r.timestamp.into()),
                ("cairn", Value::object(cairn)),
            ]),
        ),
    ])
}

fn host(host: &Host) -> [(&'static str, Value); 4] {
    [
        ("engine", host.engine.as_str().into()),
        ("cpu", host.cpu.as_str().into()),
        ("distribution", host.distribution.as_str().into()),
        ("kernel", host.kernel.as_str().into()),
    ]
}

fn opinion(kind: &str, o: &Opinion) -> Value {
    Value::object([
        ("type", kind.into()),
        ("name", o.name.as_str().into()),
        ("definition", digest(&o.definition)),
        ("timestamp", o.timestamp.into()),
    ])
}

fn dispute(d: &Dispute) -> Value {
    let mut members = vec![
        ("type", "dispute".into()),
        ("name", d.name.as_str().into()),
        ("definition", digest(&d.definition)),
        ("platform", d.platform.as_str().into()),
        ("expected", digest(&d.expected)),
        ("got", digest(&d.got)),
        ("files", Value::strings(d.files.iter().cloned())),
        ("timestamp", d.timestamp.into()),
    ];
    members.extend(host(&d.host));
    Value::object(members)
}

fn settlement(s: &Settlement) -> Value {
    Value::object([
        ("type", "settlement".into()),
        ("definition", digest(&s.definition)),
        ("platform", s.platform.as_str().into()),
        ("image", digest(&s.image)),
        ("settles", Value::strings(s.settles.iter().cloned())),
        ("timestamp", s.timestamp.into()),
    ])
}

fn snapshot(s: &Snapshot) -> Value {
    let entries = s.entries.iter().map(|e| {
        Value::object([
            ("name", e.name.as_str().into()),
            ("version", e.version.as_str().into()),
            ("definition", digest(&e.definition)),
            ("platform", e.platform.as_str().into()),
            ("image", digest(&e.image)),
        ])
    });
    Value::object([
        ("type", "snapshot".into()),
        ("number", s.number.into()),
        ("created", s.created.into()),
        ("expires", s.expires.into()),
        ("entries", Value::Array(entries.collect())),
    ])
}

fn root(r: &Root) -> Value {
    let people = r.people.iter().map(|(id, keys)| {
        Value::object([("person", Value::from(id.as_str())), ("keys", Value::strings(keys.iter().cloned()))])
    });
    let files = r
        .files
        .iter()
        .map(|(path, sha256)| Value::object([("path", path.as_str().into()), ("sha256", digest(sha256))]));
    Value::object([
        ("type", "root".into()),
        ("version", r.version.into()),
        ("expires", r.expires.into()),
        ("threshold", r.threshold.into()),
        ("people", Value::Array(people.collect())),
        ("files", Value::Array(files.collect())),
    ])
}
