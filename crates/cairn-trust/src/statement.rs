//! What a signature says: seven kinds of small JSON documents.
//!
//! A reproduction is the document that podman and skopeo know ("simple signing"), so
//! that they verify it without us; what they do not know stands in `optional`:
//!
//! ```json
//! {"critical":{"identity":{"docker-reference":"registry.example/cairn/core/zlib:1.3.1"},
//!              "image":{"docker-manifest-digest":"sha256:…"},
//!              "type":"atomic container signature"},
//!  "optional":{"creator":"cairn 0.1.0","timestamp":1790000000,
//!              "cairn":{"role":"reproducer","name":"core/zlib","version":"1.3.1",
//!                       "definition":"sha256:…","platform":"linux/amd64","engine":"embedded",
//!                       "cpu":"AuthenticAMD","distribution":"debian-12","kernel":"6.12"}}}
//! ```
//!
//! All others are `{"cairn":{"type":KIND,…}}` with KIND one of `maintainer`, `review`,
//! `dispute`, `settlement`, `snapshot`, `root`. The reader refuses a member that is
//! missing, unknown (only `optional` may hold others) or of another type, and every
//! document longer than [`MAX_BYTES`] ([`MAX_SNAPSHOT_BYTES`] for a snapshot).

mod read;
mod write;

use cairn_core::digest::Digest;

pub use read::{StatementError, parse};

/// The longest statement in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most objections that one settlement names: as many as a folder has signatures.
pub const MAX_SETTLED: usize = 256;
/// The longest snapshot or root in bytes.
pub const MAX_SNAPSHOT_BYTES: usize = 4 * 1024 * 1024;

/// What somebody signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// I built this definition, alone, and got this image.
    Reproduction(Reproduction),
    /// I propose this definition.
    Maintainer(Opinion),
    /// I read this definition and the change of its sources.
    Review(Opinion),
    /// I built this definition and got something else.
    Dispute(Dispute),
    /// The roots looked into a disagreement: this image is right.
    Settlement(Settlement),
    /// The whole set as it is now.
    Snapshot(Snapshot),
    /// The people, their keys and the policy as they are now.
    Root(Root),
}

/// A built image: what was built, from what, where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reproduction {
    /// `REPOSITORY/GROUP/NAME:VERSION`, what podman compares with what it pulls.
    pub reference: String,
    /// The manifest digest of the image.
    pub image: Digest,
    /// The program that wrote this, for people to read.
    pub creator: String,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// Whether a person or a machine says so.
    pub role: Reproducer,
    /// The package, `group/name`.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
    /// The digest of its definition.
    pub definition: Digest,
    /// `linux/amd64`.
    pub platform: String,
    /// Where it was built.
    pub host: Host,
}

/// Who reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reproducer {
    /// Counts as a vote.
    Person,
    /// Never counts as a vote, but its disagreement is an alarm like any other.
    Machine,
}

/// What the builder says of the machine. Only its diversity is ever used, so a lie
/// can at most make two equal machines look different.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Host {
    /// `embedded`, `docker`, `podman`, `buildah` or `plain`.
    pub engine: String,
    /// CPUID vendor, `GenuineIntel`.
    pub cpu: String,
    /// `ID-VERSION_ID` of os-release, `debian-12`.
    pub distribution: String,
    /// `6.12`.
    pub kernel: String,
}

/// An opinion on a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The package.
    pub name: String,
    /// The definition.
    pub definition: Digest,
    /// Seconds since 1970.
    pub timestamp: i64,
}

/// An image that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The package.
    pub name: String,
    /// What was built.
    pub definition: Digest,
    /// For which platform.
    pub platform: String,
    /// What `digests/` says.
    pub expected: Digest,
    /// What came out.
    pub got: Digest,
    /// What differs, a line a file, as far as the signer could tell (at most 1,000).
    pub files: Vec<String>,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// Where.
    pub host: Host,
}

/// The end of a disagreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What was built.
    pub definition: Digest,
    /// For which platform.
    pub platform: String,
    /// Which image is right.
    pub image: Digest,
    /// The objections that this ends, `PERSON sha256:…` of the bytes they signed; sorted,
    /// no two alike, at most [`MAX_SETTLED`]. What is not named here goes on.
    pub settles: Vec<String>,
    /// Seconds since 1970.
    pub timestamp: i64,
}

/// Every image of the set at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows by one or more; a client refuses a lower one than it has seen.
    pub number: i64,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970; from then on it is refused.
    pub expires: i64,
    /// Sorted by name and platform, no two alike.
    pub entries: Vec<Entry>,
}

/// One image in a [`Snapshot`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its definition.
    pub definition: Digest,
    /// `linux/amd64`.
    pub platform: String,
    /// Its image.
    pub image: Digest,
}

/// The trusted files at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Grows by exactly one.
    pub version: i64,
    /// Seconds since 1970; from then on it is refused.
    pub expires: i64,
    /// How many of `people` must sign this and the next one.
    pub threshold: i64,
    /// Whose signatures make this and the next one, with the fingerprints of the keys
    /// that count for each; sorted, no person or key twice.
    pub people: Vec<(String, Vec<String>)>,
    /// `trust/policy.toml` and every file below `trust/keys/`, sorted by path.
    pub files: Vec<(String, Digest)>,
}
