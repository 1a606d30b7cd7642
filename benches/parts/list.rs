//! A list of 100,000 subjects: read, compiled, and people looked up in it.
//!
//! One e-mail address each, one in a hundred of them a glob, one subject in ten with a preference. Reading and
//! compiling it has to take less than a second.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use withhold::identity::{Matcher, Person};
use withhold::policy::{List, Source};

const SUBJECTS: usize = 100_000;
const PEOPLE: usize = 10_000;

#[divan::bench(sample_count = 10)]
fn read(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.counter(BytesCount::new(text.len())).bench_local(|| list(&text));
}

#[divan::bench(sample_count = 10)]
fn compile(bencher: Bencher<'_, '_>) {
    let list = list(&text());
    bencher.counter(ItemsCount::new(SUBJECTS)).bench_local(|| Matcher::new(&list, None).unwrap());
}

#[divan::bench(sample_count = 10)]
fn match_people(bencher: Bencher<'_, '_>) {
    let matcher = Matcher::new(&list(&text()), None).unwrap();
    let person = |index| Person::new("Ada", format!("Person{index}@Corp.Example"));
    let people: Vec<_> = (0..PEOPLE).map(person).collect();
    let found = || people.iter().map(|person| matcher.find(person).len()).sum::<usize>();
    // One in a hundred has a glob for another domain instead.
    assert_eq!(found(), PEOPLE - PEOPLE / 100);
    bencher.counter(ItemsCount::new(PEOPLE)).bench_local(found);
}

fn list(text: &str) -> List {
    let (list, warnings) = List::parse(Source::new("optout.toml", text.to_owned())).unwrap();
    assert_eq!((list.subjects.len(), warnings.len()), (SUBJECTS, 0));
    list
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
