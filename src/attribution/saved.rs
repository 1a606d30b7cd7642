//! A history and its change index, as they are kept from one run to the next.
//!
//! Decides what is kept, and that it holds together. What the id of a commit stands for never changes, so
//! what is kept of a commit stays right; numbers are kept, too, and new commits come behind. Commits that are
//! reachable no more stay until the index is dropped: whoever uses it looks at the reachable ones alone.
//! Names nobody.
//! Cost: some 20 bytes a change and 50 a commit; to use it again, a copy at the speed of memory.

use bitcode::{Decode, Encode};

use super::change_index::{Change, ChangeIndex, PathNo, Slot};
use super::found::SavedFound;
use super::history::{CommitNo, History};
use super::memo::SavedDiffs;
use crate::repo::ObjectId;

/// A history and its changes.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) history: History,
    pub(super) changes: ChangeIndex,
    pub(super) diffs: SavedDiffs,
    pub(super) found: SavedFound,
}

impl Index {
    /// How many commits there are.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.history.len()
    }
}

/// The plain columns of a history and its changes.
#[derive(Debug, Clone, Default, Encode, Decode)]
pub struct SavedIndex {
    ids: Vec<[u8; 20]>,
    trees: Vec<[u8; 20]>,
    parent_counts: Vec<u32>,
    parents: Vec<CommitNo>,
    change_counts: Vec<u32>,
    change_paths: Vec<PathNo>,
    change_old: Vec<u32>,
    change_new: Vec<u32>,
    /// What the other parents of merges have at their changed paths, change by change.
    sides: Vec<u32>,
    blobs: Vec<[u8; 20]>,
    path_lengths: Vec<u32>,
    paths: Vec<u8>,
    diffs: SavedDiffs,
    found: SavedFound,
}

impl SavedIndex {
    /// What is to be kept of a history and its changes.
    #[must_use]
    pub(super) fn of(history: &History, index: &ChangeIndex, diffs: SavedDiffs, found: SavedFound) -> Self {
        // Changes are kept commit by commit: that gives them other numbers.
        let mut numbers = vec![0; index.changes().len()];
        let mut saved = Self { diffs, ..Self::default() };
        for commit in history.numbers() {
            let parents = history.parents(commit);
            saved.ids.push(*history.id(commit).as_bytes());
            saved.trees.push(*history.tree(commit).as_bytes());
            saved.parent_counts.push(parents.len() as u32);
            saved.parents.extend_from_slice(parents);
            let (first, changes) = index.of_commit(commit);
            saved.change_counts.push(changes.len() as u32);
            for (number, change) in (first..).zip(changes) {
                numbers[number as usize] = saved.change_paths.len() as u32;
                saved.change_paths.push(change.path);
                saved.change_old.push(change.old.to_bits());
                saved.change_new.push(change.new.to_bits());
                for parent in 1..parents.len() {
                    saved.sides.push(index.at_parent(history, number, parent).to_bits());
                }
            }
        }
        saved.found = found.renumber(&numbers);
        saved.blobs = index.blobs().iter().map(|id| *id.as_bytes()).collect();
        for path in index.paths() {
            saved.path_lengths.push(path.len() as u32);
            saved.paths.extend_from_slice(path);
        }
        saved
    }

    /// How many commits there are.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.ids.len()
    }

    /// How many paths there are.
    #[must_use]
    pub fn paths(&self) -> usize {
        self.path_lengths.len()
    }

    /// How many changes there are.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.change_paths.len()
    }
}

impl SavedIndex {
    /// The history and the changes that were kept; `None` if the columns do not hold together.
    #[must_use]
    pub fn restore(self) -> Option<Index> {
        let ids = |ids: Vec<[u8; 20]>| ids.into_iter().map(ObjectId::from_bytes).collect::<Vec<_>>();
        let (commits, changes) = (self.ids.len(), self.change_paths.len());
        let change_starts = starts(&self.change_counts)?;
        let path_starts = starts(&self.path_lengths)?;
        let sound = self.trees.len() == commits
            && self.parent_counts.len() == commits
            && self.change_counts.len() == commits
            && self.change_old.len() == changes
            && self.change_new.len() == changes
            && change_starts.last() == Some(&(changes as u32))
            && path_starts.last() == Some(&(self.paths.len() as u32))
            && self.change_paths.iter().all(|path| (*path as usize) < self.path_lengths.len())
            && self.found.fits(self.path_lengths.len());
        if !sound {
            return None;
        }
        let slots = |bits: Vec<u32>| -> Option<Vec<Slot>> {
            let fits = |bits| Some(Slot::from_bits(bits)).filter(|slot| slot.fits(self.blobs.len()));
            bits.into_iter().map(fits).collect()
        };
        let (old, new, sides) = (slots(self.change_old)?, slots(self.change_new)?, slots(self.sides)?);
        let history =
            History::restore(ids(self.ids), ids(self.trees), self.parents, starts(&self.parent_counts)?)?;
        let mut changes = Vec::with_capacity(new.len());
        for (commit, bounds) in (0..).zip(change_starts.windows(2)) {
            for at in bounds[0] as usize..bounds[1] as usize {
                changes.push(Change { commit, path: self.change_paths[at], old: old[at], new: new[at] });
            }
        }
        let paths = path_starts.windows(2).map(|at| self.paths[at[0] as usize..at[1] as usize].into());
        let changes = ChangeIndex::restore(&history, changes, &change_starts, sides, paths, ids(self.blobs))?;
        Some(Index { history, changes, diffs: self.diffs, found: self.found })
    }
}

/// The sums of what comes before each; one more than there are counts.
pub(crate) fn starts(counts: &[u32]) -> Option<Vec<u32>> {
    let mut starts = Vec::with_capacity(counts.len() + 1);
    starts.push(0);
    let mut sum = 0_u32;
    for count in counts {
        sum = sum.checked_add(*count)?;
        starts.push(sum);
    }
    Some(starts)
}

/// Whether the starts end at `end`.
pub(crate) fn ends_at(starts: &[u32], end: usize) -> bool {
    starts.last().is_some_and(|last| *last as usize == end)
}

/// From where to where the things of number `at` go.
pub(crate) fn range(starts: &[u32], at: usize) -> std::ops::Range<usize> {
    starts[at] as usize..starts[at + 1] as usize
}
