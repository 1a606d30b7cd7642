//! Layers, mailmaps and evidence only ever add to what is excluded, whatever the lists say.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use withhold::identity::{Mailmap, Person};
use withhold::policy::{Layers, List, Purposes, Role, Source};
use withhold::verdict::{Cases, Evidence, Judge};

use super::case::{ADA, HEAD, Scan, by_ada, by_bob, history};

const PATHS: [&[u8]; 3] = [b"src/a.rs", b"docs/a.md", b"top"];

/// What is excluded of a commit and of its lines, wherever they stand and stood.
fn excluded(lists: &[String], mailmap: &str, evidence: &Evidence) -> Vec<Purposes> {
    let parse = |(number, text): (usize, &String)| {
        let text = format!("schema = 1\nlist = \"list-{number}-{}\"\nserial = 1\n{text}", text.len());
        List::parse(Source::new("list", text)).unwrap().0
    };
    let layers = Layers::new(None, lists.iter().enumerate().map(parse).collect(), None).unwrap();
    let mut judge =
        Judge::new(&layers, None, "corp/engine", vec![Mailmap::parse(mailmap.as_bytes())]).unwrap();
    let mut cases = Cases::default();
    judge.hear(evidence, &mut cases);
    let case = cases.get(0).unwrap();
    let mut all = vec![judge.commit(case, PATHS.into_iter()).purposes, judge.tag(case).purposes];
    for now in PATHS {
        all.extend(PATHS.map(|then| judge.lines(case, now, then).purposes));
    }
    all
}

fn never_less(before: &[Purposes], after: &[Purposes]) -> bool {
    before.iter().zip(after).all(|(before, after)| before.without(*after).is_empty())
}

fn day() -> impl Strategy<Value = String> {
    (1..6_u8).prop_map(|day| format!("2020-01-0{day}"))
}

/// `key = value`, or nothing.
fn maybe(key: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::option::of(value)
        .prop_map(move |value| value.map_or(String::new(), |value| format!("{key} = {value}\n")))
}

fn some_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    subsequence(words, 1..=words.len()).prop_map(|words| format!("{words:?}"))
}

fn quoted(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(|word| format!("{word:?}"))
}

fn preference() -> impl Strategy<Value = String> {
    (
        quoted(&["allow", "disallow"]),
        maybe("purposes", some_of(&["search", "train-ai", "x-eval"])),
        maybe("roles", some_of(&["author", "co-author", "committer", "tagger", "signed-off-by"])),
        maybe("paths", some_of(&["src/**", "docs/*"])),
        maybe("repos", some_of(&["corp/*", "other/*"])),
        maybe("authored", day().prop_map(|day| format!("{{ from = {day} }}"))),
    )
        .prop_map(|(decision, purposes, roles, paths, repos, authored)| {
            format!(
                "[[subject.preference]]\ndecision = {decision}\n{purposes}{roles}{paths}{repos}{authored}"
            )
        })
}

fn subject() -> impl Strategy<Value = String> {
    let identity = (0..4_u8, maybe("until", day()))
        .prop_map(|(who, until)| format!("[[subject.identity]]\nemail = \"p{who}@x.example\"\n{until}"));
    (proptest::collection::vec(identity, 1..3), proptest::collection::vec(preference(), 0..4))
        .prop_map(|(identities, preferences)| identities.concat() + &preferences.concat())
}

fn list() -> impl Strategy<Value = String> {
    let rule = (maybe("paths", some_of(&["src/**", "top"])), maybe("repos", some_of(&["corp/*", "other/*"])));
    (
        maybe("regime", quoted(&["opt-in", "opt-out"])),
        maybe("on-unattributed", quoted(&["exclude", "include"])),
        proptest::collection::vec(subject(), 0..3),
        proptest::collection::vec(rule, 0..2),
    )
        .prop_map(|(regime, unattributed, subjects, rules)| {
            let mut text = regime + &unattributed;
            for (number, subject) in subjects.iter().enumerate() {
                text += &format!("[[subject]]\nid = \"s-{number}x4k2qmn\"\n{subject}");
            }
            for (number, (paths, repos)) in rules.iter().enumerate() {
                text += &format!("[[rule]]\nid = \"r-{number}\"\n{paths}{repos}");
            }
            text
        })
}

fn named() -> impl Strategy<Value = (Role, Person)> {
    // Some of them are on lists, some are not.
    let role = select(&Role::ALL[..]);
    (role, 0..6_u8).prop_map(|(role, who)| (role, Person::new("P", format!("p{who}@x.example"))))
}

