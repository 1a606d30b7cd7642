//! The schema and the page that are shipped say the same as the program.

use serde_json::Value;
use withhold::enforce::receipt::Rule;
use withhold::enforce::receipt::statement::{Mode, Outcome, People, Proof, Receipt, Uncovered};
use withhold::identity::{Key, KeyCheck};
use withhold::manifest::{Digest, ListOrigin, ListRef};

use super::case::{EXPIRES, desk, endless, receipt};
use crate::signature::desk::Desk;

const SCHEMA: &str = include_str!("../../../config/receipt.schema.json");
const PAGE: &str = include_str!("../../../docs/receipts.md");

pub fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// A receipt with everything in it that there can be.
pub fn full(desk: &Desk) -> Receipt {
    receipt(desk, |parts| {
        parts.mode = Mode::Filter;
        parts.uncovered = Uncovered::Keep;
        parts.aliases = Some(Digest::of(b"aliases"));
        let people = Digest::of(b"people");
        let list = |origin| ListRef { name: "people".into(), serial: 1, digest: people, origin };
        parts.lists = endless([ListOrigin::Given, ListOrigin::Revision].map(list));
        parts.lists[0].not_after = Some(EXPIRES);
        parts.people = Some(People {
            forge: "github.com".into(),
            policy_digest: Digest::of(b"policy"),
            key_check: Some(KeyCheck::of(&Key::new(b"0123456789abcdef").unwrap())),
        });
        parts.manifests[0].2 = Some("SHA256:abc".into());
        let proofs = [
            Proof::Redacted { rows: 3, equal: 2 },
            Proof::Matches { rows: 3 },
            Proof::Content,
            Proof::Nothing,
        ];
        let key = parts.keys[0].clone();
        parts.keys.extend(proofs.map(|proof| {
            let mut key = key.clone();
            key.proof = proof;
            key
        }));
        parts.files.iter_mut().for_each(|file| file.counts = None);
    })
}

#[test]
fn what_is_written_is_valid_by_the_schema() {
    let (schema, desk) = (schema(), desk());
    let with = |change: fn(&mut withhold::enforce::receipt::ReceiptParts<'_>)| receipt(&desk, change);
    for receipt in [with(|_| {}), with(|parts| parts.outcome = Outcome::Failed), full(&desk)] {
        let json: Value = serde_json::from_slice(&receipt.to_bytes().unwrap()).unwrap();
        let errors: Vec<_> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
}

#[test]
fn what_is_wrong_is_not_valid() {
    let (schema, desk) = (schema(), desk());
    let whole: Value = serde_json::from_slice(&receipt(&desk, |_| {}).to_bytes().unwrap()).unwrap();
    assert!(schema.is_valid(&whole));
    let own = "/predicate/https:~1~1withhold.dev~1receipt~11";
    for (pointer, value) in [
        ("/_type", "https://in-toto.io/Statement/v2".into()),
        ("/predicateType", "https://slsa.dev/provenance/v1".into()),
        ("/subject/0/digest", serde_json::json!({ "sha1": "00" })),
        ("/subject/0/name", "/etc/passwd".into()),
        ("/predicate/verificationResult", "passed".into()),
        ("/predicate/timeVerified", "yesterday".into()),
        ("/predicate/resourceUri", "not a uri".into()),
        ("/predicate/inputAttestations/0/name", "list".into()),
        ("/predicate/inputAttestations/0/name", "other".into()),
        (&format!("{own}/schema_version"), "2.0.0".into()),
        (&format!("{own}/counts/rows"), (-1).into()),
        (&format!("{own}/policy/purposes"), serde_json::json!(["fun"])),
        (&format!("{own}/policy/keys/0/proof"), serde_json::json!({ "by": "sample" })),
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&changed), "{pointer}");
    }
}

#[test]
fn the_page_tells_every_rule_and_how_it_ends() {
    for rule in Rule::ALL {
        let row = format!("| `{rule}` | {} | {} |", rule.exit().code(), rule.meaning());
        assert!(PAGE.contains(&row), "{row}");
        assert!(!rule.help().is_empty());
    }
}

/// The example is what is written, but for digests.
#[test]
fn the_example_of_the_page_is_valid() {
    let json = PAGE.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    let schema = schema();
    let errors: Vec<_> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
}

/// A receipt is shown around: it names files, lists and tools, and nobody.
#[test]
fn nobody_is_named() {
    let desk = desk();
    let text = String::from_utf8(receipt(&desk, |_| {}).to_bytes().unwrap()).unwrap();
    assert!(!text.contains('@') && !text.contains(desk.path().to_str().unwrap()), "{text}");
}
