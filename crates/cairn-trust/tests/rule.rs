//! The rule as a property: whatever the policy, the people and the statements, an image is
//! accepted if and only if the sentences of docs/trust.md hold.
//!
//! [`holds`] says them again, over sets, in another way than the code under test.

mod support;

use cairn_core::digest::Digest;
use cairn_trust::people::{People, Person};
use cairn_trust::quorum::{Rules, Signed, decide};
use cairn_trust::statement::{Host, Opinion, Reproducer, Reproduction, Statement};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::{NOW, dispute, fingerprint, policy, question, said, settle, signed};

const DAY: i64 = 86_400;

/// Somebody: organisation, roles (maintainer, reviewer, reproducer, root as bits; 0 is a
/// machine), and which of two keys is revoked, if any.
type Somebody = (u8, u8, Option<usize>);

/// What somebody says, by which key, how many days ago, with what facts.
#[derive(Debug, Clone)]
struct Said {
    person: usize,
    key: usize,
    days: i64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    /// Image is the right one; CPU vendor, engine, distribution (0 is not named); as a machine.
    Built {
        right: bool,
        facts: [u8; 3],
        machine: bool,
    },
    Disputed,
    Proposed,
    Reviewed,
    /// For the right image; naming the objections among the first so many statements.
    Settled {
        right: bool,
        upto: usize,
    },
}

fn what() -> impl Strategy<Value = What> {
    let facts = prop::array::uniform3(0u8..3);
    prop_oneof![
        12 => (prop::bool::weighted(0.97), facts, prop::bool::weighted(0.1))
            .prop_map(|(right, facts, machine)| What::Built { right, facts, machine }),
        1 => Just(What::Disputed),
        3 => Just(What::Proposed),
        4 => Just(What::Reviewed),
        2 => (prop::bool::weighted(0.8), 0usize..16).prop_map(|(right, upto)| What::Settled { right, upto }),
    ]
}

fn said_by(people: usize) -> impl Strategy<Value = Vec<Said>> {
    let one = (0..people, 0usize..2, prop_oneof![8 => 0i64..100, 1 => 100i64..130, 1 => -4i64..0], what());
    let one = one.prop_map(|(person, key, days, what)| Said { person, key, days, what });
    prop::collection::vec(one, 0..16)
}

fn somebody(id: usize, (organisation, roles, revoked): Somebody) -> Person {
    let names = ["'maintainer'", "'reviewer'", "'reproducer'", "'root'"];
    let mine: Vec<&str> = (0..4).filter(|bit| roles & 1 << bit != 0).map(|bit| names[bit]).collect();
    let roles = if mine.is_empty() { "'machine'".to_owned() } else { mine.join(",") };
    let keys: String = (0..2)
        .map(|key| {
            let revoked = if revoked == Some(key) { "revoked='2026-11-01'\n" } else { "" };
            format!(
                "[[key]]\nkind='openpgp'\nfile='{key}.asc'\nfingerprint='{}'\n\
                 not-before='2026-01-01'\nnot-after='2028-01-01'\n{revoked}",
                fingerprint(id * 10 + key)
            )
        })
        .collect();
    let text = format!("name='p'\norganisation='o{organisation}'\nroles=[{roles}]\n{keys}");
    Person::parse(&format!("p{id}"), &text).expect("a good person")
}

/// Every statement's time differs from every other's, so that "newest" has one meaning.
fn time(said: &Said, index: usize) -> i64 {
    NOW - said.days * DAY - 1 - index as i64
}

fn fact(name: &str, value: u8) -> String {
    if value == 0 { String::new() } else { format!("{name}{value}") }
}

/// All statements, signed; settlements name objections that stand before `upto`.
fn sign(all: &[Said]) -> Vec<Signed> {
    let mut done: Vec<Signed> = Vec::new();
    for (index, one) in all.iter().enumerate() {
        let (key, at) = (one.person * 10 + one.key, time(one, index));
        let opinion =
            || Opinion { name: "core/zlib".into(), definition: Digest::of(b"definition"), timestamp: at };
        done.push(match &one.what {
            What::Built { right, facts, machine } => {
                let host = Host {
                    cpu: fact("cpu", facts[0]),
                    engine: fact("engine", facts[1]),
                    distribution: fact("distribution", facts[2]),
                    kernel: "6".into(),
                };
                let image = Digest::of(if *right { b"image" } else { b"other" });
                let role = if *machine { Reproducer::Machine } else { Reproducer::Person };
                signed(
                    key,
                    Statement::Reproduction(Reproduction { image, host, role, timestamp: at, ..said() }),
                )
            }
            What::Disputed => dispute(key, at),
            What::Proposed => signed(key, Statement::Maintainer(opinion())),
            What::Reviewed => signed(key, Statement::Review(opinion())),
            What::Settled { right, upto } => {
                let named: Vec<(String, &Signed)> =
                    named(all, *upto, index).map(|n| (format!("p{}", all[n].person), &done[n])).collect();
                let named: Vec<(&str, &Signed)> = named.iter().map(|(p, s)| (p.as_str(), *s)).collect();
                settle(key, if *right { b"image" } else { b"other" }, &named, at)
            }
        });
    }
    done
}

/// The objections to the right image that a settlement at `index` names.
fn named(all: &[Said], upto: usize, index: usize) -> impl Iterator<Item = usize> {
    let objects = |n: &usize| matches!(all[*n].what, What::Disputed | What::Built { right: false, .. });
    (0..upto.min(index)).filter(objects)
}

/// What a root settled: when, whether for the right image, and which statements.
type Word = (i64, bool, BTreeSet<usize>);

