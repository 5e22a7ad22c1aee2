//! What the reader accepts survives being written and read again.
#![no_main]

use cairn_core::json::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = Value::parse(bytes) {
        assert_eq!(Value::parse(value.compact().as_bytes()).as_ref(), Ok(&value));
        assert_eq!(Value::parse(value.indented().as_bytes()).as_ref(), Ok(&value));
    }
});
