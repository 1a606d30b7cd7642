//! Line diffs that are remembered, also from one run to the next: where lines are followed to other files, the
//! same versions are met again and again.
//!
//! Decides nothing: the hunks between two contents are always the same, as long as lines are compared in the
//! same way. Cost: some 20 bytes a diff; two binary searches to find one again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bitcode::{Decode, Encode};
use foldhash::fast::RandomState;

use super::change_index::BlobNo;
use super::line_diff::Hunk;
use super::saved::{Later, Lazy, range, starts};

/// The diffs as they are kept, sorted by the blobs' numbers.
#[derive(Debug, Default, Clone, Encode, Decode)]
pub(super) struct SavedDiffs {
    ignore_whitespace: bool,
    old: Vec<BlobNo>,
    new: Vec<BlobNo>,
    counts: Vec<u32>,
    /// Of each hunk the lines since the hunk before, and how many lines went and came.
    same: Vec<u32>,
    gone: Vec<u32>,
    come: Vec<u32>,
}

/// Diffs that are known, and those that this run adds.
#[derive(Debug)]
pub(super) struct Memo {
    ignore_whitespace: bool,
    known: Lazy<Vec<Known>>,
    /// By the blobs compared, in parts that threads lock one at a time. None, if nothing is to be remembered.
    learned: Vec<Mutex<Learned>>,
}

/// Diffs that were kept, and where the hunks of each begin.
#[derive(Debug)]
struct Known {
    diffs: SavedDiffs,
    starts: Vec<u32>,
}

/// The hunks between blobs.
type Learned = HashMap<(BlobNo, BlobNo), Box<[Step]>, RandomState>;

/// Into so many parts what is learned is divided.
const PARTS: usize = 64;

/// Lines that are the same, then lines that went and lines that came.
type Step = [u32; 3];

impl Memo {
    /// What is known of diffs in which white space counts or not; with `learn`, more is to be remembered.
    pub(super) fn new(known: Later<Vec<SavedDiffs>>, ignore_whitespace: bool, learn: bool) -> Self {
        let learned = (0..if learn { PARTS } else { 0 }).map(|_| Mutex::default()).collect();
        let known = known.map(move |kept| {
            let fits = kept.into_iter().filter(|diffs| diffs.ignore_whitespace == ignore_whitespace);
            fits.filter_map(|diffs| Some(Known { starts: diffs.starts()?, diffs })).collect()
        });
        Self { ignore_whitespace, known: known.lazy(), learned }
    }

    /// The hunks between two blobs, in place of what `hunks` holds; whether they are known.
    pub(super) fn find(&self, old: BlobNo, new: BlobNo, hunks: &mut Vec<Hunk>) -> bool {
        for Known { diffs, starts } in self.known.iter() {
            let start = diffs.old.partition_point(|other| *other < old);
            let end = start + diffs.old[start..].partition_point(|other| *other == old);
            if let Ok(at) = diffs.new[start..end].binary_search(&new) {
                unfold(range(starts, start + at).map(|at| diffs.step(at)), hunks);
                return true;
            }
        }
        let Some(part) = self.part(old, new) else { return false };
        let part = part.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(steps) = part.get(&(old, new)) else { return false };
        unfold(steps.iter().copied(), hunks);
        true
    }

    fn part(&self, old: BlobNo, new: BlobNo) -> Option<&Mutex<Learned>> {
        self.learned.get(old.wrapping_mul(31).wrapping_add(new) as usize % PARTS)
    }

    /// Remembers a diff.
    pub(super) fn learn(&self, old: BlobNo, new: BlobNo, hunks: &[Hunk]) {
        let Some(part) = self.part(old, new) else { return };
        let mut before = 0;
        let step = |hunk: &Hunk| {
            let same = hunk.old.start - before;
            before = hunk.old.end;
            [same, hunk.old.end - hunk.old.start, hunk.new.end - hunk.new.start]
        };
        let steps = hunks.iter().map(step).collect();
        part.lock().unwrap_or_else(PoisonError::into_inner).insert((old, new), steps);
    }

    /// What was learned, to be kept.
    pub(super) fn learned(&self) -> SavedDiffs {
        let mut learned = Vec::new();
        for part in &self.learned {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            learned.extend(part.iter().map(|(pair, steps)| (*pair, steps.clone())));
        }
        learned.sort_unstable_by_key(|(pair, _)| *pair);
        let mut saved = SavedDiffs { ignore_whitespace: self.ignore_whitespace, ..SavedDiffs::default() };
        for (pair, steps) in learned {
            saved.push(pair, steps.iter().copied());
        }
        saved
    }
}

