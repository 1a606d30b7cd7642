//! Whether a manifest is complete, fresh, and what a scan finds.
//!
//! Decides what is wrong with it; scans nothing and reads nothing itself. Tags and their number are compared only as
//! far as both sides know a tag: a clone has the tags that it was given, and a tag that a manifest does not cover is
//! uncovered to its readers, not clear.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Write as _;

use super::finding::{Finding, MOST_TOLD, Rule};
use super::made::{is_of_notes, reference};
use super::stored;
use crate::manifest::{
    CoverageRow, Entry, EntryUnit, Header, Manifest, ManifestError, Profile, RefCoverage, path,
};
use crate::policy::Timestamp;
use crate::repo::{ObjectId, Tip};

/// Whether the manifest speaks of all it names, and may be used at `now` for what the header of a scan of our own
/// (or one that would be) says: the same lists, the same policy.
#[must_use]
pub fn complete_and_fresh(manifest: &Manifest, own: &Header, now: Timestamp) -> Vec<Finding> {
    let header = manifest.header();
    let mut findings = Vec::new();
    let mut incomplete =
        stored::refs(manifest).filter_map(|row| Some((row, row.incomplete.as_deref()?))).peekable();
    if incomplete.peek().is_some() {
        let finding =
            Finding::new(Rule::ManifestIncomplete, "the manifest says itself that it is not complete");
        let told = incomplete.take(MOST_TOLD).map(|(row, why)| format!("{}: {why}", reference(row)));
        findings.push(told.fold(finding, Finding::note));
    }
    let mut stale = Vec::new();
    if sorted(&header.lists) != sorted(&own.lists) {
        let names = |header: &Header| {
            let lists = header.lists.iter();
            let names = lists.map(|list| {
                let (name, note) = (list.name.escape_debug(), list.origin.note());
                format!("`{name}` with serial {}{note}", list.serial)
            });
            names.take(MOST_TOLD).collect::<Vec<_>>().join(", ")
        };
        stale.push(format!("it was made with the list {}; in use is {}", names(header), names(own)));
    }
    if header.policy_digest != own.policy_digest {
        stale.push("it was made with another policy".to_owned());
    }
    if header.purposes != own.purposes {
        stale.push("it was made for other purposes".to_owned());
    }
    if header.not_after.is_some_and(|last| now > last) {
        stale.push("it has expired".to_owned());
    }
    if header.not_before.is_some_and(|first| now < first) {
        stale.push("it may not be used yet".to_owned());
    }
    if !stale.is_empty() {
        let finding = Finding::new(Rule::ManifestStale, "the manifest is out of date");
        findings.push(stale.into_iter().fold(finding, Finding::note));
    }
    findings
}

/// That the manifest is not for this revision.
#[must_use]
pub fn not_for(manifest: &Manifest, tip: &Tip) -> Finding {
    let finding =
        Finding::new(Rule::ManifestStale, format!("the manifest is not for commit {}", tip.commit)).at(tip);
    stored::refs(manifest)
        .take(MOST_TOLD)
        .fold(finding, |finding, row| finding.note(format!("it is for {}", reference(row))))
}

/// That no scan of a repository gives the manifest, if it was put together from others.
#[must_use]
pub fn merged(manifest: &Manifest) -> Option<Finding> {
    let merged = !manifest.header().merged_from.is_empty();
    merged.then(|| {
        Finding::new(
            Rule::ManifestStale,
            "the manifest was merged from others, which no scan here gives again",
        )
        .note("check those that it was merged from")
    })
}

/// How a manifest differs from a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In how many rows.
    pub rows: u64,
    /// Whether the manifest has rows that the scan has not, as that of a whole history has.
    pub has_more: bool,
    /// Which rows.
    pub finding: Finding,
}

/// Where rows of the manifest differ from those of a scan of our own, which has its profile. By what name a revision was
/// reached is decided [elsewhere](super::made).
#[must_use]
pub fn same_rows(manifest: &Manifest, own: &Manifest) -> Option<Difference> {
    let tags = known_tags(manifest, own);
    let mut told = Told::default();
    let refs = |manifest: &Manifest| {
        let refs = manifest.coverage().iter().filter_map(|row| match row {
            CoverageRow::Ref(row) => {
                let name = row.name.clone().filter(|_| is_of_notes(row));
                Some(RefCoverage { name, tags: 0, ..(**row).clone() })
            }
            _ => None,
        });
        let mut refs = sorted(&refs.collect::<Vec<_>>());
        refs.dedup();
        refs
    };
    let (own_refs, their_refs) = (refs(own), refs(manifest));
    walk(own_refs.iter(), their_refs.iter(), |side, row| {
        told.add(side, || format!("coverage of {}", reference(row)));
    });
    let covered = |row: &&CoverageRow| match row {
        CoverageRow::Ref(_) => false,
        CoverageRow::Tag(tag) => tag.git_sha1.is_some_and(|id| tags.contains(&id)),
        _ => true,
    };
    walk(own.coverage().iter().filter(covered), manifest.coverage().iter().filter(covered), |side, row| {
        told.add(side, || coverage(row));
    });
    let counts =
        |entry: &&Entry| entry.unit != EntryUnit::Tag || entry.git_sha1.is_some_and(|id| tags.contains(&id));
    walk(own.entries().iter().filter(counts), manifest.entries().iter().filter(counts), |side, row| {
        told.add(side, || entry(row));
    });
    let (rows, has_more) = (told.missing.0 + told.extra.0, told.extra.0 > 0);
    let finding = told.finding()?;
    let names = |manifest: &Manifest| stored::refs(manifest).next().and_then(|row| row.repo.clone());
    let finding = match (names(manifest), names(own)) {
        (Some(theirs), Some(ours)) if theirs != ours => {
            finding.note(format!("it calls the repository {theirs}, which is {ours} here: see --repo"))
        }
        _ => finding,
    };
    Some(Difference { rows, has_more, finding })
}

