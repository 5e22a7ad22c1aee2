//! The fuzz targets' bodies with mutated good inputs, on every machine and without a
//! fuzzer. The mutations follow from a number, so a failure can be repeated:
//!
//! ```text
//! CAIRN_MUTATIONS=1000000 cargo test --release -p cairn-trust --test mutated
//! ```

#[path = "../../../fuzz/src/lib.rs"]
mod bodies;
mod support;

use bodies::Signature;
use cairn_core::digest::Digest;
use cairn_core::image::{self, Config, Layer};
use cairn_trust::statement::{Entry, Root, Snapshot, Statement};
use support::{NOW, dispute, opinion, said, settle, vote};

const OPENPGP: [&[u8]; 3] = [
    include_bytes!("../../../fuzz/seeds/openpgp.toml"),
    include_bytes!("../../../fuzz/seeds/openpgp.asc"),
    include_bytes!("../../../fuzz/seeds/openpgp.sig"),
];
const SSH: [&[u8]; 3] = [
    include_bytes!("../../../fuzz/seeds/ssh.toml"),
    include_bytes!("../../../fuzz/seeds/ssh.pub"),
    include_bytes!("../../../fuzz/seeds/ssh.sig"),
];

/// Marsaglia's xorshift: no randomness is needed, only variety.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What parsers stumble over.
const WORDS: [&[u8]; 16] = [
    b"\0",
    b"\xff",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"\\u0000",
    b"\\ud800",
    b"-0",
    b"1e9",
    b"9223372036854775808",
    b"sha256:../../x",
    b",\"type\":\"root\"",
    b"\n",
    b"\xef\xbb\xbf",
    b"null",
];

fn mutate(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(40)).min(bytes.len());
        match numbers.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = numbers.next() as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
            4 => drop(bytes.splice(at..at, WORDS[numbers.below(WORDS.len())].iter().copied())),
            _ => {
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len());
                bytes.splice(at..end, other[from..(from + 40).min(other.len())].iter().copied());
            }
        }
    }
    bytes
}

fn run(seeds: &[Vec<u8>], body: impl Fn(&[u8])) {
    let asked = std::env::var("CAIRN_MUTATIONS").ok().and_then(|n| n.parse().ok());
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    seeds.iter().for_each(|seed| body(seed));
    for _ in 0..asked.unwrap_or(500) {
        body(&mutate(seeds, &mut numbers));
    }
}

fn snapshot() -> Statement {
    let entry = |name: &str| Entry {
        name: name.into(),
        version: "1.3 <&>\u{2028}".into(),
        definition: Digest::of(b"definition"),
        platform: "linux/amd64".into(),
        image: Digest::of(b"image"),
    };
    let entries = vec![entry("core/xz"), entry("core/zlib")];
    Statement::Snapshot(Snapshot { number: 3, created: NOW, expires: NOW + 9, entries })
}

fn root() -> Statement {
    Statement::Root(Root {
        version: 2,
        expires: NOW,
        threshold: 1,
        people: vec![("ada".into(), vec!["00".into()]), ("bob".into(), vec!["11".into()])],
        files: vec![("policy.toml".into(), Digest::of(b"policy"))],
    })
}

#[test]
fn mutated_statements() {
    let objection = dispute(40, NOW);
    let settlement = settle(0, b"image", &[("p4", &objection)], NOW).statement;
    let all = [
        Statement::Reproduction(said()),
        Statement::Maintainer(opinion()),
        Statement::Review(opinion()),
        objection.statement,
        settlement,
        snapshot(),
        root(),
        vote(0).statement,
    ];
    run(&all.map(|statement| statement.to_bytes()), bodies::statement);
}

#[test]
fn mutated_snapshots() {
    run(&[snapshot().to_bytes()], bodies::snapshot);
}

#[test]
fn mutated_signatures() {
    for [person, key, good] in [OPENPGP, SSH] {
        let person = std::str::from_utf8(person).expect("text");
        let signature = Signature::new(person, key, good);
        // Parts of the other envelope, and of keys, come in by splicing.
        run(&[good.to_vec(), good.to_vec(), key.to_vec(), SSH[2].to_vec()], |bytes| signature.check(bytes));
    }
}

#[test]
fn mutated_policies() {
    let policy = bodies::RULES.as_bytes();
    run(&[[policy, OPENPGP[0], SSH[0]].join(&0)], bodies::policy);
}

#[test]
fn mutated_manifests() {
    let made = image::assemble(&Config::scratch("amd64"), &[Layer { digest: Digest::of(b"layer"), size: 5 }]);
    let length = u16::try_from(made.manifest_bytes.len()).expect("it is short").to_le_bytes();
    run(&[[&length, made.manifest_bytes.as_slice(), &made.config_bytes].concat()], bodies::manifest);
}