/// The hunks that steps make.
fn unfold(steps: impl Iterator<Item = Step>, hunks: &mut Vec<Hunk>) {
    hunks.clear();
    let (mut old, mut new) = (0_u32, 0_u32);
    hunks.extend(steps.map(|[same, gone, come]| {
        let (old_start, new_start) = (old.wrapping_add(same), new.wrapping_add(same));
        (old, new) = (old_start.wrapping_add(gone), new_start.wrapping_add(come));
        Hunk { old: old_start..old, new: new_start..new }
    }));
}

impl SavedDiffs {
    /// Adds others to these; if white space counts otherwise in them, they take their place.
    pub(super) fn extend(&mut self, more: Self) {
        if self.ignore_whitespace != more.ignore_whitespace && !more.old.is_empty() {
            *self = more;
            return;
        }
        self.old.extend(more.old);
        self.new.extend(more.new);
        self.counts.extend(more.counts);
        self.same.extend(more.same);
        self.gone.extend(more.gone);
        self.come.extend(more.come);
        let Some(starts) = self.starts() else {
            *self = Self::default();
            return;
        };
        let mut order: Vec<usize> = (0..self.old.len()).collect();
        order.sort_unstable_by_key(|at| (self.old[*at], self.new[*at]));
        let mut sorted = Self { ignore_whitespace: self.ignore_whitespace, ..Self::default() };
        for at in order {
            sorted.push((self.old[at], self.new[at]), range(&starts, at).map(|at| self.step(at)));
        }
        *self = sorted;
    }

    fn push(&mut self, (old, new): (BlobNo, BlobNo), steps: impl ExactSizeIterator<Item = Step>) {
        self.old.push(old);
        self.new.push(new);
        self.counts.push(steps.len() as u32);
        for [same, gone, come] in steps {
            self.same.push(same);
            self.gone.push(gone);
            self.come.push(come);
        }
    }

    fn step(&self, at: usize) -> Step {
        [self.same[at], self.gone[at], self.come[at]]
    }

    /// Where the hunks of each diff begin; `None` if the columns do not hold together.
    fn starts(&self) -> Option<Vec<u32>> {
        let starts = starts(&self.counts)?;
        let hunks = *starts.last()? as usize;
        let sound = [self.old.len(), self.new.len()] == [self.counts.len(); 2]
            && [self.same.len(), self.gone.len(), self.come.len()] == [hunks; 3];
        sound.then_some(starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(old: std::ops::Range<u32>, new: std::ops::Range<u32>) -> Hunk {
        Hunk { old, new }
    }

    #[test]
    fn what_is_learned_is_found_after_it_was_kept() {
        let diffs = [
            ((5, 2), vec![hunk(0..0, 0..3), hunk(7..9, 10..10)]),
            ((5, 1), vec![]),
            ((0, 9), vec![hunk(1..2, 1..4)]),
        ];
        let mut saved = SavedDiffs::default();
        // One run after the other, each with what the one before has kept.
        for ((old, new), hunks) in &diffs {
            let memo = Memo::new(Later::now(vec![SavedDiffs::default(), saved.clone()]), true, true);
            assert!(!memo.find(*old, *new, &mut Vec::new()));
            memo.learn(*old, *new, hunks);
            assert!(memo.find(*old, *new, &mut Vec::new()), "also in the run that learned it");
            saved.extend(memo.learned());
        }
        let memo = Memo::new(Later::now(vec![saved.clone()]), true, false);
        let mut found = vec![hunk(9..9, 9..9)];
        for ((old, new), hunks) in &diffs {
            assert!(memo.find(*old, *new, &mut found));
            assert_eq!(&found, hunks);
        }
        assert!(!memo.find(5, 3, &mut found) && !memo.find(6, 0, &mut found));
        assert!(
            !Memo::new(Later::now(vec![saved]), false, false).find(5, 2, &mut found),
            "white space counts now"
        );
    }

    #[test]
    fn columns_that_do_not_hold_together_are_forgotten() {
        let memo = Memo::new(Later::default(), false, true);
        memo.learn(1, 2, &[hunk(0..1, 0..1)]);
        let mut saved = memo.learned();
        saved.gone.clear();
        assert!(!Memo::new(Later::now(vec![saved]), false, false).find(1, 2, &mut Vec::new()));
    }
}
