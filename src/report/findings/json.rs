//! The report for programs: one JSON object, described by `config/check.schema.json`.
//!
//! Decides the names of its fields. Paths are spelled as in manifests.

use data_encoding::HEXLOWER;
use serde::Serialize;

use crate::enforce::finding::{Finding, Report};
use crate::manifest::ListRef;
use crate::manifest::path::encode;
use crate::policy::Purpose;

/// Names the format and its major version. Compared, never fetched.
pub const SCHEMA: &str = "https://withhold.dev/check/1";

#[derive(Serialize)]
struct Json<'r> {
    schema: &'static str,
    version: &'static str,
    repo: String,
    lists: &'r [ListRef],
    looked_at: Vec<JsonLooked<'r>>,
    findings: Vec<JsonFinding<'r>>,
    accepted: u64,
    exit: u8,
}

#[derive(Serialize)]
struct JsonLooked<'r> {
    r#ref: String,
    commit: String,
    branch: Option<String>,
    files: u64,
    lines: u64,
    commits: u64,
    training_files: Option<u64>,
    manifest: Option<&'r str>,
}

#[derive(Serialize)]
struct JsonFinding<'r> {
    rule: &'static str,
    level: &'static str,
    message: &'r str,
    notes: &'r [String],
    r#ref: Option<String>,
    commit: Option<String>,
    path: Option<String>,
    lines: Vec<JsonLines>,
    purposes: Vec<&'static str>,
    lists: Vec<&'r str>,
    content: Option<JsonContent>,
    fingerprint: String,
}

#[derive(Serialize)]
struct JsonLines {
    line_start: u64,
    line_end: u64,
    commit: Option<String>,
}

#[derive(Serialize)]
struct JsonContent {
    of: &'static str,
    sha256: String,
}

/// The report as JSON, and a line end.
///
/// # Errors
/// It cannot be written as JSON, which would be a bug.
pub fn print(report: &Report) -> serde_json::Result<String> {
    let looked_at = report.looked.iter().map(|looked| JsonLooked {
        r#ref: encode(looked.tip.name.as_bytes()),
        commit: looked.tip.commit.to_string(),
        branch: looked.branch.as_ref().map(|branch| encode(branch.as_bytes())),
        files: looked.files,
        lines: looked.lines,
        commits: looked.commits,
        training_files: looked.training,
        manifest: looked.manifest.as_deref(),
    });
    let json = Json {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        repo: encode(report.repo.as_bytes()),
        lists: &report.lists,
        looked_at: looked_at.collect(),
        findings: report.findings.iter().map(finding).collect(),
        accepted: report.accepted,
        exit: report.exit().code(),
    };
    Ok(serde_json::to_string(&json)? + "\n")
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    let lines = finding.lines.iter().map(|lines| JsonLines {
        line_start: lines.first,
        line_end: lines.last,
        commit: lines.commit.map(|commit| commit.to_string()),
    });
    JsonFinding {
        rule: finding.rule.id(),
        level: if finding.rule.is_warning() { "warning" } else { "error" },
        message: &finding.message,
        notes: &finding.notes,
        r#ref: finding.tip.as_ref().map(|tip| encode(tip.name.as_bytes())),
        commit: finding.tip.as_ref().map(|tip| tip.commit.to_string()),
        path: finding.path.as_deref().map(encode),
        lines: lines.collect(),
        purposes: finding.verdict.purposes.iter().map(Purpose::as_str).collect(),
        lists: finding.lists.iter().map(|list| list.name.as_str()).collect(),
        content: finding.content.map(|content| JsonContent {
            of: content.kind(),
            sha256: HEXLOWER.encode(content.digest().as_bytes()),
        }),
        fingerprint: HEXLOWER.encode(finding.fingerprint().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{any_report, mixed};
    use super::*;

    fn schema() -> jsonschema::Validator {
        let text = include_str!("../../../config/check.schema.json");
        let schema = serde_json::from_str(text).unwrap();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    }

    fn value(report: &Report) -> serde_json::Value {
        serde_json::from_str(&print(report).unwrap()).unwrap()
    }

    #[test]
    fn a_report_is_as_its_schema_says() {
        let errors: Vec<_> = schema().iter_errors(&value(&mixed())).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        assert_eq!(value(&mixed())["findings"][1]["path"], "caf%E9, 100%25: <&\">%0A.rs");
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        for (field, wrong) in [("exit", 6.into()), ("findings", serde_json::Value::Null), ("more", 1.into())]
        {
            let mut report = value(&mixed());
            report[field] = wrong;
            assert!(!schema().is_valid(&report), "{field}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(report in any_report()) {
            prop_assert!(schema().is_valid(&value(&report)));
        }
    }
}
