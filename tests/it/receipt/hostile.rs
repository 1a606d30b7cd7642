//! Receipts that were made to be misread, or to be read for a long time.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};
use withhold::enforce::receipt::Sealed;
use withhold::manifest::Digest;

use super::case::{SIGNER, bare, desk, holds, receipt, sign};
use super::shipped::{full, schema};
use crate::support::repo::run;

const EXTENSION: &str = "https://withhold.dev/receipt/1";

fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap()
}

/// The places of all values in it, itself among them.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), all));
        }
        Value::Object(items) => items.iter().for_each(|(name, item)| {
            places(item, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), all);
        }),
        _ => {}
    }
}

/// What may be put where something else stood.
fn others(value: &Value) -> Vec<Value> {
    let mut others: Vec<Value> = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(1.5),
        json!(1_u64 << 53),
        json!(1e300),
        json!(""),
        json!("\u{1b}"),
        json!("0"),
        json!("1"),
        json!("1.0.0\n"),
        json!("2024-02-30T00:00:00Z"),
        json!("a:b c"),
        json!([]),
        json!([null]),
        json!([""]),
        json!({}),
        json!({ "": 0 }),
    ]
    .into();
    match value {
        // In the order in which a derived reader would take its fields.
        Value::Object(items) => {
            others.push(items.values().cloned().collect());
            others.extend(items.values().map(|value| json!([value])));
            for (name, item) in items {
                let mut more = items.clone();
                more.insert("more".into(), json!([{}]));
                others.push(more.clone().into());
                more.remove(name);
                others.push(more.into());
                others.push(json!({ name: item }));
            }
        }
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(at);
                others.push(fewer.into());
            }
            let mut twice = items.clone();
            twice.extend_from_slice(items);
            others.extend([twice.into(), vec![items.first().cloned(); 17].into()]);
        }
        Value::String(text) => {
            let mut named = Map::new();
            named.insert(text.clone(), Value::Null);
            others.extend([
                named.into(),
                json!([text]),
                json!(text.to_uppercase()),
                json!(format!("{text} ")),
            ]);
            others.extend([json!(text.get(1..)), json!(format!("{text}0"))]);
        }
        Value::Number(number) => others.extend([json!(number.to_string()), json!([number])]),
        Value::Null | Value::Bool(_) => {}
    }
    others
}

/// The digests that are of other parts of it, as they have to be.
fn digests_again(statement: &mut Value) {
    let policy = Digest::of(&canonical(&statement["predicate"][EXTENSION]["policy"])).to_string();
    let digest = statement.pointer_mut("/predicate/policy/digest/sha256");
    let hex = policy.trim_start_matches("sha256:");
    digest.into_iter().filter(|old| old.as_str().is_some_and(|old| old.len() == 64)).for_each(|old| {
        *old = hex.into();
    });
    let files = statement["subject"]
        .as_array()
        .map(|files| files.iter().map(|file| json!([file["name"], file["digest"]])).collect::<Vec<_>>());
    let name = BASE64URL_NOPAD.encode(Digest::of(&canonical(&files.into())).as_bytes());
    let uri = statement.pointer_mut("/predicate/resourceUri");
    uri.into_iter().filter(|old| old.as_str().is_some_and(|old| old.starts_with("ni:"))).for_each(|old| {
        *old = format!("ni:///sha-256;{name}").into();
    });
}

fn reads(statement: &Value) -> Result<(), String> {
    let sealed = Sealed::from_bytes(canonical(statement)).map_err(|error| error.to_string())?;
    sealed.receipt().map(drop).map_err(|error| error.to_string())
}

