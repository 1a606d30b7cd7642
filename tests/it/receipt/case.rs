//! A data set that was verified, its receipt, and the program that holds one against the other.

use std::path::{Path, PathBuf};

use serde_json::Value;
use withhold::enforce::receipt::statement::{
    Canaries, Counts, KeyColumn, Lines, Mode, Outcome, Proof, Receipt, Uncovered,
};
use withhold::enforce::receipt::{FileParts, ListParts, ReceiptParts, collect, write};
use withhold::manifest::{
    self, Digest, Encoding, Header, HeaderParts, ListOrigin, ListRef, Manifest, Profile, Tool,
};
use withhold::policy::{Purpose, Purposes, Timestamp};

use crate::signature::desk::Desk;
use crate::support::repo::{Output, run};

/// 2024-03-01T12:00:00Z: the manifest is of this second, and the data set was verified an hour later.
pub const MADE: Timestamp = 1_709_294_400;
pub const VERIFIED: Timestamp = MADE + 3600;
/// 2024-06-01T00:00:00Z: the manifest's last second.
pub const EXPIRES: Timestamp = 1_717_200_000;

pub const SIGNER: [&str; 4] = ["--allowed-signers", "allowed", "--signer", "data@corp.example"];

/// A desk with a data set in `data`, a manifest in `manifest`, and a key whose owner may sign.
pub fn desk() -> Desk {
    let desk = Desk::new();
    desk.file("data/one.parquet", "rows one");
    desk.file("data/more/two.parquet", "rows two");
    desk.file("data/three.jsonl.zst", "rows three");
    manifest::write(&manifest(7), &desk.path().join("manifest"), Encoding::JsonLines).unwrap();
    let key = desk.ed25519("key");
    desk.file("allowed", format!("data@corp.example {}\n", Desk::public(&key)));
    desk
}

/// A manifest under the list with that serial.
pub fn manifest(serial: u64) -> Manifest {
    let header = HeaderParts {
        tool: Tool { name: "withhold".into(), version: "0.1.0".into() },
        created_at: MADE,
        not_before: Some(MADE),
        not_after: Some(EXPIRES),
        lists: vec![ListRef {
            name: "corp.example/engineering".into(),
            serial,
            digest: Digest::of(format!("list {serial}").as_bytes()),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: [Purpose::TrainAi, Purpose::Search].into_iter().collect(),
        previous: None,
        merged_from: Vec::new(),
    };
    Manifest::build(header, Vec::new(), Vec::new(), Profile::Keys, 1).unwrap()
}

/// What a verification of the data set found: nothing excluded.
pub fn parts<'h>(desk: &Desk, header: &'h Header, digest: Digest) -> ReceiptParts<'h> {
    let files = collect(&[desk.path().join("data")], None, true).unwrap();
    let counts = Counts { rows: 10, clear: 10, ..Counts::default() };
    let files: Vec<_> = files
        .iter()
        .map(|file| FileParts {
            name: file.name.clone(),
            digest: Digest::of(&std::fs::read(&file.path).unwrap()),
            size: file.size,
            counts: Some(counts),
        })
        .collect();
    let rows = 10 * files.len() as u64;
    ReceiptParts {
        mode: Mode::Verify,
        outcome: Outcome::Passed,
        at: VERIFIED,
        tool: Tool { name: "withhold".into(), version: "0.1.0".into() },
        files,
        resource: None,
        manifests: vec![(header, digest, None)],
        lists: Vec::new(),
        people: None,
        aliases: None,
        purposes: None,
        uncovered: Uncovered::Stop,
        lines: Lines::Row,
        keys: vec![KeyColumn {
            column: "blob_id".into(),
            meaning: "sha1".into(),
            proof: Proof::Sample { rows: 1000 },
        }],
        canaries: Canaries::default(),
        counts: Counts { rows, clear: rows, ..Counts::default() },
    }
}

