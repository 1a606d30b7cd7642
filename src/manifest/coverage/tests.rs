use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::canonical;
use super::super::row::Row as _;
use super::super::samples::{coverage_row, hashes, tip};
use super::*;

fn read(row: &Value) -> Result<CoverageRow, String> {
    serde_json::from_value(row.clone()).map_err(|error| error.to_string())
}

fn as_json(row: &CoverageRow) -> Value {
    serde_json::from_slice(&canonical::row(row).unwrap()).unwrap()
}

#[test]
fn a_ref_tells_how_far_it_was_read() {
    let complete = as_json(&CoverageRow::of_ref(tip()));
    assert_eq!((&complete["complete"], complete.get("why")), (&json!(true), None));
    let row = CoverageRow::of_ref(RefCoverage { incomplete: Some("shallow".to_owned()), ..tip() });
    let incomplete = as_json(&row);
    assert_eq!((&incomplete["complete"], &incomplete["why"]), (&json!(false), &json!("shallow")));
    assert_eq!(read(&incomplete).unwrap(), row);
    let row = CoverageRow::of_ref(RefCoverage { history: true, ..tip() });
    let whole = as_json(&row);
    assert_eq!((&whole["history"], complete.get("history")), (&json!(true), None));
    assert_eq!(read(&whole).unwrap(), row);
}

#[test]
fn a_ref_that_contradicts_itself_is_refused() {
    let mut row = as_json(&CoverageRow::of_ref(tip()));
    row["complete"] = json!(false);
    assert!(read(&row).unwrap_err().contains("`why`"));
    row["complete"] = json!(true);
    row["why"] = json!("shallow");
    assert!(read(&row).unwrap_err().contains("`complete`"));
    row.as_object_mut().unwrap().remove("complete");
    assert!(read(&row).is_err());
}

#[test]
fn a_ref_without_a_tip_or_a_count_is_refused() {
    for field in ["tip", "object_format", "files", "lines", "commits", "tags", "submodules"] {
        let mut row = as_json(&CoverageRow::of_ref(tip()));
        row.as_object_mut().unwrap().remove(field).unwrap();
        assert!(read(&row).unwrap_err().contains(field), "{field}");
    }
    let mut row = as_json(&CoverageRow::of_ref(tip()));
    row["object_format"] = json!("sha256");
    assert!(read(&row).is_err());
}

#[test]
fn a_path_stands_with_its_repository_and_nothing_else() {
    let row = CoverageRow::path("corp/engine".into(), "caf%E9 100%25.rs".into());
    assert_eq!(
        String::from_utf8(canonical::row(&row).unwrap()).unwrap(),
        r#"{"path":"caf%E9 100%25.rs","repo":"corp/engine","unit":"path"}"#
    );
    assert_eq!(read(&as_json(&row)).unwrap(), row);
    for field in ["repo", "path"] {
        let mut less = as_json(&row);
        less.as_object_mut().unwrap().remove(field).unwrap();
        assert!(read(&less).unwrap_err().contains("needs `repo` and `path`"), "{field}");
    }
}

#[test]
fn a_row_has_the_keys_of_its_unit() {
    let nothing = ObjectCoverage { git_sha1: None, sha1: None, sha256: None, size: None };
    assert!(CoverageRow::Blob(nothing.clone()).check().is_err());
    assert!(CoverageRow::Commit(nothing.clone()).check().is_err());
    assert!(CoverageRow::Tag(nothing).check().is_err());
    assert!(CoverageRow::of_ref(RefCoverage { name: None, ..tip() }).check().is_err());
    assert!(CoverageRow::of_ref(RefCoverage { repo: Some("100%".into()), ..tip() }).check().is_err());
    assert!(CoverageRow::of_ref(RefCoverage { lines: u64::MAX, ..tip() }).check().is_err());
    assert!(CoverageRow::of_ref(RefCoverage { incomplete: Some(String::new()), ..tip() }).check().is_err());
    assert!(CoverageRow::blob(&hashes(0)).check().is_ok());
    for (repo, path) in [("corp/x", "caf%e9"), ("corp/x", ""), ("100%", "a")] {
        assert!(CoverageRow::path(repo.into(), path.into()).check().is_err(), "{repo} {path}");
    }
}

proptest! {
    #[test]
    fn samples_are_well_formed(row in coverage_row()) {
        prop_assert_eq!(row.check(), Ok(()));
    }

    /// The order in the header's words: field by field, in JSON.
    #[test]
    fn the_order_is_the_one_that_the_header_names(a in coverage_row(), b in coverage_row()) {
        let by_fields = |row: &CoverageRow| {
            let value = as_json(row);
            let unit = CoverageUnit::ALL.iter().position(|unit| *unit == row.unit());
            CoverageRow::ORDER
                .iter()
                .map(|field| match &value[field] {
                    Value::Null => (0, 0, String::new()),
                    Value::Number(number) => (1, number.as_u64().unwrap(), String::new()),
                    Value::Bool(is) => (1, u64::from(*is), String::new()),
                    _ if *field == "unit" => (1, unit.unwrap() as u64, String::new()),
                    text => (1, 0, text.as_str().unwrap().to_owned()),
                })
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(a.cmp(&b), by_fields(&a).cmp(&by_fields(&b)));
    }
}
