//! SARIF 2.1.0, for code scanning.
//!
//! Decides where each finding is shown, and by what it is known again. Every result has a place, relative to the top of
//! the repository, and fingerprints of content, so that a rebase or a squash leaves it the same.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::whole_message;
use crate::enforce::finding::{Finding, Lines, Report, Rule};
use crate::exit::Exit;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// So many more places of one finding are told.
const MOST_PLACES: usize = 100;

/// The report.
///
/// # Errors
/// It cannot be written as JSON, which would be a bug.
pub fn print(report: &Report) -> serde_json::Result<String> {
    let rules: Vec<Value> = Rule::ALL.iter().map(|rule| self::rule(*rule)).collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    let exit = report.exit();
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{
                // A run without a verdict is no success, whatever it found.
                "executionSuccessful": matches!(exit, Exit::Clean | Exit::Excluded),
                "exitCode": exit.code(),
                "exitCodeDescription": exit.meaning(),
            }],
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&sarif)? + "\n")
}

fn level(rule: Rule) -> &'static str {
    if rule.is_warning() { "warning" } else { "error" }
}

fn rule(rule: Rule) -> Value {
    json!({
        "id": rule.id(),
        "shortDescription": { "text": rule.meaning() },
        "help": { "text": rule.help() },
        "defaultConfiguration": { "level": level(rule) },
    })
}

fn result(finding: &Finding) -> Value {
    let fingerprint = HEXLOWER.encode(finding.fingerprint().as_bytes());
    let path = finding.shown_path();
    let mut prints = json!({
        "withholdFinding/v1": fingerprint,
        // The one that GitHub compares, in the form of its own.
        "primaryLocationLineHash": format!("{}:1", fingerprint.get(..16).unwrap_or_default()),
    });
    if let Some(content) = finding.content {
        prints["withholdContent/v1"] = HEXLOWER.encode(content.digest().as_bytes()).into();
    }
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": level(finding.rule),
        "message": { "text": whole_message(finding) },
        "locations": [location(path, finding.lines.first())],
        "partialFingerprints": prints,
    });
    let more: Vec<Value> =
        finding.lines.iter().skip(1).take(MOST_PLACES).map(|lines| location(path, Some(lines))).collect();
    if !more.is_empty() {
        result["relatedLocations"] = more.into();
    }
    result
}

fn location(path: &[u8], lines: Option<&Lines>) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(path), "uriBaseId": "%SRCROOT%" } });
    if let Some(lines) = lines {
        place["region"] = json!({ "startLine": lines.first, "endLine": lines.last });
    }
    json!({ "physicalLocation": place })
}

/// A path as a relative reference (RFC 3986): whatever else could mean something in one is encoded, byte by byte.
fn uri(path: &[u8]) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            byte => uri.push_str(percent_encoding::percent_encode_byte(*byte)),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{any_report, excluded, mixed, report};
    use super::*;

    fn schema() -> jsonschema::Validator {
        // Read when it is needed: the package does not carry it.
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/sarif-schema-2.1.0.json");
        let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        // Its pattern of languages has a bracket too many, which only some engines take; no language is ever written.
        for part in ["run", "toolComponent"] {
            let languages = &mut schema["definitions"][part]["properties"]["language"];
            assert!(languages.as_object_mut().unwrap().remove("pattern").is_some());
        }
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    }

    fn value(report: &Report) -> Value {
        serde_json::from_str(&print(report).unwrap()).unwrap()
    }

    fn errors(value: &Value) -> Vec<String> {
        schema().iter_errors(value).map(|error| error.to_string()).collect()
    }

    #[test]
    fn reports_are_valid_by_the_official_schema() {
        assert_eq!(errors(&value(&mixed())), [""; 0]);
        assert_eq!(errors(&value(&report(Vec::new()))), [""; 0]);
    }

    #[test]
    fn the_official_schema_refuses_what_is_none() {
        let mut wrong = value(&mixed());
        wrong["runs"][0]["results"][0]["level"] = "fatal".into();
        assert_eq!(errors(&wrong).len(), 1);
        let mut wrong = value(&mixed());
        wrong["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0.into();
        assert_eq!(errors(&wrong).len(), 1);
    }

    #[test]
    fn every_result_has_a_place_in_the_repository_and_a_fingerprint_of_its_own() {
        let report = value(&mixed());
        let results = report["runs"][0]["results"].as_array().unwrap();
        let mut prints = std::collections::BTreeSet::new();
        for result in results {
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains(':'), "{uri}");
            prints.insert(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap());
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(report["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
        assert_eq!((results.len(), prints.len()), (5, 5));
        assert_eq!(report["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }

    #[test]
    fn line_numbers_and_commits_leave_the_fingerprints_as_they_are() {
        let one = excluded(b"a");
        let mut other = one.clone();
        other.lines = vec![Lines { first: 80, last: 82, commit: None }];
        other.tip.as_mut().unwrap().commit = crate::repo::ObjectId::from_bytes([1; 20]);
        let prints =
            |finding| value(&report(vec![finding]))["runs"][0]["results"][0]["partialFingerprints"].clone();
        assert_eq!(prints(one), prints(other));
    }

    #[test]
    fn a_path_is_a_relative_reference() {
        assert_eq!(uri(b"src/a.rs"), "src/a.rs");
        assert_eq!(uri("a:b/ö ?#%\n".as_bytes()), "a%3Ab/%C3%B6%20%3F%23%25%0A");
        assert_eq!(uri(b"caf\xe9"), "caf%E9");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_is_too_strange(report in any_report()) {
            prop_assert_eq!(errors(&value(&report)), [""; 0]);
        }
    }
}