/// The receipt of the data set, with what a test changes in what was found.
pub fn receipt(desk: &Desk, change: impl FnOnce(&mut ReceiptParts<'_>)) -> Receipt {
    receipt_under(desk, 7, change)
}

/// The same, under the list with another serial.
fn receipt_under(desk: &Desk, serial: u64, change: impl FnOnce(&mut ReceiptParts<'_>)) -> Receipt {
    let manifest = manifest(serial);
    let mut parts = parts(desk, manifest.header(), manifest.digest().unwrap());
    change(&mut parts);
    Receipt::new(parts).unwrap()
}

/// Writes it to `receipt.json`, signed.
pub fn sign(desk: &Desk, change: impl FnOnce(&mut ReceiptParts<'_>)) -> PathBuf {
    sign_under(desk, 7, change)
}

/// The same, under the list with another serial.
pub fn sign_under(desk: &Desk, serial: u64, change: impl FnOnce(&mut ReceiptParts<'_>)) -> PathBuf {
    let path = desk.path().join("receipt.json");
    write(&receipt_under(desk, serial, change), &path, Some(&desk.path().join("key"))).unwrap();
    path
}

/// Writes it to `receipt.json`, bare.
pub fn bare(desk: &Desk, change: impl FnOnce(&mut ReceiptParts<'_>)) -> PathBuf {
    let path = desk.path().join("receipt.json");
    write(&receipt(desk, change), &path, None).unwrap();
    path
}

/// Lists that people were matched against, which do not end.
pub fn endless(lists: impl IntoIterator<Item = ListRef>) -> Vec<ListParts> {
    lists.into_iter().map(|list| ListParts { list, not_after: None }).collect()
}

pub fn purposes(purposes: &[Purpose]) -> Option<Purposes> {
    Some(purposes.iter().copied().collect())
}

/// Runs `withhold receipt`.
pub fn withhold(desk: &Desk, args: &[&str]) -> Output {
    run(desk.command(env!("CARGO_BIN_EXE_withhold")).arg("receipt").args(args), b"")
}

/// Checks `receipt.json` against `data`, an hour after it was made.
pub fn check(desk: &Desk, more: &[&str]) -> Output {
    let at = ["--at", "2024-03-01T14:00:00Z"];
    let at: &[&str] = if more.contains(&"--at") { &[] } else { &at };
    withhold(desk, &[&["check", "receipt.json", "data"], at, more].concat())
}

#[track_caller]
pub fn holds(desk: &Desk, more: &[&str]) -> String {
    let output = check(desk, more);
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert!(output.line().contains("holds"), "{}", output.line());
    output.line()
}

/// It does not hold, for these reasons, in this order.
#[track_caller]
pub fn refused(desk: &Desk, more: &[&str], exit: i32, rules: &[&str]) {
    let mut args = more.to_vec();
    args.extend(["--format", "json"]);
    let output = check(desk, &args);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", output.stderr));
    let problems = said["problems"].as_array().unwrap();
    let found: Vec<_> = problems.iter().map(|problem| problem["rule"].as_str().unwrap()).collect();
    assert_eq!(found, rules, "{said:#}");
    assert_eq!(output.status, exit);
    assert_eq!(said["exit"], exit);
    assert_eq!(said["holds"], false);
    let output = check(desk, more);
    assert_eq!(output.status, exit, "for people it ends likewise");
    for rule in rules {
        assert!(output.stderr.contains(&format!("{rule}: ")), "{}", output.stderr);
    }
    assert!(output.stdout.is_empty());
}

/// It cannot be trusted, because of this.
#[track_caller]
pub fn untrusted(desk: &Desk, more: &[&str], why: &str) {
    let output = check(desk, more);
    assert_eq!(output.status, 5, "{}{}", output.line(), output.stderr);
    assert!(output.stderr.contains(why), "{}", output.stderr);
    assert!(output.stdout.is_empty());
}

/// Changes a file of the desk.
pub fn edit(path: &Path, change: impl FnOnce(String) -> String) {
    let text = std::fs::read_to_string(path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "nothing was changed");
    std::fs::write(path, changed).unwrap();
}
