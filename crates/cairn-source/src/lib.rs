//! What is inside source archives: read as a stranger would, never written to disk.
//!
//! ```text
//! bytes ──archive::walk──> files ──kind::of──> text, or what nobody can read
//!                            │
//!                            └──guess──> build system, version, licence
//! ```
//!
//! Nothing is written to disk and nothing is executed. Everything has a ceiling
//! ([`archive::Limits`]), since an archive is a stranger's.

#![forbid(unsafe_code)]

pub mod archive;
pub mod guess;

pub mod kind;
pub mod listed;
pub mod removed;
pub mod review;
pub mod scan;
