use proptest::collection::vec;
use proptest::prelude::*;

use super::super::EntryUnit;
use super::super::samples::{content, coverage_row, entry, hashes, lines, manifest, parts, profile};
use super::*;
use crate::policy::Purpose;
use crate::repo::ObjectId;

fn build(entries: Vec<Entry>, profile: Profile) -> Manifest {
    Manifest::build(parts(), entries, Vec::new(), profile, 1).unwrap()
}

fn unfit(parts: HeaderParts, entries: Vec<Entry>) -> String {
    Manifest::build(parts, entries, Vec::new(), Profile::Audit, 1).unwrap_err().to_string()
}

fn ranges(manifest: &Manifest) -> Vec<(u64, u64, u64, u64)> {
    let range = |entry: &Entry| {
        (
            entry.line_start.unwrap(),
            entry.line_end.unwrap(),
            entry.byte_start.unwrap(),
            entry.byte_end.unwrap(),
        )
    };
    manifest.entries().iter().map(range).collect()
}

#[test]
fn ranges_that_touch_or_overlap_become_one() {
    let rows = vec![lines(0, 7, 9), lines(0, 1, 2), lines(0, 3, 4), lines(0, 8, 12), lines(0, 2, 2)];
    assert_eq!(ranges(&build(rows, Profile::Paths)), [(1, 4, 0, 40), (7, 12, 60, 120)]);
}

#[test]
fn ranges_of_different_files_purposes_or_commits_stay_apart() {
    let by = |byte| Entry { commit: Some(ObjectId::from_bytes([byte; 20])), ..lines(0, 1, 2) };
    let search = Entry { purposes: Purpose::Search.into(), ..lines(0, 3, 4) };
    let rows =
        vec![by(1), Entry { line_start: Some(2), byte_start: Some(10), ..by(2) }, search, lines(1, 2, 3)];
    assert_eq!(build(rows.clone(), Profile::Paths).entries().len(), 4);
    // Without the commits, lines 1–2 and 2 are one.
    assert_eq!(build(rows, Profile::Keys).entries().len(), 3);
}

#[test]
fn keys_name_no_place_and_drop_rows_without_hashes() {
    let keys = manifest(Profile::Keys);
    for entry in keys.entries() {
        assert!(entry.repo.is_none() && entry.path.is_none() && entry.commit.is_none());
    }
    let counts = &keys.header().counts.entries;
    // Two paths of one file version are one row.
    assert_eq!(counts[&EntryUnit::Blob], 2);
    assert_eq!((counts[&EntryUnit::Path], counts[&EntryUnit::Repo]), (0, 0));
}

#[test]
fn header_and_rows_agree() {
    let manifest = manifest(Profile::Audit);
    let header = manifest.header();
    assert_eq!(header.entries.rows, manifest.entries().len() as u64);
    assert_eq!(header.counts.entries.values().sum::<u64>(), header.entries.rows);
    assert_eq!(header.counts.coverage.values().sum::<u64>(), header.coverage.rows);
    assert!(header.counts.entries.values().all(|count| *count > 0));
    assert!(manifest.entries().is_sorted_by(|a, b| a < b));
    assert!(manifest.coverage().is_sorted_by(|a, b| a < b));
}

#[test]
fn a_row_can_be_proved() {
    let manifest = manifest(Profile::Paths);
    let set = &manifest.header().entries;
    for (index, entry) in manifest.entries().iter().enumerate() {
        let proof = manifest.prove_entry(index as u64).unwrap().unwrap();
        let row = canonical::row(entry).unwrap();
        assert!(proof.verify(&row, set.rows, &set.tree_hash));
        assert!(!proof.verify(b"{}", set.rows, &set.tree_hash));
    }
    assert_eq!(manifest.prove_entry(set.rows).unwrap(), None);
}

