//! Reading statements: what the writer would not write is refused.

use super::write::SIMPLE_SIGNING;
use super::{
    Dispute, Entry, Host, MAX_BYTES, MAX_SETTLED, MAX_SNAPSHOT_BYTES, Opinion, Reproducer, Reproduction,
    Root, Settlement, Snapshot, Statement,
};
use cairn_core::digest::Digest;
use cairn_core::json::{self, Value};
use cairn_core::tree::Name;
use std::collections::BTreeSet;

/// Why bytes are no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// Longer than any statement may be.
    #[error("{0} bytes: a statement has at most {MAX_BYTES}")]
    TooLong(usize),
    /// No JSON, or JSON that two readers may understand in two ways.
    #[error("not one clear JSON document: {0}")]
    Json(#[from] json::Error),
    /// A member is missing, unknown, or of another kind than it must be.
    #[error("{member}: {problem}")]
    Member {
        /// Its path, `critical.image`.
        member: String,
        /// What is wrong.
        problem: &'static str,
    },
}

type Result<T> = std::result::Result<T, StatementError>;

/// Reads one statement. `bytes` is all that was signed.
pub fn parse(bytes: &[u8]) -> Result<Statement> {
    if bytes.len() > MAX_SNAPSHOT_BYTES {
        return Err(StatementError::TooLong(bytes.len()));
    }
    let value = Value::parse(bytes)?;
    let statement = match value.get("cairn") {
        Some(_) => cairn(&Object::exactly("", &value, &["cairn"])?)?,
        None => Statement::Reproduction(reproduction(&value)?),
    };
    let may_be_long = matches!(statement, Statement::Snapshot(_) | Statement::Root(_));
    if bytes.len() > MAX_BYTES && !may_be_long {
        return Err(StatementError::TooLong(bytes.len()));
    }
    Ok(statement)
}

/// An object whose members are read by name.
struct Object<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Object<'a> {
    fn new(path: &str, value: &'a Value) -> Result<Object<'a>> {
        let object = Object { path: path.to_owned(), value };
        match value.as_object() {
            Some(_) => Ok(object),
            None => Err(object.problem("", "must be an object")),
        }
    }

    /// An object with these members and no others.
    fn exactly(path: &str, value: &'a Value, names: &[&str]) -> Result<Object<'a>> {
        let object = Object::new(path, value)?;
        for (name, _) in value.as_object().unwrap_or_default() {
            if !names.contains(&name.as_str()) {
                return Err(object.problem(name, "is unknown here"));
            }
        }
        Ok(object)
    }

    fn problem(&self, name: &str, problem: &'static str) -> StatementError {
        let parts = [self.path.as_str(), name];
        let member = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(".");
        StatementError::Member { member, problem }
    }

    fn get(&self, name: &str) -> Result<&'a Value> {
        self.value.get(name).ok_or_else(|| self.problem(name, "is missing"))
    }

    fn object(&self, name: &str, names: &[&str]) -> Result<Object<'a>> {
        Object::exactly(&format!("{}.{name}", self.path), self.get(name)?, names)
    }

    fn text(&self, name: &str) -> Result<&'a str> {
        let text = self.get(name)?.as_str();
        let text = text.ok_or_else(|| self.problem(name, "must be a string"))?;
        if text.chars().any(char::is_control) {
            return Err(self.problem(name, "has a control character"));
        }
        Ok(text)
    }

    fn digest(&self, name: &str) -> Result<Digest> {
        let digest = self.text(name)?.parse();
        digest.map_err(|_| self.problem(name, "must be sha256: and 64 lower-case hex digits"))
    }

    fn package(&self, name: &str) -> Result<String> {
        let parsed: std::result::Result<Name, _> = self.text(name)?.parse();
        let parsed = parsed.map_err(|_| self.problem(name, "must be GROUP/NAME"))?;
        Ok(parsed.as_str().to_owned())
    }

    /// A moment or a count: neither is ever negative.
    fn number(&self, name: &str) -> Result<i64> {
        match self.get(name)?.as_number() {
            Some(number) if number >= 0 => Ok(number),
            _ => Err(self.problem(name, "must be a whole number, not negative")),
        }
    }

    fn list(&self, name: &str) -> Result<&'a [Value]> {
        let list = self.get(name)?.as_array();
        list.ok_or_else(|| self.problem(name, "must be an array"))
    }

    fn texts(&self, name: &str) -> Result<Vec<String>> {
        let texts = self.list(name)?.iter().map(|v| v.as_str().map(str::to_owned));
        texts.collect::<Option<_>>().ok_or_else(|| self.problem(name, "must be an array of strings"))
    }

    fn host(&self) -> Result<Host> {
        Ok(Host {
            engine: self.text("engine")?.to_owned(),
            cpu: self.text("cpu")?.to_owned(),
            distribution: self.text("distribution")?.to_owned(),
            kernel: self.text("kernel")?.to_owned(),
        })
    }
}

