//! The JSON Schemas of lists and policies say the same as the program.

use std::path::Path;

use serde_json::Value;
use withhold::policy::{List, PolicyFile, Source};

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// TOML as editors hand it to a schema: dates are strings.
fn json(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::from(text),
            toml::Value::Integer(number) => Value::from(number),
            toml::Value::Float(number) => Value::from(number),
            toml::Value::Boolean(value) => Value::from(value),
            toml::Value::Datetime(time) => Value::from(time.to_string()),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(key, value)| (key, convert(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
    convert(toml::Value::Table(text.parse().unwrap()))
}

fn list(rest: &str) -> String {
    format!("schema = 1\nlist = \"x\"\nserial = 1\n{rest}\n")
}

fn subject(rest: &str) -> String {
    list(&format!("[[subject]]\nid = \"s-7q4k\"\n[[subject.identity]]\nemail = \"a@b.example\"\n{rest}"))
}

#[test]
fn the_example_is_valid() {
    let text = include_str!("../../config/optout.example.toml");
    let errors: Vec<_> =
        schema("optout.schema.json").iter_errors(&json(text)).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    assert!(text.starts_with("#:schema "));
}

#[test]
fn both_accept_what_is_right() {
    let schema = schema("optout.schema.json");
    for text in [
        list(""),
        list("not-after = 2027-01-01\nregime = \"opt-in\"\non-unattributed = \"include\""),
        list("plus-addresses = [\"gmail.com\"]\nignore-dots = [\"gmail.com\"]"),
        list("[policy]\nunit = { share = 0.5 }\nwhitespace = \"exact\"\nmoves = false\nignore-revs = []"),
        list("[policy]\nmoves = true\ncopies = false"),
        list(&format!("[policy]\nignore-revs = [\"{}\"]", "aB".repeat(20))),
        list("[[bot]]\nemail = \"a@b.example\"\n[[bot]]\nname = \"bot\"\nname-alone = true"),
        list("[[policy.remote]]\nname = \"a*\"\nurl = [\"ssh://**\"]\ngate = \"warn\""),
        list("[policy]\nevidence = \"touched\""),
        list("[[policy.training]]\npaths = \"src/**\"\n[[policy.training]]\nbranches = [\"main\", \"r/*\"]"),
        list("[[rule]]\nid = \"r-1\"\npaths = [\"a/**\"]\npurposes = [\"x-embed\"]"),
        subject("from = 2024-01-01\nuntil = 2024-12-31T12:00:00+01:00"),
        subject("[[subject.identity]]\nname = \"Ada\"\nname-alone = true"),
        subject("[[subject.identity]]\nforge = \"github.com:1\""),
        subject(&format!("[[subject.identity]]\nemail-hmac = \"{}\"", "aB".repeat(32))),
        subject(
            "[[subject.preference]]\ndecision = \"allow\"\nroles = [\"tagger\"]\nauthored = { from = 2024-01-01 }",
        ),
    ] {
        assert!(List::parse(Source::new("x", text.as_str())).is_ok(), "{text}");
        assert!(schema.is_valid(&json(&text)), "{text}");
    }
}

#[test]
fn both_refuse_what_is_wrong() {
    let schema = schema("optout.schema.json");
    for text in [
        "list = \"x\"\nserial = 1\n".to_owned(),
        "schema = 2\nlist = \"x\"\nserial = 1\n".to_owned(),
        "schema = 1\nlist = \"x\"\nserial = 0\n".to_owned(),
        list("regimee = \"opt-in\""),
        list("regime = \"out\""),
        list("require-verified = true"),
        list("plus-addresses = [\"*.example\"]"),
        list("[policy]\nunit = { share = 0 }"),
        list("[policy]\nmoves = \"yes\""),
        list("[policy]\nignore-revs = [\"HEAD\"]"),
        list("[policy]\nignore-revs = \"file\""),
        list("[policy]\nevidence = \"touch\""),
        list("[[policy.remote]]\ngate = \"block\""),
        list("[[policy.training]]"),
        list("[[policy.training]]\npaths = []"),
        list("[[policy.training]]\nbranch = \"main\""),
        list("[policy]\ntraining = { paths = \"a\" }"),
        list("[[rule]]\npaths = [\"a\"]"),
        list("[[subject]]\nid = \"s-1\""),
        list("[[subject]]\nid = \"s-1\"\nidentity = []"),
        list("[[bot]]\nid = \"a@b.example\""),
        list("[[bot]]\nemail = \"a@b.example\"\nuntil = 2024-01-01"),
        list("[[bot]]\nname = \"bot\""),
        subject("forge = \"github.com:1\""),
        subject("[[subject.identity]]\nname = \"Ada\""),
        subject("[[subject.identity]]\nforge = \"github.com\""),
        subject("[[subject.identity]]\nemail = \"ada\""),
        subject("[[subject.identity]]\nemail-hmac = \"00\""),
        subject("[[subject.preference]]\npurposes = [\"train-ai\"]"),
        subject("[[subject.preference]]\ndecision = \"deny\""),
        subject("[[subject.preference]]\ndecision = \"allow\"\npurposes = []"),
        subject("[[subject.preference]]\ndecision = \"allow\"\npurposes = [\"train\"]"),
        subject("[[subject.preference]]\ndecision = \"allow\"\nroles = [\"writer\"]"),
        subject("[[subject.preference]]\ndecision = \"allow\"\nauthored = {}"),
    ] {
        assert!(List::parse(Source::new("x", text.as_str())).is_err(), "{text}");
        assert!(!schema.is_valid(&json(&text)), "{text}");
    }
}

#[test]
fn a_policy_file_has_a_schema_too() {
    let schema = schema("policy.schema.json");
    for (right, text) in [
        (true, "schema = 1\n[policy]\nunit = \"lines\"\n[[policy.remote]]\nname = \"a\"\ngate = \"block\"\n"),
        (false, "schema = 1\n"),
        (false, "schema = 1\nlist = \"x\"\n[policy]\n"),
        (false, "schema = 1\n[policy]\nunit = \"line\"\n"),
        (true, "schema = 1\n[policy]\ncopies = true\n"),
        (false, "schema = 1\n[policy]\ncopies = 1\n"),
    ] {
        assert_eq!(PolicyFile::parse(Source::new("x", text)).is_ok(), right, "{text}");
        assert_eq!(schema.is_valid(&json(text)), right, "{text}");
    }
}
