//! An image that is read can be assembled, and what is assembled can be read.
#![no_main]

use cairn_core::image::{assemble, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|documents: (&[u8], &[u8])| {
    if let Ok(image) = read(documents.0, documents.1) {
        let written = assemble(&image.config, &image.layers);
        let again = read(&written.manifest_bytes, &written.config_bytes);
        assert_eq!(again.expect("it was just assembled").layers, image.layers);
    }
});
