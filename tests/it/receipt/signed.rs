//! Signed receipts: tampered, cut off, swapped, signed by another or for something else, each is refused.

use data_encoding::{BASE64, BASE64URL};
use serde_json::{Value, json};
use withhold::enforce::receipt::statement::Outcome;
use withhold::enforce::receipt::{Sealed, write};
use withhold::enforce::signature::AllowedSigners;

use super::case::{SIGNER, VERIFIED, bare, desk, holds, receipt, refused, sign, untrusted};
use crate::signature::desk::Desk;
use crate::support::repo::run;

fn envelope(desk: &Desk) -> Value {
    serde_json::from_slice(&std::fs::read(desk.path().join("receipt.json")).unwrap()).unwrap()
}

fn payload(envelope: &Value) -> Vec<u8> {
    BASE64.decode(envelope["payload"].as_str().unwrap().as_bytes()).unwrap()
}

fn put(desk: &Desk, envelope: &Value) {
    desk.file("receipt.json", envelope.to_string());
}

/// What DSSE has signed, put together by hand.
fn signed_bytes(payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len());
    [head.as_bytes(), payload].concat()
}

/// The blob of a signature over the payload, in an envelope.
fn signature(desk: &Desk, key: &str, namespace: &str, message: &[u8]) -> Value {
    let armor = desk.signs(&desk.path().join(key), namespace, message, &[]);
    json!({ "keyid": "", "sig": BASE64.encode(&crate::signature::hostile::bytes_of(&armor)) })
}

#[test]
fn a_signed_receipt_says_whose_it_is() {
    let desk = desk();
    sign(&desk, |_| {});
    assert!(holds(&desk, &SIGNER).contains("signed by data@corp.example with SHA256:"));
    holds(&desk, &SIGNER[..2]);
    untrusted(
        &desk,
        &["--allowed-signers", "allowed", "--signer", "bob@corp.example"],
        "not one of the signer",
    );
    // Who does not ask is told that it was not looked at.
    assert!(holds(&desk, &[]).contains("who signed it was not looked at"));
}

#[test]
fn a_receipt_that_nobody_signed_is_refused_where_a_signature_is_asked_for() {
    let desk = desk();
    bare(&desk, |_| {});
    untrusted(&desk, &SIGNER, "it is not signed");
    // There is no command that signs a receipt afterwards.
    untrusted(&desk, &SIGNER, "or make a signed one: withhold verify … --receipt FILE --sign KEY");
    sign(&desk, |_| {});
    let mut whole = envelope(&desk);
    whole["signatures"] = json!([]);
    put(&desk, &whole);
    untrusted(&desk, &SIGNER, "has no signature");
}

#[test]
fn a_receipt_that_was_tampered_with_is_refused() {
    let desk = desk();
    sign(&desk, |parts| parts.outcome = Outcome::Failed);
    let mut whole = envelope(&desk);
    let text = String::from_utf8(payload(&whole)).unwrap();
    let better =
        text.replace("\"FAILED\"", "\"PASSED\"").replace("[\"PASSED\"]", "[\"WITHHOLD_HONOURS_MANIFEST\"]");
    assert_ne!(text, better);
    whole["payload"] = BASE64.encode(better.as_bytes()).into();
    put(&desk, &whole);
    untrusted(&desk, &SIGNER, "the signature does not fit");
    // Without a signature it says what somebody wants it to say: hence the option.
    holds(&desk, &[]);
}

/// Whatever byte of the file is changed, either nothing that counts was changed, or it is refused.
#[test]
fn no_byte_can_be_changed() {
    let desk = desk();
    let path = sign(&desk, |_| {});
    let whole = std::fs::read(&path).unwrap();
    let first = Sealed::read(&path).unwrap();
    let allowed = AllowedSigners::read(&desk.path().join("allowed")).unwrap();
    let mut survived = 0;
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let Ok(sealed) = Sealed::from_bytes(changed) else { continue };
        if sealed.verify(&allowed, None, VERIFIED).is_ok() {
            assert_eq!(sealed.payload(), first.payload(), "byte {at}");
            survived += 1;
        }
    }
    // The hint which key it was, white space at the end, and a version that is no other.
    assert!(survived < 70, "{survived}");
    for end in 0..whole.len() - 1 {
        let sealed = Sealed::from_bytes(whole[..end].to_vec());
        let accepted = sealed.is_ok_and(|sealed| sealed.verify(&allowed, None, VERIFIED).is_ok());
        assert!(!accepted, "{end} bytes");
    }
}

#[test]
fn the_signature_of_another_receipt_is_refused() {
    let desk = desk();
    sign(&desk, |_| {});
    let other = envelope(&desk)["signatures"].clone();
    sign(&desk, |parts| parts.resource = Some("https://corp.example/other".into()));
    let mut whole = envelope(&desk);
    whole["signatures"] = other;
    put(&desk, &whole);
    untrusted(&desk, &SIGNER, "the signature does not fit");
}

