//! How long a large list takes.

use std::fmt::Write as _;

use withhold::identity::{Matcher, Person};
use withhold::policy::{List, Source};

/// 100,000 subjects, one in a hundred a glob, some with preferences. Run it alone, with optimisation:
/// `cargo test --release --test it a_large_list -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn a_large_list_loads_in_under_a_second() {
    let mut text = "schema = 1\nlist = \"x\"\nserial = 1\n".to_owned();
    for index in 0..100_000 {
        let email = if index % 100 == 0 {
            format!("*@team{index}.example")
        } else {
            format!("person{index}@corp.example")
        };
        write!(
            text,
            "\n[[subject]]\nid = \"s-{index:08x}\"\n  [[subject.identity]]\n  email = \"{email}\"\n"
        )
        .unwrap();
        if index % 10 == 0 {
            let repo = index % 1000;
            write!(text, "  [[subject.preference]]\n  decision = \"disallow\"\n  purposes = [\"train-ai\"]\n  repos = [\"corp/r{repo}/**\"]\n").unwrap();
        }
    }
    let size = text.len();
    let start = std::time::Instant::now();
    let (list, warnings) = List::parse(Source::new("x", text)).unwrap();
    let parsed = start.elapsed();
    assert_eq!((list.subjects.len(), warnings.len()), (100_000, 0));
    let matcher = Matcher::new(&list, None).unwrap();
    let compiled = start.elapsed();
    let people: Vec<_> =
        (0..10_000).map(|index| Person::new("Ada", format!("Person{index}@Corp.Example"))).collect();
    let found: usize = people.iter().map(|person| matcher.find(person).len()).sum();
    let matched = start.elapsed() - compiled;
    assert_eq!(found, 9_900);
    println!(
        "{size} bytes: parsed {parsed:?}, parsed and compiled {compiled:?}; 10,000 people matched in {matched:?}"
    );
    assert!(cfg!(debug_assertions) || compiled.as_secs_f64() < 1.0);
}
