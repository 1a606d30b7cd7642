//! Every commit that is reachable, read once.
//!
//! Decides the commits' numbers: a parent's is always lower than its child's. Dates play no part in it.
//! Cost: one object read for each commit, memory of some 60 bytes each.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::progress::{Phase, Progress};
use super::saved::Saved;
use crate::repo::{Commit, Kind, ObjectId, Objects, RepoError};

/// The number of a commit in a [`History`].
pub type CommitNo = u32;

/// The commits that are reachable from some tips.
#[derive(Debug, Default)]
pub struct History {
    ids: Vec<ObjectId>,
    trees: Vec<ObjectId>,
    /// The parents of commit `n` are `parents[parent_starts[n]..parent_starts[n + 1]]`.
    parents: Vec<CommitNo>,
    parent_starts: Vec<u32>,
    numbers: HashMap<ObjectId, CommitNo, RandomState>,
}

/// A commit on the way down from a tip, and how many of its parents have been seen to.
struct Visit {
    id: ObjectId,
    tree: ObjectId,
    parents: Vec<ObjectId>,
    next: usize,
}

impl History {
    /// Reads all that is reachable from `tips` and is not saved.
    ///
    /// # Errors
    /// A commit is missing or damaged.
    pub fn load(
        objects: &Objects,
        tips: &[ObjectId],
        saved: &Saved,
        progress: &dyn Progress,
    ) -> Result<Self, RepoError> {
        progress.begin(Phase::Commits, None);
        let mut history = Self { parent_starts: vec![0], ..Self::default() };
        let mut entered = HashSet::<ObjectId, RandomState>::default();
        let mut stack: Vec<Visit> = Vec::new();
        for tip in tips {
            if entered.insert(*tip) {
                stack.push(Visit::read(objects, saved, *tip)?);
            }
            // Depth first, so that a commit gets its number after all its parents.
            while let Some(visit) = stack.last_mut() {
                if let Some(parent) = visit.parents.get(visit.next) {
                    visit.next += 1;
                    let parent = *parent;
                    if entered.insert(parent) {
                        stack.push(Visit::read(objects, saved, parent)?);
                    }
                } else if let Some(done) = stack.pop() {
                    history.append(&done)?;
                    if history.ids.len().is_multiple_of(1024) {
                        progress.advance(1024);
                        progress.check()?;
                    }
                }
            }
        }
        Ok(history)
    }

    fn append(&mut self, visit: &Visit) -> Result<(), RepoError> {
        let number = CommitNo::try_from(self.ids.len())
            .map_err(|_| RepoError::Limit { what: "the history".into(), limit: "2^32 commits".into() })?;
        for parent in &visit.parents {
            let parent = self.numbers.get(parent).copied().ok_or_else(|| RepoError::Corrupt {
                what: format!("commit {}", visit.id),
                why: "it is its own ancestor".into(),
            })?;
            self.parents.push(parent);
        }
        self.ids.push(visit.id);
        self.trees.push(visit.tree);
        self.parent_starts.push(u32::try_from(self.parents.len()).unwrap_or(u32::MAX));
        self.numbers.insert(visit.id, number);
        Ok(())
    }

    /// How many commits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The commits' ids, parents before children.
    #[must_use]
    pub fn ids(&self) -> &[ObjectId] {
        &self.ids
    }

    /// The id of a commit.
    #[must_use]
    pub fn id(&self, commit: CommitNo) -> ObjectId {
        self.ids.get(commit as usize).copied().unwrap_or_default()
    }

    /// The id of a commit's tree.
    #[must_use]
    pub fn tree(&self, commit: CommitNo) -> ObjectId {
        self.trees.get(commit as usize).copied().unwrap_or_default()
    }

    /// A commit's parents, in their order.
    #[must_use]
    pub fn parents(&self, commit: CommitNo) -> &[CommitNo] {
        let at = |at: usize| self.parent_starts.get(at).copied().unwrap_or_default() as usize;
        self.parents.get(at(commit as usize)..at(commit as usize + 1)).unwrap_or_default()
    }

    /// The number of a commit, if it is reachable.
    #[must_use]
    pub fn number(&self, id: ObjectId) -> Option<CommitNo> {
        self.numbers.get(&id).copied()
    }

    /// How many commits are reachable from `tip`, itself among them; 0 if it was not read.
    #[must_use]
    pub fn reachable(&self, tip: ObjectId) -> u64 {
        let Some(tip) = self.number(tip) else { return 0 };
        let mut reached = vec![false; self.ids.len()];
        reached[tip as usize] = true;
        let mut count = 0;
        // Going downwards, a commit comes after all its children.
        for commit in (0..=tip).rev() {
            if reached[commit as usize] {
                count += 1;
                for parent in self.parents(commit) {
                    reached[*parent as usize] = true;
                }
            }
        }
        count
    }

    /// Every number, parents before children.
    pub fn numbers(&self) -> std::ops::Range<CommitNo> {
        0..CommitNo::try_from(self.ids.len()).unwrap_or(CommitNo::MAX)
    }
}

impl Visit {
    fn read(objects: &Objects, saved: &Saved, id: ObjectId) -> Result<Self, RepoError> {
        if let Some(number) = saved.number(id) {
            return Ok(Self { id, tree: saved.tree(number), parents: saved.parents(number).collect(), next: 0 });
        }
        objects.with(id, Kind::Commit, |bytes| {
            let commit = Commit::parse(id, bytes)?;
            Ok(Self { id, tree: commit.tree, parents: commit.parents, next: 0 })
        })?
    }
}