#[test]
fn what_does_not_make_a_manifest_is_refused() {
    assert!(unfit(HeaderParts { lists: Vec::new(), ..parts() }, Vec::new()).contains("`lists` is empty"));
    let none = HeaderParts { purposes: Purposes::NONE, ..parts() };
    assert!(unfit(none, Vec::new()).contains("`purposes` is empty"));
    let reversed = HeaderParts { not_before: Some(2), not_after: Some(1), ..parts() };
    assert!(unfit(reversed, Vec::new()).contains("`not_before` is after"));
    assert!(
        unfit(HeaderParts { created_at: i64::MAX, ..parts() }, Vec::new()).contains("years 0000 to 9999")
    );
    let search = HeaderParts { purposes: Purpose::Search.into(), ..parts() };
    assert!(unfit(search, vec![lines(0, 1, 1)]).contains("not decided"));
    let long = Entry { rule: Some("x".repeat(MAX_LINE).into()), ..lines(0, 1, 1) };
    assert!(unfit(parts(), vec![long]).contains("longer than 16 MiB"));
}

#[test]
fn joining_does_not_hide_a_broken_row() {
    let broken = Entry { byte_start: Some(15), byte_end: Some(12), ..lines(0, 1, 2) };
    assert!(unfit(parts(), vec![lines(0, 1, 3), broken]).contains("`byte_start` is before"));
}

#[test]
fn contradicting_ranges_exclude_more_never_less() {
    let skewed = Entry { byte_start: Some(35), byte_end: Some(55), ..lines(0, 3, 4) };
    assert_eq!(ranges(&build(vec![lines(0, 1, 2), skewed], Profile::Keys)), [(1, 4, 0, 55)]);
}

/// Which bytes of which sample are excluded.
fn excluded(entries: &[Entry]) -> Vec<(u8, usize)> {
    let mut bytes: Vec<_> = entries
        .iter()
        .filter(|entry| entry.unit == EntryUnit::Lines)
        .flat_map(|entry| {
            let which = (0..3).find(|which| Some(hashes(*which).git_sha1) == entry.git_sha1).unwrap();
            let range = entry.byte_start.unwrap() as usize..entry.byte_end.unwrap() as usize;
            assert!(content(which)[range.clone()].ends_with(b"\n"));
            range.map(move |byte| (which, byte))
        })
        .collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes
}

proptest! {
    #[test]
    fn order_and_repetition_of_the_input_do_not_matter(
        (rows, shuffled) in vec(entry(), 0..20).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        coverage in vec(coverage_row(), 0..10),
        profile in profile(),
    ) {
        let twice = shuffled.iter().chain(&rows).cloned().collect();
        let backwards = coverage.iter().rev().cloned().collect();
        let once = Manifest::build(parts(), rows, coverage, profile, 1).unwrap();
        prop_assert_eq!(Manifest::build(parts(), twice, backwards, profile, 1).unwrap(), once);
    }

    #[test]
    fn building_from_what_was_built_changes_nothing(rows in vec(entry(), 0..20), profile in profile()) {
        let once = build(rows, profile);
        prop_assert_eq!(build(once.entries().to_vec(), profile), once);
    }

    /// A union may be taken in any grouping: this is what merging manifests rests on.
    #[test]
    fn unions_may_be_taken_step_by_step(
        a in vec(entry(), 0..10), b in vec(entry(), 0..10), c in vec(entry(), 0..10), profile in profile(),
    ) {
        let union = |a: &Manifest, b: &Manifest| build([a.entries(), b.entries()].concat(), profile);
        let (a, b, c) = (build(a, profile), build(b, profile), build(c, profile));
        prop_assert_eq!(union(&union(&a, &b), &c), union(&a, &union(&b, &c)));
        prop_assert_eq!(union(&a, &b), union(&b, &a));
        prop_assert_eq!(union(&a, &a), a);
    }

    #[test]
    fn joining_ranges_neither_adds_nor_loses_a_byte(rows in vec(entry(), 0..20), profile in profile()) {
        prop_assert_eq!(excluded(build(rows.clone(), profile).entries()), excluded(&rows));
    }

    #[test]
    fn a_poorer_profile_can_be_made_of_a_richer_one(rows in vec(entry(), 0..20)) {
        let audit = build(rows.clone(), Profile::Audit);
        let paths = build(rows.clone(), Profile::Paths);
        prop_assert_eq!(&build(audit.entries().to_vec(), Profile::Paths), &paths);
        prop_assert_eq!(build(paths.entries().to_vec(), Profile::Keys), build(rows, Profile::Keys));
    }
}
