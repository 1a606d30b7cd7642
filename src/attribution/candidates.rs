//! Which files could have lines that were looked for in them, so that a part of these lines is not looked for in any
//! others.
//!
//! Decides nothing: a block that a file shares with a part of some lines is a block that it shares with all of them.
//! Cost: one look into a table for each range of lines that is looked for; some 50 bytes to remember it.

use std::collections::BTreeMap;

use super::change_index::ChangeNo;

/// Where lines are looked for: on behalf of which change, in which parent of its commit, and whether in other files
/// than their own.
pub(super) type Where = (ChangeNo, u32, bool);

/// The end of lines, and the numbers of the files that could have a block of them, sorted.
type Known = (u32, Box<[u32]>);

/// What one worker remembers.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// By the first of the lines that were looked for. No range lies within another.
    ranges: BTreeMap<(Where, u32), Known>,
}

/// So many ranges are remembered; then all are forgotten.
const MOST: usize = 1 << 16;

impl Candidates {
    /// The numbers of the files that could have a block of some lines, if that is known.
    pub(super) fn of(&self, place: Where, first: u32, end: u32) -> Option<&[u32]> {
        let ((there, _), (until, files)) = self.ranges.range(..=(place, first)).next_back()?;
        (*there == place && end <= *until).then_some(files)
    }

    /// Remembers that no other files than these have a block of some lines that weighs enough.
    pub(super) fn learn(&mut self, place: Where, first: u32, end: u32, mut files: Vec<u32>) {
        if self.of(place, first, end).is_some() {
            return;
        }
        if self.ranges.len() >= MOST {
            self.ranges.clear();
        }
        let behind = self.ranges.range((place, first)..=(place, end));
        let inside: Vec<_> = behind.filter(|(_, (until, _))| *until <= end).map(|(at, _)| *at).collect();
        for at in inside {
            self.ranges.remove(&at);
        }
        files.sort_unstable();
        self.ranges.insert((place, first), (end, files.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_lines_is_known_of_each_part_and_of_no_others() {
        let (mut known, place) = (Candidates::default(), (7, 0, true));
        known.learn(place, 10, 20, vec![5, 2]);
        known.learn(place, 12, 14, vec![9]);
        for (first, end) in [(10, 20), (12, 14), (19, 20), (20, 20)] {
            assert_eq!(known.of(place, first, end), Some([2, 5].as_slice()), "{first} to {end}");
        }
        for (first, end) in [(9, 12), (18, 21), (30, 31)] {
            assert_eq!(known.of(place, first, end), None, "{first} to {end}");
        }
        for other in [(7, 0, false), (7, 1, true), (8, 0, true)] {
            assert_eq!(known.of(other, 12, 14), None);
        }
        // It takes the place of what lies within.
        known.learn(place, 8, 30, vec![1]);
        assert_eq!(known.of(place, 12, 25), Some([1].as_slice()));
        assert_eq!(known.ranges.len(), 1);
        // What overlaps stays.
        known.learn(place, 25, 40, Vec::new());
        assert_eq!(known.of(place, 26, 30), Some([].as_slice()));
        assert_eq!(known.of(place, 9, 30), Some([1].as_slice()));
    }

    #[test]
    fn no_more_than_so_many_are_remembered() {
        let mut known = Candidates::default();
        for number in 0..MOST as u32 + 5 {
            known.learn((number, 0, false), 0, 1, Vec::new());
        }
        assert_eq!(known.ranges.len(), 5);
        assert_eq!(known.of((MOST as u32, 0, false), 0, 1), Some([].as_slice()));
    }
}
