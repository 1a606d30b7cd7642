//! Where lines were found elsewhere, remembered from one run to the next.
//!
//! Decides nothing: what a commit's parents have of a text is always the same, as long as lines are followed in
//! the same way. Texts are told apart by 128 bits of their SHA-256.
//! Cost: some 24 bytes for each range of lines that was looked for.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use bitcode::{Decode, Encode};
use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};

use super::change_index::{ChangeNo, PathNo};
use super::moves::Follow;

/// A text that was looked for on behalf of a change.
pub(super) type Wanted = (ChangeNo, [u8; 16]);

/// A part of the text, and where a parent has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(super) struct Part {
    /// The first line, counted from the start of the text.
    pub(super) at: u32,
    /// How many.
    pub(super) len: u32,
    /// Which parent.
    pub(super) parent: u32,
    /// The path there.
    pub(super) path: PathNo,
    /// The first line there.
    pub(super) there: u32,
}

/// What is kept, sorted by what was wanted.
#[derive(Debug, Clone, Default, Encode, Decode)]
pub(super) struct SavedFound {
    /// How lines were followed: the weights, and whether white space was ignored.
    how: (Option<u32>, Option<u32>, bool),
    changes: Vec<ChangeNo>,
    texts: Vec<[u8; 16]>,
    counts: Vec<u32>,
    parts: Vec<Part>,
    /// Lines of the version that a change made, by their own text, of which no part is anywhere else: change, first line, end. Sorted,
    /// none within another of the same change.
    barren: Vec<(ChangeNo, u32, u32)>,
}

/// What was found, and what this run adds.
#[derive(Debug, Default)]
pub(super) struct Found {
    known: SavedFound,
    starts: Vec<u32>,
    /// None, if nothing is to be remembered.
    learned: Option<Mutex<Learned>>,
    learned_barren: Mutex<Barren>,
}

type Learned = HashMap<Wanted, Box<[Part]>, RandomState>;

/// By change and first line where barren lines end; none within others of the same change.
type Barren = BTreeMap<(ChangeNo, u32), u32>;

/// The key of a text wanted for a change.
pub(super) fn wanted(change: ChangeNo, text: &[u8]) -> Wanted {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    (change, short)
}

impl Found {
    /// What is known if lines are followed so; with `learn`, more is to be remembered.
    pub(super) fn new(known: SavedFound, follow: Follow, ignore_whitespace: bool, learn: bool) -> Self {
        let how = (follow.moves, follow.copies, ignore_whitespace);
        let learned = learn.then(Mutex::default);
        match known.starts() {
            Some(starts) if known.how == how => Self { known, starts, learned, ..Self::default() },
            _ => {
                let known = SavedFound { how, ..SavedFound::default() };
                Self { known, starts: vec![0], learned, ..Self::default() }
            }
        }
    }

    /// Whether anything is known or to be remembered.
    pub(super) fn is_on(&self) -> bool {
        self.learned.is_some() || !self.known.changes.is_empty() || !self.known.barren.is_empty()
    }

    /// Whether it is known that no part of some lines of a change's version is anywhere else.
    pub(super) fn is_barren(&self, change: ChangeNo, first: u32, end: u32) -> bool {
        let barren = &self.known.barren;
        let behind = barren.partition_point(|(other, start, _)| (*other, *start) <= (change, first));
        let before = behind.checked_sub(1).map(|at| barren[at]);
        if before.is_some_and(|(other, _, until)| other == change && end <= until) {
            return true;
        }
        let learned = self.learned_barren.lock().unwrap_or_else(PoisonError::into_inner);
        is_within(&learned, change, first, end)
    }

    /// Remembers that no part of some lines of a change's version is anywhere else.
    pub(super) fn learn_barren(&self, change: ChangeNo, first: u32, end: u32) {
        if self.learned.is_some() {
            let mut barren = self.learned_barren.lock().unwrap_or_else(PoisonError::into_inner);
            if !is_within(&barren, change, first, end) {
                let behind = barren.range((change, first)..=(change, end));
                let inside: Vec<_> = behind.filter(|(_, until)| **until <= end).map(|(at, _)| *at).collect();
                for at in inside {
                    barren.remove(&at);
                }
                barren.insert((change, first), end);
            }
        }
    }

