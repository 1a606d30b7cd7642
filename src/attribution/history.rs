//! Every commit that is reachable, read once.
//!
//! Decides the commits' numbers: a parent's is always lower than its child's. Dates play no part in it.
//! Cost: one object read for each commit, memory of some 60 bytes each.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::progress::{Phase, Progress};
use crate::repo::{Commit, Kind, ObjectId, Objects, RepoError};

/// The number of a commit in a [`History`].
pub type CommitNo = u32;

/// Commits, with all their ancestors.
#[derive(Debug, Clone)]
pub struct History {
    ids: Vec<ObjectId>,
    trees: Vec<ObjectId>,
    /// The parents of commit `n` are `parents[parent_starts[n]..parent_starts[n + 1]]`.
    parents: Vec<CommitNo>,
    parent_starts: Vec<u32>,
    /// Those that were read before, in the order of their ids.
    by_id: Vec<CommitNo>,
    /// The others.
    numbers: HashMap<ObjectId, CommitNo, RandomState>,
}

/// A commit on the way down from a tip, and how many of its parents have been seen to.
struct Visit {
    id: ObjectId,
    tree: ObjectId,
    parents: Vec<ObjectId>,
    next: usize,
}

impl Default for History {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            trees: Vec::new(),
            parents: Vec::new(),
            parent_starts: vec![0],
            by_id: Vec::new(),
            numbers: HashMap::default(),
        }
    }
}

impl History {
    /// Reads all that is reachable from `tips` and was not read before.
    ///
    /// # Errors
    /// A commit is missing or damaged.
    pub fn extend(
        &mut self,
        objects: &Objects,
        tips: &[ObjectId],
        progress: &dyn Progress,
    ) -> Result<(), RepoError> {
        progress.begin(Phase::Commits, None);
        let mut entered = HashSet::<ObjectId, RandomState>::default();
        let mut stack: Vec<Visit> = Vec::new();
        for tip in tips {
            if self.number(*tip).is_none() && entered.insert(*tip) {
                stack.push(Visit::read(objects, *tip)?);
            }
            // Depth first, so that a commit gets its number after all its parents.
            while let Some(visit) = stack.last_mut() {
                if let Some(parent) = visit.parents.get(visit.next) {
                    visit.next += 1;
                    let parent = *parent;
                    if self.number(parent).is_none() && entered.insert(parent) {
                        stack.push(Visit::read(objects, parent)?);
                    }
                } else if let Some(done) = stack.pop() {
                    self.append(&done)?;
                    if self.ids.len().is_multiple_of(1024) {
                        progress.advance(1024);
                        progress.check()?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A history that was read before, whose first commits are also given in the order of their ids; `None` if it does
    /// not hold together.
    pub(super) fn restore(
        ids: Vec<ObjectId>,
        trees: Vec<ObjectId>,
        parents: Vec<CommitNo>,
        parent_starts: Vec<u32>,
        by_id: Vec<CommitNo>,
    ) -> Option<Self> {
        let known = by_id.len();
        let numbers: HashMap<_, _, _> = ids.get(known..)?.iter().copied().zip(known as CommitNo..).collect();
        // Each stands there once, because no two are alike.
        let in_order = by_id.iter().all(|commit| (*commit as usize) < known)
            && by_id.is_sorted_by(|one, other| ids[*one as usize] < ids[*other as usize]);
        let sound = parent_starts.last() == Some(&u32::try_from(parents.len()).ok()?)
            && in_order
            && numbers.len() == ids.len() - known
            && parent_starts.windows(2).zip(0..).all(|(bounds, commit)| {
                let own = parents.get(bounds[0] as usize..bounds[1] as usize);
                own.is_some_and(|own| own.iter().all(|parent| *parent < commit))
            });
        sound.then_some(Self { ids, trees, parents, parent_starts, by_id, numbers })
    }

    fn append(&mut self, visit: &Visit) -> Result<(), RepoError> {
        let number = CommitNo::try_from(self.ids.len())
            .map_err(|_| RepoError::Limit { what: "the history".into(), limit: "2^32 commits".into() })?;
        for parent in &visit.parents {
            let parent = self.number(*parent).ok_or_else(|| RepoError::Corrupt {
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
        self.numbers.get(&id).copied().or_else(|| {
            let found = self.by_id.binary_search_by(|commit| self.ids[*commit as usize].cmp(&id));
            found.ok().map(|at| self.by_id[at])
        })
    }

    /// All commits, in the order of their ids.
    #[must_use]
    pub fn by_id(&self) -> Vec<CommitNo> {
        let id = |commit: &CommitNo| self.ids[*commit as usize];
        let mut new: Vec<CommitNo> = self.numbers().skip(self.by_id.len()).collect();
        new.sort_unstable_by_key(id);
        let (mut all, mut rest) = (Vec::with_capacity(self.ids.len()), self.by_id.as_slice());
        for commit in new {
            let (before, behind) = rest.split_at(rest.partition_point(|other| id(other) < id(&commit)));
            all.extend_from_slice(before);
            all.push(commit);
            rest = behind;
        }
        all.extend_from_slice(rest);
        all
    }

    /// For each commit, whether it is reachable from one of `tips`.
    #[must_use]
    pub fn reachable(&self, tips: &[ObjectId]) -> Vec<bool> {
        let mut reached = vec![false; self.ids.len()];
        for tip in tips {
            if let Some(tip) = self.number(*tip) {
                reached[tip as usize] = true;
            }
        }
        // Going downwards, a commit comes after all its children.
        for commit in self.numbers().rev() {
            if reached[commit as usize] {
                for parent in self.parents(commit) {
                    reached[*parent as usize] = true;
                }
            }
        }
        reached
    }

    /// Every number, parents before children.
    pub fn numbers(&self) -> std::ops::Range<CommitNo> {
        0..CommitNo::try_from(self.ids.len()).unwrap_or(CommitNo::MAX)
    }
}

impl Visit {
    fn read(objects: &Objects, id: ObjectId) -> Result<Self, RepoError> {
        objects.with(id, Kind::Commit, |bytes| {
            let commit = Commit::parse(id, bytes)?;
            Ok(Self { id, tree: commit.tree, parents: commit.parents, next: 0 })
        })?
    }
}
