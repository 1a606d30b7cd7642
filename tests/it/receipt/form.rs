//! What is no receipt, or of a version that nobody here understands, is refused; what in-toto lets be added is not.

use serde_json::{Value, json};

use super::case::{bare, check, desk, holds, untrusted, withhold};
use crate::signature::desk::Desk;

const EXTENSION: &str = "https://withhold.dev/receipt/1";

fn statement(desk: &Desk) -> Value {
    serde_json::from_slice(&std::fs::read(desk.path().join("receipt.json")).unwrap()).unwrap()
}

/// Writes it in its canonical form.
fn put(desk: &Desk, statement: &Value) {
    desk.file("receipt.json", serde_json_canonicalizer::to_vec(statement).unwrap());
}

#[test]
fn fields_that_are_not_known_are_passed_over() {
    let desk = desk();
    bare(&desk, |_| {});
    let mut changed = statement(&desk);
    changed["more"] = json!(1);
    changed["subject"][0]["uri"] = json!("https://corp.example/one");
    changed["subject"][0]["digest"]["sha512"] = json!("00");
    changed["subject"][0]["annotations"]["more"] = json!([]);
    changed["predicate"]["slsaVersion"] = json!("1.2");
    changed["predicate"]["inputAttestations"][0]["uri"] = json!("https://corp.example/manifest");
    changed["predicate"][EXTENSION]["more"] = json!(null);
    changed["predicate"][EXTENSION]["schema_version"] = json!("1.7.3");
    put(&desk, &changed);
    holds(&desk, &[]);
}

#[test]
fn another_statement_predicate_or_version_is_refused() {
    let desk = desk();
    bare(&desk, |_| {});
    let whole = statement(&desk);
    for (pointer, value, why) in [
        ("/_type", json!("https://in-toto.io/Statement/v0.1"), "in-toto.io/Statement/v1 only"),
        ("/_type", json!("https://in-toto.io/Statement/v2"), "in-toto.io/Statement/v1 only"),
        ("/predicateType", json!("https://slsa.dev/verification_summary/v2"), "verification_summary/v1 only"),
        ("/predicateType", json!("https://slsa.dev/provenance/v1"), "verification_summary/v1 only"),
        (
            "/predicate/verifier/id",
            json!("https://example.com/other"),
            "understands https://withhold.dev/verifier/1",
        ),
        ("/predicate/policy/uri", json!("https://example.com/other"), "policy only"),
        ("/predicate/verificationResult", json!("passed"), "it is no receipt"),
        ("/predicate/verifiedLevels", json!(["SLSA_BUILD_LEVEL_3"]), "does not go with"),
        ("/predicate/verifiedLevels", json!([]), "does not go with"),
        ("/predicate/timeVerified", json!("2024-03-01T13:00:00+00:00"), "it is no receipt"),
        ("/predicate/timeVerified", json!("2024-07-01T13:00:00Z"), "was not to be used at that time"),
        ("/predicate/timeVerified", json!("1999-11-01T00:00:00Z"), "a manifest was made after that time"),
        (
            "/predicate/inputAttestations/0/annotations/withhold_manifest/created_at",
            json!("2024-03-02T00:00:00Z"),
            "a manifest was made after that time",
        ),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/schema_version", json!("2.0.0"), "is not 1.x.y"),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/schema_version", json!("1"), "is not 1.x.y"),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/schema_version", json!("1.evil"), "is not 1.x.y"),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/critical", json!(["new"]), "names \"new\""),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/mode", json!("other"), "it is no receipt"),
        (
            "/predicate/https:~1~1withhold.dev~1receipt~11/policy/uncovered",
            json!("drop"),
            "not the one of its digest",
        ),
        (
            "/predicate/https:~1~1withhold.dev~1receipt~11/policy/purposes",
            json!(["search", "x-eval"]),
            "not the one of its digest",
        ),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/counts/rows", json!(31), "together"),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/counts/clear", json!(-1), "it is no receipt"),
        ("/predicate/https:~1~1withhold.dev~1receipt~11/canaries/given", json!(1), "canaries were not found"),
        ("/subject", json!([]), "nothing was looked at"),
        ("/subject/0/name", json!("../one.parquet"), "none of a file in a data set"),
        ("/subject/0/name", json!("/etc/passwd"), "none of a file in a data set"),
        ("/subject/0/name", json!("./more"), "none of a file in a data set"),
        ("/subject/0/name", json!(""), "none of a file in a data set"),
        ("/subject/0/name", json!("a%2"), "none of a file in a data set"),
        ("/subject/0/name", json!("z.parquet"), "not sorted"),
        ("/subject/0/name", json!("one.parquet"), "not sorted"),
        ("/subject/0/digest/sha256", json!("00"), "64 lower-case hex digits"),
        ("/subject/0/annotations/withhold_counts/clear", json!(9), "together"),
        ("/subject/0/annotations/withhold_size", json!(1_u64 << 53), "too large"),
        ("/predicate/inputAttestations", json!([]), "held against nothing"),
        ("/predicate/inputAttestations/0/name", json!("list"), "not what it is called"),
        ("/predicate/inputAttestations/0/name", json!("other"), "it is no receipt"),
        (
            "/predicate/inputAttestations/0/annotations/withhold_manifest/purposes",
            json!(["search"]),
            "does not decide all",
        ),
        (
            "/predicate/inputAttestations/0/annotations/withhold_manifest/purposes",
            json!(["train-ai", "search"]),
            "not sorted",
        ),
        (
            "/predicate/inputAttestations/0/annotations/withhold_manifest/purposes",
            json!(["fun"]),
            "unknown purpose",
        ),
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        put(&desk, &changed);
        untrusted(&desk, &[], why);
    }
    for pointer in ["/_type", "/subject", "/predicateType", "/predicate"] {
        let mut changed = whole.clone();
        changed.as_object_mut().unwrap().remove(&pointer[1..]);
        put(&desk, &changed);
        untrusted(&desk, &[], "it is no receipt");
    }
    let mut changed = whole;
    let first = changed["predicate"]["inputAttestations"][0].clone();
    changed["predicate"]["inputAttestations"].as_array_mut().unwrap().push(first);
    put(&desk, &changed);
    untrusted(&desk, &[], "there twice");
}