fn reproduction(value: &Value) -> Result<Reproduction> {
    let top = Object::exactly("", value, &["critical", "optional"])?;
    let critical = Object::exactly("critical", top.get("critical")?, &["identity", "image", "type"])?;
    if critical.text("type")? != SIMPLE_SIGNING {
        return Err(critical.problem("type", "must be `atomic container signature`"));
    }
    let identity = critical.object("identity", &["docker-reference"])?;
    let image = critical.object("image", &["docker-manifest-digest"])?;
    // Anybody may add members to `optional`; only ours are read.
    let optional = Object::new("optional", top.get("optional")?)?;
    let names =
        ["role", "name", "version", "definition", "platform", "engine", "cpu", "distribution", "kernel"];
    let cairn = optional.object("cairn", &names)?;
    Ok(Reproduction {
        reference: identity.text("docker-reference")?.to_owned(),
        image: image.digest("docker-manifest-digest")?,
        creator: optional.text("creator")?.to_owned(),
        timestamp: optional.number("timestamp")?,
        role: match cairn.text("role")? {
            "reproducer" => Reproducer::Person,
            "machine" => Reproducer::Machine,
            _ => return Err(cairn.problem("role", "must be `reproducer` or `machine`")),
        },
        name: cairn.package("name")?,
        version: cairn.text("version")?.to_owned(),
        definition: cairn.digest("definition")?,
        platform: cairn.text("platform")?.to_owned(),
        host: cairn.host()?,
    })
}

fn cairn(top: &Object<'_>) -> Result<Statement> {
    let any = Object::new("cairn", top.get("cairn")?)?;
    let only = |names: &[&str]| {
        let mut names = names.to_vec();
        names.push("type");
        Object::exactly("cairn", any.value, &names)
    };
    match any.text("type")? {
        "maintainer" => Ok(Statement::Maintainer(opinion(&only(&OPINION)?)?)),
        "review" => Ok(Statement::Review(opinion(&only(&OPINION)?)?)),
        "dispute" => Ok(Statement::Dispute(dispute(&only(&DISPUTE)?)?)),
        "settlement" => Ok(Statement::Settlement(settlement(&only(&SETTLEMENT)?)?)),
        "snapshot" => {
            Ok(Statement::Snapshot(snapshot(&only(&["number", "created", "expires", "entries"])?)?))
        }
        "root" => Ok(Statement::Root(root(&only(&["version", "expires", "threshold", "people", "files"])?)?)),
        _ => Err(any.problem("type", "is no kind of statement")),
    }
}

const OPINION: [&str; 3] = ["name", "definition", "timestamp"];
const SETTLEMENT: [&str; 5] = ["definition", "platform", "image", "settles", "timestamp"];
const DISPUTE: [&str; 11] = [
    "name",
    "definition",
    "platform",
    "expected",
    "got",
    "files",
    "timestamp",
    "engine",
    "cpu",
    "distribution",
    "kernel",
];

fn opinion(o: &Object<'_>) -> Result<Opinion> {
    Ok(Opinion {
        name: o.package("name")?,
        definition: o.digest("definition")?,
        timestamp: o.number("timestamp")?,
    })
}

