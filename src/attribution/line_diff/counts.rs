//! How often the lines of the middles occur in the other file.
//!
//! Decides nothing. Cost: one pass over the ids of one file and over both middles. Memory: 4 bytes up to the
//! greatest id.

use std::ops::Range;

/// Size of the sieve that tells most other ids from those of the middles, without a look into a large table.
const SIEVE: usize = 4096;

/// How often an id occurs.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    old_middle: u32,
    new_middle: u32,
    /// At the head and the tail, which both files share.
    around: u32,
}

/// The counts of all ids that the middles have.
#[derive(Debug)]
pub(super) struct Counts {
    /// For each id 1 + its place in `counts`, or 0. All are 0 between two diffs.
    places: Vec<u32>,
    counts: Vec<Count>,
    sieve: [bool; SIEVE],
}

impl Default for Counts {
    fn default() -> Self {
        Self { places: Vec::new(), counts: Vec::new(), sieve: [false; SIEVE] }
    }
}

impl Counts {
    /// Counts the ids that the middles have.
    pub(super) fn add(&mut self, old: &[u32], new: &[u32], [old_middle, new_middle]: &[Range<usize>; 2]) {
        for id in &old[old_middle.clone()] {
            self.entry(*id).old_middle += 1;
        }
        for id in &new[new_middle.clone()] {
            self.entry(*id).new_middle += 1;
        }
        for part in [&old[..old_middle.start], &old[old_middle.end..]] {
            for id in part {
                if self.sieve[*id as usize % SIEVE]
                    && let Some(place) = self.place(*id)
                {
                    self.counts[place].around += 1;
                }
            }
        }
    }

    /// How many equals a line of either file has in the whole of the old one.
    pub(super) fn in_old(&self, id: u32) -> u32 {
        self.place(id).map_or(0, |place| self.counts[place].old_middle + self.counts[place].around)
    }

    /// How many equals a line of either file has in the whole of the new one.
    pub(super) fn in_new(&self, id: u32) -> u32 {
        self.place(id).map_or(0, |place| self.counts[place].new_middle + self.counts[place].around)
    }

    /// Forgets what `add` counted, and touches nothing else.
    pub(super) fn clear(&mut self, old_middle: &[u32], new_middle: &[u32]) {
        for id in old_middle.iter().chain(new_middle) {
            self.sieve[*id as usize % SIEVE] = false;
            self.places[*id as usize] = 0;
        }
        self.counts.clear();
    }

    /// Where an id of the middles is counted.
    fn place(&self, id: u32) -> Option<usize> {
        self.places.get(id as usize).and_then(|place| place.checked_sub(1)).map(|place| place as usize)
    }

    fn entry(&mut self, id: u32) -> &mut Count {
        let at = id as usize;
        self.sieve[at % SIEVE] = true;
        if at >= self.places.len() {
            self.places.resize(at + 1, 0);
        }
        if self.places[at] == 0 {
            self.counts.push(Count::default());
            self.places[at] = self.counts.len() as u32;
        }
        &mut self.counts[self.places[at] as usize - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_count_for_both_files() {
        let mut counts = Counts::default();
        let (old, new) = ([8, 1, 1, 5, 8], [8, 1, 6, 8]);
        // Once more, with buffers that were used.
        for _ in 0..2 {
            counts.add(&old, &new, &[1..4, 1..3]);
            assert_eq!([1, 5, 6, 8].map(|id| counts.in_old(id)), [2, 1, 0, 0]);
            assert_eq!([1, 5, 6, 8].map(|id| counts.in_new(id)), [1, 0, 1, 0]);
            counts.clear(&old[1..4], &new[1..3]);
            // 8 is now in a middle as well.
            counts.add(&old, &new, &[1..5, 1..3]);
            assert_eq!((counts.in_old(8), counts.in_new(8)), (2, 1));
            counts.clear(&old[1..5], &new[1..3]);
        }
        assert!(counts.places.iter().all(|place| *place == 0) && counts.counts.is_empty());
        assert!(!counts.sieve.contains(&true));
    }

    #[test]
    fn ids_that_the_sieve_takes_for_others_are_told_apart() {
        let (old, new) = ([7 + SIEVE as u32, 7, 3_000_000], [7 + SIEVE as u32, 3_000_000, 5]);
        let mut counts = Counts::default();
        counts.add(&old, &new, &[1..3, 1..3]);
        assert_eq!((counts.in_old(7), counts.in_new(7), counts.in_new(3_000_000)), (1, 0, 1));
    }
}
