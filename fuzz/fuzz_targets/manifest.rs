//! A manifest and the configuration that it names.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cairn_fuzz::manifest(bytes));
