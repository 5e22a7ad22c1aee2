//! Signature files against a known key. The corpus in `seeds/` has both envelopes.
#![no_main]

use cairn_fuzz::Signature;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static OPENPGP: LazyLock<Signature> = LazyLock::new(|| {
    Signature::new(
        include_str!("../seeds/openpgp.toml"),
        include_bytes!("../seeds/openpgp.asc"),
        include_bytes!("../seeds/openpgp.sig"),
    )
});
static SSH: LazyLock<Signature> = LazyLock::new(|| {
    Signature::new(
        include_str!("../seeds/ssh.toml"),
        include_bytes!("../seeds/ssh.pub"),
        include_bytes!("../seeds/ssh.sig"),
    )
});

fuzz_target!(|bytes: &[u8]| {
    OPENPGP.check(bytes);
    SSH.check(bytes);
});