    /// What was found, if that is known.
    pub(super) fn find(&self, (change, text): Wanted) -> Option<Vec<Part>> {
        let SavedFound { changes, texts, parts, .. } = &self.known;
        let start = changes.partition_point(|other| *other < change);
        let end = start + changes[start..].partition_point(|other| *other == change);
        if let Ok(at) = texts[start..end].binary_search(&text) {
            let (from, to) = (self.starts[start + at], self.starts[start + at + 1]);
            return Some(parts[from as usize..to as usize].to_vec());
        }
        let learned = self.learned.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        learned.get(&(change, text)).map(|parts| parts.to_vec())
    }

    /// Remembers what was found.
    pub(super) fn learn(&self, wanted: Wanted, parts: Vec<Part>) {
        if let Some(learned) = &self.learned {
            learned.lock().unwrap_or_else(PoisonError::into_inner).insert(wanted, parts.into());
        }
    }

    /// All that is known now, to be kept.
    pub(super) fn save(&self) -> SavedFound {
        let mut all: Vec<(Wanted, Box<[Part]>)> = Vec::new();
        if let Some(learned) = &self.learned {
            let learned = learned.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(learned.iter().map(|(wanted, parts)| (*wanted, parts.clone())));
        }
        let learned = self.learned_barren.lock().unwrap_or_else(PoisonError::into_inner);
        let mut barren: Vec<_> =
            learned.iter().map(|((change, first), end)| (*change, *first, *end)).collect();
        if all.is_empty() && barren.is_empty() {
            return self.known.clone();
        }
        let SavedFound { how, changes, texts, parts, barren: before, .. } = &self.known;
        barren.extend_from_slice(before);
        barren.sort_unstable_by_key(|(change, first, end)| (*change, *first, std::cmp::Reverse(*end)));
        barren.dedup_by(|next, range| next.0 == range.0 && next.2 <= range.2);
        for (at, wanted) in changes.iter().copied().zip(texts.iter().copied()).enumerate() {
            let (from, to) = (self.starts[at] as usize, self.starts[at + 1] as usize);
            all.push((wanted, parts[from..to].into()));
        }
        all.sort_unstable_by_key(|(wanted, _)| *wanted);
        let mut saved = SavedFound { how: *how, barren, ..SavedFound::default() };
        for ((change, text), parts) in all {
            saved.changes.push(change);
            saved.texts.push(text);
            saved.counts.push(parts.len() as u32);
            saved.parts.extend_from_slice(&parts);
        }
        saved
    }
}

/// Whether some lines of a change's version are within lines that are barren.
fn is_within(barren: &Barren, change: ChangeNo, first: u32, end: u32) -> bool {
    // The last one that begins no later also ends last.
    let before = barren.range((change, 0)..=(change, first)).next_back();
    before.is_some_and(|(_, until)| end <= *until)
}

impl SavedFound {
    /// The same with other numbers of changes: that of each is at the place of the old one.
    pub(super) fn renumber(self, numbers: &[ChangeNo]) -> Self {
        let Some(starts) = self.starts() else { return Self::default() };
        let number = |change: ChangeNo| numbers.get(change as usize).copied().unwrap_or(ChangeNo::MAX);
        let mut texts: Vec<_> =
            (0..self.changes.len()).map(|at| (number(self.changes[at]), self.texts[at], at)).collect();
        texts.sort_unstable();
        let mut renumbered = Self { how: self.how, ..Self::default() };
        for (change, text, at) in texts {
            let parts = &self.parts[starts[at] as usize..starts[at + 1] as usize];
            renumbered.changes.push(change);
            renumbered.texts.push(text);
            renumbered.counts.push(parts.len() as u32);
            renumbered.parts.extend_from_slice(parts);
        }
        let barren = self.barren.into_iter().map(|(change, first, end)| (number(change), first, end));
        renumbered.barren = barren.collect();
        renumbered.barren.sort_unstable();
        renumbered
    }

