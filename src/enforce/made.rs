//! What a stored manifest was made from: one revision, or all refs; and whether those are still where it saw them.
//!
//! Decides that by the refs that it speaks of. Must not scan. Clones call one branch by several names, and the profile
//! `keys` tells none: what counts is that the same commits are named, and that no name means another commit. Whether
//! the manifest is of the whole history no ref tells.

use std::collections::{HashMap, HashSet};

use super::finding::{Finding, MOST_TOLD, Rule};
use crate::manifest::{CoverageRow, Manifest, RefCoverage, path};
use crate::repo::{ObjectId, Objects, RepoError, Tip};

/// A commit that somebody has checked out is no ref, and its name means another one everywhere.
const HEAD: &str = "HEAD";

/// What a manifest would have to be made from today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Whether all refs were scanned, not one revision.
    pub of_all_refs: bool,
    /// The revisions, that which is checked the first.
    pub tips: Vec<Tip>,
    /// The notes, which every scan looks at.
    notes: Vec<Tip>,
}

impl Made {
    /// What the manifest was made from, as it is in this repository, where `tip` is to be checked.
    ///
    /// # Errors
    /// The refs cannot be read.
    pub fn of(objects: &Objects, manifest: &Manifest, tip: &Tip) -> Result<Self, RepoError> {
        let notes = objects.notes()?;
        if !speaks_of_several(manifest, &notes) {
            return Ok(Self { of_all_refs: false, tips: vec![tip.clone()], notes });
        }
        let covered: HashSet<ObjectId> = refs(manifest).map(|row| row.tip).collect();
        let mut tips = match objects.all_tips() {
            Ok(tips) => tips,
            // The revision is a commit that no ref names.
            Err(RepoError::Nothing { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        tips.retain(|tip| tip.name != HEAD || covered.contains(&tip.commit));
        if tips.iter().all(|other| other.commit != tip.commit) {
            tips.push(tip.clone());
        }
        // Of a ref's own list only the first sets a limit of time.
        tips.sort_by_key(|other| other.commit != tip.commit);
        Ok(Self { of_all_refs: true, tips, notes })
    }

    /// The same as it was when what is commit `now` was still `then`.
    #[must_use]
    pub fn before(&self, now: ObjectId, then: ObjectId) -> Self {
        let mut before = self.clone();
        for tip in before.tips.iter_mut().filter(|tip| tip.commit == now) {
            tip.commit = then;
        }
        before
    }

    /// Which refs the manifest covers elsewhere than they are, not at all, or though they are gone.
    #[must_use]
    pub fn moved(&self, manifest: &Manifest) -> Option<Finding> {
        let here = || self.tips.iter().chain(&self.notes);
        let commits: HashSet<ObjectId> = here().map(|tip| tip.commit).collect();
        let mut named: HashMap<String, Vec<ObjectId>> = HashMap::new();
        for tip in here().filter(|tip| tip.name != HEAD) {
            named.entry(path::encode(tip.name.as_bytes())).or_default().push(tip.commit);
        }
        let gone = refs(manifest).filter_map(|row| {
            match row.name.as_ref().and_then(|name| named.get(name)).map(Vec::as_slice) {
                Some(there) if there.contains(&row.tip) => None,
                Some([now, ..]) => Some(format!("it covers {}, which is at {now} now", reference(row))),
                _ if commits.contains(&row.tip) => None,
                _ => Some(format!("it covers {}, which no ref here names", reference(row))),
            }
        });
        let covered: HashSet<ObjectId> = refs(manifest).map(|row| row.tip).collect();
        let known: HashSet<&str> = refs(manifest).filter_map(|row| row.name.as_deref()).collect();
        let new = here().filter(|tip| !covered.contains(&tip.commit)).filter_map(|tip| {
            let name = path::encode(tip.name.as_bytes());
            (!known.contains(name.as_str())).then(|| format!("it does not cover {name} at {}", tip.commit))
        });
        let mut told = gone.chain(new).peekable();
        told.peek()?;
        let finding = Finding::new(Rule::ManifestStale, "the manifest is for other refs than there are here");
        let mut finding = told.by_ref().take(MOST_TOLD).fold(finding, Finding::note);
        let more = told.count();
        if more > 0 {
            finding = finding.note(format!("and {more} more"));
        }
        Some(finding.note("if they are right elsewhere, fetch them, refs/tags/ and refs/notes/, too"))
    }
}

/// Whether the manifest is of several revisions. Without names those of notes can be told by what notes there are.
fn speaks_of_several(manifest: &Manifest, notes: &[Tip]) -> bool {
    let notes: HashSet<ObjectId> = notes.iter().map(|tip| tip.commit).collect();
    let is_of_notes = |row: &RefCoverage| match row.name {
        Some(_) => is_of_notes(row),
        None => notes.contains(&row.tip),
    };
    let revisions: HashSet<_> =
        refs(manifest).filter(|row| !is_of_notes(row)).map(|row| (row.name.as_deref(), row.tip)).collect();
    revisions.len() > 1
}

/// A ref that a manifest covers, as findings tell it.
pub(super) fn reference(row: &RefCoverage) -> String {
    match &row.name {
        Some(name) => format!("{name} at {}", row.tip),
        None => format!("commit {}", row.tip),
    }
}

/// Whether a row is of notes, by its name.
pub(super) fn is_of_notes(row: &RefCoverage) -> bool {
    row.name.as_deref().is_some_and(|name| name.starts_with("refs/notes/"))
}

/// Every ref that a manifest speaks of.
fn refs(manifest: &Manifest) -> impl Iterator<Item = &RefCoverage> {
    manifest.coverage().iter().filter_map(|row| match row {
        CoverageRow::Ref(row) => Some(&**row),
        _ => None,
    })
}
