//! A history and its change index, as they are kept from one run to the next.
//!
//! Decides what is kept, and that it holds together. What the id of a commit stands for never changes, so
//! what is kept of a commit stays right; numbers are kept, too, and new commits come behind. Commits that are
//! reachable no more stay until the index is dropped: whoever uses it looks at the reachable ones alone.
//! Names nobody.
//! Cost: some 20 bytes a change and 50 a commit; to use it again, a copy at the speed of memory. What is
//! remembered of diffs, renames and moves is not read until a file has to be walked.

use std::fmt;
use std::io::Read;
use std::sync::LazyLock;

use super::change_index::{Change, ChangeIndex, ChangeNo, Slot};
use super::columns::{Columns, put};
use super::found::SavedFound;
use super::history::{CommitNo, History};
use super::memo::SavedDiffs;
use super::origins::SavedOrigins;
use crate::repo::ObjectId;

/// Something that is yet to be read.
pub struct Later<T>(Box<dyn FnOnce() -> T + Send>);
/// Something that is read when it is first asked for.
pub type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// A history and its changes.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) history: History,
    pub(super) changes: ChangeIndex,
    pub(super) diffs: Later<Vec<SavedDiffs>>,
    pub(super) found: Later<Vec<SavedFound>>,
    pub(super) origins: Later<Vec<SavedOrigins>>,
}

/// How much of a history is kept: whatever has a number from these on is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Commits.
    pub commits: usize,
    /// Changes.
    pub changes: usize,
    /// Contents.
    pub blobs: usize,
    /// Paths.
    pub paths: usize,
}

/// The plain columns of a history and its changes, from some extent on.
#[derive(Debug, Clone, Default)]
pub struct SavedIndex {
    ids: Vec<[u8; 20]>,
    /// The commits in the order of their ids, as many as had one when this was sorted.
    by_id: Vec<CommitNo>,
    trees: Vec<[u8; 20]>,
    parent_counts: Vec<u32>,
    parents: Vec<CommitNo>,
    change_counts: Vec<u32>,
    /// Commit by commit: the commit, the path, what was there and what came.
    changes: Vec<[u32; 4]>,
    /// What the other parents of merges have at their changed paths, change by change.
    sides: Vec<u32>,
    blobs: Vec<[u8; 20]>,
    path_lengths: Vec<u32>,
    paths: Vec<u8>,
}

/// Bytes that are yet to be read, and how many.
pub type Bytes = (Box<dyn Read>, u64);

/// What walks have learned, and the next ones need not work out again.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    pub(super) diffs: SavedDiffs,
    pub(super) found: SavedFound,
    pub(super) origins: SavedOrigins,
}

/// What walks have learned, in parts that are each read when they are first asked for.
#[derive(Debug, Default)]
pub struct LearnedLater {
    diffs: Later<SavedDiffs>,
    found: Later<SavedFound>,
    origins: Later<SavedOrigins>,
}

impl<T: 'static> Later<T> {
    /// Something that `read` will give.
    pub fn new(read: impl FnOnce() -> T + Send + 'static) -> Self {
        Self(Box::new(read))
    }

    /// Reads it now.
    #[must_use]
    pub fn read(self) -> T {
        (self.0)()
    }

    /// Something that is there already.
    pub fn now(value: T) -> Self
    where
        T: Send,
    {
        Self::new(move || value)
    }

    /// What will be made of it.
    #[must_use]
    pub fn map<U: 'static>(self, make: impl FnOnce(T) -> U + Send + 'static) -> Later<U> {
        Later::new(move || make((self.0)()))
    }

    /// To be read when it is first asked for.
    #[must_use]
    pub fn lazy(self) -> Lazy<T> {
        LazyLock::new(self.0)
    }
}

impl<T: Default + 'static> Default for Later<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Later")
    }
}

/// Both of what was kept first and what was kept since.
fn both<T: Send + 'static>(first: Later<T>, since: Later<T>) -> Later<Vec<T>> {
    Later::new(move || vec![(first.0)(), (since.0)()])
}

