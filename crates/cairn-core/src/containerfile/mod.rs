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
//! | `lines` | directives, comments, continuations |
//! | `heredoc` | `<<EOF` and the lines after it |
//! | `split` `flags` | the words of a line |
//! | `parse` `instructions` `mount` | what each instruction takes |
//! | [`expand`] `pattern` | `$x`, `${x:-w}`, `${x%p}` … and quotes |
//! | [`ignore`] [`wildcard`] | `.containerignore` and `.dockerignore`; `*` in paths |
//! | [`error`] | an error drawn with its line and a caret |

pub mod ast;
pub mod error;
pub mod expand;
mod flags;
mod heredoc;
pub mod ignore;
mod instructions;
mod lines;
mod mount;
mod parse;
mod pattern;
mod split;
pub mod wildcard;
mod word;

pub use ast::*;
pub use error::Error;
pub(crate) use heredoc::is_mark;
pub(crate) use mount::kind as mount_kind;
pub use mount::{MOUNT_KEYS, mount_fields};
pub(crate) use parse::nearest;
pub use parse::parse;

#[cfg(test)]
mod tests;
