//! A receipt holds for what was verified: these manifests, lists and purposes, until they expire.

use withhold::enforce::receipt::ReceiptParts;
use withhold::enforce::receipt::statement::{Canaries, Counts, Mode, Outcome, Uncovered};
use withhold::manifest::{self, Encoding};
use withhold::policy::Purpose;

use super::case::{
    MADE, SIGNER, VERIFIED, bare, desk, edit, endless, holds, manifest, purposes, refused, sign, sign_under,
    withhold,
};

#[test]
fn it_holds_as_long_as_its_manifests() {
    let desk = desk();
    bare(&desk, |_| {});
    holds(&desk, &["--at", "2024-06-01T00:00:00Z"]);
    refused(&desk, &["--at", "2024-06-01T00:00:01Z"], 4, &["manifest-expired"]);
    refused(&desk, &["--at", "2024-03-01T11:59:59Z"], 4, &["receipt-ahead", "manifest-expired"]);
    // Without a time, it has to hold now.
    let now = withhold(&desk, &["check", "receipt.json", "data"]);
    assert_eq!(now.status, 4, "{}", now.stderr);
    assert!(now.stderr.contains("manifest-expired"), "{}", now.stderr);
}

/// A list that people were matched against ends by itself; that under which a manifest was made ends with the manifest.
#[test]
fn it_holds_as_long_as_its_lists() {
    let desk = desk();
    let list = |parts: &mut ReceiptParts<'_>| {
        parts.lists = endless(parts.manifests[0].0.lists.clone());
        parts.lists[0].not_after = Some(VERIFIED + 7200);
    };
    for of_manifest in [true, false] {
        bare(&desk, |parts| {
            list(parts);
            if !of_manifest {
                parts.manifests.clear();
            }
        });
        holds(&desk, &["--at", "2024-03-01T15:00:00Z"]);
        refused(&desk, &["--at", "2024-03-01T15:00:01Z"], 4, &["list-expired"]);
        let shown = withhold(&desk, &["show", "receipt.json"]).line();
        assert!(shown.contains("until 2024-03-01T15:00:00Z"), "{shown}");
    }
}

/// Clocks differ by a little.
#[test]
fn it_is_not_of_a_time_to_come() {
    let desk = desk();
    let list = manifest(7).header().lists.clone();
    bare(&desk, |parts| (parts.manifests, parts.lists) = (Vec::new(), endless(list)));
    holds(&desk, &["--at", "2024-03-01T12:55:00Z"]);
    refused(&desk, &["--at", "2024-03-01T12:54:59Z"], 4, &["receipt-ahead"]);
    // Nor of one before its manifest was made.
    bare(&desk, |parts| (parts.at, parts.outcome) = (MADE - 300, Outcome::Failed));
    refused(&desk, &["--at", "2024-05-01T00:00:00Z"], 4, &["receipt-failed"]);
}

#[test]
fn it_holds_for_the_purposes_it_was_verified_for() {
    let desk = desk();
    bare(&desk, |_| {});
    holds(&desk, &["--purpose", "train-ai", "--purpose", "search"]);
    refused(&desk, &["--purpose", "train-ai", "--purpose", "x-eval"], 4, &["purpose-not-covered"]);
    bare(&desk, |parts| parts.purposes = purposes(&[Purpose::Search]));
    holds(&desk, &["--purpose", "search"]);
    refused(&desk, &["--purpose", "train-ai"], 4, &["purpose-not-covered"]);
    assert_eq!(super::case::check(&desk, &["--purpose", "training"]).status, 2);
    // A list by itself decides for all.
    let list = manifest(7).header().lists.clone();
    bare(&desk, |parts| (parts.manifests, parts.lists) = (Vec::new(), endless(list)));
    let all = Purpose::ALL.map(|purpose| ["--purpose", purpose.as_str()]);
    holds(&desk, all.as_flattened());
}

#[test]
fn it_holds_under_the_manifest_that_is_given() {
    let desk = desk();
    bare(&desk, |_| {});
    holds(&desk, &["--manifest", "manifest"]);
    manifest::write(&manifest(8), &desk.path().join("newer"), Encoding::JsonLines).unwrap();
    refused(&desk, &["--manifest", "newer"], 4, &["manifest-other"]);
    refused(&desk, &["--manifest", "manifest", "--manifest", "newer"], 4, &["manifest-other"]);
    edit(&desk.path().join("manifest/manifest.json"), |text| text.replace("\"serial\":7", "\"serial\":8"));
    refused(&desk, &["--manifest", "manifest"], 4, &["manifest-other"]);
    edit(&desk.path().join("manifest/manifest.json"), |text| text + " ");
    super::case::untrusted(&desk, &["--manifest", "manifest"], "manifest cannot be trusted");
    super::case::untrusted(&desk, &["--manifest", "nowhere"], "cannot be trusted");
}

#[test]
fn an_older_list_is_refused() {
    let desk = desk();
    bare(&desk, |_| {});
    holds(&desk, &["--serial", "7"]);
    holds(&desk, &["--serial", "corp.example/engineering=7"]);
    refused(&desk, &["--serial", "8"], 4, &["list-rolled-back"]);
    refused(&desk, &["--serial", "corp.example/engineering=8"], 4, &["list-rolled-back"]);
    refused(&desk, &["--serial", "corp.example/other=1"], 4, &["list-unknown"]);
    assert_eq!(super::case::check(&desk, &["--serial", "eight"]).status, 2);
}

