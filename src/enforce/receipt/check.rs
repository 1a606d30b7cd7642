//! Whether a receipt holds: for these files, now, and for what is asked.
//!
//! Decides what stands against it, all of it at once. Whether it can be trusted at all (form and signature) is decided where
//! it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::digests::digests;
use super::files::DataFile;
use super::problem::{Problem, Rule};
use super::statement::{CLOCKS, Outcome, Receipt, Subject, Uncovered};
use super::{ReceiptError, problem};
use crate::dataset::Watch;
use crate::enforce::seen::SeenHere;
use crate::exit::Exit;
use crate::manifest::{Digest, rfc3339};
use crate::policy::{Purpose, Purposes, Timestamp};

/// So many problems of one kind are told; the rest is counted.
const MOST: usize = 20;

/// What a receipt is held against.
pub struct Asked<'a> {
    /// The files, as [`collect`](super::collect) finds them; `None` if they are not looked at.
    pub files: Option<&'a [DataFile]>,
    /// The digests of the manifests that it must have been held against, each with what to call it.
    pub manifests: &'a [(String, Digest)],
    /// The least serial of each list that was given, by its name; without a name, of every one.
    pub serials: &'a [(Option<String>, u64)],
    /// The newest lists that were seen before.
    pub seen: Option<&'a SeenHere>,
    /// What the data is to be used for.
    pub purposes: Purposes,
    /// Whether rows may be in it that no manifest looked at.
    pub allow_uncovered: bool,
    /// The time at which it has to hold.
    pub now: Timestamp,
}

/// What stands against a receipt; nothing, if it holds.
///
/// # Errors
/// A file cannot be read, or somebody stopped it.
pub fn check(
    receipt: &Receipt,
    asked: &Asked<'_>,
    threads: usize,
    watch: &dyn Watch,
) -> Result<Vec<Problem>, ReceiptError> {
    let mut problems = Vec::new();
    result(receipt, asked, &mut problems);
    ahead(receipt, asked, &mut problems);
    purposes(receipt, asked, &mut problems);
    manifests(receipt, asked, &mut problems);
    lists(receipt, asked, &mut problems);
    if let Some(files) = asked.files {
        compare(receipt, files, threads, watch, &mut problems)?;
    }
    Ok(problems)
}

/// How a run ends because of problems.
#[must_use]
pub fn exit(problems: &[Problem]) -> Exit {
    problem::exit(problems)
}

fn result(receipt: &Receipt, asked: &Asked<'_>, problems: &mut Vec<Problem>) {
    let own = &receipt.predicate.withhold;
    let counts = &own.counts;
    if receipt.predicate.verification_result == Outcome::Failed {
        let (rule, why) = if counts.excluded > 0 {
            (Rule::DataExcluded, format!("it says FAILED, with {} excluded rows", counts.excluded))
        } else if counts.uncovered > 0 {
            (Rule::DataUncovered, format!("it says FAILED, with {} uncovered rows", counts.uncovered))
        } else {
            (Rule::ReceiptFailed, "it says FAILED".to_owned())
        };
        problems.push(Problem::new(rule, why));
    } else if own.policy.uncovered == Uncovered::Keep && counts.uncovered > 0 && !asked.allow_uncovered {
        let what = format!("{} rows stayed that no manifest looked at", counts.uncovered);
        problems.push(Problem::new(Rule::DataUncovered, what));
    }
}

fn ahead(receipt: &Receipt, asked: &Asked<'_>, problems: &mut Vec<Problem>) {
    let at = receipt.predicate.time_verified;
    if at > asked.now.saturating_add(CLOCKS) {
        let what = format!("it is of {}, and it is {} now", time(at), time(asked.now));
        problems.push(Problem::new(Rule::ReceiptAhead, what));
    }
}

fn time(time: Timestamp) -> String {
    rfc3339::encode(time).unwrap_or_else(|| time.to_string())
}

fn purposes(receipt: &Receipt, asked: &Asked<'_>, problems: &mut Vec<Problem>) {
    let known = receipt.predicate.withhold.policy.purposes;
    let names = |purposes: Purposes| purposes.iter().map(Purpose::as_str).collect::<Vec<_>>().join(", ");
    let missing = asked.purposes.without(known);
    if !missing.is_empty() {
        let known = if known.is_empty() { "none".to_owned() } else { names(known) };
        let what = format!("it is not for {}; it is for: {known}", names(missing));
        problems.push(Problem::new(Rule::PurposeUnknown, what));
    }
}