/// Whether a manifest that was made for an earlier commit is right for this one, of which `own` is a scan, too: the
/// same files can have come there by another way since, and then be someone's. Files of the manifest itself, which
/// `is_its` knows, are left out.
///
/// # Errors
/// The rows make no manifest.
pub fn still_right(
    manifest: &Manifest,
    own: Manifest,
    is_its: impl Fn(&[u8]) -> bool,
    threads: usize,
) -> Result<Option<Finding>, ManifestError> {
    let (header, mut entries, _) = own.into_parts();
    entries.retain(|entry| {
        let path = entry.path.as_deref().and_then(path::decode);
        matches!(entry.unit, EntryUnit::Blob | EntryUnit::Lines) && !path.is_some_and(|path| is_its(&path))
    });
    let own = Manifest::build(header.into(), entries, Vec::new(), manifest.header().profile, threads)?;
    let mut told = Told::default();
    walk(own.entries().iter(), manifest.entries().iter(), |side, row| {
        if side == Side::Ours {
            told.add(side, || entry(row));
        }
    });
    Ok(told.finding())
}

/// A scan of our own in another profile: `keys` tells less than `paths`.
///
/// # Errors
/// The rows make no manifest.
pub fn in_profile(own: Manifest, profile: Profile, threads: usize) -> Result<Manifest, ManifestError> {
    if own.header().profile == profile {
        return Ok(own);
    }
    let (header, entries, coverage) = own.into_parts();
    Manifest::build(header.into(), entries, coverage, profile, threads)
}

fn sorted<T: Ord + Clone>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort();
    items
}

/// The tags that both cover.
fn known_tags(one: &Manifest, other: &Manifest) -> HashSet<ObjectId> {
    let tags = |manifest: &Manifest| -> HashSet<ObjectId> {
        let tags = manifest.coverage().iter().filter_map(|row| match row {
            CoverageRow::Tag(tag) => tag.git_sha1,
            _ => None,
        });
        tags.collect()
    };
    tags(one).intersection(&tags(other)).copied().collect()
}

/// Whose row it is alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

/// Walks along two sorted rows, and hands out what only one of them has.
fn walk<'r, T: Ord + 'r>(
    own: impl Iterator<Item = &'r T>,
    theirs: impl Iterator<Item = &'r T>,
    mut see: impl FnMut(Side, &'r T),
) {
    let (mut own, mut theirs) = (own.peekable(), theirs.peekable());
    loop {
        let order = match (own.peek(), theirs.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(own), Some(theirs)) => own.cmp(theirs),
        };
        match order {
            Ordering::Less => own.next().into_iter().for_each(|row| see(Side::Ours, row)),
            Ordering::Greater => theirs.next().into_iter().for_each(|row| see(Side::Theirs, row)),
            Ordering::Equal => drop((own.next(), theirs.next())),
        }
    }
}

/// What differs: how much, and the first of it.
#[derive(Default)]
struct Told {
    missing: (u64, Vec<String>),
    extra: (u64, Vec<String>),
}

impl Told {
    fn add(&mut self, side: Side, row: impl FnOnce() -> String) {
        let (count, told) = match side {
            Side::Ours => &mut self.missing,
            Side::Theirs => &mut self.extra,
        };
        *count += 1;
        if told.len() < MOST_TOLD {
            told.push(row());
        }
    }

    fn finding(self) -> Option<Finding> {
        let ((missing, lacks), (extra, has)) = (self.missing, self.extra);
        if missing == 0 && extra == 0 {
            return None;
        }
        let message =
            format!("the manifest lacks {missing} rows that a scan finds, and has {extra} that it does not");
        let mut finding = Finding::new(Rule::ManifestDiffers, message);
        for (word, count, rows) in [("lacks", missing, lacks), ("has", extra, has)] {
            let more = count - rows.len() as u64;
            finding = rows.iter().fold(finding, |finding, row| finding.note(format!("{word} {row}")));
            if more > 0 {
                finding = finding.note(format!("{word} {more} more"));
            }
        }
        Some(finding)
    }
}

fn coverage(row: &CoverageRow) -> String {
    let unit = row.unit();
    let object = match row {
        CoverageRow::Blob(object) | CoverageRow::Commit(object) | CoverageRow::Tag(object) => object,
        CoverageRow::Path(row) => return format!("coverage of {unit} {}", row.path),
        CoverageRow::Ref(_) => return unit.to_string(),
    };
    match (object.git_sha1, object.sha256) {
        (Some(id), _) => format!("coverage of {unit} {id}"),
        (None, Some(sha256)) => {
            format!("coverage of {unit} sha256:{}", data_encoding::HEXLOWER.encode(&sha256))
        }
        (None, None) => format!("coverage of a {unit}"),
    }
}

fn entry(row: &Entry) -> String {
    let mut text = format!("{}", row.unit);
    if let Some(path) = &row.path {
        let _ = write!(text, " {path}");
    }
    if let Some((first, last)) = row.line_start.zip(row.line_end) {
        let _ = write!(text, ":{first}-{last}");
    }
    match (row.git_sha1, row.sha256) {
        (Some(id), _) => drop(write!(text, " ({id})")),
        (None, Some(sha256)) => drop(write!(text, " (sha256:{})", data_encoding::HEXLOWER.encode(&sha256))),
        (None, None) => {}
    }
    text
}

#[cfg(test)]
mod tests;
