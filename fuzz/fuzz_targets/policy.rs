//! A policy and the people that it counts.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cairn_fuzz::policy(bytes));
