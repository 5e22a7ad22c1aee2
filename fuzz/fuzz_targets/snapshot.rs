//! A snapshot of the whole set.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cairn_fuzz::snapshot(bytes));
