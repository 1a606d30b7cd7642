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
const BEFORE_ALL: i32 = -1;
/// Behind every backward point.
const AFTER_ALL: i32 = i32::MAX;

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
        backward.set(end, rows as i32);
        let (mut ahead, mut behind) = (Band { low: 0, high: 0 }, Band { low: end, high: end });
        let mut cost = 0;
        loop {
            cost += 1;
            ahead.widen(corners, forward, BEFORE_ALL);
            let mut long_run = go_forward(old, new, ahead, forward);
            if meets_forward && let Some((row, diagonal)) = meeting(ahead, forward, behind, backward) {
                return Split::at(row.0, diagonal, true, true);
            }
            behind.widen(corners, backward, AFTER_ALL);
            long_run |= go_backward(old, new, behind, backward);
            if !meets_forward && let Some((row, diagonal)) = meeting(ahead, forward, behind, backward) {
                return Split::at(row.1, diagonal, true, true);
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

/// Goes one line forward, and then along equal lines. True if there was a long run of them.
fn go_forward(old: &[u32], new: &[u32], ahead: Band, forward: &mut Reach) -> bool {
    let mut long_run = false;
    let mut diagonal = ahead.high;
    let (points, mut above) = forward.downward(ahead);
    for [below, here] in points {
        // A line of `old` is taken from the diagonal below, if that has come as far, or one of `new`.
        let from = (*below + 1).max(above);
        above = *below;
        let (start, column) = (from as usize, (from as isize - diagonal) as usize);
        let mut run = 0;
        while let (Some(old), Some(new)) = (old.get(start + run), new.get(column + run))
            && old == new
        {
            run += 1;
        }
        long_run |= run > RUN;
        *here = (start + run) as i32;
        diagonal -= 2;
    }
    long_run
}

/// Goes one line backward, and then along equal lines. True if there was a long run of them.
fn go_backward(old: &[u32], new: &[u32], behind: Band, backward: &mut Reach) -> bool {
    let mut long_run = false;
    let mut diagonal = behind.high;
    let (points, mut above) = backward.downward(behind);
    for [below, here] in points {
        // A line of `new` is taken from the diagonal below, if that has come further, or one of `old`.
        let from = (*below).min(above - 1);
        above = *below;
        let (start, column) = (from as isize, from as isize - diagonal);
        let mut run = 0;
        while let (Some(old), Some(new)) =
            (old.get((start - run - 1) as usize), new.get((column - run - 1) as usize))
            && old == new
        {
            run += 1;
        }
        long_run |= run > RUN as isize;
        *here = (start - run) as i32;
        diagonal -= 2;
    }
    long_run
}

/// The highest diagonal on which both searches have met, and the rows that they have reached on it.
///
/// Diagonals that are not in use at this cost were looked at before, and there was nothing.
fn meeting(ahead: Band, forward: &Reach, behind: Band, backward: &Reach) -> Option<((isize, isize), isize)> {
    let both = Band { low: ahead.low.max(behind.low), high: ahead.high.min(behind.high) };
    let (forward_rows, backward_rows) = (forward.rows_on(both), backward.rows_on(both));
    let met = forward_rows.iter().zip(backward_rows).fold(false, |met, (f, b)| met | (f >= b));
    if !met {
        return None;
    }
    let diagonal = both.diagonals().find(|diagonal| forward.get(*diagonal) >= backward.get(*diagonal))?;
    Some(((forward.get(diagonal), backward.get(diagonal)), diagonal))
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
    /// One further each way; at a corner one back, which keeps the step of two. A diagonal just outside has
    /// not been reached.
    fn widen(&mut self, corners: Self, reach: &mut Reach, unreached: i32) {
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

    fn set(&mut self, diagonal: isize, row: i32) {
        self.rows[(diagonal + self.zero) as usize] = row;
    }

    fn rows_on(&self, band: Band) -> &[i32] {
        let (first, last) = (band.low + self.zero, band.high + self.zero);
        self.rows.get(first as usize..=last as usize).unwrap_or_default()
    }

    /// For each diagonal of a band that is in use, from the highest down, the point on the diagonal below and
    /// its own; and first of all the point above the highest.
    fn downward(&mut self, band: Band) -> (impl Iterator<Item = &mut [i32; 2]>, i32) {
        let (first, last) = ((band.low - 1 + self.zero) as usize, (band.high + 1 + self.zero) as usize);
        let above = self.rows[last];
        (self.rows[first..last].as_chunks_mut().0.iter_mut().rev(), above)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reduced(ids: &[u32]) -> Reduced {
        Reduced { ids: ids.to_vec(), lines: (0..ids.len() as u32).collect(), changed: vec![false; ids.len()] }
    }

    /// What is left of each side without the changed lines, and how many are changed.
    fn kept(old: &[u32], new: &[u32]) -> ([Vec<u32>; 2], usize) {
        let mut sides = [reduced(old), reduced(new)];
        let [old, new] = &mut sides;
        Myers::default().compare(old, new);
        let changed = sides.iter().flat_map(|side| &side.changed).filter(|changed| **changed).count();
        let kept = sides.map(|side| {
            let lines = side.ids.iter().zip(&side.changed);
            lines.filter(|(_, changed)| !**changed).map(|(id, _)| *id).collect()
        });
        (kept, changed)
    }

    /// The length of the longest common subsequence, the slow way.
    fn longest(old: &[u32], new: &[u32]) -> usize {
        let mut row = vec![0; new.len() + 1];
        for a in old {
            let mut diagonal = 0;
            for (j, b) in new.iter().enumerate() {
                let up = row[j + 1];
                row[j + 1] = if a == b { diagonal + 1 } else { up.max(row[j]) };
                diagonal = up;
            }
        }
        row[new.len()]
    }

    #[test]
    fn the_example_of_the_paper() {
        let (kept, changed) = kept(&[1, 2, 3, 1, 2, 2, 1], &[3, 2, 1, 2, 1, 3]);
        assert_eq!((kept[0].len(), changed), (4, 5));
    }

    proptest! {
        #[test]
        fn small_boxes_get_the_shortest_answer(
            old in prop::collection::vec(0..6_u32, 0..60),
            new in prop::collection::vec(0..6_u32, 0..60),
        ) {
            let ([kept_old, kept_new], changed) = kept(&old, &new);
            prop_assert_eq!(&kept_old, &kept_new);
            prop_assert_eq!(changed, old.len() + new.len() - 2 * longest(&old, &new));
        }
    }

    #[test]
    fn a_costly_box_gets_some_answer() {
        let ids = |factor: u32| (0..3000).map(|line| line * factor % 3001).collect::<Vec<u32>>();
        let mut myers = Myers::default();
        let (mut old, mut new) = (reduced(&ids(7)), reduced(&ids(11)));
        myers.compare(&mut old, &mut new);
        assert!(myers.shortcuts.limit > 0);
        let changed = |side: &Reduced| side.changed.iter().filter(|changed| **changed).count();
        assert_eq!(changed(&old), changed(&new));
    }
}
