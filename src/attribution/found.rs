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
use super::saved::{Later, Lazy, range};

/// A text that was looked for on behalf of a change.
pub(super) type Wanted = (ChangeNo, [u8; 16]);

/// How lines are followed: the weights, and whether white space is ignored.
type How = (Option<u32>, Option<u32>, bool);

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
    how: How,
    changes: Vec<ChangeNo>,
    texts: Vec<[u8; 16]>,
    counts: Vec<u32>,
    parts: Vec<Part>,
    /// Lines of the version that a change made, by their own text, of which no part is anywhere else: change, first line, end. Sorted,
    /// none within another of the same change.
    barren: Vec<(ChangeNo, u32, u32)>,
}

/// What was found, and what this run adds.
#[derive(Debug)]
pub(super) struct Found {
    how: How,
    known: Lazy<Vec<Known>>,
    /// None, if nothing is to be remembered.
    learned: Option<Mutex<Learned>>,
    learned_barren: Mutex<Barren>,
}

/// What was kept, and where the parts of each text begin.
#[derive(Debug)]
struct Known {
    found: SavedFound,
    starts: Vec<u32>,
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
    pub(super) fn new(
        known: Later<Vec<SavedFound>>,
        follow: Follow,
        ignore_whitespace: bool,
        learn: bool,
    ) -> Self {
        let how = (follow.moves, follow.copies, ignore_whitespace);
        let known = known.map(move |kept| {
            let fits = kept.into_iter().filter(|found| found.how == how);
            fits.filter_map(|found| Some(Known { starts: found.starts()?, found })).collect()
        });
        let learned = learn.then(Mutex::default);
        Self { how, known: known.lazy(), learned, learned_barren: Mutex::default() }
    }

    /// Whether anything is known or to be remembered.
    pub(super) fn is_on(&self) -> bool {
        self.learned.is_some() || !self.known.is_empty()
    }

