//! Turns definitions into images.
//!
//! ```text
//!             Tree (packages/)           Sources (by hash)
//!                   │                          │
//! Engine::build ──> graph order ──> for each package: plan ──> stages ──> steps
//!                                                                           │
//!              digests/GROUP.txt <── image digest <── layers <── trees <────┘
//! ```
//!
//! Everything that decides a result is plain data: [`request::Request`] for a RUN,
//! [`cairn_core::plan::Plan`] for a package. A step whose key was executed before is
//! not executed again ([`steps`]); a package whose definition digest has a build
//! record is not even planned ([`record`]).
//!
//! This crate knows neither the network nor signatures: sources come through the
//! [`Sources`] trait, what happens is told through [`Progress`].

#![forbid(unsafe_code)]

pub mod chain;
pub mod copy;
pub mod diff;
pub mod digests;
pub mod drivers;
pub mod engine;
pub mod error;
pub mod layer;
pub mod listing;
pub mod logs;
pub mod owner;
pub mod progress;
pub mod record;
pub mod reproduce;
pub mod request;
pub mod sources;
pub mod steps;
pub mod users;
pub mod view;

pub use engine::{Attempt, Built, Engine, Options, Part, Shell, ShellEnd, StepTime, Streams};
pub use error::{Error, Kind};
pub use progress::{Event, Progress};
pub use sources::Sources;
