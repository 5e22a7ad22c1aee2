//! The Containerfile language: text in, a [`Recipe`] with spans out. No I/O.
//!
//! ```text
//! # zlib: DEFLATE compression.            the head comment (Recipe::comment)
//! ARG VERSION=1.3.1                       a global argument
//! FROM scratch AS base                    a stage: base, name
//! RUN <<EOF                               an instruction with a here-document
//! make
//! EOF
//! ```
//!
//! The dialect is the one BuildKit reads, less what cannot be reproduced; the list
//! is in `docs/containerfile.md`. What is not supported is an error that points at
//! the place, never ignored. Words stay as written ([`Word`]); variables are
//! replaced later, by [`crate::plan`], because only there their values are known.
//!
//! | module | what it knows |
//! |---|---|
//! | [`ast`] | the types a recipe is made of |
//! | [`error`] | an error drawn with its line and a caret |
//! | [`expand`] | `$x`, `${x:-w}` … and quotes |
//! | [`ignore`] | `.containerignore` and `.dockerignore` |

pub mod ast;
pub mod error;

pub use ast::*;
pub use error::Error;
