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
use super::saved::{range, starts};

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
#[derive(Debug, Default)]
pub(super) struct Memo {
    known: SavedDiffs,
    /// Where the hunks of each known diff begin, and the end of all.
    starts: Vec<u32>,
    /// By the blobs compared, in parts that threads lock one at a time. None, if nothing is to be remembered.
    learned: Vec<Mutex<Learned>>,
}

/// The hunks between blobs.
type Learned = HashMap<(BlobNo, BlobNo), Box<[Step]>, RandomState>;

/// Into so many parts what is learned is divided.
const PARTS: usize = 64;

/// Lines that are the same, then lines that went and lines that came.
type Step = [u32; 3];

impl Memo {
    /// What is known of diffs in which white space counts or not; with `learn`, more is to be remembered.
    pub(super) fn new(known: SavedDiffs, ignore_whitespace: bool, learn: bool) -> Self {
        let learned = (0..if learn { PARTS } else { 0 }).map(|_| Mutex::default()).collect();
        let fresh = SavedDiffs { ignore_whitespace, ..SavedDiffs::default() };
        let known = if known.ignore_whitespace == ignore_whitespace { known } else { fresh };
        match known.starts() {
            Some(starts) => Self { known, starts, learned },
            None => {
                let known = SavedDiffs { ignore_whitespace, ..SavedDiffs::default() };
                Self { known, starts: vec![0], learned }
            }
        }
    }

    /// The hunks between two blobs, in place of what `hunks` holds; whether they are known.
    pub(super) fn find(&self, old: BlobNo, new: BlobNo, hunks: &mut Vec<Hunk>) -> bool {
        let SavedDiffs { old: olds, new: news, same, gone, come, .. } = &self.known;
        let start = olds.partition_point(|other| *other < old);
        let end = start + olds[start..].partition_point(|other| *other == old);
        if let Ok(at) = news[start..end].binary_search(&new) {
            let steps = range(&self.starts, start + at);
            unfold(steps.map(|at| [same[at], gone[at], come[at]]), hunks);
            return true;
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

    /// All that is known now, to be kept.
    pub(super) fn save(&self) -> SavedDiffs {
        let mut learned = Vec::new();
        for part in &self.learned {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            learned.extend(part.iter().map(|(pair, steps)| (*pair, steps.clone())));
        }
        if learned.is_empty() {
            return self.known.clone();
        }
        let known = &self.known;
        for (at, pair) in known.old.iter().zip(&known.new).enumerate() {
            let range = range(&self.starts, at);
            learned.push((
                (*pair.0, *pair.1),
                range.map(|at| [known.same[at], known.gone[at], known.come[at]]).collect(),
            ));
        }
        learned.sort_unstable_by_key(|(pair, _)| *pair);
        let mut saved = SavedDiffs { ignore_whitespace: known.ignore_whitespace, ..SavedDiffs::default() };
        for ((old, new), steps) in learned {
            saved.old.push(old);
            saved.new.push(new);
            saved.counts.push(steps.len() as u32);
            for [same, gone, come] in steps {
                saved.same.push(same);
                saved.gone.push(gone);
                saved.come.push(come);
            }
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
            let memo = Memo::new(saved, true, true);
            assert!(!memo.find(*old, *new, &mut Vec::new()));
            memo.learn(*old, *new, hunks);
            assert!(memo.find(*old, *new, &mut Vec::new()), "also in the run that learned it");
            saved = memo.save();
        }
        let memo = Memo::new(saved.clone(), true, false);
        let mut found = vec![hunk(9..9, 9..9)];
        for ((old, new), hunks) in &diffs {
            assert!(memo.find(*old, *new, &mut found));
            assert_eq!(&found, hunks);
        }
        assert!(!memo.find(5, 3, &mut found) && !memo.find(6, 0, &mut found));
        assert!(!Memo::new(saved, false, false).find(5, 2, &mut found), "white space counts now");
    }

    #[test]
    fn columns_that_do_not_hold_together_are_forgotten() {
        let memo = Memo::new(SavedDiffs::default(), false, true);
        memo.learn(1, 2, &[hunk(0..1, 0..1)]);
        let mut saved = memo.save();
        saved.gone.clear();
        assert!(!Memo::new(saved, false, false).find(1, 2, &mut Vec::new()));
    }
}
