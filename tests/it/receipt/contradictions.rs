//! Nothing that was not found clear becomes a receipt that says it passed.

use withhold::enforce::receipt::statement::{Canaries, Counts, Mode, Outcome, Proof, Uncovered};
use withhold::enforce::receipt::{Receipt, ReceiptParts};
use withhold::policy::{Purpose, Purposes};

use super::case::{EXPIRES, MADE, VERIFIED, desk, endless, manifest, parts, purposes};

/// Why no receipt is made of what was found, with what is changed in it.
#[track_caller]
fn refused(why: &str, change: impl FnOnce(&mut ReceiptParts<'_>)) {
    let (desk, manifest) = (desk(), manifest(7));
    let mut parts = parts(&desk, manifest.header(), manifest.digest().unwrap());
    change(&mut parts);
    let failed = parts.outcome == Outcome::Failed;
    let error = Receipt::new(parts.clone()).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
    if !failed && error.contains("says PASSED") {
        parts.outcome = Outcome::Failed;
        assert!(Receipt::new(parts).is_ok(), "that it failed can be said");
    }
}

fn counts(parts: &mut ReceiptParts<'_>, counts: Counts) {
    parts.counts = counts;
    parts.files.iter_mut().for_each(|file| file.counts = None);
}

#[test]
fn what_did_not_pass_cannot_say_so() {
    let found = Counts { rows: 9, clear: 8, excluded: 1, ..Counts::default() };
    refused("excluded rows or lines were found", |parts| counts(parts, found));
    let cut = Counts { rows: 9, clear: 9, rows_cut: 1, lines_cut: 3, ..Counts::default() };
    refused("excluded rows or lines were found", |parts| counts(parts, cut));
    let unknown = Counts { rows: 9, clear: 8, uncovered: 1, ..Counts::default() };
    refused("some of it is uncovered", |parts| counts(parts, unknown));
    refused("some of it is uncovered", |parts| {
        counts(parts, unknown);
        parts.uncovered = Uncovered::Drop;
    });
    refused("some of it is uncovered", |parts| {
        counts(parts, unknown);
        parts.mode = Mode::Filter;
    });
    refused("nothing was looked at", |parts| counts(parts, Counts::default()));
    refused("nothing was looked at", |parts| parts.files.clear());
    refused("held against nothing", |parts| parts.manifests.clear());
    refused("canaries were not found", |parts| parts.canaries = Canaries { given: 2, found: 1 });
    refused("not to be used at that time", |parts| parts.at = EXPIRES + 1);
    refused("not to be used at that time", |parts| parts.at = MADE - 1);
    refused("does not decide all its purposes", |parts| parts.purposes = purposes(&[Purpose::XEval]));
    refused("for no purpose", |parts| parts.purposes = Some(Purposes::NONE));
    let lists = manifest(7).header().lists.clone();
    refused("for no purpose", |parts| {
        (parts.manifests, parts.lists) = (Vec::new(), endless(lists.clone()));
        parts.purposes = Some(Purposes::NONE);
    });
    refused("a list was not to be used at that time", |parts| {
        parts.lists = endless(lists);
        parts.lists[0].not_after = Some(VERIFIED - 1);
    });
}

#[test]
fn what_contradicts_itself_is_no_receipt() {
    refused("together", |parts| counts(parts, Counts { rows: 9, clear: 8, ..Counts::default() }));
    refused("not those of the whole", |parts| {
        parts.counts = Counts { rows: 31, clear: 31, ..Counts::default() };
    });
    refused("more rows were cut", |parts| {
        counts(parts, Counts { rows: 1, clear: 1, rows_cut: 2, lines_cut: 2, ..Counts::default() });
    });
    refused("too large", |parts| {
        counts(parts, Counts { rows: u64::MAX, clear: u64::MAX, ..Counts::default() });
    });
    refused("more canaries", |parts| parts.canaries = Canaries { given: 0, found: 1 });
    refused("two have one name", |parts| parts.files[0].name = parts.files[1].name.clone());
    refused("none of a file in a data set", |parts| parts.files[0].name = "../x".into());
    for proof in [
        Proof::Sample { rows: 0 },
        Proof::Redacted { rows: 10, equal: 5 },
        Proof::Redacted { rows: 10, equal: 11 },
    ] {
        refused("its sample does not prove the column", |parts| parts.keys[0].proof = proof);
    }
    refused("`resourceUri` is empty", |parts| parts.resource = Some(String::new()));
    refused("`resourceUri` is no URI", |parts| parts.resource = Some("not a uri".into()));
    refused("not the name of its files", |parts| parts.resource = Some("ni:///sha-256;AAAA".into()));
    for outcome in [Outcome::Passed, Outcome::Failed] {
        refused("made after that time", |parts| (parts.at, parts.outcome) = (MADE - 301, outcome));
    }
}

#[test]
fn a_filter_may_find_what_a_verification_may_not() {
    let (desk, manifest) = (desk(), manifest(7));
    let mut parts = parts(&desk, manifest.header(), manifest.digest().unwrap());
    parts.mode = Mode::Filter;
    parts.uncovered = Uncovered::Drop;
    counts(&mut parts, Counts { rows: 9, clear: 5, excluded: 3, uncovered: 1, rows_cut: 2, lines_cut: 7 });
    assert!(Receipt::new(parts).is_ok());
}

#[test]
fn the_same_parts_make_the_same_bytes_in_any_order() {
    let (desk, manifest, other) = (desk(), manifest(7), manifest(8));
    let digest = |manifest: &withhold::manifest::Manifest| manifest.digest().unwrap();
    let mut one = parts(&desk, manifest.header(), digest(&manifest));
    one.manifests.push((other.header(), digest(&other), None));
    let mut two = one.clone();
    two.files.reverse();
    two.manifests.reverse();
    two.manifests.push(one.manifests[0].clone());
    let (one, two) = (Receipt::new(one).unwrap(), Receipt::new(two).unwrap());
    assert_eq!(one.to_bytes().unwrap(), two.to_bytes().unwrap());
    assert!(one.predicate.resource_uri.starts_with("ni:///sha-256;"));
}
