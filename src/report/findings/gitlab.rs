//! GitLab's Code Quality report: a JSON array.
//!
//! Decides the severity. GitLab tells findings apart by their fingerprint alone, and wants a path and a line of each.

use data_encoding::HEXLOWER;
use serde::Serialize;

use super::{readable, whole_message};
use crate::enforce::finding::Report;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// The report.
///
/// # Errors
/// It cannot be written as JSON, which would be a bug.
pub fn print(report: &Report) -> serde_json::Result<String> {
    let issues = report.findings.iter().map(|finding| Issue {
        description: whole_message(finding),
        check_name: finding.rule.id(),
        fingerprint: HEXLOWER.encode(finding.fingerprint().as_bytes()),
        severity: if finding.rule.is_warning() { "minor" } else { "blocker" },
        location: Location {
            path: readable(finding.shown_path()),
            lines: Lines { begin: finding.lines.first().map_or(1, |lines| lines.first) },
        },
    });
    Ok(serde_json::to_string_pretty(&issues.collect::<Vec<_>>())? + "\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::samples::{any_report, excluded, mixed, report};
    use super::*;

    fn value(report: &Report) -> Value {
        serde_json::from_str(&print(report).unwrap()).unwrap()
    }

    #[test]
    fn a_finding_is_an_issue() {
        let finding = excluded(b"src/a.rs");
        assert_eq!(
            value(&report(vec![finding.clone()])),
            json!([{
                "description": "3 lines are excluded",
                "check_name": "training-excluded",
                "fingerprint": HEXLOWER.encode(finding.fingerprint().as_bytes()),
                "severity": "blocker",
                "location": { "path": "src/a.rs", "lines": { "begin": 3 } },
            }])
        );
        assert_eq!(value(&report(Vec::new())), json!([]));
    }

    #[test]
    fn no_two_findings_have_one_fingerprint() {
        let issues = value(&mixed());
        let prints: std::collections::BTreeSet<_> =
            issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), 5);
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(report in any_report()) {
            let issues = value(&report);
            prop_assert_eq!(&issues[0]["location"]["path"], &readable(report.findings[0].shown_path()));
            prop_assert_eq!(&issues[0]["description"], &whole_message(&report.findings[0]));
        }
    }
}
