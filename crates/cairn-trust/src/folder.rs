//! The trusted files as they lie in the tree.
//!
//! ```text
//! trust/policy.toml                                   how many are enough
//! trust/keys/PERSON/person.toml, *.asc, *.pub         who they are
//! trust/root/N/root.json, PERSON.KEY.sig              who vouches for all of that
//! signatures/GROUP-NAME/DEFINITION/PERSON.KEY.KIND.sig  what people say of a definition
//! snapshots/N/PERSON.KEY.sig                          the whole set at one time
//! ```
//!
//! A folder of signatures belongs to one *definition*, so a dissenting image lies
//! beside those it contradicts and cannot be overlooked. Names of signature files mean
//! nothing: who signed what is inside. Files are only ever added, roots included.
//!
//! Nothing below `trust/` is used before the newest root document, signed by enough
//! people, has been found to list every file with its hash and no file that is not
//! there; see [`crate::roots`].

use crate::envelope::{EnvelopeError, Keyring, MAX_FILE};
use crate::people::{People, PeopleError, Person};
use crate::policy::{Policy, PolicyError};
use crate::quorum::{Rules, Signed};
use crate::roots::{self, Unaccepted};
use crate::statement::{self, Root, Statement, StatementError};
use cairn_core::digest::Digest;
use cairn_core::tree::Name;
use rustix::fs::{Mode, OFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most signature files in one folder; more are refused before any is opened.
pub const MAX_SIGNATURES: usize = 256;
/// The longest file below `trust/`, in bytes.
const MAX_TRUST_FILE: usize = 1 << 20;

/// Why the trusted files are not used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum FolderError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is longer than {limit} bytes", path = path.display())]
    TooLong { path: PathBuf, limit: usize },
    #[error("{path} has more than {MAX_SIGNATURES} signatures", path = path.display())]
    TooMany { path: PathBuf },
    #[error("trust/root has no root document")]
    NoRoot,
    #[error("trust/root/{version}/root.json: {source}")]
    Root { version: i64, source: Unaccepted },
    #[error("{path}: {problem}", path = path.display())]
    BadRoot { path: PathBuf, problem: String },
    #[error("trust/root/{0} was seen here before with other content")]
    RootReplaced(i64),
    #[error("trust/{path}: {problem}")]
    Files { path: String, problem: &'static str },
    #[error("trust/keys: {0}")]
    People(#[from] PeopleError),
    #[error("trust/policy.toml: {0}")]
    Policy(#[from] PolicyError),
    #[error("trust/keys: {0}")]
    Key(#[from] EnvelopeError),
    #[error("{0} is no UTF-8 text, or begins with a byte order mark")]
    NoText(String),
}

type Result<T> = std::result::Result<T, FolderError>;

/// What a client keeps of the root that it last accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRoot {
    /// Its version.
    pub version: i64,
    /// The digest of its `root.json`.
    pub digest: Digest,
}

/// Everything that signatures are judged by.
#[derive(Debug)]
pub struct Trust {
    /// How many are enough.
    pub policy: Policy,
    /// Who they are.
    pub people: People,
    /// Their keys.
    pub keyring: Keyring,
    /// Who vouches.
    pub root: Root,
    /// To be remembered.
    pub known: KnownRoot,
}

/// The signatures of one folder: the good ones, and the files that are none.
#[derive(Debug, Default)]
pub struct Found {
    /// Good signatures over statements.
    pub signed: Vec<Signed>,
    /// What is not: the file, and why.
    pub bad: Vec<(String, EnvelopeError)>,
}

impl Trust {
    /// Reads `trust/` of the tree at `tree`. `known` is what was accepted before; `None`
    /// is a client's first time, which takes the newest root on its own word.
    pub fn load(tree: &Path, known: Option<KnownRoot>, now: i64) -> Result<Trust> {
        let versions = root_versions(tree)?;
        let newest = *versions.last().ok_or(FolderError::NoRoot)?;
        let (root, digest) = read_root(tree, newest)?;
        let files = trusted_files(tree, &root)?;
        let people = read_people(&files)?;
        let policy = Policy::parse(text(&files, "policy.toml")?, &people)?;
        let keyring = Keyring::load(&people, &policy.algorithms, |person, file| {
            let path = format!("keys/{person}/{file}");
            let problem = "is named in person.toml and is not there";
            files.get(&path).cloned().ok_or(FolderError::Files { path, problem })
        })?;
        let trust = Trust { policy, people, keyring, root, known: KnownRoot { version: newest, digest } };
        trust.follow(tree, known)?;
        let current = roots::check_current(&trust.root, &trust.people, now);
        current.map_err(|source| FolderError::Root { version: newest, source })?;
        Ok(trust)
    }

    /// What [`crate::quorum::decide`] is given.
    pub fn rules(&self) -> Rules<'_> {
        let root_threshold = usize::try_from(self.root.threshold).unwrap_or(usize::MAX);
        Rules { policy: &self.policy, people: &self.people, root_threshold }
    }

    /// Walks from the root that was known to the newest, one signed step at a time.
    fn follow(&self, tree: &Path, known: Option<KnownRoot>) -> Result<()> {
        let refused = |version| move |source| FolderError::Root { version, source };
        let Some(known) = known else {
            let signed = self.root_signers(tree, self.known.version)?;
            return roots::accept(None, &self.root, &signed).map_err(refused(self.known.version));
        };
        if known.version > self.known.version {
            let (known, number) = (known.version, self.known.version);
            return Err(refused(number)(Unaccepted::Rollback { known, number }));
        }
        let (mut last, digest) = read_root(tree, known.version)?;
        if digest != known.digest {
            return Err(FolderError::RootReplaced(known.version));
        }
        for version in known.version + 1..=self.known.version {
            let (next, _) = read_root(tree, version)?;
            let signed = self.root_signers(tree, version)?;
            roots::accept(Some(&last), &next, &signed).map_err(refused(version))?;
            last = next;
        }
        Ok(())
    }

    /// The keys whose signature over exactly this root document is good.
    fn root_signers(&self, tree: &Path, version: i64) -> Result<BTreeSet<String>> {
        let folder = root_folder(tree, version);
        let path = folder.join("root.json");
        let document = read(&path, MAX_FILE)?;
        let wanted = statement::parse(&document).map_err(bad_root(&path))?;
        let found = self.open_all(&folder)?;
        Ok(found.signed.into_iter().filter(|s| s.statement == wanted).map(|s| s.fingerprint).collect())
    }

    /// What people say of one definition of a package. No folder is no statement.
    pub fn signatures(&self, tree: &Path, name: &Name, definition: &Digest) -> Result<Found> {
        self.open_all(&signature_folder(tree, name, definition))
    }

    /// Who signed a snapshot: every distinct snapshot in the folder, with its signers.
    pub fn snapshot(&self, tree: &Path, number: i64) -> Result<Found> {
        self.open_all(&tree.join("snapshots").join(number.to_string()))
    }

    fn open_all(&self, folder: &Path) -> Result<Found> {
        let mut found = Found::default();
        for path in signature_files(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match self.keyring.open(&read(&path, MAX_FILE)?, &self.policy.algorithms, &name) {
                Ok(signed) => found.signed.push(signed),
                Err(error) => found.bad.push((name, error)),
            }
        }
        Ok(found)
    }
}

/// `signatures/GROUP-NAME/DEFINITION`.
pub fn signature_folder(tree: &Path, name: &Name, definition: &Digest) -> PathBuf {
    tree.join("signatures").join(name.flat()).join(definition.hex())
}

/// `trust/root/N`.
pub fn root_folder(tree: &Path, version: i64) -> PathBuf {
    tree.join("trust/root").join(version.to_string())
}

/// The versions of `trust/root`, ascending. A folder with another name is refused: it
/// would be a root that some clients see and others do not.
pub fn root_versions(tree: &Path) -> Result<Vec<i64>> {
    numbered(&tree.join("trust/root"))
}

/// The numbers that `folder`'s entries are, ascending.
pub fn numbered(folder: &Path) -> Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for name in names(folder)? {
        let number = name.parse::<i64>().ok().filter(|n| *n > 0 && n.to_string() == name);
        let path = folder.join(&name);
        numbers
            .push(number.ok_or(FolderError::BadRoot { path, problem: "must be a whole number".to_owned() })?);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn read_root(tree: &Path, version: i64) -> Result<(Root, Digest)> {
    let path = root_folder(tree, version).join("root.json");
    let bytes = read(&path, MAX_FILE)?;
    match statement::parse(&bytes).map_err(bad_root(&path))? {
        Statement::Root(root) if root.version == version => Ok((root, Digest::of(&bytes))),
        _ => Err(FolderError::BadRoot { path, problem: format!("is no root document of version {version}") }),
    }
}

fn bad_root(path: &Path) -> impl Fn(StatementError) -> FolderError + '_ {
    |error| FolderError::BadRoot { path: path.to_owned(), problem: error.to_string() }
}

/// Every file below `trust/` but the roots, found to be what the root says.
fn trusted_files(tree: &Path, root: &Root) -> Result<BTreeMap<String, Vec<u8>>> {
    let folder = tree.join("trust");
    let listed: BTreeMap<_, _> = root.files.iter().cloned().collect();
    let mut files = BTreeMap::new();
    for path in list(&folder)? {
        let bytes = read(&folder.join(&path), MAX_TRUST_FILE)?;
        let problem = match listed.get(&path) {
            None => Some("is not in the root document"),
            Some(digest) if *digest != Digest::of(&bytes) => Some("is not what the root document says"),
            Some(_) => None,
        };
        if let Some(problem) = problem {
            return Err(FolderError::Files { path, problem });
        }
        files.insert(path, bytes);
    }
    match listed.into_keys().find(|path| !files.contains_key(path)) {
        Some(path) => {
            Err(FolderError::Files { path, problem: "is in the root document and not in the tree" })
        }
        None => Ok(files),
    }
}

/// `policy.toml` and `keys/PERSON/FILE`, sorted; anything else that lies there is
/// listed too, and so refused.
pub fn list(trust: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for name in names(trust)? {
        if name == "keys" {
            for person in names(&trust.join("keys"))? {
                let files = names(&trust.join("keys").join(&person))?;
                paths.extend(files.into_iter().map(|file| format!("keys/{person}/{file}")));
            }
        } else if name != "root" {
            paths.push(name);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_people(files: &BTreeMap<String, Vec<u8>>) -> Result<People> {
    let mut people = Vec::new();
    for path in files.keys() {
        if let Some(id) = path.strip_prefix("keys/").and_then(|p| p.strip_suffix("/person.toml")) {
            people.push(Person::parse(id, text(files, path)?)?);
        }
    }
    Ok(People::new(people)?)
}

fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, path: &str) -> Result<&'a str> {
    let missing = || FolderError::Files { path: path.to_owned(), problem: "is missing" };
    let bytes = files.get(path).ok_or_else(missing)?;
    // Some TOML readers pass over a byte order mark and some do not.
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.starts_with('\u{feff}'));
    text.ok_or_else(|| FolderError::NoText(path.to_owned()))
}

/// `*.sig` in a folder, sorted; none if there is no folder.
fn signature_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let files: Vec<PathBuf> =
        names(folder)?.into_iter().filter(|n| n.ends_with(".sig")).map(|n| folder.join(n)).collect();
    if files.len() > MAX_SIGNATURES {
        return Err(FolderError::TooMany { path: folder.to_owned() });
    }
    Ok(files)
}

/// Names in a folder, sorted; a folder that is not there is empty.
fn names(folder: &Path) -> Result<Vec<String>> {
    let failed = |source| FolderError::Io { path: folder.to_owned(), source };
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in listing {
        let name = entry.map_err(failed)?.file_name();
        names.push(name.into_string().map_err(|n| FolderError::NoText(n.to_string_lossy().into_owned()))?);
    }
    names.sort();
    Ok(names)
}

/// A regular file of at most `limit` bytes, opened once: nobody can swap it between a
/// check and the reading. Symbolic links are not followed out of the tree.
fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let failed = |source| FolderError::Io { path: path.to_owned(), source };
    // A link at the end of the path is an error; a pipe must not make the opening wait.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| failed(e.into()))?;
    let file = fs::File::from(file);
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("is not a regular file")));
    }
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limit {
        return Err(FolderError::TooLong { path: path.to_owned(), limit });
    }
    Ok(bytes)
}
