//! The rule, as a user would lose by its being wrong: an image accepted that too few
//! people vouch for, or one that somebody objects to.

mod support;

use cairn_core::digest::Digest;
use cairn_trust::people::{People, Person};
use cairn_trust::quorum::{Ignored, Objection, Rules, Signed, decide, objections, tag};
use cairn_trust::statement::{Host, Opinion, Reproducer, Reproduction, Statement};
use support::*;

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
    let objection = dispute(40, NOW - 5);
    let named: [(&str, &Signed); 1] = [("p4", &objection)];
    let right = |key| settle(key, b"image", &named, NOW - 1);
    let with = |more: Vec<Signed>| {
        let votes = [vote(0), vote(20), objection.clone()];
        ask(TWO, votes.into_iter().chain(more))
    };
    refused(with(vec![]), "p4 signed a dispute");
    refused(with(vec![right(0)]), "p4 signed a dispute");
    refused(with(vec![right(0), right(1)]), "p4 signed a dispute");
    let wrong = |key| settle(key, b"other", &named, NOW - 1);
    refused(with(vec![right(0), wrong(10)]), "p4 signed a dispute");
    refused(with(vec![wrong(0), wrong(10)]), "the roots settled for");
    with(vec![right(0), right(10)]).expect("settled by two roots");
}

#[test]
fn a_settlement_ends_what_it_names_and_nothing_else() {
    let (first, later) = (dispute(40, NOW - 9), dispute(40, NOW - 2));
    let with = |more: Vec<Signed>| ask(TWO, [vote(0), vote(20), first.clone()].into_iter().chain(more));
    let both = |objections: &[(&str, &Signed)]| {
        vec![settle(0, b"image", objections, NOW), settle(10, b"image", objections, NOW)]
    };
    refused(with(both(&[])), "p4 signed a dispute");
    refused(with(both(&[("p3", &first)])), "p4 signed a dispute");
    with(both(&[("p4", &first)])).expect("it is named");
    let mut again = both(&[("p4", &first)]);
    again.push(later.clone());
    refused(with(again), "p4 signed a dispute");
    let mut all = both(&[("p4", &first), ("p4", &later)]);
    all.push(later.clone());
    with(all).expect("both are named");
    // Two roots who name one each have settled neither.
    let halves = vec![
        later.clone(),
        settle(0, b"image", &[("p4", &first)], NOW),
        settle(10, b"image", &[("p4", &later)], NOW),
    ];
    refused(with(halves), "p4 signed a dispute");
    // A root's newest word counts, in whatever order the files are.
    let mut back = both(&[("p4", &first)]);
    back.insert(0, settle(11, b"image", &[], NOW + 1));
    refused(with(back), "p4 signed a dispute");
    let mut forth = both(&[("p4", &first)]);
    forth.push(settle(11, b"image", &[], NOW - 1));
    with(forth).expect("the older word is passed over");
}

#[test]
fn roots_are_shown_what_they_settle() {
    let all =
        [vote(0), other_image(30), dispute(40, NOW - 5), other_image(77), dispute(0, NOW + 90 * 86_400)];
    let people = people();
    let policy = policy(TWO, &people);
    let rules = Rules { policy: &policy, people: &people, root_threshold: 2 };
    let raised = objections(&question(), &all, rules);
    let names: Vec<String> = raised.iter().map(Objection::name).collect();
    assert_eq!(names, [format!("p3 {}", all[1].digest), format!("p4 {}", all[2].digest)]);
    let shown: Vec<String> = raised.iter().map(ToString::to_string).collect();
    let other = Digest::of(b"other");
    assert_eq!(shown[0], format!("p3 got {other} on 2026-11-21"));
    assert_eq!(shown[1], format!("p4 signed a dispute on 2026-11-21, got {other}"));
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
fn a_key_counts_from_its_first_day_and_until_before_its_last() {
    let day = 86_400;
    // The key's days are 2026-11-18 and 2026-11-19: from four days before NOW to two before.
    let text = format!(
        "name='p2'\norganisation='b'\nroles=['reproducer']\n[[key]]\nkind='openpgp'\nfile='k'\n\
         fingerprint='{}'\nnot-before='2026-11-18'\nnot-after='2026-11-20'\n",
        support::fingerprint(20)
    );
    let short = Person::parse("p2", &text).expect("a good person");
    let all = people().iter().filter(|p| p.id != "p2").cloned().chain([short]).collect::<Vec<_>>();
    let people = People::new(all).expect("nobody shares a key");
    let policy = policy(TWO, &people);
    let rules = Rules { policy: &policy, people: &people, root_threshold: 2 };
    for (timestamp, counts) in
        [(NOW - 4 * day - 1, false), (NOW - 4 * day, true), (NOW - 2 * day - 1, true), (NOW - 2 * day, false)]
    {
        let at = signed(20, Statement::Reproduction(Reproduction { timestamp, ..said() }));
        let votes: Vec<_> = read_by_two().into_iter().chain([vote(0), at]).collect();
        assert_eq!(decide(&question(), &votes, rules).is_ok(), counts, "{timestamp}");
    }
}

#[test]
fn an_opinion_on_something_else_does_not_count() {
    let people = people();
    let policy = policy(TWO, &people);
    let rules = Rules { policy: &policy, people: &people, root_threshold: 2 };
    type Change = fn(&mut Opinion);
    let changes: [Change; 2] = [|o| o.name = "core/xz".into(), |o| o.definition = Digest::of(b"another")];
    for change in changes {
        let mut other = opinion();
        change(&mut other);
        let ask = |first: &Opinion, second: &Opinion| {
            let proposed = signed(0, Statement::Maintainer(first.clone()));
            let read = signed(10, Statement::Review(second.clone()));
            decide(&question(), &[proposed, read, vote(0), vote(20)], rules)
        };
        ask(&opinion(), &opinion()).expect("one of each");
        refused(ask(&other, &opinion()), "0 of 1 maintainers");
        refused(ask(&opinion(), &other), "0 of 1 reviewers");
    }
}

#[test]
fn an_image_without_a_version_is_tagged_latest() {
    assert_eq!((tag(""), tag("1.3")), ("latest", "1.3"));
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