fn evidence() -> impl Strategy<Value = Evidence> {
    // Noon of the first days of 2020.
    let time = (0..6_i64).prop_map(|day| 1_577_880_000 + day * 86_400);
    let times = proptest::collection::vec(time, 1..3);
    (proptest::collection::vec(named(), 0..4), times, any::<bool>(), any::<bool>())
        .prop_map(|(people, times, undated, attributed)| Evidence { people, times, undated, attributed })
}

fn mailmap() -> impl Strategy<Value = String> {
    let line = (0..6_u8, 0..6_u8).prop_map(|(to, from)| format!("Q <p{to}@x.example> <P{from}@X.example>\n"));
    proptest::collection::vec(line, 0..4).prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_layer(first in list(), second in list(), mailmap in mailmap(), evidence in evidence()) {
        let before = excluded(std::slice::from_ref(&first), &mailmap, &evidence);
        let after = excluded(&[first.clone(), second.clone()], &mailmap, &evidence);
        prop_assert!(never_less(&before, &after));
        // In whatever order.
        prop_assert_eq!(excluded(&[second, first], &mailmap, &evidence), after);
    }

    #[test]
    fn a_mailmap(list in list(), mailmap in mailmap(), evidence in evidence()) {
        prop_assert!(never_less(&excluded(std::slice::from_ref(&list), "", &evidence), &excluded(std::slice::from_ref(&list), &mailmap, &evidence)));
    }

    #[test]
    fn one_more_person_or_date(
        list in list(), mailmap in mailmap(), evidence in evidence(), more in named(), day in 0..6_i64,
    ) {
        let before = excluded(std::slice::from_ref(&list), &mailmap, &evidence);
        let with = |change: &dyn Fn(&mut Evidence)| {
            let mut evidence = evidence.clone();
            change(&mut evidence);
            excluded(std::slice::from_ref(&list), &mailmap, &evidence)
        };
        prop_assert!(never_less(&before, &with(&|evidence| evidence.people.push(more.clone()))));
        prop_assert!(never_less(&before, &with(&|evidence| evidence.times.push(1_577_880_000 + day * 86_400))));
        prop_assert!(never_less(&before, &with(&|evidence| evidence.undated = true)));
        prop_assert!(never_less(&before, &with(&|evidence| evidence.attributed = false)));
    }
}

/// The properties are about something: in many cases something is excluded, and in many more of it by another layer.
#[test]
fn the_cases_are_not_empty() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut some, mut more, mut free) = (0, 0, 0);
    for _ in 0..200 {
        let (first, second, evidence) = (list(), list(), evidence()).new_tree(&mut runner).unwrap().current();
        let before = excluded(std::slice::from_ref(&first), "", &evidence);
        let after = excluded(&[first, second], "", &evidence);
        some += u32::from(before.iter().any(|purposes| !purposes.is_empty()));
        more += u32::from(before != after);
        free += u32::from(before.iter().any(|purposes| purposes.is_empty()));
    }
    assert!(some > 100 && more > 30 && free > 50, "{some} {more} {free}");
}

/// The entries are the same whichever list comes first.
#[test]
fn the_order_of_lists_does_not_show_in_the_entries() {
    let repo = history(|script| {
        let ada = script.add(by_ada([]).file("ada", "ada\n"));
        script
            .add(by_bob([ada]).file("both", "bob\n").message("m\n\nCo-authored-by: Ada <ada@example.org>\n"));
    });
    let ada =
        format!("{HEAD}{ADA}[[subject.preference]]\ndecision = \"disallow\"\npurposes = [\"search\"]\n");
    let bob = HEAD.replace("corp", "other") + &ADA.replace("ada@", "bob@").replace("7q4kx2mn", "8r5mw3pd");
    for profile in ["paths", "audit"] {
        let scan = |one: &str, two: &str, out: &str| {
            let scan = Scan::without_list(&repo).list("one.toml", one).list("two.toml", two);
            scan.args(["--profile", profile]).env("WITHHOLD_KEY", "0123456789abcdef").found_in(out)
        };
        let (there, back) = (scan(&ada, &bob, "there"), scan(&bob, &ada, "back"));
        assert!(there.entries.len() > 4);
        assert_eq!(there.entries, back.entries);
        assert_eq!(there.coverage, back.coverage);
    }
}
