//! The versions of files that a scan of several revisions, or of a whole history, looks at.
//!
//! Decides which versions there are, and at which tips each of them stands. A version is what a commit brought
//! to a path: two commits that brought the same bytes there made two versions.
//! Cost: one pass over the changes; no tree is read. Where neighbouring tips have the same version, they are
//! not looked at one by one.

use std::collections::BTreeMap;
use std::ops::Range;

use super::change_index::{ChangeNo, PathNo};
use super::engine::TipFile;
use super::history::CommitNo;
use super::timeline::Timeline;
use super::tree_diff::Leaf;
use super::walk::{Ground, Walker};
use crate::repo::{Objects, RepoError};

/// A version of a file.
#[derive(Debug, Clone)]
pub struct Version {
    /// The path, and what stands there.
    pub file: TipFile,
    /// The commit that brought it there.
    pub introduced: CommitNo,
    pub(super) brought: ChangeNo,
    /// The tips at which it stands, in the order of the tour.
    pub(super) tips: Vec<Range<usize>>,
}

/// Versions of files.
#[derive(Debug, Default)]
pub struct Versions {
    /// For each tip in the order of the tour, which of those asked about it is.
    order: Vec<usize>,
    /// The versions, path by path.
    pub(super) all: Vec<Version>,
}

impl Versions {
    /// The versions, path by path; of each path those of parents mostly before those of children.
    #[must_use]
    pub fn all(&self) -> &[Version] {
        &self.all
    }

    /// For each tip asked about, the sum of a number over the versions that stand there.
    #[must_use]
    pub fn sums(&self, number: impl Fn(usize) -> u64) -> Vec<u64> {
        // What is added at a tip, and taken away again behind the last one that has the version.
        let mut steps = vec![0_i128; self.order.len() + 1];
        for (at, version) in self.all.iter().enumerate() {
            let number = i128::from(number(at));
            for tips in &version.tips {
                steps[tips.start] += number;
                steps[tips.end] -= number;
            }
        }
        let mut sums = vec![0; self.order.len()];
        let mut sum = 0;
        for (step, tip) in steps.iter().zip(&self.order) {
            sum += step;
            sums[*tip] = u64::try_from(sum).unwrap_or_default();
        }
        sums
    }

    /// The versions that these commits brought, path by path; of each path in the order of the commits.
    pub(super) fn brought_by(
        ground: Ground<'_>,
        objects: &Objects,
        commits: &[CommitNo],
    ) -> Result<Self, RepoError> {
        let mut walker = Walker::new(ground, objects);
        let mut versions = Self::default();
        for commit in commits {
            let (first, changes) = ground.index.of_commit(*commit);
            for (number, change) in (first..).zip(changes) {
                walker.next_file();
                // What another parent has is not the merge's.
                if !change.new.is_absent() && walker.introduced(number)? == number {
                    versions.all.push(version(ground, change.path, number, Vec::new())?);
                }
            }
        }
        versions.all.sort_by(|one, other| one.file.path.cmp(&other.file.path));
        Ok(versions)
    }

    /// The versions that stand at `tips`; with `reached`, also all others that these commits brought.
    pub(super) fn find(
        ground: Ground<'_>,
        objects: &Objects,
        tips: &[CommitNo],
        reached: Option<&[bool]>,
    ) -> Result<Self, RepoError> {
        let Ground { index, forest, .. } = ground;
        let mut order: Vec<usize> = (0..tips.len()).collect();
        order.sort_by_key(|at| forest.enter(tips[*at]));
        let places: Vec<u32> = order.iter().map(|at| forest.enter(tips[*at])).collect();
        let mut walker = Walker::new(ground, objects);
        let mut versions = Self { order, all: Vec::new() };
        for path in (0..).take(index.paths().len()) {
            walker.next_file();
            let mut found: BTreeMap<ChangeNo, Vec<Range<usize>>> = BTreeMap::new();
            for (piece, number) in Timeline::new(index, forest, path).pieces() {
                let place = |position: u32| places.partition_point(|place| *place < position);
                let here = place(piece.start)..place(piece.end);
                if !here.is_empty() && !index.change(number).new.is_absent() {
                    found.entry(walker.introduced(number)?).or_default().push(here);
                }
            }
            if let Some(reached) = reached {
                for number in index.of_path(path) {
                    let change = index.change(*number);
                    let is_one = reached[change.commit as usize] && !change.new.is_absent();
                    if is_one && walker.introduced(*number)? == *number {
                        found.entry(*number).or_default();
                    }
                }
            }
            // In the order of the tour, so that a version mostly comes after those it is made of.
            for number in index.of_path(path) {
                if let Some(tips) = found.remove(number) {
                    versions.all.push(version(ground, path, *number, tips)?);
                }
            }
        }
        Ok(versions)
    }
}

fn version(
    ground: Ground<'_>,
    path: PathNo,
    brought: ChangeNo,
    tips: Vec<Range<usize>>,
) -> Result<Version, RepoError> {
    let change = ground.index.change(brought);
    let kind = change.new.kind().ok_or_else(|| RepoError::Bug("a version of nothing".into()))?;
    let leaf = Leaf { kind, id: ground.index.blob(change.new.blob()) };
    let file = TipFile { path: ground.index.path(path).to_vec(), leaf };
    Ok(Version { file, introduced: change.commit, brought, tips })
}
