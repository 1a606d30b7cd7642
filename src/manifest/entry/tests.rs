use proptest::prelude::*;

use super::super::canonical;
use super::super::row::Row;
use super::super::samples::{entry, hashes, lines};
use super::*;
use crate::policy::Purpose;

const TRAIN: Purpose = Purpose::TrainAi;

fn refused(entry: &Entry, because: &str) {
    let what = entry.check().unwrap_err();
    assert!(what.contains(because), "{what}");
}

#[test]
fn an_absent_field_sorts_before_a_present_one() {
    let lfs = Entry::lfs([255; 32], 1, TRAIN.into());
    assert!(lfs < Entry::blob(&hashes(0), TRAIN.into()));
    let blob = Entry::blob(&hashes(0), TRAIN.into());
    assert!(blob < Entry { repo: Some("".into()), ..blob.clone() });
}

#[test]
fn numbers_sort_as_numbers() {
    assert!(lines(0, 9, 9) < lines(0, 10, 10));
}

#[test]
fn purposes_sort_as_lists_of_names() {
    let of = |purposes: &[Purpose]| Entry::blob(&hashes(0), purposes.iter().copied().collect());
    let search_only = of(&[Purpose::Search]);
    let search_and_eval = of(&[Purpose::Search, Purpose::XEval]);
    let train = of(&[Purpose::TrainAi]);
    assert!(search_only < search_and_eval && search_and_eval < train);
}

#[test]
fn enumerations_sort_bytewise_by_name_but_for_units() {
    let names = [
        Basis::Author,
        Basis::CoAuthor,
        Basis::Committer,
        Basis::NotListed,
        Basis::Rule,
        Basis::SignedOffBy,
        Basis::Tagger,
        Basis::Unattributed,
    ];
    assert!(names.is_sorted());
    assert!(names.map(|basis| serde_json::to_string(&basis).unwrap()).is_sorted());
    assert!(Strength::Asserted < Strength::Verified);
    assert!(EntryUnit::ALL.is_sorted());
}

#[test]
fn a_blob_without_hashes_is_refused() {
    refused(&Entry { sha256: None, ..Entry::blob(&hashes(0), TRAIN.into()) }, "needs `sha256`");
    refused(&Entry { sha1: None, ..Entry::blob(&hashes(0), TRAIN.into()) }, "come together");
    refused(&Entry { git_sha1: None, sha1: None, ..lines(0, 1, 1) }, "needs `git_sha1`");
}

#[test]
fn a_commit_may_have_its_id_alone() {
    let commit = Entry { sha1: None, sha256: None, size: None, ..Entry::commit(&hashes(0), TRAIN.into()) };
    assert_eq!(commit.check(), Ok(()));
    refused(&Entry { size: Some(1), ..commit }, "come together");
}

#[test]
fn a_range_must_be_a_range() {
    assert_eq!(lines(0, 100, 100).check(), Ok(()));
    refused(&Entry { line_start: None, ..lines(0, 1, 1) }, "needs `line_start`");
    refused(&Entry { line_start: Some(0), ..lines(0, 1, 1) }, "at least 1");
    refused(&Entry { line_end: Some(4), ..lines(0, 5, 5) }, "not after");
    refused(&Entry { byte_end: Some(1001), ..lines(0, 1, 100) }, "within `size`");
    refused(&Entry { byte_start: Some(10), ..lines(0, 1, 1) }, "before `byte_end`");
    refused(&Entry { line_end: Some(11), ..lines(0, 1, 1) }, "more lines than bytes");
    refused(&Entry { unit: EntryUnit::Blob, ..lines(0, 1, 1) }, "only a `lines` row");
}

#[test]
fn names_have_one_spelling() {
    let at = |path: &str| Entry::path("corp/engine".into(), path.into(), TRAIN.into());
    assert_eq!(at("caf%E9").check(), Ok(()));
    refused(&at("caf%e9"), "percent-encoded");
    refused(&at("two\nlines"), "percent-encoded");
    refused(&at(""), "empty");
    refused(&Entry::repo("100%".into(), TRAIN.into()), "percent-encoded");
}

#[test]
fn fields_stand_only_where_they_mean_something() {
    let path = Some("a".into());
    refused(&Entry { path: path.clone(), ..Entry::repo("r".into(), TRAIN.into()) }, "has no `path`");
    refused(&Entry { path, ..Entry::blob(&hashes(0), TRAIN.into()) }, "needs its `repo`");
    refused(&Entry { repo: None, ..Entry::repo("r".into(), TRAIN.into()) }, "needs `repo`");
    refused(&Entry { size: Some(1), ..Entry::repo("r".into(), TRAIN.into()) }, "no hashes");
    refused(
        &Entry { commit: Some(hashes(0).git_sha1), ..Entry::tag(&hashes(0), TRAIN.into()) },
        "have a `commit`",
    );
}

#[test]
fn a_row_for_no_purpose_is_refused() {
    refused(&Entry::blob(&hashes(0), Purposes::NONE), "`purposes` is empty");
}

#[test]
fn numbers_that_some_reader_would_round_are_refused() {
    let largest = (1 << 53) - 1;
    assert_eq!(Entry::lfs([0; 32], largest, TRAIN.into()).check(), Ok(()));
    refused(&Entry::lfs([0; 32], largest + 1, TRAIN.into()), "2^53");
}

#[test]
fn every_role_is_a_basis_of_the_same_name() {
    for role in Role::ALL {
        let name = serde_json::to_string(&Basis::from(role)).unwrap();
        assert_eq!(name, format!("\"{role}\""));
    }
}

proptest! {
    #[test]
    fn the_order_is_total_and_agrees_with_equality(a in entry(), b in entry(), c in entry()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b).is_eq(), a == b);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    /// The order in the header's words: field by field, in JSON.
    #[test]
    fn the_order_is_the_one_that_the_header_names(a in entry(), b in entry()) {
        let by_fields = |entry: &Entry| {
            let row = canonical::row(entry).unwrap();
            let value: serde_json::Value = serde_json::from_slice(&row).unwrap();
            let unit = EntryUnit::ALL.iter().position(|unit| *unit == entry.unit);
            Entry::ORDER
                .iter()
                .map(|field| match &value[field] {
                    serde_json::Value::Null => (0, 0, Vec::new()),
                    serde_json::Value::Number(number) => (1, number.as_u64().unwrap(), Vec::new()),
                    serde_json::Value::Array(names) => {
                        let names = names.iter().map(|name| name.as_str().unwrap().to_owned());
                        (1, 0, names.collect())
                    }
                    _ if *field == "unit" => (1, unit.unwrap() as u64, Vec::new()),
                    text => (1, 0, vec![text.as_str().unwrap().to_owned()]),
                })
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(a.cmp(&b), by_fields(&a).cmp(&by_fields(&b)));
    }
}
