//! Rows that are judged many at once are judged as each by itself.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::manifest::Entry;

const COLUMNS: [&[(&str, Meaning)]; 5] = [
    &[("id", Meaning::GitSha1)],
    &[("id", Meaning::GitSha1), ("repo", Meaning::Repo), ("path", Meaning::Path)],
    &[("id", Meaning::GitSha1), ("same", Meaning::GitSha1)],
    &[("id", Meaning::GitSha1), ("text", Meaning::Content)],
    &[("id", Meaning::GitSha1), ("commit", Meaning::Commit)],
];

/// 1 is excluded, for one purpose; of 2 some lines are; 3 is clear; nobody looked at 4.
fn keys(places: bool) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let train = Purposes::from(Purpose::TrainAi);
    let mut entries = vec![Entry::blob(&hashes(1), train), Entry::lines(&hashes(2), 1..=3, 0..30, train)];
    if places {
        entries.push(Entry::repo("corp/legal".into(), train));
    }
    let coverage = (1..=3).map(|which| CoverageRow::blob(&hashes(which))).collect();
    let manifest = Manifest::build(parts(), entries, coverage, Profile::Paths, 1).unwrap();
    let path = folder.path().join("m");
    write(&manifest, &path, Encoding::JsonLines).unwrap();
    let wanted =
        Wanted { hashes: HashKind::ALL.to_vec(), commits: true, lines: true, names: true, paths: Paths::Any };
    let keys = Keys::open(&[path], &wanted, None, 1, &()).unwrap();
    Place { _folder: folder, keys }
}

/// A row's id; or what stands in its place.
fn id() -> impl Strategy<Value = Option<Vec<u8>>> {
    let no_key = select(vec![None, Some(b"x".to_vec()), Some(Vec::new())]);
    let known = select(vec![Some(git(1)), Some(git(2)), Some(git(3))]);
    prop_oneof![16 => known, 1 => Just(Some(git(4))), 1 => no_key]
}

proptest! {
    #[test]
    fn rows_together_are_judged_as_one_by_one(
        (of, places) in (select(&COLUMNS[..]), weighted(0.2)),
        ids in vec(id(), 0..12),
        purposes in select(vec![None, Some(Purpose::TrainAi), Some(Purpose::Search)]),
        uncovered in select(vec![Uncovered::Stop, Uncovered::Drop, Uncovered::Keep]),
        (lines, canary) in (weighted(0.2), weighted(0.2)),
    ) {
        let (place, columns, aliases) = (keys(places), columns(of), Aliases::default());
        let canaries = if canary {
            Canaries::parse(&String::from_utf8([&b"git_sha1:"[..], &git(1)].concat()).unwrap()).unwrap()
        } else {
            Canaries::default()
        };
        let mut rules = Rules::new(&columns, &aliases, &canaries);
        rules.keys = Some(&place.keys);
        (rules.purposes, rules.uncovered) = (purposes.map(Purposes::from), uncovered);
        rules.lines = lines.then_some(Lines::Cut);
        let (clear, content) = (git(3), content(3));
        let more = |at: usize| match of.get(at)?.1 {
            Meaning::GitSha1 => Some(Value::Bytes(&clear[..])),
            Meaning::Content => Some(Value::Bytes(&content[..])),
            _ => Some(Value::Bytes(b"corp/engine")),
        };
        let rows: Vec<Vec<Value<'_>>> = ids
            .iter()
            .map(|id| [id.as_deref().map_or(Value::Null, Value::Bytes)].into_iter().chain((1..3).filter_map(more)).collect())
            .collect();
        let mut alone = RowJudge::new(&rules);
        let each: Vec<Decision> = rows.iter().map(|row| alone.judge(&Row::new(row))).collect();

        let mut together = RowJudge::new(&rules);
        let values: Vec<Vec<Value<'_>>> =
            (0..of.len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect();
        together.coming(&values.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let told = together.at_once().map(|stay| stay.iter().map(|stays| if *stays { KEEP } else { DROP }).collect());
        // There are rows that it is for.
        let plain = ids.iter().all(|id| [1, 2, 3].iter().any(|which| *id == Some(git(*which))));
        let simple = of.len() != 2 && !(places || lines || canary);
        if simple && plain && !ids.is_empty() {
            prop_assert!(told.is_some());
        }
        let known = told.is_some();
        let at = |(at, row): (usize, &Vec<Value<'_>>)| together.judge(&Row { values: row, at: Some(at) });
        let decisions: Vec<Decision> = told.unwrap_or_else(|| rows.iter().enumerate().map(at).collect());
        prop_assert_eq!(&decisions, &each, "together: {}", known);
        prop_assert_eq!(together.counts(), alone.counts());
    }
}
