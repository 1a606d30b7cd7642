use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::samples::{any_manifest, coverage_row, manifest};
use super::super::{CoverageRow, Entry, Manifest, Profile, write};
use super::*;
use crate::policy::Purposes;

const ALL: Limits = Limits { profile: Profile::Audit, purposes: Purposes::ALL, kept: false };

fn work(threads: usize) -> Work<'static> {
    Work { threads, watch: &() }
}

fn opened(manifests: &[Manifest]) -> (tempfile::TempDir, Vec<Input>) {
    let folder = tempfile::tempdir().unwrap();
    let open = |(at, manifest): (usize, &Manifest)| {
        let path = folder.path().join(at.to_string());
        write(manifest, &path, Encoding::JsonLines).unwrap();
        Input::open(&path).unwrap()
    };
    let inputs = manifests.iter().enumerate().map(open).collect();
    (folder, inputs)
}

fn rows<T: Settle>(unite: &Unite<'_>) -> Result<Vec<T>, ManifestError> {
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        Ok(())
    };
    unite.each(&mut keep).map(|()| rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However many are open at once, and on however many threads.
    #[test]
    fn rounds_give_what_one_round_gives(
        manifests in vec(any_manifest(), 1..10), at_once in 2..5_usize, threads in 1..3_usize,
    ) {
        let (folder, inputs) = opened(&manifests);
        let all = Unite::new(&inputs, ALL, work(1), folder.path());
        let some = Unite { at_once, ..Unite::new(&inputs, ALL, work(threads), folder.path()) };
        prop_assert_eq!(rows::<Entry>(&some).unwrap(), rows::<Entry>(&all).unwrap());
        let expected: BTreeSet<&CoverageRow> = manifests.iter().flat_map(Manifest::coverage).collect();
        let found = rows::<CoverageRow>(&some).unwrap();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), Vec::from_iter(expected));
    }

    #[test]
    fn rows_come_in_order_and_each_once(sets in vec(vec(coverage_row(), 0..12), 0..5)) {
        let sorted = |set: &Vec<CoverageRow>| set.iter().cloned().collect::<BTreeSet<_>>().into_iter().map(Ok);
        let union: Result<Vec<_>, _> = Union::new(sets.iter().map(sorted).collect()).collect();
        let expected: BTreeSet<CoverageRow> = sets.into_iter().flatten().collect();
        prop_assert_eq!(union.unwrap(), Vec::from_iter(expected));
    }
}

#[test]
fn an_error_in_any_round_is_the_error_of_all() {
    let (folder, inputs) = opened(&vec![manifest(Profile::Keys); 7]);
    let broken = folder.path().join("5/coverage.jsonl");
    let lines = std::fs::read_to_string(&broken).unwrap();
    std::fs::write(&broken, lines.replacen("\"files\":3", "\"files\":2", 1)).unwrap();
    for (at_once, threads) in [(64, 1), (64, 2), (2, 1), (2, 2)] {
        let unite = Unite { at_once, ..Unite::new(&inputs, ALL, work(threads), folder.path()) };
        let error = rows::<CoverageRow>(&unite).unwrap_err().to_string();
        assert!(
            error.contains("5: ") && error.contains("the tree hash is not that of the header"),
            "{error}"
        );
    }
}

#[test]
fn a_sink_that_fails_ends_it() {
    let (folder, inputs) = opened(&[manifest(Profile::Keys), manifest(Profile::Paths)]);
    for threads in [1, 2] {
        let unite = Unite::new(&inputs, ALL, work(threads), folder.path());
        let mut taken = 0;
        let mut full = |_: Entry| {
            taken += 1;
            if taken < 3 { Ok(()) } else { Err(ManifestError::NoZstd) }
        };
        assert!(matches!(unite.each(&mut full), Err(ManifestError::NoZstd)));
        assert_eq!(taken, 3);
    }
}

#[test]
fn where_temporary_files_cannot_be_made_it_says_so() {
    let (_folder, inputs) =
        opened(&[manifest(Profile::Keys), manifest(Profile::Paths), manifest(Profile::Audit)]);
    let unite = Unite { at_once: 2, ..Unite::new(&inputs, ALL, work(1), Path::new("/nonexistent")) };
    assert!(rows::<Entry>(&unite).unwrap_err().to_string().contains("cannot keep rows in /nonexistent"));
}
