//! Which commit changed which path, against its first parent; for merges, what the other parents had there.
//!
//! Decides nothing about lines. Depends on no list of files and no policy.
//! Cost: the trees that differ between a commit and its first parent; some 20 bytes a change.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::forest::Forest;
use super::history::{CommitNo, History};
use super::parallel;
use super::progress::{Phase, Progress};
use super::tree_diff::{Leaf, Trees};
use crate::repo::{EntryKind, ObjectId, RepoError, Repository};

/// The number of a path in a [`ChangeIndex`].
pub type PathNo = u32;
/// The number of a blob (or of a submodule's commit).
pub type BlobNo = u32;
/// The number of a change.
pub type ChangeNo = u32;

/// What stands at a path, with its blob numbered; or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(u32);

impl Slot {
    /// Nothing, or a folder.
    pub const ABSENT: Self = Self(u32::MAX);
    const BLOB_BITS: u32 = 30;

    fn new(kind: EntryKind, blob: BlobNo) -> Self {
        Self((kind as u32) << Self::BLOB_BITS | blob)
    }

    pub(super) fn to_bits(self) -> u32 {
        self.0
    }

    pub(super) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether it is absent, or of a known kind with one of `blobs` blobs.
    pub(super) fn fits(self, blobs: usize) -> bool {
        self.is_absent() || self.kind().is_some() && (self.blob() as usize) < blobs
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_absent(self) -> bool {
        self == Self::ABSENT
    }

    /// What kind of thing stands there.
    #[must_use]
    pub fn kind(self) -> Option<EntryKind> {
        match self.0 >> Self::BLOB_BITS {
            _ if self.is_absent() => None,
            0 => Some(EntryKind::File),
            1 => Some(EntryKind::Symlink),
            2 => Some(EntryKind::Submodule),
            _ => None,
        }
    }

    /// The number of its blob; of no meaning when nothing stands there.
    #[must_use]
    pub fn blob(self) -> BlobNo {
        self.0 & ((1 << Self::BLOB_BITS) - 1)
    }
}

/// A commit changed a path.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The commit.
    pub commit: CommitNo,
    /// The path.
    pub path: PathNo,
    /// What its first parent has there.
    pub old: Slot,
    /// What it has there.
    pub new: Slot,
}

/// All changes of a history.
#[derive(Debug, Default)]
pub struct ChangeIndex {
    changes: Vec<Change>,
    /// Where a commit's changes begin, and how many there are.
    of_commit: Vec<(ChangeNo, u32)>,
    /// For merges: where the slots of the other parents begin, change by change.
    side_starts: HashMap<CommitNo, usize, RandomState>,
    sides: Vec<Slot>,
    paths: Table<Box<[u8]>>,
    blobs: Table<ObjectId>,
    /// The changes of path `n` are `by_path[path_starts[n]..path_starts[n + 1]]`, in the forest's order.
    by_path: Vec<ChangeNo>,
    path_starts: Vec<u32>,
}

/// Values by number and numbers by value.
#[derive(Debug)]
struct Table<T> {
    values: Vec<T>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: HashTable::new(), hasher: RandomState::default() }
    }
}

impl<T: Eq + Hash> Table<T> {
    /// Values that are all different, numbered as they come.
    fn restore(values: Vec<T>) -> Self {
        let hasher = RandomState::default();
        let mut numbers = HashTable::with_capacity(values.len());
        for (number, value) in (0_u32..).zip(&values) {
            numbers.insert_unique(hasher.hash_one(value), number, |number| {
                hasher.hash_one(&values[*number as usize])
            });
        }
        Self { values, numbers, hasher }
    }