#[test]
fn the_newest_list_is_remembered_once_a_receipt_holds() {
    let desk = desk();
    let seen = [&SIGNER[..], &["--seen", "seen"]].concat();
    // It does not hold, and is not remembered.
    sign_under(&desk, 9, |parts| parts.outcome = Outcome::Failed);
    refused(&desk, &seen, 4, &["receipt-failed"]);
    sign(&desk, |_| {});
    holds(&desk, &seen);
    sign_under(&desk, 8, |_| {});
    holds(&desk, &seen);
    sign(&desk, |_| {});
    refused(&desk, &seen, 4, &["list-rolled-back"]);
    // Another list under the same serial.
    let another = || {
        endless([manifest::ListRef {
            name: "corp.example/engineering".into(),
            serial: 8,
            digest: manifest::Digest::of(b"another"),
            origin: manifest::ListOrigin::Given,
        }])
    };
    sign(&desk, |parts| {
        parts.lists = another();
    });
    refused(&desk, &seen, 3, &["list-serial-reused"]);
    // Beside the one that is known, too: of a manifest that was merged nobody knows which of its rows were made under which.
    sign_under(&desk, 8, |parts| {
        parts.lists = another();
    });
    refused(&desk, &seen, 3, &["list-serial-reused"]);
    refused(&desk, &[&SIGNER[..], &["--seen", "new"]].concat(), 3, &["list-serial-reused"]);
    desk.file("seen", "{");
    assert_eq!(super::case::check(&desk, &seen).status, 4, "what cannot be read is not nothing");
    // What nobody signed is not remembered.
    assert_eq!(super::case::check(&desk, &["--seen", "seen"]).status, 2);
}

/// Whoever can push can write a list by any name, with any serial.
#[test]
fn a_list_that_a_revision_carries_stands_for_none_that_was_given() {
    let desk = desk();
    let carried = |name: &str, serial: u64, text: &str| manifest::ListRef {
        name: format!("corp.example/{name}"),
        serial,
        digest: manifest::Digest::of(text.as_bytes()),
        origin: manifest::ListOrigin::Revision,
    };
    let hostile = || endless([carried("engineering", 99, "hostile"), carried("own", 5, "own")]);
    bare(&desk, |parts| parts.lists = hostile());
    holds(&desk, &["--serial", "7"]);
    refused(&desk, &["--serial", "8"], 4, &["list-rolled-back"]);
    refused(&desk, &["--serial", "corp.example/engineering=8"], 4, &["list-rolled-back"]);
    refused(&desk, &["--serial", "corp.example/own=1"], 4, &["list-unknown"]);
    bare(&desk, |parts| (parts.manifests, parts.lists) = (Vec::new(), hostile()));
    refused(&desk, &["--serial", "1"], 4, &["list-unknown"]);
    let shown = withhold(&desk, &["show", "receipt.json"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.matches(" (carried by a revision)").count(), 2, "{shown}");
    // It is not remembered, and hides no rollback of what is.
    let seen = [&SIGNER[..], &["--seen", "seen"]].concat();
    sign(&desk, |parts| parts.lists = hostile());
    holds(&desk, &seen);
    sign_under(&desk, 8, |parts| parts.lists = endless([carried("own", 4, "older")]));
    holds(&desk, &seen);
    sign(&desk, |parts| parts.lists = hostile());
    refused(&desk, &seen, 4, &["list-rolled-back"]);
    // One revision may carry the very list that was given for another.
    bare(&desk, |parts| parts.lists = endless([carried("engineering", 7, "list 7")]));
    holds(&desk, &["--serial", "7"]);
}

#[test]
fn a_verification_that_failed_is_no_receipt_to_show() {
    let desk = desk();
    let failed = |counts: Counts| {
        bare(&desk, |parts| {
            parts.outcome = Outcome::Failed;
            parts.counts = counts;
            parts.files.iter_mut().for_each(|file| file.counts = None);
        });
    };
    failed(Counts { rows: 9, clear: 7, excluded: 1, uncovered: 1, ..Counts::default() });
    refused(&desk, &[], 1, &["data-excluded"]);
    failed(Counts { rows: 9, clear: 8, uncovered: 1, ..Counts::default() });
    refused(&desk, &["--allow-uncovered"], 4, &["data-uncovered"]);
    failed(Counts { rows: 9, clear: 9, ..Counts::default() });
    refused(&desk, &[], 4, &["receipt-failed"]);
    failed(Counts::default());
    refused(&desk, &[], 4, &["receipt-failed"]);
    // What makes a verdict impossible comes before what was found.
    failed(Counts { rows: 9, clear: 8, excluded: 1, ..Counts::default() });
    refused(&desk, &["--purpose", "x-eval"], 4, &["data-excluded", "purpose-not-covered"]);
}

#[test]
fn rows_that_nobody_looked_at_are_accepted_by_name_only() {
    let desk = desk();
    bare(&desk, |parts| {
        parts.mode = Mode::Filter;
        parts.uncovered = Uncovered::Keep;
        parts.counts = Counts { rows: 12, clear: 10, excluded: 1, uncovered: 1, ..Counts::default() };
        parts.files.iter_mut().for_each(|file| file.counts = None);
        parts.canaries = Canaries { given: 1, found: 1 };
    });
    refused(&desk, &[], 4, &["data-uncovered"]);
    holds(&desk, &["--allow-uncovered"]);
    bare(&desk, |parts| parts.uncovered = Uncovered::Keep);
    holds(&desk, &[]);
}
