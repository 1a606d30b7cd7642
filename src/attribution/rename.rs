//! Where a file came from that the parent does not have: the rename that `git blame` would follow.
//!
//! Decides for one destination. Sources are the files that the commit deleted, in the order of git's trees.
//! Cost: one similarity for each source of a fitting size, and a full comparison of trees for second and
//! later parents; both are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::blobs::Blobs;
use super::change_index::{ChangeIndex, PathNo, Slot};
use super::history::{CommitNo, History};
use super::similarity::{MAX_SCORE, sizes_allow};
use super::tree_diff::Trees;
use crate::repo::{EntryKind, RepoError};

/// A file that a commit deleted, as the parent had it.
pub(super) type Source = (PathNo, Slot);

/// A commit, held against its parent of this number.
type Against = (CommitNo, usize);

/// From this score on, files count as one renamed and edited.
const MINIMUM: u64 = MAX_SCORE / 2;
/// From this score on, the only source of the same base name is taken without looking further.
const MINIMUM_SAME_NAME: u64 = MAX_SCORE * 3 / 4;
/// git looks for no inexact renames among more sources than this.
const MAX_SOURCES: usize = 1_000_000;
/// How many of the best sources are kept.
const CANDIDATES: usize = 4;

/// What commits deleted against each of their parents.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    known: Mutex<HashMap<Against, Arc<[Source]>>>,
}

impl Deletions {
    /// The files that `commit` deleted against its parent number `parent`.
    pub(super) fn of(
        &self,
        history: &History,
        index: &ChangeIndex,
        trees: &mut Trees<'_>,
        commit: CommitNo,
        parent: usize,
    ) -> Result<Arc<[Source]>, RepoError> {
        let key = (commit, parent);
        if let Some(sources) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(sources.clone());
        }
        let sources: Arc<[Source]> =
            if parent == 0 {
                let (_, changes) = index.of_commit(commit);
                let gone = changes.iter().filter(|change| change.new.is_absent());
                gone.map(|change| (change.path, change.old)).collect()
            } else {
                let other = history.parents(commit)[parent];
                let mut gone = Vec::new();
                trees.diff(Some(history.tree(other)), Some(history.tree(commit)), &mut |difference| {
                    if let (Some(old), None) = (difference.old, difference.new) {
                        let known = index.path_number(difference.path).zip(index.find_slot(old));
                        gone.push(known.ok_or_else(|| {
                            RepoError::Bug("a path is missing from the change index".into())
                        })?);
                    }
                    Ok(())
                })?;
                gone.into()
            };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, sources.clone());
        Ok(sources)
    }
}

/// The source that `path`, which now holds `new`, was renamed from, if there is one.
pub(super) fn find(
    index: &ChangeIndex,
    blobs: &mut Blobs<'_>,
    sources: &[Source],
    path: PathNo,
    new: Slot,
) -> Result<Option<Source>, RepoError> {
    let name = base_name(index.path(path));
    let same_name = |source: &Source| base_name(index.path(source.0)) == name;

    let exact = || sources.iter().filter(|source| source.1 == new);
    if let Some(source) = exact().find(|source| same_name(source)).or_else(|| exact().next()) {
        return Ok(Some(*source));
    }
    if new.kind() != Some(EntryKind::File) || sources.is_empty() || sources.len() > MAX_SOURCES {
        return Ok(None);
    }

    let id = index.blob(new.blob());
    let size = blobs.size(id)?;
    let mut score = |source: &Source, minimum: u64| -> Result<u64, RepoError> {
        if source.1.kind() != Some(EntryKind::File) {
            return Ok(0);
        }
        let other = index.blob(source.1.blob());
        if !sizes_allow(size, blobs.size(other)?, minimum) {
            return Ok(0);
        }
        let spans = blobs.spans(id)?;
        Ok(spans.score(&*blobs.spans(other)?))
    };

    let mut namesakes = sources.iter().filter(|source| same_name(source));
    if let (Some(source), None) = (namesakes.next(), namesakes.next())
        && score(source, MINIMUM_SAME_NAME)? >= MINIMUM_SAME_NAME
    {
        return Ok(Some(*source));
    }

    // The worst of four slots gives way to a better source; which slot that is decides ties, as in git.
    let mut slots: [Option<(u64, bool, Source)>; CANDIDATES] = [None; CANDIDATES];
    let rank = |slot: &Option<(u64, bool, Source)>| slot.map(|(score, same, _)| (score, same));
    for source in sources {
        let candidate = Some((score(source, MINIMUM)?, same_name(source), *source));
        let mut worst = 0;
        for at in 1..CANDIDATES {
            if rank(&slots[at]) < rank(&slots[worst]) {
                worst = at;
            }
        }
        if rank(&slots[worst]) < rank(&candidate) {
            slots[worst] = candidate;
        }
    }
    let mut best = None;
    for slot in slots {
        if rank(&best) < rank(&slot) {
            best = slot;
        }
    }
    Ok(best.filter(|(score, _, _)| *score >= MINIMUM).map(|(_, _, source)| source))
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}
