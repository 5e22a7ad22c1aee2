//! What a person must read to believe an image: names, hashes and canonical bytes.
//!
//! This crate turns a package definition into plain data and plain data into the
//! canonical image. It has no network, no processes, no clock and no environment;
//! only [`store`], [`tree`] and [`layout`] touch the file system.
#![forbid(unsafe_code)]

pub mod containerfile;
pub mod digest;
pub mod graph;
pub mod image;
pub mod json;
pub mod layout;
pub mod lint;
pub mod plan;
pub mod store;
pub mod tar;
pub mod tree;
