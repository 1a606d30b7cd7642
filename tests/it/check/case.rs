//! A check to be run, and what it found.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use withhold::manifest::{self, CoverageRow, Encoding, Entry, Manifest};

pub use crate::scan::case::{ADA, by_ada, by_bob, history, set, text};
use crate::support::Repo;
use crate::support::repo::{Output, run};

/// What every list begins with, given its serial.
pub fn head(serial: u32) -> String {
    format!("schema = 1\nlist = \"corp.example/engineering\"\nserial = {serial}\n")
}

/// Everything is a training source.
pub const EVERYTHING: &str = "[[policy.training]]\npaths = \"**\"\n";

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    pub status: i32,
    pub report: Value,
    pub said: String,
}

/// The list beside the repository, which from now on is this one.
pub fn list(repo: &Repo, serial: u32, rest: &str) {
    std::fs::write(repo.beside("optout.toml"), head(serial) + rest).unwrap();
}

/// The command, with the list beside the repository.
pub fn command(repo: &Repo, args: &[&str]) -> Command {
    let mut command = repo.command(env!("CARGO_BIN_EXE_withhold"));
    for name in ["WITHHOLD_LIST", "WITHHOLD_KEY", "SOURCE_DATE_EPOCH"] {
        command.env_remove(name);
    }
    command.args(args).arg("--list").arg(repo.beside("optout.toml")).args(["--threads", "2"]);
    command
}

/// Runs a check that prints its report for programs, and holds that against its schema.
#[track_caller]
pub fn check(repo: &Repo, args: &[&str]) -> Checked {
    let mut all = vec!["check", "--format", "json"];
    all.extend(args);
    let output = run(&mut command(repo, &all), b"");
    assert!(!output.stdout.is_empty(), "no report, exit {}: {}", output.status, output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema = serde_json::from_str(include_str!("../../../config/check.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!(report["exit"], output.status, "the report says how the process ends");
    Checked { status: output.status, report, said: output.stderr }
}

/// Runs a check that cannot even report.
#[track_caller]
pub fn fails(repo: &Repo, code: i32, args: &[&str]) -> String {
    let mut all = vec!["check"];
    all.extend(args);
    let Output { status, stdout, stderr } = run(&mut command(repo, &all), b"");
    assert_eq!(status, code, "{stderr}");
    assert_eq!(String::from_utf8(stdout).unwrap(), "", "a report that is none");
    assert!(!stderr.is_empty(), "it failed without a word");
    stderr
}

/// Scans into a folder beside the repository, and says its path.
#[track_caller]
pub fn scan(repo: &Repo, args: &[&str]) -> String {
    let out = repo.beside("manifest").to_str().unwrap().to_owned();
    let mut all = vec!["scan", "-q", "-o", &out];
    all.extend(args);
    let output = run(&mut command(repo, &all), b"");
    assert_eq!(output.status, 0, "{}", output.stderr);
    out
}

/// Changes the manifest beside the repository as someone would who knows the format: rows, counts and tree hashes agree
/// afterwards. Says its path.
pub fn forge(repo: &Repo, change: impl FnOnce(&mut Vec<Entry>, &mut Vec<CoverageRow>)) -> String {
    let path = repo.beside("manifest");
    let (header, mut entries, mut coverage) = manifest::read(&path).unwrap().into_parts();
    let profile = header.profile;
    change(&mut entries, &mut coverage);
    let forged = Manifest::build(header.into(), entries, coverage, profile, 1).unwrap();
    manifest::write(&forged, &path, Encoding::JsonLines).unwrap();
    path.to_str().unwrap().to_owned()
}

impl Checked {
    /// The rules that something was found against, each as often as that.
    pub fn rules(&self) -> Vec<&str> {
        self.findings().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
    }

    pub fn findings(&self) -> &Vec<Value> {
        self.report["findings"].as_array().unwrap()
    }

    /// The paths that something was found at.
    pub fn paths(&self) -> BTreeSet<&str> {
        self.findings().iter().filter_map(|finding| finding["path"].as_str()).collect()
    }

    /// The notes of the first finding, in one text.
    pub fn notes(&self) -> String {
        let notes = self.findings()[0]["notes"].as_array().unwrap();
        notes.iter().map(|note| note.as_str().unwrap().to_owned() + "\n").collect()
    }

    /// Of every finding what it is known by.
    pub fn fingerprints(&self) -> BTreeSet<&str> {
        self.findings().iter().map(|finding| finding["fingerprint"].as_str().unwrap()).collect()
    }

    /// It ended so, with findings against these rules.
    #[track_caller]
    pub fn ended(self, status: i32, rules: &[&str]) -> Self {
        assert_eq!(self.rules(), rules, "{:#}\n{}", self.report, self.said);
        assert_eq!(self.status, status, "{}", self.said);
        self
    }
}
