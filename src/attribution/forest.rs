//! The forest of first parents: what hangs below what along the main line of each branch.
//!
//! Decides nothing else. Numbers the commits so that everything that descends from a commit along first
//! parents is one interval (an Euler tour). Cost: linear in the commits.

use super::history::{CommitNo, History};

/// Positions in the Euler tour.
#[derive(Debug)]
pub struct Forest {
    enter: Vec<u32>,
    leave: Vec<u32>,
    tour: Vec<CommitNo>,
}

impl Forest {
    /// Orders the commits of `history`.
    #[must_use]
    pub fn new(history: &History) -> Self {
        let count = history.len();
        let first = |commit: CommitNo| history.parents(commit).first().map(|parent| *parent as usize);
        // Parents have lower numbers, so sizes can be added up from the last commit to the first.
        let mut size = vec![1_u32; count];
        for commit in history.numbers().rev() {
            if let Some(parent) = first(commit) {
                size[parent] += size[commit as usize];
            }
        }
        let mut enter = vec![0_u32; count];
        let mut next = vec![0_u32; count];
        let mut roots = 0;
        for commit in history.numbers() {
            let at = commit as usize;
            let slot = match first(commit) {
                Some(parent) => &mut next[parent],
                None => &mut roots,
            };
            enter[at] = *slot;
            *slot += size[at];
            next[at] = enter[at] + 1;
        }
        let leave = enter.iter().zip(&size).map(|(enter, size)| enter + size).collect();
        let mut tour = vec![0; count];
        for (commit, position) in history.numbers().zip(&enter) {
            tour[*position as usize] = commit;
        }
        Self { enter, leave, tour }
    }

    /// Where the interval of `commit` and all its first-parent descendants begins: its own position.
    #[must_use]
    pub fn enter(&self, commit: CommitNo) -> u32 {
        self.enter.get(commit as usize).copied().unwrap_or_default()
    }

    /// Where that interval ends (exclusive).
    #[must_use]
    pub fn leave(&self, commit: CommitNo) -> u32 {
        self.leave.get(commit as usize).copied().unwrap_or_default()
    }

    /// All commits in the order of the tour: along a chain, a parent stands right before its child.
    #[must_use]
    pub fn tour(&self) -> &[CommitNo] {
        &self.tour
    }
}
