//! A history and its change index, as they are kept from one run to the next.
//!
//! Decides what is kept, and that it holds together. What a commit's id stands for never changes, so what is
//! kept of a commit is right wherever that commit is reachable; whatever is reachable no more is left out
//! when the next run builds its own history. Names nobody.
//! Cost: some 20 bytes a change and 50 a commit.

use std::collections::HashMap;

use bitcode::{Decode, Encode};
use foldhash::fast::RandomState;

use super::change_index::{Change, ChangeIndex, PathNo, Slot};
use super::history::{CommitNo, History};
use crate::repo::ObjectId;

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
}

/// A saved index, ready to be asked.
#[derive(Debug, Default)]
pub struct Saved {
    index: SavedIndex,
    numbers: HashMap<ObjectId, CommitNo, RandomState>,
    parent_starts: Vec<usize>,
    change_starts: Vec<usize>,
    side_starts: Vec<usize>,
    path_starts: Vec<usize>,
}

impl SavedIndex {
    /// What is to be kept of a history and its changes.
    #[must_use]
    pub fn of(history: &History, index: &ChangeIndex) -> Self {
        let mut saved = Self::default();
        for commit in history.numbers() {
            let parents = history.parents(commit);
            saved.ids.push(*history.id(commit).as_bytes());
            saved.trees.push(*history.tree(commit).as_bytes());
            saved.parent_counts.push(parents.len() as u32);
            saved.parents.extend_from_slice(parents);
            let (first, changes) = index.of_commit(commit);
            saved.change_counts.push(changes.len() as u32);
            for (number, change) in (first..).zip(changes) {
                saved.change_paths.push(change.path);
                saved.change_old.push(change.old.to_bits());
                saved.change_new.push(change.new.to_bits());
                for parent in 1..parents.len() {
                    saved.sides.push(index.at_parent(history, number, parent).to_bits());
                }
            }
        }
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

    /// How many changes there are.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.change_paths.len()
    }
}

/// The sums of what comes before each; one more than there are counts.
fn starts(counts: impl Iterator<Item = usize>) -> Option<Vec<usize>> {
    let mut starts = vec![0_usize];
    let mut sum = 0_usize;
    for count in counts {
        sum = sum.checked_add(count)?;
        starts.push(sum);
    }
    Some(starts)
}

fn ends_at(starts: &[usize], end: usize) -> bool {
    starts.last() == Some(&end)
}

impl Saved {
    /// Checks that the columns hold together; `None` if they do not.
    #[must_use]
    pub fn new(index: SavedIndex) -> Option<Self> {
        let commits = index.ids.len();
        let changes = index.change_paths.len();
        let parents = |commit: usize| index.parent_counts.get(commit).map(|count| *count as usize);
        let parent_starts = starts(index.parent_counts.iter().map(|count| *count as usize))?;
        let change_starts = starts(index.change_counts.iter().map(|count| *count as usize))?;
        let sides = |(commit, count): (usize, &u32)| {
            Some(*count as usize).zip(parents(commit)).map(|(count, parents)| count * parents.saturating_sub(1))
        };
        let sides: Option<Vec<usize>> = index.change_counts.iter().enumerate().map(sides).collect();
        let side_starts = starts(sides?.into_iter())?;
        let path_starts = starts(index.path_lengths.iter().map(|length| *length as usize))?;
        let slots = index.change_old.iter().chain(&index.change_new).chain(&index.sides);
        let sound = index.trees.len() == commits
            && index.parent_counts.len() == commits
            && index.change_counts.len() == commits
            && index.change_old.len() == changes
            && index.change_new.len() == changes
            && ends_at(&parent_starts, index.parents.len())
            && ends_at(&change_starts, changes)
            && ends_at(&side_starts, index.sides.len())
            && ends_at(&path_starts, index.paths.len())
            && index.change_paths.iter().all(|path| (*path as usize) < index.path_lengths.len())
            && slots.into_iter().all(|slot| Slot::from_bits(*slot).fits(index.blobs.len()))
            && parent_starts.windows(2).enumerate().all(|(commit, bounds)| {
                index.parents[bounds[0]..bounds[1]].iter().all(|parent| (*parent as usize) < commit)
            });
        if !sound {
            return None;
        }
        let numbers = (0..).zip(&index.ids).map(|(number, id)| (ObjectId::from_bytes(*id), number)).collect();
        Some(Self { index, numbers, parent_starts, change_starts, side_starts, path_starts })
    }

    /// The number under which a commit was saved.
    #[must_use]
    pub fn number(&self, commit: ObjectId) -> Option<CommitNo> {
        self.numbers.get(&commit).copied()
    }

    /// The commit of a saved number.
    #[must_use]
    pub fn id(&self, commit: CommitNo) -> ObjectId {
        ObjectId::from_bytes(self.index.ids[commit as usize])
    }

    /// The commits, by saved number.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.index.ids.iter().map(|id| ObjectId::from_bytes(*id))
    }

    /// How many commits were saved.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.index.commits()
    }

    /// How many paths were saved.
    #[must_use]
    pub fn paths(&self) -> usize {
        self.index.path_lengths.len()
    }

    /// How many blobs were saved.
    #[must_use]
    pub(super) fn blobs(&self) -> usize {
        self.index.blobs.len()
    }

    pub(super) fn tree(&self, commit: CommitNo) -> ObjectId {
        ObjectId::from_bytes(self.index.trees[commit as usize])
    }

    pub(super) fn parents(&self, commit: CommitNo) -> impl Iterator<Item = ObjectId> {
        let (start, end) = bounds(&self.parent_starts, commit);
        self.index.parents[start..end].iter().map(|parent| ObjectId::from_bytes(self.index.ids[*parent as usize]))
    }

    /// The changes of a commit, in saved numbers, each with the slots of the other parents.
    pub(super) fn changes(&self, commit: CommitNo) -> impl ExactSizeIterator<Item = (Change, &[u32])> {
        let (start, end) = bounds(&self.change_starts, commit);
        let (side, side_end) = bounds(&self.side_starts, commit);
        let others = if end > start { (side_end - side) / (end - start) } else { 0 };
        (start..end).map(move |at| {
            let change = Change {
                commit,
                path: self.index.change_paths[at],
                old: Slot::from_bits(self.index.change_old[at]),
                new: Slot::from_bits(self.index.change_new[at]),
            };
            let from = side + (at - start) * others;
            (change, &self.index.sides[from..from + others])
        })
    }

    /// The path of a saved number.
    #[must_use]
    pub fn path(&self, path: PathNo) -> &[u8] {
        let (start, end) = bounds(&self.path_starts, path);
        &self.index.paths[start..end]
    }

    pub(super) fn blob(&self, blob: u32) -> ObjectId {
        ObjectId::from_bytes(self.index.blobs[blob as usize])
    }
}

fn bounds(starts: &[usize], at: u32) -> (usize, usize) {
    (starts[at as usize], starts[at as usize + 1])
}
