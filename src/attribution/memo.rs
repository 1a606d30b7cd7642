//! Line diffs that are remembered, also from one run to the next: where lines are followed to other files, the
//! same versions are met again and again.
//!
//! Decides nothing: the hunks between two contents are always the same, as long as lines are compared in the
//! same way. Decides when enough is known: what is not remembered is worked out again.
//! Cost: some 14 bytes a diff and a few for each hunk; one look into a table, or two binary searches, to find one again.

use std::hash::BuildHasher;
use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::change_index::BlobNo;
use super::columns::{self, Columns};
use super::line_diff::Hunk;
use super::packed::{put, take};
use super::saved::{Later, Lazy, ends_at, range, starts};

/// The diffs as they are kept, sorted by the blobs' numbers.
#[derive(Debug, Default, Clone)]
pub(super) struct SavedDiffs {
    ignore_whitespace: bool,
    old: Vec<BlobNo>,
    new: Vec<BlobNo>,
    /// How many bytes the steps of each diff have.
    lengths: Vec<u32>,
    /// The steps, packed.
    bytes: Vec<u8>,
}

/// Diffs that are known, and those that this run adds.
#[derive(Debug)]
pub(super) struct Memo {
    ignore_whitespace: bool,
    known: Lazy<Vec<Known>>,
    /// In parts that threads lock one at a time. None, if nothing is to be remembered.
    learned: Vec<Mutex<Learned>>,
    hasher: RandomState,
    /// So many bytes each part may have.
    most: usize,
}

/// Diffs that were kept, and where the steps of each begin.
#[derive(Debug)]
struct Known {
    diffs: SavedDiffs,
    starts: Vec<u32>,
}

/// Diffs, packed: each pair of blobs, and the steps from hunk to hunk.
#[derive(Debug, Default)]
struct Learned {
    /// Where in `bytes` the diffs are, by the blobs compared.
    places: HashTable<u32>,
    bytes: Vec<u8>,
}

/// Into so many parts what is learned is divided.
const PARTS: usize = 64;
/// So many bytes of diffs are learned in a run, and so many are kept.
const MOST: usize = 64 << 20;

/// What stands before the steps of a diff takes no more bytes: a pair, and a length.
const HEAD: usize = 13;

/// The blobs compared.
type Pair = (BlobNo, BlobNo);

/// Lines that are the same, then lines that went and lines that came.
type Step = [u32; 3];

impl Memo {
    /// What is known of diffs in which white space counts or not; with `learn`, more is to be remembered.
    pub(super) fn new(known: Later<Vec<SavedDiffs>>, ignore_whitespace: bool, learn: bool) -> Self {
        Self::with_most(known, ignore_whitespace, learn, MOST)
    }

    /// The same, with at most `most` bytes.
    pub(super) fn with_most(
        known: Later<Vec<SavedDiffs>>,
        ignore_whitespace: bool,
        learn: bool,
        most: usize,
    ) -> Self {
        let learned = (0..if learn { PARTS } else { 0 }).map(|_| Mutex::default()).collect();
        let known = known.map(move |kept| {
            let fits = kept.into_iter().filter(|diffs| diffs.ignore_whitespace == ignore_whitespace);
            fits.filter_map(|diffs| Some(Known { starts: diffs.starts()?, diffs })).collect()
        });
        let (known, hasher) = (known.lazy(), RandomState::default());
        Self { ignore_whitespace, known, learned, hasher, most: most / PARTS }
    }

    /// The hunks between two blobs, in place of what `hunks` holds; whether they are known.
    pub(super) fn find(&self, old: BlobNo, new: BlobNo, hunks: &mut Vec<Hunk>) -> bool {
        for Known { diffs, starts } in self.known.iter() {
            let start = diffs.old.partition_point(|other| *other < old);
            let end = start + diffs.old[start..].partition_point(|other| *other == old);
            if let Ok(at) = diffs.new[start..end].binary_search(&new) {
                unfold(steps(&diffs.bytes[range(starts, start + at)]), hunks);
                return true;
            }
        }
        let hash = self.hasher.hash_one((old, new));
        let Some(part) = self.part(hash) else { return false };
        let Some(packed) = part.find(hash, (old, new)) else { return false };
        unfold(steps(packed), hunks);
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
        part.insert(hash, (old, new), hunks, &self.hasher, self.most);
    }

    /// What was learned, to be kept.
    pub(super) fn learned(&self) -> SavedDiffs {
        let lock = |part| Mutex::lock(part).unwrap_or_else(PoisonError::into_inner);
        let parts: Vec<_> = self.learned.iter().map(lock).collect();
        // The pairs are put in order, with where their steps are; these are copied but once.
        let all = |(number, part): (usize, &MutexGuard<'_, Learned>)| {
            part.places.iter().map(|place| (pair_at(&part.bytes, *place), number, *place)).collect::<Vec<_>>()
        };
        let mut pairs: Vec<(Pair, usize, u32)> = parts.iter().enumerate().flat_map(all).collect();
        pairs.sort_unstable();
        let mut saved = SavedDiffs { ignore_whitespace: self.ignore_whitespace, ..SavedDiffs::default() };
        for (pair, part, place) in pairs {
            saved.push(pair, parts[part].at(place));
        }
        saved
    }
}

impl Learned {
    /// The steps of the diff at a place, packed.
    fn at(&self, place: u32) -> &[u8] {
        let mut rest = self.bytes.get(place as usize + 8..).unwrap_or_default();
        let length = take(&mut rest) as usize;
        rest.get(..length).unwrap_or_default()
    }

