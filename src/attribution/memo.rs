//! Line diffs that are remembered, also from one run to the next: where lines are followed to other files, the
//! same versions are met again and again.
//!
//! Decides nothing: the hunks between two contents are always the same, as long as lines are compared in the
//! same way. Decides when enough is known: what is not remembered is worked out again.
//! Cost: some 14 bytes a diff and a few for each hunk; one look into a table, or two binary searches, to find one
//! again.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bitcode::{Decode, Encode};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

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
    /// In parts that threads lock one at a time. None, if nothing is to be remembered.
    learned: Vec<Mutex<Learned>>,
    hasher: RandomState,
    /// So many bytes each part may add to what is kept.
    most: usize,
}

/// Diffs, packed: each pair of blobs, and the steps from hunk to hunk.
#[derive(Debug, Default)]
struct Learned {
    /// Where in `bytes` the diffs are, by the blobs compared.
    places: HashTable<u32>,
    bytes: Vec<u8>,
    /// How many hunks they have.
    hunks: usize,
}

/// Into so many parts what is learned is divided.
const PARTS: usize = 64;
/// So many bytes of diffs are remembered, counted as they are kept: packed, they take less.
const MOST: usize = 128 << 20;

/// The blobs compared.
type Pair = (BlobNo, BlobNo);

/// Lines that are the same, then lines that went and lines that came.
type Step = [u32; 3];

impl Memo {
    /// What is known of diffs in which white space counts or not; with `learn`, more is to be remembered.
    pub(super) fn new(known: SavedDiffs, ignore_whitespace: bool, learn: bool) -> Self {
        Self::with_most(known, ignore_whitespace, learn, MOST)
    }

    /// The same, with at most `most` bytes.
    pub(super) fn with_most(known: SavedDiffs, ignore_whitespace: bool, learn: bool, most: usize) -> Self {
        let learned = (0..if learn { PARTS } else { 0 }).map(|_| Mutex::default()).collect();
        let fresh = SavedDiffs { ignore_whitespace, ..SavedDiffs::default() };
        let known = if known.ignore_whitespace == ignore_whitespace { known } else { fresh.clone() };
        let (known, starts) = match known.starts() {
            Some(starts) => (known, starts),
            None => (fresh, vec![0]),
        };
        let most = most.saturating_sub(memory(known.counts.len(), known.same.len())) / PARTS;
        Self { known, starts, learned, hasher: RandomState::default(), most }
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
        let hash = self.hasher.hash_one((old, new));
        let Some(part) = self.part(hash) else { return false };
        let Some(steps) = part.find(hash, (old, new)) else { return false };
        unfold(steps, hunks);
        true
    }

    /// The part that has the diffs with this hash, if any is to be remembered.
    fn part(&self, hash: u64) -> Option<MutexGuard<'_, Learned>> {
        // The table goes by the lowest and the highest bits.
        let part = self.learned.get((hash >> 32) as usize % PARTS)?;
        Some(part.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers a diff that it does not know, if there is room.
    pub(super) fn learn(&self, old: BlobNo, new: BlobNo, hunks: &[Hunk]) {
        let hash = self.hasher.hash_one((old, new));
        let Some(mut part) = self.part(hash) else { return };
        if memory(part.places.len() + 1, part.hunks + hunks.len()) <= self.most {
            part.insert(hash, (old, new), hunks, &self.hasher);
        }
    }

    /// All that is known now, to be kept.
    pub(super) fn save(&self) -> SavedDiffs {
        let lock = |part| Mutex::lock(part).unwrap_or_else(PoisonError::into_inner);
        let parts: Vec<_> = self.learned.iter().map(lock).collect();
        let count: usize = parts.iter().map(|part| part.places.len()).sum();
        if count == 0 {
            return self.known.clone();
        }
        // The pairs are put in order, with where their steps are; these are copied but once.
        let known = &self.known;
        let mut pairs: Vec<(Pair, Option<u8>, u32)> = Vec::with_capacity(count + known.old.len());
        for (number, part) in (0..).zip(&parts) {
            pairs
                .extend(part.places.iter().map(|place| (pair_at(&part.bytes, *place), Some(number), *place)));
        }
        let before = known.old.iter().copied().zip(known.new.iter().copied());
        pairs.extend(before.zip(0..).map(|(pair, at)| (pair, None, at)));
        pairs.sort_unstable();
        let mut saved = SavedDiffs { ignore_whitespace: known.ignore_whitespace, ..SavedDiffs::default() };
        for column in [&mut saved.old, &mut saved.new, &mut saved.counts] {
            column.reserve_exact(pairs.len());
        }
        for ((old, new), part, at) in pairs {
            saved.old.push(old);
            saved.new.push(new);
            let before = saved.same.len();
            match part {
                Some(part) => parts[usize::from(part)].steps(at).for_each(|step| saved.push(step)),
                None => range(&self.starts, at as usize)
                    .for_each(|at| saved.push([known.same[at], known.gone[at], known.come[at]])),
            }
            saved.counts.push((saved.same.len() - before) as u32);
        }
        saved
    }
}

impl Learned {
    /// The steps of the diff at a place.
    fn steps(&self, place: u32) -> impl Iterator<Item = Step> {
        let mut rest = &self.bytes[place as usize + 8..];
        let count = take(&mut rest);
        (0..count).map(move |_| [take(&mut rest), take(&mut rest), take(&mut rest)])
    }

