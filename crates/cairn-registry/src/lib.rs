//! Everything that speaks to a network.
//!
//! [`fetch`] brings sources by hash, [`index`] asks apt which there are. Nothing that comes from here is believed:
//! a hash that the package definition states decides, and what does not match it
//! is deleted before anybody can use it.
#![forbid(unsafe_code)]

pub mod fetch;
pub mod index;
