//! The rule, as a user would lose by its being wrong: an image accepted that too few
//! people vouch for, or one that somebody objects to.

use cairn_core::digest::Digest;
use cairn_trust::people::{People, Person};
use cairn_trust::policy::Policy;
use cairn_trust::quorum::{Ignored, Question, Reason, Refusal, Rules, Signed, Verified, decide};
use cairn_trust::statement::{Dispute, Host, Opinion, Reproducer, Reproduction, Settlement, Statement};
use proptest::prelude::*;
use std::collections::BTreeSet;

const NOW: i64 = 1_795_305_600;

fn fingerprint(n: usize) -> String {
    format!("{n:040x}")
}

fn person(id: &str, organisation: &str, roles: &str, keys: &[usize]) -> Person {
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

const ALL: &str = "'maintainer','reviewer','reproducer','root'";

/// Five people in three organisations and a machine. Person n has keys n0 and n1.
fn people() -> People {
    let organisations = ["a", "a", "b", "b", "c"];
    let everybody = (0..5).map(|n| person(&format!("p{n}"), organisations[n], ALL, &[n * 10, n * 10 + 1]));
    People::new(everybody.chain([person("robot", "a", "'machine'", &[90])])).expect("nobody shares a key")
}

fn policy(group: &str, people: &People) -> Policy {
    let text = format!(
        "version=1\nrepository='r.example/cairn'\n\
         [algorithms]\nopenpgp=['ed25519']\nssh=['ssh-ed25519']\nhashes=['sha256']\nrsa-minimum-bits=3072\n\
         [maximum-age]\nsignature-days=100\nsnapshot-days=30\n[snapshot]\nthreshold=2\n\
         [groups.default]\n{group}\n"
    );
    Policy::parse(&text, people).expect("a good policy")
}

fn question() -> Question {
    Question {
        name: "core/zlib".parse().expect("a name"),
        version: "1.3".into(),
        definition: Digest::of(b"definition"),
        image: Digest::of(b"image"),
        platform: "linux/amd64".into(),
        now: NOW,
    }
}

fn said() -> Reproduction {
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

fn signed(key: usize, statement: Statement) -> Signed {
    Signed { fingerprint: fingerprint(key), statement, source: format!("{key}.sig") }
}

fn vote(key: usize) -> Signed {
    signed(key, Statement::Reproduction(said()))
}

fn other_image(key: usize) -> Signed {
    signed(key, Statement::Reproduction(Reproduction { image: Digest::of(b"other"), ..said() }))
}

fn opinion() -> Opinion {
    Opinion { name: "core/zlib".into(), definition: Digest::of(b"definition"), timestamp: NOW - 9 }
}

/// One maintainer and one reviewer, so that only reproducers are in question.
fn read_by_two() -> Vec<Signed> {
    vec![signed(0, Statement::Maintainer(opinion())), signed(10, Statement::Review(opinion()))]
}

const TWO: &str = "maintainers=1\nreviewers=1\nreproducers=2";

fn ask(group: &str, extra: impl IntoIterator<Item = Signed>) -> Result<Verified, Refusal> {
    let people = people();
    let policy = policy(group, &people);
    let all: Vec<_> = read_by_two().into_iter().chain(extra).collect();
    decide(&question(), &all, Rules { policy: &policy, people: &people, root_threshold: 2 })
}

#[track_caller]
fn refused(result: Result<Verified, Refusal>, part: &str) -> Refusal {
    let refusal = result.expect_err("must be refused");
    let text: Vec<_> = refusal.reasons.iter().map(Reason::to_string).collect();
    assert!(text.iter().any(|t| t.contains(part)), "{text:?} lacks {part}");
    refusal
}

#[test]
fn two_people_are_enough_where_two_are_asked_for() {
    let verified = ask(TWO, [vote(0), vote(20)]).expect("trusted");
    let voters: Vec<_> = verified.tally().votes.iter().map(|v| v.person.as_str()).collect();
    assert_eq!(voters, ["p0", "p2"]);
}

#[test]
fn one_person_with_two_keys_or_many_signatures_is_one_vote() {
    refused(ask(TWO, [vote(0), vote(1)]), "1 of 2 reproducers");
    refused(ask(TWO, std::iter::repeat_with(|| vote(0)).take(50)), "1 of 2 reproducers");
}

#[test]
fn a_machine_is_never_a_vote() {
    refused(ask(TWO, [vote(0), vote(90)]), "1 of 2 reproducers");
    let as_machine =
        signed(20, Statement::Reproduction(Reproduction { role: Reproducer::Machine, ..said() }));
    refused(ask(TWO, [vote(0), as_machine]), "1 of 2 reproducers");
}

#[test]
fn an_unknown_key_changes_nothing() {
    let refusal = refused(ask(TWO, [vote(0), vote(77)]), "1 of 2 reproducers");
    assert!(refusal.tally.ignored.contains(&("77.sig".into(), Ignored::UnknownKey)));
    refused(ask(TWO, [vote(0), other_image(77)]), "1 of 2 reproducers");
    ask(TWO, [vote(0), vote(20), other_image(77)]).expect("a stranger cannot raise an alarm");
}

#[test]
fn one_dissenting_person_or_machine_stops_the_image() {
    refused(ask(TWO, [vote(0), vote(10), vote(20), other_image(30)]), "p3 got");
    refused(ask(TWO, [vote(0), vote(10), other_image(90)]), "robot got");
    // Even from the same person: whoever built both cannot vouch for one.
    refused(ask(TWO, [vote(0), vote(10), other_image(11)]), "p1 got");
}

#[test]
fn a_signed_dispute_stops_the_image_until_the_roots_settle_it() {
    let dispute = signed(
        40,
        Statement::Dispute(Dispute {
            name: "core/zlib".into(),
            definition: Digest::of(b"definition"),
            platform: "linux/amd64".into(),
            expected: Digest::of(b"image"),
            got: Digest::of(b"other"),
            files: vec![],
            timestamp: NOW - 5,
            host: said().host,
        }),
    );
    let settle = |key, image: &[u8]| {
        signed(
            key,
            Statement::Settlement(Settlement {
                definition: Digest::of(b"definition"),
                platform: "linux/amd64".into(),
                image: Digest::of(image),
                timestamp: NOW - 1,
            }),
        )
    };
    let votes = [vote(0), vote(20)];
    let with = |more: Vec<Signed>| ask(TWO, votes.clone().into_iter().chain([dispute.clone()]).chain(more));
    refused(with(vec![]), "p4 signed a dispute");
    refused(with(vec![settle(0, b"image"), settle(1, b"image")]), "p4 signed a dispute");
    refused(with(vec![settle(0, b"other"), settle(10, b"other")]), "the roots settled for");
    with(vec![settle(0, b"image"), settle(10, b"image")]).expect("settled by two roots");
}

#[test]
fn diversity_is_counted_among_those_who_vote() {
    let rule = "maintainers=1\nreviewers=1\nreproducers=2\norganisations=2\ncpu-vendors=2";
    let amd = |key| {
        let host = Host { cpu: "AuthenticAMD".into(), ..said().host };
        signed(key, Statement::Reproduction(Reproduction { host, ..said() }))
    };
    refused(ask(rule, [vote(0), amd(10)]), "1 of 2 organisations");
    refused(ask(rule, [vote(0), vote(20)]), "1 of 2 CPU vendors");
    ask(rule, [vote(0), amd(20)]).expect("two of each");
    // A person's newest statement speaks for that person: no collecting of facts.
    let older = |key| match amd(key).statement {
        Statement::Reproduction(r) => {
            signed(key, Statement::Reproduction(Reproduction { timestamp: NOW - 500, ..r }))
        }
        _ => unreachable!("amd gives a reproduction"),
    };
    refused(ask(rule, [vote(0), vote(20), older(21)]), "1 of 2 CPU vendors");
    // A machine that does not say what it is, is no second kind.
    let host = Host { cpu: String::new(), ..said().host };
    let silent = signed(20, Statement::Reproduction(Reproduction { host, ..said() }));
    refused(ask(rule, [vote(0), silent]), "1 of 2 CPU vendors");
}

#[test]
fn an_author_does_not_review_his_own_work() {
    let people = people();
    let policy = policy(TWO, &people);
    let own = [
        signed(0, Statement::Maintainer(opinion())),
        signed(1, Statement::Review(opinion())),
        vote(0),
        vote(20),
    ];
    let rules = Rules { policy: &policy, people: &people, root_threshold: 2 };
    let refusal = refused(decide(&question(), &own, rules), "0 of 1 reviewers");
    assert!(refusal.tally.ignored.contains(&("1.sig".into(), Ignored::OwnWork("p0".into()))));
    // Nor when the review is read before the proposal.
    let mut turned = own.to_vec();
    turned.reverse();
    refused(decide(&question(), &turned, rules), "0 of 1 reviewers");
}

#[test]
fn a_signature_about_something_else_is_no_vote() {
    type Change = fn(&mut Reproduction);
    let changed: [(&str, Change); 6] = [
        ("definition", |r| r.definition = Digest::of(b"another")),
        ("platform", |r| r.platform = "linux/arm64".into()),
        ("name", |r| r.name = "core/xz".into()),
        ("version", |r| r.version = "1.2".into()),
        ("reference", |r| r.reference = "evil.example/cairn/core/zlib:1.3".into()),
        ("tag", |r| r.reference = "r.example/cairn/core/zlib:1.2".into()),
    ];
    for (what, change) in changed {
        let mut r = said();
        change(&mut r);
        let result = ask(TWO, [vote(0), signed(20, Statement::Reproduction(r))]);
        assert!(result.is_err(), "another {what} was counted");
    }
}

#[test]
fn time_bounds_every_signature() {
    let at = |timestamp| signed(20, Statement::Reproduction(Reproduction { timestamp, ..said() }));
    let day = 86_400;
    for (timestamp, counts) in [
        (NOW - 100 * day, true),
        (NOW - 100 * day - 1, false),
        (NOW + day, true),
        (NOW + day + 1, false),
        (0, false),
        (i64::MAX, false),
    ] {
        assert_eq!(ask(TWO, [vote(0), at(timestamp)]).is_ok(), counts, "{timestamp}");
    }
}

#[test]
fn a_revoked_key_counts_for_nothing_it_ever_signed() {
    let text = "name='p2'\norganisation='b'\nroles=['reproducer']\n[[key]]\nkind='openpgp'\nfile='k'\n\
                fingerprint='0000000000000000000000000000000000000014'\nnot-before='2026-01-01'\n\
                not-after='2028-01-01'\nrevoked='2026-11-01'\n";
    let revoked = Person::parse("p2", text).expect("a good person");
    let all = people().iter().filter(|p| p.id != "p2").cloned().chain([revoked]).collect::<Vec<_>>();
    let people = People::new(all).expect("nobody shares a key");
    let policy = policy(TWO, &people);
    let rules = Rules { policy: &policy, people: &people, root_threshold: 2 };
    let votes: Vec<_> = read_by_two().into_iter().chain([vote(0), vote(20)]).collect();
    refused(decide(&question(), &votes, rules), "1 of 2 reproducers");
    let alarm: Vec<_> = read_by_two().into_iter().chain([vote(0), vote(10), other_image(20)]).collect();
    decide(&question(), &alarm, rules).expect("a revoked key cannot raise an alarm");
}

proptest! {
    /// Accepted if and only if enough distinct people said exactly this and nobody
    /// said otherwise, whatever else lies around and in whatever order.
    #[test]
    fn accepted_exactly_when_the_rule_holds(
        votes in proptest::collection::vec((0usize..5, 0usize..2, any::<bool>()), 0..12),
        dissent in proptest::option::weighted(0.2, 0usize..5),
        junk in proptest::collection::vec(50usize..90, 0..4),
        need in 1u32..=5,
        organisations in 1u32..=3,
        vendors in 1u32..=2,
        shuffle in any::<u64>(),
    ) {
        let group = format!("maintainers=1\nreviewers=1\nreproducers={need}\norganisations={organisations}\ncpu-vendors={vendors}");
        let one = |p: usize, k: usize, amd: bool| {
            let cpu = if amd { "AuthenticAMD" } else { "GenuineIntel" };
            let host = Host { cpu: cpu.into(), ..said().host };
            signed(p * 10 + k, Statement::Reproduction(Reproduction { host, timestamp: NOW - (k as i64), ..said() }))
        };
        let mut all: Vec<Signed> = votes.iter().map(|(p, k, amd)| one(*p, *k, *amd)).collect();
        all.extend(junk.iter().map(|k| vote(*k)));
        all.extend(dissent.iter().map(|p| other_image(p * 10)));
        let turn = if all.is_empty() { 0 } else { shuffle as usize % all.len() };
        all.rotate_left(turn);

        let voters: BTreeSet<usize> = votes.iter().map(|v| v.0).collect();
        let orgs: BTreeSet<usize> = voters.iter().map(|p| [0, 0, 1, 1, 2][*p]).collect();
        let result = ask(&group, all);
        let counted = voters.len() as u32 >= need && orgs.len() as u32 >= organisations && dissent.is_none();
        if vendors == 1 {
            prop_assert_eq!(result.is_ok(), counted);
        } else if result.is_ok() {
            prop_assert!(counted);
            let cpus: BTreeSet<bool> = votes.iter().map(|v| v.2).collect();
            prop_assert_eq!(cpus.len(), 2);
        }
    }
}