fn manifests(receipt: &Receipt, asked: &Asked<'_>, problems: &mut Vec<Problem>) {
    for (digest, manifest) in receipt.manifests() {
        if let Some(before) = manifest.not_before.filter(|before| asked.now < *before) {
            let what = format!("the manifest {digest} is not to be used before {}", time(before));
            problems.push(Problem::new(Rule::ManifestExpired, what));
        }
        if let Some(after) = manifest.not_after.filter(|after| *after < asked.now) {
            let what = format!("the manifest {digest} has expired at {}", time(after));
            problems.push(Problem::new(Rule::ManifestExpired, what));
        }
    }
    for (name, digest) in asked.manifests {
        if receipt.manifests().all(|(known, _)| known != *digest) {
            let what = format!("the data set was not held against {name} ({digest})");
            problems.push(Problem::new(Rule::ManifestOther, what));
        }
    }
}

fn lists(receipt: &Receipt, asked: &Asked<'_>, problems: &mut Vec<Problem>) {
    for (_, list) in receipt.list_notes() {
        if let Some(after) = list.not_after.filter(|after| *after < asked.now) {
            let what = format!("the list `{}` has expired at {}", list.name.escape_debug(), time(after));
            problems.push(Problem::new(Rule::ListExpired, what));
        }
    }
    // Of lists with one name the newest counts: a manifest may name an older copy beside it. That no manifest of the run was
    // made under an older one alone was looked at by the run that made the receipt.
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    let lists: Vec<_> = receipt.lists().collect();
    // Whoever can push could give their own list the name that is asked for, and any serial.
    for list in lists.iter().filter(|list| list.origin.is_given()) {
        let serial = newest.entry(list.name.clone()).or_default();
        *serial = list.serial.max(*serial);
    }
    for (name, least) in asked.serials {
        let mut meant =
            newest.iter().filter(|(list, _)| name.as_ref().is_none_or(|name| name == *list)).peekable();
        if meant.peek().is_none() {
            let list = name.as_ref().map(|name| format!(" `{}`", name.escape_debug())).unwrap_or_default();
            problems.push(Problem::new(Rule::ListUnknown, format!("it names no list{list} that was given")));
        }
        for (list, serial) in meant.filter(|(_, serial)| *serial < least) {
            let list = list.escape_debug();
            let what =
                format!("the list `{list}` has serial {serial}, and {least} is the least that is accepted");
            problems.push(Problem::new(Rule::ListRolledBack, what));
        }
    }
    if let Some(seen) = asked.seen {
        problems
            .extend(seen.hold(&lists, "the file of lists that were seen").into_iter().map(Problem::of_list));
    }
}

/// Holds the files against those that the receipt names.
fn compare(
    receipt: &Receipt,
    files: &[DataFile],
    threads: usize,
    watch: &dyn Watch,
    problems: &mut Vec<Problem>,
) -> Result<(), ReceiptError> {
    let there: BTreeMap<&str, &DataFile> = files.iter().map(|file| (file.name.as_str(), file)).collect();
    let known: BTreeSet<&str> = receipt.subject.iter().map(|file| file.name.as_str()).collect();
    let belongs = |file: &DataFile| file.named || file.read;
    let missing = receipt.subject.iter().filter(|file| !there.contains_key(file.name.as_str()));
    tell(problems, Rule::FileMissing, missing.map(|file| file.name.as_str()), "is not there");
    let extra = files.iter().filter(|file| !known.contains(file.name.as_str()) && belongs(file));
    tell(problems, Rule::FileExtra, extra.map(|file| file.name.as_str()), "was not verified");

    let pairs = receipt.subject.iter().filter_map(|file| Some((file, *there.get(file.name.as_str())?)));
    // Of a file of another size nothing need be read.
    let (same, other): (Vec<(&Subject, &DataFile)>, Vec<_>) =
        pairs.partition(|(subject, file)| subject.annotations.size == file.size);
    let read: Vec<&DataFile> = same.iter().map(|(_, file)| *file).collect();
    let digests = digests(&read, threads, watch)?;
    let changed = same.iter().zip(digests).filter(|((subject, _), digest)| subject.digest.0 != *digest);
    let changed = other.iter().chain(changed.map(|(pair, _)| pair)).map(|(subject, _)| subject.name.as_str());
    tell(problems, Rule::FileChanged, changed, "is not the file that was verified");
    Ok(())
}

/// One problem for each of the first files, and one for all the rest.
fn tell<'f>(problems: &mut Vec<Problem>, rule: Rule, files: impl Iterator<Item = &'f str>, what: &str) {
    let mut more = 0_usize;
    for (at, file) in files.enumerate() {
        if at < MOST {
            problems.push(Problem::new(rule, format!("{} {what}", file.escape_debug())));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        problems.push(Problem::new(rule, format!("and {more} more: {what}")));
    }
}