impl Learned {
    /// Adds what was learned since.
    pub fn extend(&mut self, more: Self) {
        self.diffs.extend(more.diffs);
        self.found.extend(more.found);
        self.origins.extend(more.origins);
    }

    /// Its parts, each in bytes of its own.
    #[must_use]
    pub fn encode(&self) -> [Vec<u8>; 3] {
        [self.diffs.encode(), self.found.encode(), self.origins.encode()]
    }

    /// Reads it from its parts; a part that is damaged is as good as empty.
    #[must_use]
    pub fn decode([diffs, found, origins]: [Option<Bytes>; 3]) -> Self {
        Self {
            diffs: decode(SavedDiffs::decode)(diffs),
            found: decode(SavedFound::decode)(found),
            origins: decode(SavedOrigins::decode)(origins),
        }
    }
}

impl LearnedLater {
    /// What these functions will read, a part each.
    pub fn new([diffs, found, origins]: [Later<Option<Bytes>>; 3]) -> Self {
        Self {
            diffs: diffs.map(decode(SavedDiffs::decode)),
            found: found.map(decode(SavedFound::decode)),
            origins: origins.map(decode(SavedOrigins::decode)),
        }
    }
}

impl From<Learned> for LearnedLater {
    fn from(Learned { diffs, found, origins }: Learned) -> Self {
        Self { diffs: Later::now(diffs), found: Later::now(found), origins: Later::now(origins) }
    }
}

fn decode<T: Default>(
    decode: impl FnOnce(Box<dyn Read>, u64) -> Option<T> + Send + 'static,
) -> impl FnOnce(Option<Bytes>) -> T + Send + 'static {
    move |bytes| bytes.and_then(|(from, length)| decode(from, length)).unwrap_or_default()
}

impl SavedIndex {
    /// What is new of a history and its changes since `from`; and the number under which each change is kept.
    #[must_use]
    pub(super) fn of(history: &History, index: &ChangeIndex, from: Extent) -> (Self, Vec<ChangeNo>) {
        // Changes are kept commit by commit: that gives new ones other numbers.
        let mut numbers: Vec<ChangeNo> = (0..).take(index.changes().len()).collect();
        let mut next = from.changes as ChangeNo;
        let mut saved = Self::default();
        if from.commits == 0 {
            saved.by_id = history.by_id();
        }
        for commit in history.numbers().skip(from.commits) {
            let parents = history.parents(commit);
            saved.ids.push(*history.id(commit).as_bytes());
            saved.trees.push(*history.tree(commit).as_bytes());
            saved.parent_counts.push(parents.len() as u32);
            saved.parents.extend_from_slice(parents);
            let (first, changes) = index.of_commit(commit);
            saved.change_counts.push(changes.len() as u32);
            for (number, change) in (first..).zip(changes) {
                numbers[number as usize] = next;
                next += 1;
                let Change { path, old, new, .. } = change;
                saved.changes.push([commit, *path, old.to_bits(), new.to_bits()]);
                for parent in 1..parents.len() {
                    saved.sides.push(index.at_parent(history, number, parent).to_bits());
                }
            }
        }
        let blobs = index.blobs().get(from.blobs..).unwrap_or_default();
        saved.blobs = blobs.iter().map(|id| *id.as_bytes()).collect();
        for path in index.paths().get(from.paths..).unwrap_or_default() {
            saved.path_lengths.push(path.len() as u32);
            saved.paths.extend_from_slice(path);
        }
        (saved, numbers)
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for column in [&self.ids, &self.trees, &self.blobs] {
            put(&mut bytes, column);
        }
        for column in [
            &self.by_id,
            &self.parent_counts,
            &self.parents,
            &self.change_counts,
            &self.sides,
            &self.path_lengths,
        ] {
            put(&mut bytes, column);
        }
        put(&mut bytes, &self.changes);
        put(&mut bytes, &self.paths);
        bytes
    }