    fn find(&self, hash: u64, pair: Pair) -> Option<&[u8]> {
        let place = self.places.find(hash, |place| pair_at(&self.bytes, *place) == pair)?;
        Some(self.at(*place))
    }

    /// Takes in a diff, if it does not get larger than `most` bytes by it.
    fn insert(&mut self, hash: u64, pair: Pair, hunks: &[Hunk], hasher: &RandomState, most: usize) {
        // Another thread may have been as fast.
        if self.find(hash, pair).is_some() {
            return;
        }
        let Ok(place) = u32::try_from(self.bytes.len()) else { return };
        let (mut packed, mut before) = (Vec::with_capacity(4 * hunks.len()), 0);
        for Hunk { old, new } in hunks {
            for number in [old.start - before, old.end - old.start, new.end - new.start] {
                put(&mut packed, number);
            }
            before = old.end;
        }
        if self.bytes.len() + HEAD + packed.len() > most {
            return;
        }
        self.bytes.extend(pair.0.to_le_bytes());
        self.bytes.extend(pair.1.to_le_bytes());
        put(&mut self.bytes, packed.len() as u32);
        self.bytes.append(&mut packed);
        let Self { places, bytes } = self;
        places.insert_unique(hash, place, |place| hasher.hash_one(pair_at(bytes, *place)));
    }
}

/// The pair of blobs that stands at a place.
fn pair_at(bytes: &[u8], place: u32) -> Pair {
    let number = |at: usize| {
        let number = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<4>());
        number.map_or(0, |number| u32::from_le_bytes(*number))
    };
    (number(place as usize), number(place as usize + 4))
}

/// The steps that were packed.
fn steps(mut packed: &[u8]) -> impl Iterator<Item = Step> {
    std::iter::from_fn(move || {
        (!packed.is_empty()).then(|| [take(&mut packed), take(&mut packed), take(&mut packed)])
    })
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
    /// Its bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.ignore_whitespace)];
        for column in [&self.old, &self.new, &self.lengths] {
            columns::put(&mut bytes, column);
        }
        columns::put(&mut bytes, &self.bytes);
        bytes
    }

    /// Reads it from so many bytes; `None` if these are not all.
    pub(super) fn decode(mut from: impl Read, length: u64) -> Option<Self> {
        let mut flag = [0];
        from.read_exact(&mut flag).ok()?;
        let mut columns = Columns::new(from, length.checked_sub(1)?);
        let (old, new) = (columns.take()?, columns.take()?);
        let (lengths, bytes) = (columns.take()?, columns.take()?);
        let ignore_whitespace = flag != [0];
        columns.is_at_end().then_some(Self { ignore_whitespace, old, new, lengths, bytes })
    }

    /// Adds others to these, if there is room; if white space counts otherwise in them, they take their place.
    pub(super) fn extend(&mut self, more: Self) {
        if self.ignore_whitespace != more.ignore_whitespace && !more.old.is_empty() {
            *self = more;
        } else if self.bytes.len() + more.bytes.len() <= MOST {
            self.merge(&more).unwrap_or_default();
        }
    }

    fn merge(&mut self, more: &Self) -> Option<()> {
        let (starts, more_starts) = (self.starts()?, more.starts()?);
        let mut all = Vec::with_capacity(self.old.len() + more.old.len());
        all.extend((0..self.old.len()).map(|at| (self.pair(at), &self.bytes[range(&starts, at)])));
        all.extend((0..more.old.len()).map(|at| (more.pair(at), &more.bytes[range(&more_starts, at)])));
        // Both are sorted, which the sort makes use of.
        all.sort_by_key(|(pair, _)| *pair);
        all.dedup_by_key(|(pair, _)| *pair);
        let mut merged = Self { ignore_whitespace: self.ignore_whitespace, ..Self::default() };
        all.into_iter().for_each(|(pair, packed)| merged.push(pair, packed));
        *self = merged;
        Some(())
    }

    fn pair(&self, at: usize) -> Pair {
        (self.old[at], self.new[at])
    }

    fn push(&mut self, (old, new): Pair, packed: &[u8]) {
        self.old.push(old);
        self.new.push(new);
        self.lengths.push(packed.len() as u32);
        self.bytes.extend_from_slice(packed);
    }

    /// Where the steps of each diff begin; `None` if the columns do not hold together.
    fn starts(&self) -> Option<Vec<u32>> {
        let starts = starts(&self.lengths)?;
        let sound =
            [self.old.len(), self.new.len()] == [self.lengths.len(); 2] && ends_at(&starts, self.bytes.len());
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
            let bytes = saved.encode();
            saved = SavedDiffs::decode(&*bytes, bytes.len() as u64).unwrap();
            assert!(SavedDiffs::decode(&*bytes, bytes.len() as u64 - 1).is_none());
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
        saved.bytes.clear();
        assert!(!Memo::new(Later::now(vec![saved]), false, false).find(1, 2, &mut Vec::new()));
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
        let none = Memo::with_most(Later::default(), false, true, 0);
        assert_eq!((learn(&none, 0..100), none.learned().old.len()), (0, 0));
        // One diff fills a part.
        let few = Memo::with_most(Later::default(), false, true, PARTS * 39);
        let known = learn(&few, 0..10_000);
        assert_eq!(known, PARTS, "one in each part");
        let saved = few.learned();
        assert_eq!(saved.old.len(), known);
        let roomy = Memo::new(Later::now(vec![saved]), false, true);
        assert_eq!(learn(&roomy, 0..20_000), 20_000);
        assert_eq!(roomy.learned().old.len(), 20_000, "each is learned anew: none was asked for before");
    }
}