    /// Whether it speaks of `paths` paths only.
    pub(super) fn fits(&self, paths: usize) -> bool {
        self.parts.iter().all(|part| (part.path as usize) < paths)
    }

    /// Where the parts of each text begin; `None` if the columns do not hold together.
    fn starts(&self) -> Option<Vec<u32>> {
        let starts = super::saved::starts(&self.counts)?;
        let sound = [self.changes.len(), self.texts.len()] == [self.counts.len(); 2]
            && starts.last().is_some_and(|end| *end as usize == self.parts.len());
        sound.then_some(starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learned_is_found_after_it_was_kept() {
        let follow = Follow { moves: Some(20), copies: None };
        let part = Part { at: 1, len: 2, parent: 0, path: 7, there: 30 };
        let (full, none) = (wanted(5, b"text"), wanted(4, b"text"));
        let first = Found::new(SavedFound::default(), follow, true, true);
        first.learn(full, vec![part]);
        let second = Found::new(first.save(), follow, true, true);
        second.learn(none, vec![]);
        let third = Found::new(second.save(), follow, true, false);
        for found in [&second, &third] {
            assert_eq!(found.find(full), Some(vec![part]));
            assert_eq!(found.find(none), Some(vec![]));
            assert_eq!(found.find(wanted(5, b"another")), None);
            assert_eq!(found.find(wanted(6, b"text")), None);
        }
        let other = Follow { copies: Some(40), ..follow };
        assert_eq!(Found::new(second.save(), other, true, false).find(full), None);
        assert_eq!(Found::new(second.save(), follow, false, false).find(full), None);
    }

    #[test]
    fn parts_of_barren_lines_are_barren() {
        let mut saved = SavedFound::default();
        for ranges in [vec![(5, 10, 20), (5, 12, 18), (5, 15, 30), (7, 0, 4)], vec![(5, 0, 11), (4, 0, 99)]] {
            let found = Found::new(saved, Follow::default(), false, true);
            for (change, first, end) in &ranges {
                found.learn_barren(*change, *first, *end);
                assert!(found.is_barren(*change, *first, *end), "also in the run that learned it");
            }
            assert!(!found.is_barren(5, 12, 31) && !found.is_barren(6, 0, 1));
            saved = found.save();
        }
        let found = Found::new(saved, Follow::default(), false, false);
        for (first, end) in [(10, 20), (11, 19), (15, 30), (0, 11), (3, 4)] {
            assert!(found.is_barren(5, first, end), "{first}..{end}");
        }
        for (first, end) in [(10, 21), (9, 20), (14, 30), (29, 31), (0, 12)] {
            assert!(!found.is_barren(5, first, end), "{first}..{end}");
        }
        assert!(!found.is_barren(6, 0, 4) && !found.is_barren(3, 0, 1));
    }

    #[test]
    fn changes_can_be_renumbered() {
        let found = Found::new(SavedFound::default(), Follow::default(), false, true);
        let part = Part { at: 0, len: 1, parent: 0, path: 0, there: 0 };
        found.learn(wanted(0, b"a"), vec![part]);
        found.learn(wanted(1, b"b"), vec![]);
        found.learn_barren(0, 4, 9);
        let saved = found.save().renumber(&[1, 0]);
        let found = Found::new(saved, Follow::default(), false, false);
        assert_eq!(found.find(wanted(1, b"a")), Some(vec![part]));
        assert_eq!(found.find(wanted(0, b"b")), Some(vec![]));
        assert!(found.is_barren(1, 4, 9) && !found.is_barren(0, 4, 9));
    }

    #[test]
    fn columns_that_do_not_hold_together_are_forgotten() {
        let found = Found::new(SavedFound::default(), Follow::default(), false, true);
        found.learn(wanted(1, b"a"), vec![]);
        let mut saved = found.save();
        saved.counts[0] = 3;
        assert_eq!(Found::new(saved, Follow::default(), false, false).find(wanted(1, b"a")), None);
    }
}
