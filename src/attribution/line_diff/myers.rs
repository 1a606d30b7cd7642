//! The search for the lines that both middles have in the same order.
//!
//! Decides it as Myers does, by dividing: from both ends of a box of lines the search goes forward and
//! backward until the two meet, and each part is a box again. A box that proves costly is divided sooner,
//! where the search got far (git's two shortcuts), and then the answer may not be the shortest.
//! Cost: in each box the lines passed and the square of the cost at which it was divided.

use std::ops::Range;

use super::aside::{Reduced, root};
use super::ends::{same_head, same_tail};

/// No shortcut is taken below this cost, in lines taken from either end.
const PATIENCE: usize = 256;
/// More equal lines than this at once are a sign of the right way.
const RUN: usize = 20;
/// Behind every forward point.
const BEFORE_ALL: isize = -1;
/// Behind every backward point.
const AFTER_ALL: isize = i32::MAX as isize;

/// How often the search was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shortcuts {
    /// Divided at a long run of equal lines.
    pub long_run: u64,
    /// Divided at the furthest point, when the cost had reached its limit.
    pub limit: u64,
}

/// The search, with its buffers.
#[derive(Debug, Default)]
pub(super) struct Myers {
    forward: Reach,
    backward: Reach,
    boxes: Vec<Box>,
    pub(super) shortcuts: Shortcuts,
}

/// Lines of both sides that are still to be compared.
#[derive(Debug)]
struct Box {
    old: Range<usize>,
    new: Range<usize>,
    /// It is divided without shortcuts.
    minimal: bool,
}

/// Where a box is divided, in lines from its start.
#[derive(Debug, PartialEq, Eq)]
struct Split {
    old: usize,
    new: usize,
    first_minimal: bool,
    second_minimal: bool,
}

impl Myers {
    /// Marks the lines that stayed, but have no partner.
    pub(super) fn compare(&mut self, old: &mut Reduced, new: &mut Reduced) {
        let limit = PATIENCE.max(root(old.ids.len() + new.ids.len() + 3));
        self.boxes.clear();
        self.boxes.push(Box { old: 0..old.ids.len(), new: 0..new.ids.len(), minimal: false });
        while let Some(Box { old: a, new: b, minimal }) = self.boxes.pop() {
            let head = same_head(&old.ids[a.clone()], &new.ids[b.clone()]);
            let (a, b) = (a.start + head..a.end, b.start + head..b.end);
            let tail = same_tail(&old.ids[a.clone()], &new.ids[b.clone()]);
            let (a, b) = (a.start..a.end - tail, b.start..b.end - tail);
            if a.is_empty() || b.is_empty() {
                old.mark(a);
                new.mark(b);
                continue;
            }
            let split = self.split(&old.ids[a.clone()], &new.ids[b.clone()], minimal, limit);
            let (i, j) = (a.start + split.old, b.start + split.new);
            let first = Box { old: a.start..i, new: b.start..j, minimal: split.first_minimal };
            let second = Box { old: i..a.end, new: j..b.end, minimal: split.second_minimal };
            // The order is free. The larger one waits, so that few ever wait.
            let (small, large) = if first.size() < second.size() { (first, second) } else { (second, first) };
            self.boxes.push(large);
            self.boxes.push(small);
        }
    }

    /// Where to divide a box whose first lines differ and whose last lines differ; neither side is empty.
    ///
    /// Diagonals count lines of `old` less lines of `new`: the start lies on 0. At every cost the search goes
    /// one line further on each of them, and then along equal lines. It ends, since forward and backward meet
    /// at the latest when their costs add up to all lines. Either has then cost at least one: both parts are
    /// smaller than the box.
    fn split(&mut self, old: &[u32], new: &[u32], minimal: bool, limit: usize) -> Split {
        let (rows, columns) = (old.len() as isize, new.len() as isize);
        let corners = Band { low: -columns, high: rows };
        let end = rows - columns;
        let meets_forward = end % 2 != 0;
        let Self { forward, backward, shortcuts, .. } = self;
        forward.begin(corners);
        backward.begin(corners);
        forward.set(0, 0);
        backward.set(end, rows);
        let (mut ahead, mut behind) = (Band { low: 0, high: 0 }, Band { low: end, high: end });
        let mut cost = 0;
        loop {
            cost += 1;
            let mut long_run = false;
            ahead.widen(corners, forward, BEFORE_ALL);
            for diagonal in ahead.diagonals() {
                let (below, above) = (forward.get(diagonal - 1), forward.get(diagonal + 1));
                let from = if below >= above { below + 1 } else { above };
                let run = run_after(old, new, from, from - diagonal);
                let at = from + run as isize;
                long_run |= run > RUN;
                forward.set(diagonal, at);
                if meets_forward && behind.contains(diagonal) && backward.get(diagonal) <= at {
                    return Split::at(at, diagonal, true, true);
                }
            }
            behind.widen(corners, backward, AFTER_ALL);
            for diagonal in behind.diagonals() {
                let (below, above) = (backward.get(diagonal - 1), backward.get(diagonal + 1));
                let from = if below < above { below } else { above - 1 };
                let run = run_before(old, new, from, from - diagonal);
                let at = from - run as isize;
                long_run |= run > RUN;
                backward.set(diagonal, at);
                if !meets_forward && ahead.contains(diagonal) && at <= forward.get(diagonal) {
                    return Split::at(at, diagonal, true, true);
                }
            }
            if minimal {
                continue;
            }
            if long_run && cost > PATIENCE {
                let found = after_long_run(old, new, ahead, forward, cost)
                    .or_else(|| before_long_run(old, new, behind, backward, cost));
                if let Some(split) = found {
                    shortcuts.long_run += 1;
                    return split;
                }
            }
            if cost >= limit {
                shortcuts.limit += 1;
                return furthest(rows, columns, (ahead, forward), (behind, backward));
            }
        }
    }
}

