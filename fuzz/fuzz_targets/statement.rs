//! One statement, as somebody signed it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cairn_fuzz::statement(bytes));
