//! How two manifests differ, for people and for programs.
//!
//! Decides how it is said: a line for each difference, `-` or `+` before it as in a diff; in JSON one object a line, the last a
//! summary. Must not decide what differs.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::manifest::diff::{Changed, Count, Counts, Field, Side};
use crate::manifest::{CoverageRow, Entry, EntryUnit, ManifestError, ObjectCoverage};
use crate::policy::Purpose;
use crate::report::summary::number;

/// The fields of the header that differ, for people.
#[must_use]
pub fn fields(fields: &[Field]) -> String {
    let mut text = String::new();
    for field in fields {
        let name = field.name.replace('_', " ");
        let (old, new) = (items(field.old.as_ref()), items(field.new.as_ref()));
        for (sign, mine, others) in [('-', &old, &new), ('+', &new, &old)] {
            for item in mine.iter().filter(|item| !others.contains(item)) {
                text += &format!("{sign} {name}  {}\n", value(item));
            }
        }
        if items_differ_in_order_only(&old, &new) {
            text += &format!("  {name}  in another order\n");
        }
    }
    text
}

/// The items of a list, or the one value.
fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        value => value.into_iter().collect(),
    }
}

fn items_differ_in_order_only(old: &[&Value], new: &[&Value]) -> bool {
    old.len() == new.len() && old.iter().all(|item| new.contains(item))
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.escape_debug().to_string(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| match field {
                Value::String(text) => text.escape_debug().to_string(),
                field => format!("{name} {field}"),
            });
            fields.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A row that is in one of them only, for people.
#[must_use]
pub fn row(changed: Changed<'_>) -> String {
    match changed {
        Changed::Entry(side, row) => format!("{} excluded  {}\n", sign(side), entry(row)),
        Changed::Coverage(side, row) => format!("{} covered  {}\n", sign(side), coverage(row)),
    }
}

fn sign(side: Side) -> char {
    if side == Side::Old { '-' } else { '+' }
}

fn entry(row: &Entry) -> String {
    let id = row.git_sha1.map(|id| format!(" {id}"));
    let id = id.or_else(|| row.sha256.map(|hash| format!(" sha256:{}", HEXLOWER.encode(&hash))));
    let mut text = format!("{}{}", row.unit, id.unwrap_or_default());
    if let (EntryUnit::Lines, Some(first), Some(last)) = (row.unit, row.line_start, row.line_end) {
        text += &format!(":{first}-{last}");
    }
    for name in [&row.repo, &row.path].into_iter().flatten() {
        text += &format!(" {name}");
    }
    let purposes: Vec<_> = row.purposes.iter().map(Purpose::as_str).collect();
    text + &format!(" ({})", purposes.join(", "))
}

fn coverage(row: &CoverageRow) -> String {
    let object = |row: &ObjectCoverage| match (row.git_sha1, row.sha256) {
        (Some(id), _) => format!(" {id}"),
        (None, Some(hash)) => format!(" sha256:{}", HEXLOWER.encode(&hash)),
        (None, None) => String::new(),
    };
    let mut text = row.unit().to_string();
    match row {
        CoverageRow::Blob(row) | CoverageRow::Commit(row) | CoverageRow::Tag(row) => text += &object(row),
        CoverageRow::Path(row) => text += &format!(" {} {}", row.repo, row.path),
        CoverageRow::Ref(row) => {
            for name in [row.repo.as_deref(), row.name.as_deref()].into_iter().flatten() {
                text += &format!(" {name}");
            }
            text += &format!(" at {}, {} files, {} commits", row.tip, number(row.files), number(row.commits));
            if row.history {
                text += ", with its history";
            }
            if let Some(why) = &row.incomplete {
                text += &format!(", incomplete: {why}");
            }
        }
    }
    text
}

/// How many rows differ, for people.
#[must_use]
pub fn counts(counts: &Counts) -> String {
    let both = |count: Count| format!("{} newly, {} no longer", number(count.new), number(count.old));
    let (entries, coverage) = (both(counts.entries), both(counts.coverage));
    format!("excluded: {entries}; covered: {coverage}\n")
}

/// A field of the header that differs, for programs.
#[must_use]
pub fn field_json(field: &Field) -> String {
    let mut line = json!({ "change": "header", "field": field.name });
    for (key, value) in [("old", &field.old), ("new", &field.new)] {
        if let Some(value) = value {
            line[key] = value.clone();
        }
    }
    format!("{line}\n")
}

/// A row that is in one of them only, for programs.
///
/// # Errors
/// The row has no JSON.
pub fn row_json(changed: Changed<'_>) -> Result<Vec<u8>, ManifestError> {
    let (side, kind) = match changed {
        Changed::Entry(side, _) => (side, "entry"),
        Changed::Coverage(side, _) => (side, "coverage"),
    };
    let change = if side == Side::Old { "removed" } else { "added" };
    let mut line = format!("{{\"change\":\"{change}\",\"{kind}\":").into_bytes();
    line.extend_from_slice(&changed.json()?);
    line.extend_from_slice(b"}\n");
    Ok(line)
}

/// How many rows and which fields differ, for programs: the last line.
#[must_use]
pub fn counts_json(counts: &Counts, fields: &[Field], differ: bool) -> String {
    let count = |count: Count| json!({ "added": count.new, "removed": count.old });
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let line = json!({ "summary": {
        "coverage": count(counts.coverage), "differ": differ, "entries": count(counts.entries), "header": names,
    }});
    format!("{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::samples::manifest;
    use crate::manifest::{Profile, RefCoverage};

    fn field(name: &str, old: Option<Value>, new: Option<Value>) -> Field {
        Field { name: name.to_owned(), old, new }
    }

    #[test]
    fn of_lists_only_what_differs_is_told() {
        let list = |serial| json!({ "name": "corp\u{1b}", "serial": serial, "digest": "sha256:00" });
        let told = fields(&[
            field("lists", Some(json!([list(41), list(7)])), Some(json!([list(42), list(7)]))),
            field("not_after", Some(json!("2027-01-01T00:00:00Z")), None),
            field("purposes", Some(json!(["a", "b"])), Some(json!(["b", "a"]))),
        ]);
        assert_eq!(
            told,
            "- lists  sha256:00, corp\\u{1b}, serial 41\n+ lists  sha256:00, corp\\u{1b}, serial 42\n\
             - not after  2027-01-01T00:00:00Z\n  purposes  in another order\n"
        );
    }

    #[test]
    fn every_unit_is_told_in_a_line() {
        let manifest = manifest(Profile::Paths);
        let told: String =
            manifest.entries().iter().map(|entry| row(Changed::Entry(Side::New, entry))).collect();
        assert!(
            told.contains("+ excluded  repo corp/legal (search, train-ai, x-embed, x-eval, x-train-other)\n")
        );
        assert!(told.contains("+ excluded  path corp/engine secret.txt (train-ai)\n"));
        assert!(told.contains(
            "+ excluded  lines ac6c76619ea595d0a0ba5079e3419e0fc51dea72:1-3 corp/engine src/b.rs (train-ai)\n"
        ));
        assert!(told.contains("+ excluded  blob sha256:0303"));
        assert_eq!(told.lines().count(), manifest.entries().len());
        let told: String =
            manifest.coverage().iter().map(|coverage| row(Changed::Coverage(Side::Old, coverage))).collect();
        assert!(told.contains("- covered  ref corp/engine HEAD at 0707070707070707070707070707070707070707, 3 files, 2 commits, incomplete: shallow\n"));
        assert!(told.contains("- covered  tag 0808080808080808080808080808080808080808\n"));
        assert_eq!(told.lines().count(), manifest.coverage().len());
    }

    #[test]
    fn programs_get_an_object_a_line() {
        let row = CoverageRow::of_ref(RefCoverage { files: 1, ..crate::manifest::samples::tip() });
        let line = row_json(Changed::Coverage(Side::New, &row)).unwrap();
        let line: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&line["change"], &line["coverage"]["files"]), (&json!("added"), &json!(1)));
        let line: Value = serde_json::from_str(&field_json(&field("x", None, Some(json!(1))))).unwrap();
        assert_eq!(line, json!({ "change": "header", "field": "x", "new": 1 }));
        let line: Value = serde_json::from_str(&counts_json(&Counts::default(), &[], false)).unwrap();
        assert_eq!(
            (&line["summary"]["differ"], &line["summary"]["entries"]["added"]),
            (&json!(false), &json!(0))
        );
    }
}
