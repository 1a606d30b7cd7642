//! Line diffs that are remembered from one run to the next.
//!
//! Decides nothing: the hunks between two contents are always the same, as long as lines are compared in the
//! same way. Cost: some 20 bytes a diff; two binary searches to find one again.

use std::sync::{Mutex, PoisonError};

use bitcode::{Decode, Encode};

use super::change_index::BlobNo;
use super::line_diff::Hunk;

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
    /// None, if nothing is to be remembered.
    learned: Option<Mutex<Vec<Learned>>>,
}

/// The blobs compared, and the hunks between them.
pub(super) type Learned = ((BlobNo, BlobNo), Box<[Step]>);

/// Lines that are the same, then lines that went and lines that came.
type Step = [u32; 3];

impl Memo {
    /// What is known of diffs in which white space counts or not; with `learn`, more is to be remembered.
    pub(super) fn new(known: SavedDiffs, ignore_whitespace: bool, learn: bool) -> Self {
        let learned = learn.then(Mutex::default);
        let fresh = SavedDiffs { ignore_whitespace, ..SavedDiffs::default() };
        let known = if known.ignore_whitespace == ignore_whitespace { known } else { fresh };
        match known.starts() {
            Some(starts) => Self { known, starts, learned },
            None => Self {
                known: SavedDiffs { ignore_whitespace, ..SavedDiffs::default() },
                starts: vec![0],
                learned,
            },
        }
    }

    /// Whether diffs are to be remembered.
    pub(super) fn learns(&self) -> bool {
        self.learned.is_some()
    }

    /// The hunks between two blobs, in place of what `hunks` holds; whether they are known.
    pub(super) fn find(&self, old: BlobNo, new: BlobNo, hunks: &mut Vec<Hunk>) -> bool {
        let SavedDiffs { old: olds, new: news, same, gone, come, .. } = &self.known;
        let start = olds.partition_point(|other| *other < old);
        let end = start + olds[start..].partition_point(|other| *other == old);
        let Ok(at) = news[start..end].binary_search(&new) else { return false };
        hunks.clear();
        let (mut old_at, mut new_at) = (0_u32, 0_u32);
        for at in self.starts[start + at] as usize..self.starts[start + at + 1] as usize {
            let (old_start, new_start) = (old_at.wrapping_add(same[at]), new_at.wrapping_add(same[at]));
            (old_at, new_at) = (old_start.wrapping_add(gone[at]), new_start.wrapping_add(come[at]));
            hunks.push(Hunk { old: old_start..old_at, new: new_start..new_at });
        }
        true
    }

    /// A diff to be remembered.
    pub(super) fn learned(old: BlobNo, new: BlobNo, hunks: &[Hunk]) -> Learned {
        let mut before = 0;
        let step = |hunk: &Hunk| {
            let same = hunk.old.start - before;
            before = hunk.old.end;
            [same, hunk.old.end - hunk.old.start, hunk.new.end - hunk.new.start]
        };
        ((old, new), hunks.iter().map(step).collect())
    }

    /// Remembers diffs.
    pub(super) fn learn(&self, diffs: &mut Vec<Learned>) {
        if let Some(learned) = &self.learned {
            learned.lock().unwrap_or_else(PoisonError::into_inner).append(diffs);
        }
    }

    /// All that is known now, to be kept.
    pub(super) fn save(&self) -> SavedDiffs {
        let mut learned = match &self.learned {
            Some(learned) => learned.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            None => Vec::new(),
        };
        if learned.is_empty() {
            return self.known.clone();
        }
        let known = &self.known;
        for (at, pair) in known.old.iter().zip(&known.new).enumerate() {
            let range = self.starts[at] as usize..self.starts[at + 1] as usize;
            learned.push((
                (*pair.0, *pair.1),
                range.map(|at| [known.same[at], known.gone[at], known.come[at]]).collect(),
            ));
        }
        // Two threads may have learned the same.
        learned.sort_unstable_by_key(|(pair, _)| *pair);
        learned.dedup_by_key(|(pair, _)| *pair);
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

impl SavedDiffs {
    /// Where the hunks of each diff begin; `None` if the columns do not hold together.
    fn starts(&self) -> Option<Vec<u32>> {
        let starts = super::saved::starts(&self.counts)?;
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
            memo.learn(&mut vec![Memo::learned(*old, *new, hunks)]);
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
        memo.learn(&mut vec![Memo::learned(1, 2, &[hunk(0..1, 0..1)])]);
        let mut saved = memo.save();
        saved.gone.clear();
        assert!(!Memo::new(saved, false, false).find(1, 2, &mut Vec::new()));
    }
}
