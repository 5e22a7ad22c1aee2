//! Everything that speaks to a network.
//!
//! [`fetch`] brings sources by hash. Nothing that comes from here is believed:
//! a hash that the package definition states decides, and what does not match it
//! is deleted before anybody can use it.
#![forbid(unsafe_code)]

pub mod fetch;