/// The sentences of docs/trust.md, rule 1 to 6.
fn holds(people: &[Somebody], all: &[Said], need: &[u32; 7], root_threshold: usize) -> bool {
    let has = |person: usize, bit: u8| people[person].1 & 1 << bit != 0;
    let machine = |person: usize| people[person].1 == 0;
    let counts = |(index, said): &(usize, &Said)| {
        people[said.person].2 != Some(said.key) && time(said, *index) <= NOW + DAY
    };
    let counting: Vec<(usize, &Said)> = all.iter().enumerate().filter(counts).collect();
    let heard = |said: &Said| has(said.person, 2) || machine(said.person);

    let mut newest: BTreeMap<usize, Word> = BTreeMap::new();
    let mut votes: BTreeMap<usize, (i64, [u8; 3])> = BTreeMap::new();
    let mut objections = Vec::new();
    let (mut authors, mut readers) = (BTreeSet::new(), BTreeSet::new());
    for (index, said) in counting {
        let at = time(said, index);
        match &said.what {
            What::Proposed if has(said.person, 0) => drop(authors.insert(said.person)),
            What::Reviewed if has(said.person, 1) => drop(readers.insert(said.person)),
            What::Disputed | What::Built { right: false, .. } if heard(said) => objections.push(index),
            What::Built { right: true, facts, machine: false } if has(said.person, 2) => {
                let old = votes.get(&said.person).is_some_and(|(time, _)| *time > at);
                if NOW - at <= 100 * DAY && !old {
                    votes.insert(said.person, (at, *facts));
                }
            }
            What::Settled { right, upto } if has(said.person, 3) => {
                let old = newest.get(&said.person).is_some_and(|(time, ..)| *time > at);
                if !old {
                    newest.insert(said.person, (at, *right, named(all, *upto, index).collect()));
                }
            }
            _ => {}
        }
    }
    let roots = |holds: &dyn Fn(&Word) -> bool| newest.values().filter(|s| holds(s)).count();
    let all_settled = objections.iter().all(|o| roots(&|s| s.1 && s.2.contains(o)) >= root_threshold);
    let other_image = roots(&|s| !s.1) >= root_threshold;
    let distinct =
        |n: usize| votes.values().map(|v| v.1[n]).filter(|v| *v != 0).collect::<BTreeSet<_>>().len();
    let organisations: BTreeSet<u8> = votes.keys().map(|p| people[*p].0).collect();
    let have = [
        authors.len(),
        readers.difference(&authors).count(),
        votes.len(),
        organisations.len(),
        distinct(0),
        distinct(1),
        distinct(2),
    ];
    all_settled && !other_image && have.iter().zip(need).all(|(have, need)| *have >= *need as usize)
}

/// Thresholds that the people can reach, as they were drawn or lower.
fn reachable(people: &[Somebody], drawn: [u32; 7]) -> [u32; 7] {
    let count = |bit: u8| people.iter().filter(|p| p.1 & 1 << bit != 0).count() as u32;
    let organisations = people.iter().filter(|p| p.1 & 4 != 0).map(|p| p.0).collect::<BTreeSet<_>>().len();
    let most = [count(0), count(1), count(2), organisations as u32, count(2), count(2), count(2)];
    std::array::from_fn(|n| drawn[n].min(most[n]))
}

proptest! {
    // PROPTEST_CASES=100000 asks for more.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1000)))]

    #[test]
    fn accepted_exactly_when_the_rule_holds(
        mut people in prop::collection::vec((0u8..4, 0u8..16, prop::option::weighted(0.15, 0usize..2)), 3..7),
        all in said_by(7),
        drawn in (1u32..3, 1u32..3, 1u32..5, 1u32..4, 1u32..3, 1u32..3, 1u32..3),
        root_threshold in 1usize..3,
        turn in any::<prop::sample::Index>(),
    ) {
        // Two who may do everything: the policy must be able to ask for one of each.
        people[0].1 = 15;
        people[1].1 = 15;
        let all: Vec<Said> =
            all.into_iter().map(|said| Said { person: said.person % people.len(), ..said }).collect();
        let (m, r, n, o, c, e, d) = drawn;
        let need = reachable(&people, [m, r, n, o, c, e, d]);
        let registered =
            People::new(people.iter().enumerate().map(|(id, p)| somebody(id, *p))).expect("no key is shared");
        let [m, r, n, o, c, e, d] = need;
        let policy = policy(
            &format!(
                "maintainers={m}\nreviewers={r}\nreproducers={n}\norganisations={o}\n\
                 cpu-vendors={c}\nengines={e}\ndistributions={d}"
            ),
            &registered,
        );
        let mut signed = sign(&all);
        if !signed.is_empty() {
            let by = turn.index(signed.len());
            signed.rotate_left(by);
        }
        let rules = Rules { policy: &policy, people: &registered, root_threshold };
        let answer = decide(&question(), &signed, rules);
        prop_assert_eq!(answer.is_ok(), holds(&people, &all, &need, root_threshold), "{:?}", answer);
    }
}

/// A property that is never true, or never false, would prove nothing.
#[test]
fn both_answers_are_reached_often() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let people: Vec<Somebody> = vec![(0, 15, None), (1, 15, None), (2, 15, None), (2, 4, None)];
    let mut accepted = 0;
    for _ in 0..4000 {
        let all = said_by(4).new_tree(&mut runner).expect("a list").current();
        accepted += usize::from(holds(&people, &all, &[1, 1, 2, 1, 1, 1, 1], 2));
    }
    assert!((200..3800).contains(&accepted), "{accepted} of 4000");
}
