//! Counts people, not keys.
//!
//! ```text
//! trust/policy.toml ─┐
//! trust/keys/*/      ├─ roots: k of n people vouch for these files
//!                    ▼
//! signatures/…/*.sig ──> envelope: which key, over which bytes ──> statement: what it says
//!                                                                      │
//! (image, definition) ─────────────────────────────> quorum ──> Verified or Refusal
//! ```
//!
//! [`quorum::decide`] is pure: no file, no clock, no network. A [`quorum::Verified`] can
//! be made only there, and what uses an image asks for one. Everything else in this
//! crate brings it its input, and refuses what two readers could understand in two ways.
#![forbid(unsafe_code)]

pub mod date;
pub mod envelope;
pub mod folder;
pub mod freshness;
pub mod people;
pub mod policy;
pub mod quorum;
pub mod roots;
pub mod statement;
