//! Whatever the canonical reader accepts, the writer writes to the same bytes.
#![no_main]

use std::io::Read;

use cairn_core::tar::{Accept, Reader, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for accept in [Accept::Layer, Accept::Archive] {
        let mut reader = Reader::new(bytes, accept);
        while let Ok(Some(entry)) = reader.next_entry() {
            let mut data = Vec::new();
            if reader.read_to_end(&mut data).is_err() {
                break;
            }
            assert_eq!(data.len() as u64, entry.size());
        }
    }
    let mut reader = Reader::new(bytes, Accept::Canonical);
    let mut writer = Writer::new(Vec::new());
    loop {
        match reader.next_entry() {
            Err(_) => return,
            Ok(None) => break,
            Ok(Some(entry)) => {
                if writer.append(&entry, &mut reader).is_err() {
                    return;
                }
            }
        }
    }
    assert_eq!(writer.finish().expect("memory does not fail"), bytes);
});