    /// Reads it from so many bytes; `None` if these are not all.
    pub fn decode(from: impl Read, length: u64) -> Option<Self> {
        let mut columns = Columns::new(from, length);
        let (ids, trees, blobs) = (columns.take()?, columns.take()?, columns.take()?);
        let read = Self {
            ids,
            trees,
            blobs,
            by_id: columns.take()?,
            parent_counts: columns.take()?,
            parents: columns.take()?,
            change_counts: columns.take()?,
            sides: columns.take()?,
            path_lengths: columns.take()?,
            changes: columns.take()?,
            paths: columns.take()?,
        };
        columns.is_at_end().then_some(read)
    }

    /// How much it is.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent {
            commits: self.ids.len(),
            changes: self.changes.len(),
            blobs: self.blobs.len(),
            paths: self.path_lengths.len(),
        }
    }

    /// Adds what is new since.
    pub fn extend(&mut self, more: Self) {
        self.ids.extend(more.ids);
        self.trees.extend(more.trees);
        self.parent_counts.extend(more.parent_counts);
        self.parents.extend(more.parents);
        self.change_counts.extend(more.change_counts);
        self.changes.extend(more.changes);
        self.sides.extend(more.sides);
        self.blobs.extend(more.blobs);
        self.path_lengths.extend(more.path_lengths);
        self.paths.extend(more.paths);
    }

    /// Puts all commits into the order of their ids, too.
    pub fn sort(&mut self) {
        self.by_id = (0..).take(self.ids.len()).collect();
        self.by_id.sort_unstable_by_key(|commit| self.ids[*commit as usize]);
    }

    /// The history and the changes that were kept, with what was learned of them first and since; `None` if the
    /// columns do not hold together.
    #[must_use]
    pub fn restore(self, first: LearnedLater, since: LearnedLater) -> Option<Index> {
        let ids = |ids: Vec<[u8; 20]>| ids.into_iter().map(ObjectId::from_bytes).collect::<Vec<_>>();
        let (commits, changes) = (self.ids.len(), self.changes.len());
        let (paths_len, blobs_len) = (self.path_lengths.len(), self.blobs.len());
        let change_starts = starts(&self.change_counts)?;
        let path_starts = starts(&self.path_lengths)?;
        let sound = self.trees.len() == commits
            && self.parent_counts.len() == commits
            && self.change_counts.len() == commits
            && ends_at(&change_starts, changes)
            && ends_at(&path_starts, self.paths.len());
        if !sound {
            return None;
        }
        let slot = |bits| Some(Slot::from_bits(bits)).filter(|slot| slot.fits(blobs_len));
        let change = |[commit, path, old, new]: [u32; 4]| {
            let change = Change { commit, path, old: slot(old)?, new: slot(new)? };
            Some(change).filter(|change| (change.path as usize) < paths_len)
        };
        // Made where the columns lie.
        let changes: Vec<Change> = self.changes.into_iter().map(change).collect::<Option<_>>()?;
        let of_their_commits = (0..).zip(change_starts.windows(2)).all(|(commit, bounds)| {
            changes[bounds[0] as usize..bounds[1] as usize].iter().all(|change| change.commit == commit)
        });
        let sides: Vec<Slot> = self.sides.into_iter().map(slot).collect::<Option<_>>()?;
        let history = History::restore(
            ids(self.ids),
            ids(self.trees),
            self.parents,
            starts(&self.parent_counts)?,
            self.by_id,
        )
        .filter(|_| of_their_commits)?;
        let paths = path_starts.windows(2).map(|at| self.paths[at[0] as usize..at[1] as usize].into());
        let changes = ChangeIndex::restore(&history, changes, &change_starts, sides, paths, ids(self.blobs))?;
        let found = both(first.found, since.found);
        let origins = both(first.origins, since.origins);
        Some(Index {
            history,
            changes,
            diffs: both(first.diffs, since.diffs),
            found: found.map(move |all| all.into_iter().filter(|found| found.fits(paths_len)).collect()),
            origins: origins.map(move |all| {
                all.into_iter().filter(|origins| origins.fits(paths_len, blobs_len)).collect()
            }),
        })
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