impl Box {
    fn size(&self) -> usize {
        self.old.len() + self.new.len()
    }
}

impl Split {
    fn at(row: isize, diagonal: isize, first_minimal: bool, second_minimal: bool) -> Self {
        Self { old: row as usize, new: (row - diagonal) as usize, first_minimal, second_minimal }
    }
}

/// How many lines are equal from a point on.
fn run_after(old: &[u32], new: &[u32], row: isize, column: isize) -> usize {
    let (Some(old), Some(new)) = (old.get(row as usize..), new.get(column as usize..)) else { return 0 };
    old.iter().zip(new).take_while(|(old, new)| old == new).count()
}

/// How many lines are equal up to a point.
fn run_before(old: &[u32], new: &[u32], row: isize, column: isize) -> usize {
    let (Some(old), Some(new)) = (old.get(..row as usize), new.get(..column as usize)) else { return 0 };
    old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count()
}

/// The forward point that got furthest for its cost, right behind a long run.
fn after_long_run(old: &[u32], new: &[u32], ahead: Band, forward: &Reach, cost: usize) -> Option<Split> {
    let mut best = (4 * cost as isize, None);
    for diagonal in ahead.diagonals() {
        let row = forward.get(diagonal);
        let column = row - diagonal;
        let gain = row + column - diagonal.abs();
        let (Ok(i), Ok(j)) = (usize::try_from(row), usize::try_from(column)) else { continue };
        let inside = i >= RUN && i < old.len() && j >= RUN && j < new.len();
        if gain > best.0 && inside && old[i - RUN..i] == new[j - RUN..j] {
            best = (gain, Some(Split::at(row, diagonal, true, false)));
        }
    }
    best.1
}

/// The backward point that got furthest for its cost, right before a long run.
fn before_long_run(old: &[u32], new: &[u32], behind: Band, backward: &Reach, cost: usize) -> Option<Split> {
    let (rows, columns) = (old.len() as isize, new.len() as isize);
    let mut best = (4 * cost as isize, None);
    for diagonal in behind.diagonals() {
        let row = backward.get(diagonal);
        let column = row - diagonal;
        let gain = (rows - row) + (columns - column) - (diagonal - (rows - columns)).abs();
        let (Ok(i), Ok(j)) = (usize::try_from(row), usize::try_from(column)) else { continue };
        let inside = i > 0 && i + RUN <= old.len() && j > 0 && j + RUN <= new.len();
        if gain > best.0 && inside && old[i..i + RUN] == new[j..j + RUN] {
            best = (gain, Some(Split::at(row, diagonal, false, true)));
        }
    }
    best.1
}

/// The point that got furthest of all, forward or backward.
fn furthest(
    rows: isize,
    columns: isize,
    (ahead, forward): (Band, &Reach),
    (behind, backward): (Band, &Reach),
) -> Split {
    let mut best_forward = (-1, 0, 0);
    for diagonal in ahead.diagonals() {
        // Points may lie beyond an edge: back along the diagonal.
        let row = forward.get(diagonal).min(rows).min(columns + diagonal);
        let passed = row + (row - diagonal);
        if passed > best_forward.0 {
            best_forward = (passed, row, diagonal);
        }
    }
    let mut best_backward = (-1, 0, 0);
    for diagonal in behind.diagonals() {
        let row = backward.get(diagonal).max(0).max(diagonal);
        let passed = (rows - row) + (columns - (row - diagonal));
        if passed > best_backward.0 {
            best_backward = (passed, row, diagonal);
        }
    }
    if best_backward.0 < best_forward.0 {
        Split::at(best_forward.1, best_forward.2, true, false)
    } else {
        Split::at(best_backward.1, best_backward.2, false, true)
    }
}

/// The diagonals from `low` to `high`, of which every second one is in use at each cost.
#[derive(Debug, Clone, Copy)]
struct Band {
    low: isize,
    high: isize,
}

impl Band {
    /// One further each way; at a corner one back, which keeps the step of two. What is new lies beyond
    /// anything that was reached.
    fn widen(&mut self, corners: Self, reach: &mut Reach, unreached: isize) {
        if self.low > corners.low {
            self.low -= 1;
            reach.set(self.low - 1, unreached);
        } else {
            self.low += 1;
        }
        if self.high < corners.high {
            self.high += 1;
            reach.set(self.high + 1, unreached);
        } else {
            self.high -= 1;
        }
    }

    /// From the highest down.
    fn diagonals(self) -> impl Iterator<Item = isize> {
        (self.low..=self.high).rev().step_by(2)
    }

    fn contains(self, diagonal: isize) -> bool {
        (self.low..=self.high).contains(&diagonal)
    }
}

/// How many lines of `old` lie before the furthest point on each diagonal.
#[derive(Debug, Default)]
struct Reach {
    rows: Vec<i32>,
    /// Added to a diagonal, its place in `rows`.
    zero: isize,
}

impl Reach {
    /// Room for the diagonals between the corners and one beyond each. What is there stays: nothing is read
    /// before it was set.
    fn begin(&mut self, corners: Band) {
        self.zero = 1 - corners.low;
        let room = (corners.high + 1 + self.zero) as usize + 1;
        if self.rows.len() < room {
            self.rows.resize(room, 0);
        }
    }

    fn get(&self, diagonal: isize) -> isize {
        self.rows[(diagonal + self.zero) as usize] as isize
    }

    fn set(&mut self, diagonal: isize, row: isize) {
        self.rows[(diagonal + self.zero) as usize] = row as i32;
    }
}
