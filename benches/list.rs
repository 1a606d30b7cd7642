//! How long a list of 100,000 subjects takes: `cargo bench --bench list`.
//!
//! One e-mail address each, one in a hundred of them a glob, one subject in ten with a preference.
//! The limit is one second to read and compile it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use withhold::identity::{Matcher, Person};
use withhold::policy::{List, Source};

const SUBJECTS: usize = 100_000;
const RUNS: usize = 5;

fn main() {
    let text = text();
    println!("{SUBJECTS} subjects, {} bytes", text.len());
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let source = Source::new("optout.toml", text.clone());
        let start = Instant::now();
        let (list, warnings) = List::parse(source).unwrap();
        let read = start.elapsed();
        let matcher = Matcher::new(&list, None).unwrap();
        let loaded = start.elapsed();
        assert_eq!((list.subjects.len(), warnings.len()), (SUBJECTS, 0));
        let people: Vec<_> =
            (0..10_000).map(|index| Person::new("Ada", format!("Person{index}@Corp.Example"))).collect();
        let start = Instant::now();
        let found: usize = people.iter().map(|person| matcher.find(person).len()).sum();
        let matched = start.elapsed();
        // One in a hundred has a glob for another domain instead.
        assert_eq!(found, 9_900);
        println!("read {read:.0?}, read and compiled {loaded:.0?}; 10,000 people matched in {matched:.1?}");
        best = best.min(loaded);
    }
    println!("best of {RUNS}: {best:.0?}");
    assert!(best < Duration::from_secs(1), "a list must load in under a second");
}

fn text() -> String {
    let mut text = "schema = 1\nlist = \"bench\"\nserial = 1\n".to_owned();
    for index in 0..SUBJECTS {
        let email = match index % 100 {
            0 => format!("*@team{index}.example"),
            _ => format!("person{index}@corp.example"),
        };
        let identity = format!("  [[subject.identity]]\n  email = \"{email}\"\n");
        write!(text, "\n[[subject]]\nid = \"s-{index:08x}\"\n{identity}").unwrap();
        if index % 10 == 0 {
            let repos = format!("repos = [\"corp/r{}/**\"]", index % 1000);
            let preference = format!("decision = \"disallow\"\n  purposes = [\"train-ai\"]\n  {repos}");
            write!(text, "  [[subject.preference]]\n  {preference}\n").unwrap();
        }
    }
    text
}
