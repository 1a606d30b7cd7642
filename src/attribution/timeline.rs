//! For one path: which commit below another changed it last, along first parents.
//!
//! Decides nothing. The nested intervals of the changing commits are flattened into disjoint pieces of the
//! forest's tour, which are searched binarily. Cost: linear in the path's changes, once.

use std::ops::Range;

use super::change_index::{ChangeIndex, ChangeNo, PathNo};
use super::forest::Forest;

/// The change that made what stands at `path` at one position of the tour, without a timeline: for a path that is
/// asked about once. Cost: in the worst case the path's changes.
#[must_use]
pub fn latest(index: &ChangeIndex, forest: &Forest, path: PathNo, position: u32) -> Option<ChangeNo> {
    let changes = index.of_path(path);
    let commit = |number: &ChangeNo| index.change(*number).commit;
    let begun = changes.partition_point(|number| forest.enter(commit(number)) <= position);
    changes[..begun].iter().rev().find(|number| forest.leave(commit(number)) > position).copied()
}

/// The changes of one path, by position in the forest's tour.
#[derive(Debug, Default)]
pub struct Timeline {
    starts: Vec<u32>,
    changes: Vec<Option<ChangeNo>>,
}

impl Timeline {
    /// The timeline of `path`.
    #[must_use]
    pub fn new(index: &ChangeIndex, forest: &Forest, path: PathNo) -> Self {
        let mut line = Self::default();
        let mut open: Vec<(u32, ChangeNo)> = Vec::new();
        for number in index.of_path(path) {
            let commit = index.change(*number).commit;
            let start = forest.enter(commit);
            line.close(&mut open, start);
            line.begin(start, Some(*number));
            open.push((forest.leave(commit), *number));
        }
        line.close(&mut open, u32::MAX);
        line
    }

    /// Ends the intervals that are over at `position`; what surrounds them goes on.
    fn close(&mut self, open: &mut Vec<(u32, ChangeNo)>, position: u32) {
        while let Some((end, _)) = open.last().copied().filter(|(end, _)| *end <= position) {
            open.pop();
            self.begin(end, open.last().map(|(_, number)| *number));
        }
    }

    fn begin(&mut self, start: u32, change: Option<ChangeNo>) {
        if self.starts.last() == Some(&start) {
            self.changes.pop();
        } else {
            self.starts.push(start);
        }
        self.changes.push(change);
    }

    /// The pieces of the tour in which the same change made what stands at the path.
    pub fn pieces(&self) -> impl Iterator<Item = (Range<u32>, ChangeNo)> {
        let ends = self.starts.iter().skip(1).copied().chain([u32::MAX]);
        let pieces = self.starts.iter().copied().zip(ends).zip(&self.changes);
        pieces.filter_map(|((start, end), change)| Some((start..end, (*change)?)))
    }

    /// The change that made what stands at the path at `position`.
    #[must_use]
    pub fn at(&self, position: u32) -> Option<ChangeNo> {
        let piece = self.starts.partition_point(|start| *start <= position).checked_sub(1)?;
        self.changes[piece]
    }
}
