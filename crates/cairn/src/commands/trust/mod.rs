//! `cairn sign`, `verify`, `policy`, `key`: the people's side.

mod export;
mod finished;
mod host;
mod in_toto;
mod judge;
mod key;
mod policy;
mod settle;
mod sign;
mod signer;
mod snapshot;
mod subject;
mod verify;
mod vote;

pub use finished::finished;
pub use key::run as key;
pub use policy::run as policy;
pub use sign::run as sign;
pub use subject::definition;
pub use verify::run as verify;

use crate::args::Global;
use crate::error::{Failure, Kind, Result, doing};
use crate::project::{self, Project};
use cairn_core::digest::Digest;
use cairn_core::json::Value;
use cairn_trust::folder::{FolderError, KnownRoot, Trust};
use cairn_trust::roots::Seen;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970. A clock before that stops everything that depends on it.
fn now() -> Result<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.ok().and_then(|d| i64::try_from(d.as_secs()).ok());
    seconds.ok_or_else(|| Failure::failed("this machine's clock is before 1970"))
}

/// What this client has seen, so that nobody can show it something older.
#[derive(Debug, Default, Clone, Copy)]
struct Memory {
    root: Option<KnownRoot>,
    snapshot: Option<Seen>,
}

impl Memory {
    fn path(global: &Global) -> Result<PathBuf> {
        Ok(project::home(global)?.join("trust.json"))
    }

    /// A memory that cannot be read is an error: forgetting would allow a rollback.
    fn load(global: &Global) -> Result<Memory> {
        let path = Memory::path(global)?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Memory::default()),
            Err(e) => return Err(doing(format!("read {}", path.display()))(e)),
        };
        let damaged = || {
            Failure::failed(format!("{} is damaged", path.display()))
                .cause("it holds the newest root and snapshot seen here")
                .hint("compare with another machine, then delete it to start anew")
        };
        let value = Value::parse(&bytes).map_err(|_| damaged())?;
        let pair = |name: &str, number: &str| -> Result<Option<(i64, Digest)>> {
            let Some(object) = value.get(name) else { return Ok(None) };
            let number = object.get(number).and_then(Value::as_number).ok_or_else(damaged)?;
            let digest = object.get("digest").and_then(Value::as_str).and_then(|d| d.parse().ok());
            Ok(Some((number, digest.ok_or_else(damaged)?)))
        };
        Ok(Memory {
            root: pair("root", "version")?.map(|(version, digest)| KnownRoot { version, digest }),
            snapshot: pair("snapshot", "number")?.map(|(number, digest)| Seen { number, digest }),
        })
    }

    fn save(&self, global: &Global) -> Result<()> {
        let pair = |number: (&'static str, i64), digest: Digest| {
            Value::object([(number.0, Value::Number(number.1)), ("digest", digest.to_string().into())])
        };
        let mut members = Vec::new();
        members.extend(self.root.map(|r| ("root", pair(("version", r.version), r.digest))));
        members.extend(self.snapshot.map(|s| ("snapshot", pair(("number", s.number), s.digest))));
        let path = Memory::path(global)?;
        write_whole(&path, Value::object(members).compact().as_bytes())
    }
}

/// The trusted files, followed from the root that was known here.
fn load(global: &Global, project: &Project) -> Result<Trust> {
    let mut memory = Memory::load(global)?;
    let trust = Trust::load(&project.root, memory.root, now()?).map_err(|e| untrusted(&e))?;
    if memory.root != Some(trust.known) {
        memory.root = Some(trust.known);
        memory.save(global)?;
    }
    Ok(trust)
}

fn untrusted(error: &FolderError) -> Failure {
    let failure = Failure::new(Kind::Untrusted, "the trusted files are not used").because(error);
    match error {
        FolderError::NoRoot => {
            failure.hint("docs/trust.md, `Starting`: cairn key add, then cairn policy propose")
        }
        FolderError::Files { .. } => {
            failure.hint("cairn policy propose, then enough people: cairn policy sign")
        }
        _ => failure,
    }
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = || doing::<std::io::Error>(format!("write {}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed())?;
    }
    let part = PathBuf::from(format!("{}.part", path.display()));
    let mut file = fs::File::create(&part).map_err(failed())?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed())?;
    fs::rename(&part, path).map_err(failed())
}