/// Whatever one place of a receipt is changed to, what the schema refuses is not read.
#[test]
fn what_the_schema_refuses_is_not_read() {
    let (schema, desk) = (schema(), desk());
    let mut refused = 0;
    let mut let_through = Vec::new();
    for whole in [receipt(&desk, |_| {}), full(&desk)] {
        let whole: Value = serde_json::from_slice(&whole.to_bytes().unwrap()).unwrap();
        let mut again = whole.clone();
        digests_again(&mut again);
        assert_eq!(again, whole, "the digests are computed as they are documented");
        assert_eq!((schema.is_valid(&whole), reads(&whole)), (true, Ok(())));
        let mut all = Vec::new();
        places(&whole, "", &mut all);
        for place in all {
            for other in others(whole.pointer(&place).unwrap()) {
                let mut changed = whole.clone();
                *changed.pointer_mut(&place).unwrap() = other.clone();
                if place.is_empty() && !changed.is_object() {
                    assert!(reads(&changed).is_err());
                    continue;
                }
                digests_again(&mut changed);
                if schema.is_valid(&changed) {
                    continue;
                }
                refused += 1;
                if reads(&changed).is_ok() {
                    let_through.push(format!("{place}: {other}"));
                }
            }
        }
    }
    assert_eq!(let_through, [""; 0]);
    assert!(refused > 3000, "only {refused} were wrong");
}

/// Of envelopes there is no schema here. Who signed with which key is told by the signature alone.
#[test]
fn an_envelope_has_its_own_form_only() {
    let desk = desk();
    let path = sign(&desk, |_| {});
    let envelope: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let (payload, sig) = (&envelope["payload"], &envelope["signatures"][0]["sig"]);
    let kind = &envelope["payloadType"];
    let put = |changed: &Value| std::fs::write(&path, changed.to_string()).unwrap();
    for keyid in [json!(null), json!(""), json!("SHA256:other"), json!([1])] {
        let mut changed = envelope.clone();
        changed["signatures"][0]["keyid"] = keyid;
        put(&changed);
        holds(&desk, &SIGNER);
    }
    for wrong in [
        json!([payload, kind, [{ "sig": sig }]]),
        json!({ "payload": payload, "payloadType": kind, "signatures": [["", sig]] }),
        json!({ "payload": payload, "payloadType": kind, "signatures": [[sig]] }),
        json!({ "payload": payload, "payloadType": kind, "signatures": { "sig": sig } }),
        json!({ "payload": payload, "payloadType": kind, "signatures": null }),
        json!({ "payload": null, "payloadType": kind, "signatures": [{ "sig": sig }] }),
    ] {
        put(&wrong);
        super::case::untrusted(&desk, &SIGNER, "cannot be trusted");
    }
}

/// What nobody has signed yet costs little more than it weighs, whatever stands in it.
#[cfg(target_os = "linux")]
#[test]
fn nothing_that_is_not_trusted_takes_much_memory() {
    let desk = desk();
    let path = bare(&desk, |_| {});
    let whole = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    let list = |item: &str| format!("[{}]", vec![item; (4 << 20) / (item.len() + 1)].join(","));
    let named: String = (0..300_000).map(|n| format!(",\"v{n:07}\":\"\"")).collect();
    // As an unknown field at the end, and wherever something is known that may be long.
    for (old, new, status) in [
        ("]}", &format!("],\"zzz\":{}}}", list("[]"))[..], 0),
        ("]}", &format!("],\"zzz\":{}}}", list("0")), 0),
        ("]}", &format!("],\"zzz\":{}}}", list("{\"\":0}")), 0),
        ("\"critical\":[]", &format!("\"critical\":{}", list("\"\"")), 5),
        ("[\"WITHHOLD_HONOURS_MANIFEST\"]", &list("\"\""), 5),
        ("[\"search\",\"train-ai\"],\"uncovered\"", &format!("{},\"uncovered\"", list("\"\"")), 5),
        ("\"withhold\":\"0.1.0\"}", &format!("\"a\":\"\"{named}}}"), 5),
        ("\"by\":\"sample\",", &format!("\"by\":\"sample\",\"more\":{},", list("0")), 5),
    ] {
        let (before, after) = whole.rsplit_once(old).unwrap_or_else(|| panic!("{old}"));
        desk.file("receipt.json", format!("{before}{new}{after}"));
        // 4 MiB are read with 200 MB for all, the program itself among it; as a tree they would take 400.
        let mut shell = desk.command("sh");
        shell.args([
            "-c",
            "ulimit -v 200000 && exec \"$0\" receipt check receipt.json --at 2024-03-01T14:00:00Z",
        ]);
        let output = run(shell.arg(env!("CARGO_BIN_EXE_withhold")), b"");
        assert_eq!(output.status, status, "{old}: {}", output.stderr);
        assert!(!output.stderr.contains("memory"), "{old}: {}", output.stderr);
    }
}