    fn find(&self, hash: u64, pair: Pair) -> Option<impl Iterator<Item = Step>> {
        let place = self.places.find(hash, |place| pair_at(&self.bytes, *place) == pair)?;
        Some(self.steps(*place))
    }

    fn insert(&mut self, hash: u64, pair: Pair, hunks: &[Hunk], hasher: &RandomState) {
        // Another thread may have been as fast.
        if self.find(hash, pair).is_some() {
            return;
        }
        let Ok(place) = u32::try_from(self.bytes.len()) else { return };
        self.bytes.extend(pair.0.to_le_bytes());
        self.bytes.extend(pair.1.to_le_bytes());
        put(&mut self.bytes, hunks.len() as u32);
        let mut before = 0;
        for Hunk { old, new } in hunks {
            for number in [old.start - before, old.end - old.start, new.end - new.start] {
                put(&mut self.bytes, number);
            }
            before = old.end;
        }
        self.hunks += hunks.len();
        let Self { places, bytes, .. } = self;
        places.insert_unique(hash, place, |place| hasher.hash_one(pair_at(bytes, *place)));
    }
}

/// Bytes of diffs as they are kept: three columns of four bytes and where each begins, and three columns of hunks.
fn memory(diffs: usize, hunks: usize) -> usize {
    16 * diffs + 12 * hunks
}

/// The pair of blobs that stands at a place.
fn pair_at(bytes: &[u8], place: u32) -> Pair {
    let number = |at: usize| {
        let number = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<4>());
        number.map_or(0, |number| u32::from_le_bytes(*number))
    };
    (number(place as usize), number(place as usize + 4))
}

/// Writes a number, seven bits a byte, the lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number that was written so.
fn take(bytes: &mut &[u8]) -> u32 {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let Some((byte, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
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
    fn push(&mut self, [same, gone, come]: Step) {
        self.same.push(same);
        self.gone.push(gone);
        self.come.push(come);
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

    #[test]
    fn what_has_no_room_is_not_remembered_and_what_is_known_stays() {
        let hunks = [hunk(3..4, 3..300), hunk(70_000..70_001, 70_296..70_296)];
        let learn = |memo: &Memo, pairs: std::ops::Range<u32>| {
            pairs.clone().for_each(|old| memo.learn(old, old + 1, &hunks));
            let mut found = Vec::new();
            let is_right = |old: &u32| {
                let known = memo.find(*old, old + 1, &mut found);
                assert!(!known || found == hunks, "what is found is never anything else");
                known
            };
            pairs.filter(is_right).count()
        };
        let none = Memo::with_most(SavedDiffs::default(), false, true, 0);
        assert_eq!((learn(&none, 0..100), none.save().old.len()), (0, 0));
        let few = Memo::with_most(SavedDiffs::default(), false, true, PARTS * 41);
        let known = learn(&few, 0..10_000);
        assert_eq!(known, PARTS, "one in each part");
        let saved = few.save();
        assert_eq!(saved.old.len(), known);
        // What was kept counts, too: from run to run it does not grow any further.
        let next = Memo::with_most(saved, false, true, PARTS * 41);
        assert_eq!(learn(&next, 10_000..20_000), 0);
        assert_eq!(next.save().old.len(), known);
        let roomy = Memo::new(next.save(), false, true);
        assert_eq!(learn(&roomy, 0..20_000), 20_000);
    }

    #[test]
    fn numbers_of_all_sizes_come_back() {
        let numbers = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 1 << 28, u32::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| put(&mut bytes, *number));
        let mut rest = &*bytes;
        assert_eq!(numbers.map(|_| take(&mut rest)), numbers);
        assert!(rest.is_empty());
    }
}
