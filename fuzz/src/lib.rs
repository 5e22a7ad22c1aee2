//! The bodies of the fuzz targets. They run without a fuzzer, too: the test `mutated` of
//! cairn-trust gives each of them mutated good inputs.
//!
//! A body takes what a stranger sends and panics if a promise is broken.

use cairn_core::digest::Digest;
use cairn_core::image;
use cairn_trust::envelope::{Keyring, parts};
use cairn_trust::people::{People, Person};
use cairn_trust::policy::Policy;
use cairn_trust::statement::{self, Statement};

/// A statement that is read is written and read again as the same.
pub fn statement(bytes: &[u8]) {
    if let Ok(read) = statement::parse(bytes) {
        let written = read.to_bytes();
        assert_eq!(statement::parse(&written).expect("it was just written"), read);
    }
}

/// Snapshots, which clients remember by the hash of their own bytes: one spelling each.
pub fn snapshot(bytes: &[u8]) {
    if let Ok(Statement::Snapshot(read)) = statement::parse(bytes) {
        assert!(read.number >= 1 && read.expires > read.created);
        assert!(read.entries.is_sorted_by(|a, b| (&a.name, &a.platform) < (&b.name, &b.platform)));
        let written = Statement::Snapshot(read).to_bytes();
        let again = statement::parse(&written).expect("it was just written").to_bytes();
        assert_eq!(Digest::of(&again), Digest::of(&written));
    }
}

/// People and a policy, parted by a zero byte: what is accepted can be reached.
pub fn policy(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split('\0');
    let policy = parts.next().unwrap_or_default();
    let people = parts.enumerate().filter_map(|(n, text)| Person::parse(&format!("p{n}"), text).ok());
    let Ok(people) = People::new(people.collect::<Vec<_>>()) else { return };
    if let Ok(policy) = Policy::parse(policy, &people) {
        let group = policy.group("core");
        let most = people.iter().count();
        for need in [group.maintainers, group.reviewers, group.reproducers, policy.snapshot.threshold] {
            assert!((1..=most).contains(&(need as usize)));
        }
    }
}

/// What a policy allows at most.
pub const RULES: &str = "version = 1\nrepository = \"r.example/cairn\"\n[algorithms]\n\
    openpgp = [\"ed25519\", \"rsa\", \"p256\", \"p384\"]\nssh = [\"ssh-ed25519\", \"ssh-rsa\"]\n\
    hashes = [\"sha256\", \"sha384\", \"sha512\"]\nrsa-minimum-bits = 3072\n[maximum-age]\n\
    signature-days = 400\nsnapshot-days = 30\n[snapshot]\nthreshold = 1\n[groups.default]\n\
    maintainers = 1\nreviewers = 1\nreproducers = 1\n";

/// A signature file against a known key: nothing that was not signed is believed.
pub struct Signature {
    keyring: Keyring,
    policy: Policy,
    good: Vec<u8>,
}

impl Signature {
    /// `person` is a person.toml with every role, `key` its key file, `good` a signature
    /// by it, of either envelope.
    pub fn new(person: &str, key: &[u8], good: &[u8]) -> Signature {
        let person = Person::parse("p", person).expect("a good person");
        let people = People::new([person]).expect("one person");
        let policy = Policy::parse(RULES, &people).expect("a good policy");
        let read = |_: &str, _: &str| Ok::<_, cairn_trust::envelope::EnvelopeError>(key.to_vec());
        let keyring = Keyring::load(&people, &policy.algorithms, read).expect("a good key");
        let (_, good) = keyring.message(good, &policy.algorithms).expect("a good signature");
        Signature { keyring, policy, good }
    }

    /// One file.
    pub fn check(&self, bytes: &[u8]) {
        if let Ok((_, signed)) = self.keyring.message(bytes, &self.policy.algorithms) {
            assert_eq!(signed, self.good, "a forged statement was believed");
        }
        if let Ok(apart) = parts::detach(bytes) {
            assert!(apart.packet.len() > apart.head.len());
        }
    }
}

/// A manifest and a configuration, the length of the former in two bytes before them.
pub fn manifest(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let (manifest, config) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
    // Whatever names a configuration names it by a digest, and that is all it names.
    if let Ok(read) = image::read(manifest, config) {
        assert_eq!(image::config_of(manifest), Ok(Digest::of(config)));
        let written = image::assemble(&read.config, &read.layers);
        let again = image::read(&written.manifest_bytes, &written.config_bytes);
        assert_eq!(again.expect("it was just assembled").layers, read.layers);
    }
}
