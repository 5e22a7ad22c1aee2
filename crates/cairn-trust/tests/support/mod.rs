//! Five people in three organisations, a machine, and what they may say.
#![allow(dead_code, reason = "each test uses its own part")]

use cairn_core::digest::Digest;
use cairn_trust::people::{People, Person};
use cairn_trust::policy::Policy;
use cairn_trust::quorum::{Question, Reason, Refusal, Rules, Signed, Verified, decide};
use cairn_trust::statement::{Dispute, Host, Opinion, Reproducer, Reproduction, Settlement, Statement};

pub const NOW: i64 = 1_795_305_600;

pub fn fingerprint(n: usize) -> String {
    format!("{n:040x}")
}

pub fn person(id: &str, organisation: &str, roles: &str, keys: &[usize]) -> Person {
    let keys: String = keys
        .iter()
        .map(|n| {
            format!(
                "[[key]]\nkind='openpgp'\nfile='{n}.asc'\nfingerprint='{}'\n\
                 not-before='2026-01-01'\nnot-after='2028-01-01'\n",
                fingerprint(*n)
            )
        })
        .collect();
    let text = format!("name='{id}'\norganisation='{organisation}'\nroles=[{roles}]\n{keys}");
    Person::parse(id, &text).expect("a good person")
}

pub const ALL: &str = "'maintainer','reviewer','reproducer','root'";

/// Five people in three organisations and a machine. Person n has keys n0 and n1.
pub fn people() -> People {
    let organisations = ["a", "a", "b", "b", "c"];
    let everybody = (0..5).map(|n| person(&format!("p{n}"), organisations[n], ALL, &[n * 10, n * 10 + 1]));
    People::new(everybody.chain([person("robot", "a", "'machine'", &[90])])).expect("nobody shares a key")
}

pub fn policy(group: &str, people: &People) -> Policy {
    let text = format!(
        "version=1\nrepository='r.example/cairn'\n\
         [algorithms]\nopenpgp=['ed25519']\nssh=['ssh-ed25519']\nhashes=['sha256']\nrsa-minimum-bits=3072\n\
         [maximum-age]\nsignature-days=100\nsnapshot-days=30\n[snapshot]\nthreshold=2\n\
         [groups.default]\n{group}\n"
    );
    Policy::parse(&text, people).expect("a good policy")
}

pub fn question() -> Question {
    Question {
        name: "core/zlib".parse().expect("a name"),
        version: "1.3".into(),
        definition: Digest::of(b"definition"),
        image: Digest::of(b"image"),
        platform: "linux/amd64".into(),
        now: NOW,
    }
}

pub fn said() -> Reproduction {
    Reproduction {
        reference: "r.example/cairn/core/zlib:1.3".into(),
        image: Digest::of(b"image"),
        creator: "cairn".into(),
        timestamp: NOW - 5,
        role: Reproducer::Person,
        name: "core/zlib".into(),
        version: "1.3".into(),
        definition: Digest::of(b"definition"),
        platform: "linux/amd64".into(),
        host: Host {
            engine: "embedded".into(),
            cpu: "GenuineIntel".into(),
            distribution: "debian-12".into(),
            kernel: "6.1".into(),
        },
    }
}

pub fn signed(key: usize, statement: Statement) -> Signed {
    let digest = Digest::of(&statement.to_bytes());
    Signed { fingerprint: fingerprint(key), statement, digest, source: format!("{key}.sig") }
}

pub fn vote(key: usize) -> Signed {
    signed(key, Statement::Reproduction(said()))
}

pub fn other_image(key: usize) -> Signed {
    signed(key, Statement::Reproduction(Reproduction { image: Digest::of(b"other"), ..said() }))
}

pub fn opinion() -> Opinion {
    Opinion { name: "core/zlib".into(), definition: Digest::of(b"definition"), timestamp: NOW - 9 }
}

/// One maintainer and one reviewer, so that only reproducers are in question.
pub fn read_by_two() -> Vec<Signed> {
    vec![signed(0, Statement::Maintainer(opinion())), signed(10, Statement::Review(opinion()))]
}

pub const TWO: &str = "maintainers=1\nreviewers=1\nreproducers=2";

pub fn ask(group: &str, extra: impl IntoIterator<Item = Signed>) -> Result<Verified, Refusal> {
    let people = people();
    let policy = policy(group, &people);
    let all: Vec<_> = read_by_two().into_iter().chain(extra).collect();
    decide(&question(), &all, Rules { policy: &policy, people: &people, root_threshold: 2 })
}

#[track_caller]
pub fn refused(result: Result<Verified, Refusal>, part: &str) -> Refusal {
    let refusal = result.expect_err("must be refused");
    let text: Vec<_> = refusal.reasons.iter().map(Reason::to_string).collect();
    assert!(text.iter().any(|t| t.contains(part)), "{text:?} lacks {part}");
    refusal
}

pub fn dispute(key: usize, timestamp: i64) -> Signed {
    signed(
        key,
        Statement::Dispute(Dispute {
            name: "core/zlib".into(),
            definition: Digest::of(b"definition"),
            platform: "linux/amd64".into(),
            expected: Digest::of(b"image"),
            got: Digest::of(b"other"),
            files: vec![],
            timestamp,
            host: said().host,
        }),
    )
}

/// Settles these objections, each by its signer's name.
pub fn settle(key: usize, image: &[u8], objections: &[(&str, &Signed)], timestamp: i64) -> Signed {
    let mut settles: Vec<String> =
        objections.iter().map(|(person, signed)| format!("{person} {}", signed.digest)).collect();
    settles.sort();
    signed(
        key,
        Statement::Settlement(Settlement {
            definition: Digest::of(b"definition"),
            platform: "linux/amd64".into(),
            image: Digest::of(image),
            settles,
            timestamp,
        }),
    )
}