fn dispute(d: &Object<'_>) -> Result<Dispute> {
    let dispute = Dispute {
        name: d.package("name")?,
        definition: d.digest("definition")?,
        platform: d.text("platform")?.to_owned(),
        expected: d.digest("expected")?,
        got: d.digest("got")?,
        files: d.texts("files")?,
        timestamp: d.number("timestamp")?,
        host: d.host()?,
    };
    if dispute.expected == dispute.got {
        return Err(d.problem("got", "must differ from `expected`"));
    }
    if dispute.files.len() > 1000 {
        return Err(d.problem("files", "has more than 1,000 paths"));
    }
    Ok(dispute)
}

fn settlement(s: &Object<'_>) -> Result<Settlement> {
    let settlement = Settlement {
        definition: s.digest("definition")?,
        platform: s.text("platform")?.to_owned(),
        image: s.digest("image")?,
        settles: s.texts("settles")?,
        timestamp: s.number("timestamp")?,
    };
    let settles = &settlement.settles;
    if settles.len() > MAX_SETTLED || !settles.is_sorted_by(|a, b| a < b) {
        return Err(s.problem("settles", "must be at most 256 names, sorted, no two alike"));
    }
    Ok(settlement)
}

fn snapshot(s: &Object<'_>) -> Result<Snapshot> {
    let mut entries: Vec<Entry> = Vec::new();
    for value in s.list("entries")? {
        let names = ["name", "version", "definition", "platform", "image"];
        let e = Object::exactly("cairn.entries", value, &names)?;
        let entry = Entry {
            name: e.package("name")?,
            version: e.text("version")?.to_owned(),
            definition: e.digest("definition")?,
            platform: e.text("platform")?.to_owned(),
            image: e.digest("image")?,
        };
        let key = |e: &Entry| (e.name.clone(), e.platform.clone());
        if entries.last().is_some_and(|last| key(last) >= key(&entry)) {
            return Err(s.problem("entries", "must be sorted by name and platform, no two alike"));
        }
        entries.push(entry);
    }
    let snapshot = Snapshot {
        number: s.number("number")?,
        created: s.number("created")?,
        expires: s.number("expires")?,
        entries,
    };
    if snapshot.number == 0 || snapshot.expires <= snapshot.created {
        return Err(s.problem("expires", "must be after `created`, and `number` at least 1"));
    }
    Ok(snapshot)
}

/// People in order, each with at least one key, no key twice: it would be two votes.
fn root_people(r: &Object<'_>) -> Result<Vec<(String, Vec<String>)>> {
    let mut people: Vec<(String, Vec<String>)> = Vec::new();
    let mut seen = BTreeSet::new();
    for value in r.list("people")? {
        let p = Object::exactly("cairn.people", value, &["person", "keys"])?;
        let (id, keys) = (p.text("person")?.to_owned(), p.texts("keys")?);
        if keys.is_empty() || !keys.iter().all(|k| seen.insert(k.clone())) {
            return Err(p.problem("keys", "must have at least one key, and none that stands elsewhere"));
        }
        if people.last().is_some_and(|(last, _)| *last >= id) {
            return Err(r.problem("people", "must be sorted, no two alike"));
        }
        people.push((id, keys));
    }
    Ok(people)
}

fn root(r: &Object<'_>) -> Result<Root> {
    let mut files: Vec<(String, Digest)> = Vec::new();
    for value in r.list("files")? {
        let f = Object::exactly("cairn.files", value, &["path", "sha256"])?;
        files.push((f.text("path")?.to_owned(), f.digest("sha256")?));
    }
    let root = Root {
        version: r.number("version")?,
        expires: r.number("expires")?,
        threshold: r.number("threshold")?,
        people: root_people(r)?,
        files,
    };
    if !root.files.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(r.problem("files", "must be sorted by path, no two alike"));
    }
    if root.threshold < 1 || root.threshold as u64 > root.people.len() as u64 {
        return Err(r.problem("threshold", "must be between 1 and the number of people"));
    }
    if root.version == 0 {
        return Err(r.problem("version", "must be at least 1"));
    }
    Ok(root)
}
