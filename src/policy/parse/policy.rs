//! The `[policy]` table, in a list or in a file of its own.
//!
//! Decides what a policy asks for, and refuses what cannot be done yet. Must not decide which layer wins.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::DeValue;

use super::Reader;
use super::list::schema;
use super::table::Table;
use super::value::{glob_or_globs, word};
use crate::policy::globs::GlobKind;
use crate::policy::revs::rev;
use crate::policy::{
    Code, Evidence, Gate, PolicyFile, RemoteRule, Rev, SettingsTable, TrainingRule, Unit, Whitespace,
};

pub(super) const FILE_KEYS: &[&str] = &["schema", "policy"];
pub(super) const POLICY_KEYS: &[&str] = &[
    "unit",
    "evidence",
    "whitespace",
    "moves",
    "copies",
    "ignore-revs",
    "require-verified",
    "remote",
    "training",
];
pub(super) const REMOTE_KEYS: &[&str] = &["name", "url", "gate"];
pub(super) const TRAINING_KEYS: &[&str] = &["paths", "branches"];
pub(super) const SHARE_KEYS: &[&str] = &["share"];

/// A policy file.
pub(super) fn read_file(reader: &mut Reader, table: &Table<'_>) -> Option<PolicyFile> {
    schema(reader, table);
    table.require(reader, "policy", "[policy]");
    let settings = read(reader, table)?;
    Some(PolicyFile { settings, source: reader.source.clone() })
}

/// The table `policy` of a document.
pub(super) fn read(reader: &mut Reader, document: &Table<'_>) -> Option<SettingsTable> {
    let table = document.table(reader, "policy", "the policy", POLICY_KEYS)?;
    let unit = unit(reader, &table);
    let vocabulary = [("surviving", Evidence::Surviving), ("touched", Evidence::Touched)];
    let evidence = word(reader, &table, "evidence", &vocabulary);
    let vocabulary = [("ignore", Whitespace::Ignore), ("exact", Whitespace::Exact)];
    let whitespace = word(reader, &table, "whitespace", &vocabulary);
    let (moves, copies) = (table.boolean(reader, "moves"), table.boolean(reader, "copies"));
    let ignore_revs = ignore_revs(reader, &table);
    require_verified(reader, &table);
    let remotes = table.tables(reader, "remote", "a remote", REMOTE_KEYS);
    let remotes = remotes.iter().filter_map(|table| remote(reader, table)).collect();
    let training = table.tables(reader, "training", "a source of training data", TRAINING_KEYS);
    let training = training.iter().filter_map(|table| self::training(reader, table)).collect();
    let whole = |key| table.get(key).map_or(table.span.clone(), |entry| entry.whole);
    Some(SettingsTable {
        unit: unit.map(|unit| (unit, whole("unit"))),
        evidence: evidence.map(|evidence| (evidence, whole("evidence"))),
        whitespace: whitespace.map(|whitespace| (whitespace, whole("whitespace"))),
        moves,
        copies,
        ignore_revs,
        remotes,
        training,
        source: reader.source.clone(),
    })
}

/// `require-verified`, which asks for more than can be done yet if it is true.
pub(super) fn require_verified(reader: &mut Reader, table: &Table<'_>) {
    if let Some((true, span)) = table.boolean(reader, "require-verified") {
        not_yet(reader, span, "verifying the signatures of commits");
    }
}

/// Refuses what is asked for at `span`: passing over it in silence would be a promise not kept.
pub(super) fn not_yet(reader: &mut Reader, span: Range<usize>, what: &str) {
    let message = format!("{what} is not supported yet");
    let error = reader.error(Code::NotYetSupported, span, message, "asked for here");
    error.advise("take it out; nothing is passed over in silence");
}

fn unit(reader: &mut Reader, table: &Table<'_>) -> Option<Unit> {
    let entry = table.get("unit")?;
    if !matches!(entry.value, DeValue::Table(_)) {
        return word(reader, table, "unit", &[("file", Unit::File), ("lines", Unit::Lines)]);
    }
    let share =
        table.table(reader, "unit", "the unit", SHARE_KEYS)?.require(reader, "share", "share = 0.2")?;
    let number = match share.value {
        DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
        DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
        _ => return share.wrong_type(reader, "a number"),
    };
    let sound = number.filter(|number| *number > 0.0 && *number <= 1.0);
    if sound.is_none() {
        let message = "this cannot be a share of the lines of a file";
        let error = reader.error(Code::BadShare, share.span, message, "expected above 0 and at most 1");
        error.advise("for any excluded line at all write `unit = \"file\"`");
    }
    sound.map(Unit::Share)
}

/// `ignore-revs`: ids of commits, in full. None at all is no request.
fn ignore_revs(reader: &mut Reader, table: &Table<'_>) -> Option<(BTreeSet<Rev>, Range<usize>)> {
    let entry = table.get("ignore-revs")?;
    if entry.value.as_array().is_some_and(|array| array.is_empty()) {
        return None;
    }
    let mut revs = BTreeSet::new();
    for (text, span) in table.strings(reader, "ignore-revs")? {
        match rev(text) {
            Some(rev) => drop(revs.insert(rev)),
            None => {
                let message = "this is not the id of a commit";
                let error = reader.error(Code::BadRev, span, message, "expected 40 hex digits");
                error.advise("write ids in full; a file of them is given with `--ignore-revs-file`");
            }
        }
    }
    Some((revs, entry.whole))
}

fn remote(reader: &mut Reader, table: &Table<'_>) -> Option<RemoteRule> {
    let name = glob_or_globs(reader, table, "name", GlobKind::Name);
    let url = glob_or_globs(reader, table, "url", GlobKind::Url);
    if table.get("name").is_none() && table.get("url").is_none() && !reader.broken {
        let message = "a remote without `name` and `url`";
        let error =
            reader.error(Code::MissingKey, table.span.clone(), message, "expected at least one of them");
        error.advise("for every remote write `name = \"**\"`");
    }
    table.require(reader, "gate", "gate = \"block\"");
    let vocabulary = [("block", Gate::Block), ("publish", Gate::Publish), ("warn", Gate::Warn)];
    let gate = word(reader, table, "gate", &vocabulary)?;
    Some(RemoteRule { name, url, gate, span: table.span.clone() })
}

fn training(reader: &mut Reader, table: &Table<'_>) -> Option<TrainingRule> {
    let paths = glob_or_globs(reader, table, "paths", GlobKind::Path);
    let branches = glob_or_globs(reader, table, "branches", GlobKind::Name);
    if table.get("paths").is_none() && table.get("branches").is_none() {
        if !reader.broken {
            let message = "a source of training data without `paths` and `branches`";
            let span = table.span.clone();
            let error = reader.error(Code::MissingKey, span, message, "expected at least one of them");
            error.advise("for everything write `paths = \"**\"`");
        }
        return None;
    }
    Some(TrainingRule { paths, branches, span: table.span.clone() })
}