    fn find<Q: Eq + Hash + ?Sized>(&self, value: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
    {
        let same = |number: &u32| self.values[*number as usize].borrow() == value;
        self.numbers.find(self.hasher.hash_one(value), same).copied()
    }

    fn number<Q: Eq + Hash + ?Sized>(&mut self, value: &Q) -> u32
    where
        T: Borrow<Q> + for<'q> From<&'q Q>,
    {
        if let Some(number) = self.find(value) {
            return number;
        }
        let Self { values, numbers, hasher } = self;
        let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
        values.push(T::from(value));
        let hash = hasher.hash_one(value);
        numbers.insert_unique(hash, number, |number| hasher.hash_one(values[*number as usize].borrow()));
        number
    }
}

/// A change before anything in it has a number: the path, what stood there, and what does now.
type Raw = (Box<[u8]>, Option<Leaf>, Option<Leaf>);

/// What one thread found in a block of commits.
#[derive(Default)]
struct Block {
    /// Each with the number of its changes.
    commits: Vec<(CommitNo, u32)>,
    changes: Vec<Raw>,
    sides: Vec<Option<Leaf>>,
}

/// Commits in a piece of work: long enough for the trees of a chain to be read once.
const BLOCK: usize = 512;
/// More changes than this in one history are refused, and more in one piece of work: a few kilobytes of
/// trees can unfold into billions of paths.
const MAX_CHANGES: usize = 200_000_000;
const MAX_CHANGES_OF_BLOCK: usize = 10_000_000;

impl ChangeIndex {
    /// Compares with their first parents those commits of `history` that it does not know yet.
    ///
    /// # Errors
    /// A tree is missing or damaged.
    pub fn extend(
        &mut self,
        repository: &Repository,
        history: &History,
        forest: &Forest,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<(), RepoError> {
        let known = self.of_commit.len();
        progress.begin(Phase::Changes, Some((history.len() - known) as u64));
        self.of_commit.resize(history.len(), (0, 0));
        let new: Vec<CommitNo> =
            forest.tour().iter().copied().filter(|commit| *commit as usize >= known).collect();
        let blocks: Vec<&[CommitNo]> = new.chunks(BLOCK).collect();
        let work = |objects: &mut crate::repo::Objects, piece: usize| {
            progress.check()?;
            let commits = blocks.get(piece).copied().unwrap_or_default();
            let block = Block::read(history, commits, &mut Trees::new(objects))?;
            progress.advance(commits.len() as u64);
            Ok(block)
        };
        parallel::in_order(
            threads,
            blocks.len(),
            || repository.objects(),
            work,
            |_, block| self.append(history, &block),
        )?;
        self.sort_by_path(forest);
        Ok(())
    }

    /// An index that was made before, of all commits of `history`; `None` if it does not hold together.
    pub(super) fn restore(
        history: &History,
        changes: Vec<Change>,
        change_starts: &[u32],
        sides: Vec<Slot>,
        paths: impl Iterator<Item = Box<[u8]>>,
        blobs: Vec<ObjectId>,
    ) -> Option<Self> {
        let mut side_starts = HashMap::default();
        let mut side = 0;
        for (commit, bounds) in (0..).zip(change_starts.windows(2)) {
            let others = history.parents(commit).len().saturating_sub(1);
            if others > 0 && bounds[1] > bounds[0] {
                side_starts.insert(commit, side);
                side += others * (bounds[1] - bounds[0]) as usize;
            }
        }
        let of_commit = change_starts.windows(2).map(|bounds| (bounds[0], bounds[1] - bounds[0])).collect();
        let (paths, blobs) = (Table::restore(paths.collect()), Table::restore(blobs));
        let index = Self { changes, of_commit, side_starts, sides, paths, blobs, ..Self::default() };
        (side == index.sides.len()).then_some(index)
    }

    fn append(&mut self, history: &History, block: &Block) -> Result<(), RepoError> {
        let (mut at, mut side) = (0, 0);
        for (commit, count) in &block.commits {
            if self.changes.len() + *count as usize > MAX_CHANGES {
                let limit = format!("{MAX_CHANGES} changes");
                return Err(RepoError::Limit { what: "the history".into(), limit });
            }
            self.of_commit[*commit as usize] = (self.changes.len() as ChangeNo, *count);
            for (path, old, new) in &block.changes[at..at + *count as usize] {
                let path = self.paths.number(&**path);
                let (old, new) = (self.slot(*old)?, self.slot(*new)?);
                self.changes.push(Change { commit: *commit, path, old, new });
            }
            at += *count as usize;
            let others = history.parents(*commit).len().saturating_sub(1);
            if others > 0 && *count > 0 {
                self.side_starts.insert(*commit, self.sides.len());
                let end = side + others * *count as usize;
                for leaf in &block.sides[side..end] {
                    let slot = self.slot(*leaf)?;
                    self.sides.push(slot);
                }
                side = end;
            }
        }
        Ok(())
    }

    fn slot(&mut self, leaf: Option<Leaf>) -> Result<Slot, RepoError> {
        let Some(leaf) = leaf else { return Ok(Slot::ABSENT) };
        let blob = self.blobs.number(&leaf.id);
        if blob >= 1 << Slot::BLOB_BITS {
            return Err(RepoError::Limit { what: "the history".into(), limit: "2^30 file versions".into() });
        }
        Ok(Slot::new(leaf.kind, blob))
    }

    fn sort_by_path(&mut self, forest: &Forest) {
        let mut starts = vec![0_u32; self.paths.values.len() + 1];
        for change in &self.changes {
            starts[change.path as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        self.by_path.clear();
        self.by_path.resize(self.changes.len(), 0);
        for commit in forest.tour() {
            let (first, count) = self.of_commit[*commit as usize];
            for number in first..first + count {
                let slot = &mut next[self.changes[number as usize].path as usize];
                self.by_path[*slot as usize] = number;
                *slot += 1;
            }
        }
        self.path_starts = starts;
    }

    /// A change by its number.
    #[must_use]
    pub fn change(&self, number: ChangeNo) -> Change {
        self.changes[number as usize]
    }

    /// The changes of a commit, in the order of git's trees, and the number of the first.
    #[must_use]
    pub fn of_commit(&self, commit: CommitNo) -> (ChangeNo, &[Change]) {
        let (first, count) = self.of_commit[commit as usize];
        (first, &self.changes[first as usize..(first + count) as usize])
    }

    /// All changes, in no order that means anything.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What the parent `parent` (0 is the first) has at the path of a change.
    #[must_use]
    pub fn at_parent(&self, history: &History, number: ChangeNo, parent: usize) -> Slot {
        let change = self.change(number);
        if parent == 0 {
            return change.old;
        }
        let others = history.parents(change.commit).len() - 1;
        let (first, _) = self.of_commit[change.commit as usize];
        let start = self.side_starts.get(&change.commit).copied().unwrap_or_default();
        self.sides[start + (number - first) as usize * others + parent - 1]
    }

    /// The numbers of the changes of a path, in the forest's order.
    #[must_use]
    pub fn of_path(&self, path: PathNo) -> &[ChangeNo] {
        let (start, end) = (self.path_starts[path as usize], self.path_starts[path as usize + 1]);
        &self.by_path[start as usize..end as usize]
    }

    /// A path by its number.
    #[must_use]
    pub fn path(&self, number: PathNo) -> &[u8] {
        &self.paths.values[number as usize]
    }

    /// The number of a path.
    #[must_use]
    pub fn path_number(&self, path: &[u8]) -> Option<PathNo> {
        self.paths.find(path)
    }

    /// A blob's id by its number.
    #[must_use]
    pub fn blob(&self, number: BlobNo) -> ObjectId {
        self.blobs.values[number as usize]
    }

    /// All paths, by number.
    pub(super) fn paths(&self) -> &[Box<[u8]>] {
        &self.paths.values
    }

    /// All blobs, by number.
    pub(super) fn blobs(&self) -> &[ObjectId] {
        &self.blobs.values
    }

    /// A leaf with its blob numbered, if it occurs in this history.
    #[must_use]
    pub fn find_slot(&self, leaf: Leaf) -> Option<Slot> {
        self.blobs.find(&leaf.id).map(|blob| Slot::new(leaf.kind, blob))
    }
}

impl Block {
    fn read(history: &History, commits: &[CommitNo], trees: &mut Trees<'_>) -> Result<Self, RepoError> {
        let mut block = Self::default();
        for commit in commits {
            let (first, others) = match history.parents(*commit) {
                [] => (None, &[][..]),
                [first, others @ ..] => (Some(history.tree(*first)), others),
            };
            let start = block.changes.len();
            let changes = &mut block.changes;
            trees.diff(first, Some(history.tree(*commit)), &mut |difference| {
                if changes.len() >= MAX_CHANGES_OF_BLOCK {
                    let limit = format!("{MAX_CHANGES_OF_BLOCK} changes in {BLOCK} commits");
                    return Err(RepoError::Limit { what: "the history".into(), limit });
                }
                changes.push((difference.path.into(), difference.old, difference.new));
                Ok(())
            })?;
            for (path, _, _) in &block.changes[start..] {
                for other in others {
                    // A folder counts as nothing at its own path.
                    let there = trees.look_up(history.tree(*other), path)?;
                    block.sides.push(there.filter(|leaf| leaf.kind != EntryKind::Tree));
                }
            }
            let count = u32::try_from(block.changes.len() - start).unwrap_or(u32::MAX);
            block.commits.push((*commit, count));
        }
        Ok(block)
    }
}