#[test]
fn the_receipt_of_another_data_set_is_refused() {
    let desk = desk();
    let other = super::case::desk();
    other.file("data/one.parquet", "rows 1!!");
    write(&receipt(&other, |_| {}), &desk.path().join("receipt.json"), Some(&desk.path().join("key")))
        .unwrap();
    refused(&desk, &SIGNER, 4, &["file-changed"]);
}

#[test]
fn signed_by_another_for_something_else_or_at_another_time_is_refused() {
    let desk = desk();
    desk.ed25519("other");
    sign(&desk, |_| {});
    let mut whole = envelope(&desk);
    let payload = payload(&whole);
    let message = signed_bytes(&payload);
    let mut with = |signatures: Value| {
        whole["signatures"] = signatures;
        put(&desk, &whole);
    };
    with(json!([signature(&desk, "key", "receipt@withhold.dev", &message)]));
    holds(&desk, &SIGNER);
    with(json!([signature(&desk, "other", "receipt@withhold.dev", &message)]));
    untrusted(&desk, &SIGNER, "which allowed does not name");
    with(json!([signature(&desk, "key", "manifest@withhold.dev", &message)]));
    untrusted(&desk, &SIGNER, "was made for \"manifest@withhold.dev\"");
    with(json!([signature(&desk, "key", "receipt@withhold.dev", &payload)]));
    untrusted(&desk, &SIGNER, "the signature does not fit");
    with(json!([{ "sig": "AAAA" }]));
    untrusted(&desk, &SIGNER, "the signature is damaged");
    with(json!([{ "sig": "not base64" }]));
    untrusted(&desk, &SIGNER, "is not base64");
    with(json!(vec![json!({ "sig": "AAAA" }); 17]));
    untrusted(&desk, &SIGNER, "more than 16 items");
    // One that counts is enough, beside any others.
    let good = signature(&desk, "key", "receipt@withhold.dev", &message);
    let other = signature(&desk, "other", "receipt@withhold.dev", &message);
    with(json!([{ "sig": "AAAA" }, other, good]));
    holds(&desk, &SIGNER);
    with(json!([{ "sig": "AAAA" }, other]));
    untrusted(&desk, &SIGNER, "which allowed does not name");
    with(json!([{ "sig": "AAAA" }, good]));
    let public = Desk::public(&desk.path().join("key"));
    desk.file("allowed", format!("data@corp.example valid-before=\"20240301130000Z\" {public}"));
    untrusted(&desk, &SIGNER, "may not be used any more");
    desk.file("allowed", format!("data@corp.example namespaces=\"manifest@withhold.dev\" {public}"));
    untrusted(&desk, &SIGNER, "may not be used for this kind of file");
}

#[test]
fn the_envelope_is_dsse() {
    let desk = desk();
    sign(&desk, |_| {});
    let whole = envelope(&desk);
    assert_eq!(whole["payloadType"], "application/vnd.in-toto+json");
    let listed = desk.ssh_keygen(["-l", "-f", "key.pub"], b"").line();
    assert_eq!(whole["signatures"][0]["keyid"], listed.split(' ').nth(1).unwrap());
    // Another alphabet, and fields that are not known: DSSE allows both.
    let mut other = whole.clone();
    other["payload"] = BASE64URL.encode(&payload(&whole)).into();
    other["more"] = json!({ "any": 1 });
    other["signatures"][0]["keyid"] = "SHA256:whatever".into();
    put(&desk, &other);
    holds(&desk, &SIGNER);
    let mut other = whole.clone();
    other["payloadType"] = "application/json".into();
    put(&desk, &other);
    untrusted(&desk, &SIGNER, "its envelope holds");
    let mut other = whole;
    other["payload"] = "e30".into();
    put(&desk, &other);
    untrusted(&desk, &SIGNER, "payload of its envelope is not base64");
}

/// What the page on receipts says about checking one without Withhold.
#[test]
fn it_can_be_checked_without_withhold() {
    let desk = desk();
    sign(&desk, |_| {});
    let page = include_str!("../../../docs/receipts.md");
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let script = desk.file("check.sh", format!("set -euo pipefail\n{script}"));
    std::fs::copy(desk.path().join("allowed"), desk.path().join("allowed_signers")).unwrap();
    let check = || run(desk.command("bash").arg(&script).current_dir(desk.path()), b"");
    let output = check();
    assert_eq!(output.status, 0, "{}{}", output.line(), output.stderr);
    assert!(output.line().contains("Good \"receipt@withhold.dev\" signature for data@corp.example"));
    assert!(output.line().contains("one.parquet: OK"), "{}", output.line());
    super::case::edit(&desk.path().join("data/one.parquet"), |text| text.replace("one", "ONE"));
    assert_ne!(check().status, 0, "a changed file");
    super::case::edit(&desk.path().join("data/one.parquet"), |text| text.replace("ONE", "one"));
    assert_eq!(check().status, 0);
    let mut whole = envelope(&desk);
    whole["payload"] = BASE64.encode(b"{}").into();
    put(&desk, &whole);
    assert_ne!(check().status, 0, "another payload");
}