    /// Whether it is known that no part of some lines of a change's version is anywhere else.
    pub(super) fn is_barren(&self, change: ChangeNo, first: u32, end: u32) -> bool {
        let known = self.known.iter().any(|Known { found: SavedFound { barren, .. }, .. }| {
            let behind = barren.partition_point(|(other, start, _)| (*other, *start) <= (change, first));
            let before = behind.checked_sub(1).map(|at| barren[at]);
            before.is_some_and(|(other, _, until)| other == change && end <= until)
        });
        let learned = || self.learned_barren.lock().unwrap_or_else(PoisonError::into_inner);
        known || is_within(&learned(), change, first, end)
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
        for Known { found: SavedFound { changes, texts, parts, .. }, starts } in self.known.iter() {
            let start = changes.partition_point(|other| *other < change);
            let end = start + changes[start..].partition_point(|other| *other == change);
            if let Ok(at) = texts[start..end].binary_search(&text) {
                return Some(parts[range(starts, start + at)].to_vec());
            }
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

    /// What was learned, to be kept; changes get other numbers, each the one at the place of its own.
    pub(super) fn learned(&self, numbers: &[ChangeNo]) -> SavedFound {
        let number = |change: ChangeNo| numbers.get(change as usize).copied().unwrap_or(ChangeNo::MAX);
        let mut saved = SavedFound { how: self.how, ..SavedFound::default() };
        if let Some(learned) = &self.learned {
            let learned = learned.lock().unwrap_or_else(PoisonError::into_inner);
            for ((change, text), parts) in learned.iter() {
                saved.push((number(*change), *text), parts);
            }
        }
        let barren = self.learned_barren.lock().unwrap_or_else(PoisonError::into_inner);
        saved.barren.extend(barren.iter().map(|((change, first), end)| (number(*change), *first, *end)));
        saved.sort();
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
    /// Adds what was found otherwise; if lines were followed otherwise for that, it takes the place of this.
    pub(super) fn extend(&mut self, more: Self) {
        if self.how != more.how && !(more.changes.is_empty() && more.barren.is_empty()) {
            *self = more;
            return;
        }
        self.changes.extend(more.changes);
        self.texts.extend(more.texts);
        self.counts.extend(more.counts);
        self.parts.extend(more.parts);
        self.barren.extend(more.barren);
        self.sort();
    }

    fn push(&mut self, (change, text): Wanted, parts: &[Part]) {
        self.changes.push(change);
        self.texts.push(text);
        self.counts.push(parts.len() as u32);
        self.parts.extend_from_slice(parts);
    }

    fn sort(&mut self) {
        let Some(starts) = self.starts() else {
            *self = Self::default();
            return;
        };
        let mut order: Vec<usize> = (0..self.changes.len()).collect();
        order.sort_unstable_by_key(|at| (self.changes[*at], self.texts[*at]));
        let mut sorted = Self { how: self.how, ..Self::default() };
        for at in order {
            sorted.push((self.changes[at], self.texts[at]), &self.parts[range(&starts, at)]);
        }
        sorted.barren = std::mem::take(&mut self.barren);
        sorted.barren.sort_unstable_by_key(|(change, first, end)| (*change, *first, std::cmp::Reverse(*end)));
        sorted.barren.dedup_by(|next, range| next.0 == range.0 && next.2 <= range.2);
        *self = sorted;
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

    /// Numbers that stay.
    const SAME: [ChangeNo; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

    #[test]
    fn what_is_learned_is_found_after_it_was_kept() {
        let follow = Follow { moves: Some(20), copies: None };
        let part = Part { at: 1, len: 2, parent: 0, path: 7, there: 30 };
        let (full, none) = (wanted(5, b"text"), wanted(4, b"text"));
        let first = Found::new(Later::default(), follow, true, true);
        first.learn(full, vec![part]);
        let mut saved = first.learned(&SAME);
        let second = Found::new(Later::now(vec![saved.clone()]), follow, true, true);
        second.learn(none, vec![]);
        saved.extend(second.learned(&SAME));
        let later = |follow, white| {
            Found::new(Later::now(vec![SavedFound::default(), saved.clone()]), follow, white, false)
        };
        let third = later(follow, true);
        for found in [&second, &third] {
            assert_eq!(found.find(full), Some(vec![part]));
            assert_eq!(found.find(none), Some(vec![]));
            assert_eq!(found.find(wanted(5, b"another")), None);
            assert_eq!(found.find(wanted(6, b"text")), None);
        }
        let other = Follow { copies: Some(40), ..follow };
        assert_eq!(later(other, true).find(full), None);
        assert_eq!(later(follow, false).find(full), None);
    }

    #[test]
    fn parts_of_barren_lines_are_barren() {
        let mut saved = SavedFound::default();
        for ranges in [vec![(5, 10, 20), (5, 12, 18), (5, 15, 30), (7, 0, 4)], vec![(5, 0, 11), (4, 0, 99)]] {
            let found = Found::new(Later::now(vec![saved.clone()]), Follow::default(), false, true);
            for (change, first, end) in &ranges {
                found.learn_barren(*change, *first, *end);
                assert!(found.is_barren(*change, *first, *end), "also in the run that learned it");
            }
            assert!(!found.is_barren(5, 12, 31) && !found.is_barren(6, 0, 1));
            saved.extend(found.learned(&SAME));
        }
        let found = Found::new(Later::now(vec![saved]), Follow::default(), false, false);
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
        let found = Found::new(Later::default(), Follow::default(), false, true);
        let part = Part { at: 0, len: 1, parent: 0, path: 0, there: 0 };
        found.learn(wanted(0, b"a"), vec![part]);
        found.learn(wanted(1, b"b"), vec![]);
        found.learn_barren(0, 4, 9);
        let saved = found.learned(&[1, 0]);
        let found = Found::new(Later::now(vec![saved]), Follow::default(), false, false);
        assert_eq!(found.find(wanted(1, b"a")), Some(vec![part]));
        assert_eq!(found.find(wanted(0, b"b")), Some(vec![]));
        assert!(found.is_barren(1, 4, 9) && !found.is_barren(0, 4, 9));
    }

    #[test]
    fn columns_that_do_not_hold_together_are_forgotten() {
        let found = Found::new(Later::default(), Follow::default(), false, true);
        found.learn(wanted(1, b"a"), vec![]);
        let mut saved = found.learned(&SAME);
        saved.counts[0] = 3;
        assert_eq!(
            Found::new(Later::now(vec![saved]), Follow::default(), false, false).find(wanted(1, b"a")),
            None
        );
    }
}