/// A name that is made of digests is that of the files; any other is a URI, and nothing that a terminal would obey.
#[test]
fn the_files_are_called_by_a_uri() {
    let desk = desk();
    bare(&desk, |parts| parts.resource = Some("https://corp.example/data%20set".into()));
    holds(&desk, &[]);
    for (uri, why) in [
        ("ni:///sha-256;AAAA", "is not the name of its files"),
        ("NI:///sha-256;AAAA", "is not the name of its files"),
        ("not a uri\u{1b}[31m", "is no URI"),
        ("https://corp.example/a b", "is no URI"),
        ("", "is empty"),
    ] {
        bare(&desk, |_| {});
        let mut changed = statement(&desk);
        changed["predicate"]["resourceUri"] = uri.into();
        put(&desk, &changed);
        untrusted(&desk, &[], why);
    }
}

/// Whoever reads it with another tool reads the same.
#[test]
fn only_the_canonical_form_is_read() {
    let desk = desk();
    bare(&desk, |_| {});
    let whole = statement(&desk);
    let text = String::from_utf8(serde_json_canonicalizer::to_vec(&whole).unwrap()).unwrap();
    holds(&desk, &[]);
    let passed = "\"verificationResult\":\"PASSED\"";
    let twice = text.replace(passed, &format!("\"verificationResult\":\"FAILED\",{passed}"));
    for changed in [
        text.clone() + "\n",
        format!(" {text}"),
        text.replace("\":\"", "\": \""),
        serde_json::to_string_pretty(&whole).unwrap(),
        twice,
        text.replace("\"more/two", "\"\\u006dore/two"),
        text.replace("\"rows\":30", "\"rows\":3e1"),
    ] {
        assert_ne!(changed, text);
        desk.file("receipt.json", changed);
        untrusted(&desk, &[], "the receipt cannot be trusted");
    }
}

#[test]
fn what_is_no_receipt_is_refused() {
    let desk = desk();
    for text in ["", "{", "{}", "[]", "null", "\0", "{\"_type\":1}", "{\"payloadType\":1}", "not a receipt"] {
        desk.file("receipt.json", text);
        untrusted(&desk, &[], "cannot be trusted");
        assert_eq!(withhold(&desk, &["show", "receipt.json"]).status, 5, "{text}");
    }
    desk.file("receipt.json", "[".repeat(100_000));
    untrusted(&desk, &[], "cannot be trusted");
    std::fs::remove_file(desk.path().join("receipt.json")).unwrap();
    untrusted(&desk, &[], "cannot read the receipt");
    std::fs::create_dir(desk.path().join("receipt.json")).unwrap();
    untrusted(&desk, &[], "not a regular file");
    assert_eq!(check(&desk, &["--no-such-option"]).status, 2);
}

#[test]
fn it_is_shown_to_people_and_to_programs() {
    let desk = desk();
    bare(&desk, |_| {});
    let shown = withhold(&desk, &["show", "receipt.json"]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    let text = shown.line();
    for part in [
        "result  PASSED",
        "verified  2024-03-01T13:00:00Z",
        "signed  no",
        "purposes  search, train-ai",
        "30 clear, 0 excluded, 0 uncovered",
        "blob_id is sha1: proved on the content of 1000 rows",
        "until 2024-06-01T00:00:00Z",
        "corp.example/engineering, serial 7",
        "more/two.parquet (8 bytes), sha256:",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = withhold(&desk, &["show", "receipt.json", "--format", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&json.stdout).unwrap(), statement(&desk));
    super::case::sign(&desk, |_| {});
    let shown = withhold(&desk, &["show", "receipt.json"]).line();
    assert!(shown.contains("signed with  SHA256:") && shown.contains("not verified here"), "{shown}");
    let again = withhold(&desk, &["show", "receipt.json", "--format", "json"]);
    assert_eq!(again.stdout, json.stdout, "in an envelope or not, it says the same");
}
