//! Where lines were found elsewhere, remembered from one run to the next.
//!
//! Decides nothing: what a commit's parents have of a text is always the same, as long as lines are followed in
//! the same way. Texts are told apart by 128 bits of their SHA-256. Decides when enough is known: what is not
//! remembered is looked for again.
//! Cost: some 24 bytes for each range of lines that was looked for, and 20 for each part that was found.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};

use super::change_index::{ChangeNo, PathNo};
use super::columns::{self, Columns};
use super::moves::Follow;
use super::saved::{Later, Lazy, ends_at, range, starts};

/// A text that was looked for on behalf of a change.
pub(super) type Wanted = (ChangeNo, [u8; 16]);

/// A part of the text, and where a parent has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// How lines are followed: the weights, and whether white space is ignored.
type How = (Option<u32>, Option<u32>, bool);

/// What is kept, sorted by what was wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct SavedFound {
    how: How,
    changes: Vec<ChangeNo>,
    texts: Vec<[u8; 16]>,
    counts: Vec<u32>,
    parts: Vec<Part>,
    /// Lines of the version that a change made, by their own text, of which no part is anywhere else: change, first line, end. Sorted,
    /// none within another of the same change.
    barren: Vec<Barren>,
}

/// What was found, and what this run adds.
#[derive(Debug)]
pub(super) struct Found {
    how: How,
    known: Lazy<Vec<Known>>,
    /// None, if nothing is to be remembered.
    new: Option<Mutex<Learned>>,
    /// So many bytes may be learned.
    most: usize,
}

/// What was kept, and where the parts of each text begin.
#[derive(Debug)]
struct Known {
    found: SavedFound,
    starts: Vec<u32>,
}

/// What this run adds.
#[derive(Debug, Default)]
struct Learned {
    /// Where the parts of a text begin and end in `parts`.
    texts: HashMap<Wanted, (u32, u32), RandomState>,
    parts: Vec<Part>,
    /// By change and first line the end of barren lines; none within others of the same change.
    barren: BTreeMap<(ChangeNo, u32), u32>,
}

/// Lines of the version that a change made, of which no part is anywhere else: change, first line, end.
type Barren = (ChangeNo, u32, u32);

/// So many bytes are learned in a run, and so many are kept.
const MOST: usize = 64 << 20;

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
        Self::with_most(known, follow, ignore_whitespace, learn, MOST)
    }

    /// The same, with at most `most` bytes.
    pub(super) fn with_most(
        known: Later<Vec<SavedFound>>,
        follow: Follow,
        ignore_whitespace: bool,
        learn: bool,
        most: usize,
    ) -> Self {
        let how = (follow.moves, follow.copies, ignore_whitespace);
        let known = known.map(move |kept| {
            let fits = kept.into_iter().filter(|found| found.how == how);
            fits.filter_map(|found| Some(Known { starts: found.starts()?, found })).collect()
        });
        Self { how, known: known.lazy(), new: learn.then(Mutex::default), most }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Learned>> {
        Some(self.new.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where to put so many more texts, parts, and lines that are barren, if there is room.
    fn room(&self, texts: usize, parts: usize, barren: usize) -> Option<MutexGuard<'_, Learned>> {
        self.lock().filter(|learned| learned.memory() + memory(texts, parts, barren) <= self.most)
    }

    /// Whether anything is known or to be remembered.
    pub(super) fn is_on(&self) -> bool {
        self.new.is_some() || !self.known.is_empty()
    }

    /// Whether it is known that no part of some lines of a change's version is anywhere else.
    pub(super) fn is_barren(&self, change: ChangeNo, first: u32, end: u32) -> bool {
        let known = self.known.iter().any(|Known { found: SavedFound { barren, .. }, .. }| {
            let behind = barren.partition_point(|(other, start, _)| (*other, *start) <= (change, first));
            let before = behind.checked_sub(1).map(|at| barren[at]);
            before.is_some_and(|(other, _, until)| other == change && end <= until)
        });
        known || self.lock().is_some_and(|learned| learned.is_barren(change, first, end))
    }

    /// Remembers that no part of some lines of a change's version is anywhere else.
    pub(super) fn learn_barren(&self, change: ChangeNo, first: u32, end: u32) {
        let Some(mut learned) = self.room(0, 0, 1) else { return };
        if !learned.is_barren(change, first, end) {
            let behind = learned.barren.range((change, first)..=(change, end));
            let inside: Vec<_> = behind.filter(|(_, until)| **until <= end).map(|(at, _)| *at).collect();
            for at in inside {
                learned.barren.remove(&at);
            }
            learned.barren.insert((change, first), end);
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
        let learned = self.lock()?;
        let (from, to) = *learned.texts.get(&(change, text))?;
        Some(learned.parts[from as usize..to as usize].to_vec())
    }

    /// Remembers what was found, if there is room.
    pub(super) fn learn(&self, wanted: Wanted, parts: Vec<Part>) {
        let Some(mut learned) = self.room(1, parts.len(), 0) else { return };
        let Learned { texts, parts: all, .. } = &mut *learned;
        // There is no room for so many parts that a `u32` could not count them.
        let from = all.len() as u32;
        texts.entry(wanted).or_insert_with(|| {
            all.extend(parts);
            (from, all.len() as u32)
        });
    }

    /// What was learned, to be kept; changes get other numbers, each the one at the place of its own.
    pub(super) fn learned(&self, numbers: &[ChangeNo]) -> SavedFound {
        let number = |change: ChangeNo| numbers.get(change as usize).copied().unwrap_or(ChangeNo::MAX);
        let Some(learned) = self.lock() else { return SavedFound { how: self.how, ..SavedFound::default() } };
        let text = |((change, text), (from, to)): (&Wanted, &(u32, u32))| {
            ((number(*change), *text), &learned.parts[*from as usize..*to as usize])
        };
        let texts = learned.texts.iter().map(text).collect();
        let barren = learned.barren.iter().map(|((change, first), end)| (number(*change), *first, *end));
        SavedFound::of(self.how, texts, barren.collect())
    }
}

impl Learned {
    fn is_barren(&self, change: ChangeNo, first: u32, end: u32) -> bool {
        // The last one that begins no later also ends last.
        let before = self.barren.range((change, 0)..=(change, first)).next_back();
        before.is_some_and(|(_, until)| end <= *until)
    }

    /// Bytes of what it has, as they are kept.
    fn memory(&self) -> usize {
        memory(self.texts.len(), self.parts.len(), self.barren.len())
    }
}

/// Bytes of what is kept: the change, the text, and how many parts it has; the parts; lines that are barren.
fn memory(texts: usize, parts: usize, barren: usize) -> usize {
    24 * texts + size_of::<Part>() * parts + size_of::<Barren>() * barren
}

impl SavedFound {
    fn of(how: How, mut texts: Vec<(Wanted, &[Part])>, mut barren: Vec<Barren>) -> Self {
        barren.sort_unstable_by_key(|(change, first, end)| (*change, *first, std::cmp::Reverse(*end)));
        barren.dedup_by(|next, range| next.0 == range.0 && next.2 <= range.2);
        // What was kept before is sorted, which the sort makes use of.
        texts.sort_by_key(|(wanted, _)| *wanted);
        texts.dedup_by_key(|(wanted, _)| *wanted);
        let mut saved = Self { how, barren, ..Self::default() };
        saved.parts.reserve_exact(texts.iter().map(|(_, parts)| parts.len()).sum());
        saved.changes = texts.iter().map(|((change, _), _)| *change).collect();
        saved.texts = texts.iter().map(|((_, text), _)| *text).collect();
        saved.counts = texts.iter().map(|(_, parts)| parts.len() as u32).collect();
        texts.iter().for_each(|(_, parts)| saved.parts.extend_from_slice(parts));
        saved
    }

    /// Its bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (moves, copies, white) = self.how;
        // No weight is as large as that.
        let weight = |weight: Option<u32>| weight.unwrap_or(u32::MAX);
        columns::put(&mut bytes, &[weight(moves), weight(copies), u32::from(white)]);
        columns::put(&mut bytes, &self.changes);
        columns::put(&mut bytes, &self.texts);
        columns::put(&mut bytes, &self.counts);
        let parts = self.parts.iter().map(|part| [part.at, part.len, part.parent, part.path, part.there]);
        columns::put(&mut bytes, &parts.collect::<Vec<[u32; 5]>>());
        let barren = self.barren.iter().map(|(change, first, end)| [*change, *first, *end]);
        columns::put(&mut bytes, &barren.collect::<Vec<[u32; 3]>>());
        bytes
    }

    /// Reads it from so many bytes; `None` if these are not all.
    pub(super) fn decode(from: impl Read, length: u64) -> Option<Self> {
        let mut columns = Columns::new(from, length);
        let how: Vec<u32> = columns.take()?;
        let [moves, copies, white] = *how.as_slice() else { return None };
        let weight = |weight: u32| Some(weight).filter(|weight| *weight != u32::MAX);
        let (changes, texts, counts) = (columns.take()?, columns.take()?, columns.take()?);
        let part = |[at, len, parent, path, there]: [u32; 5]| Part { at, len, parent, path, there };
        // Made where the columns lie.
        let parts = columns.take()?.into_iter().map(part).collect();
        let barren = columns.take()?.into_iter().map(|[change, first, end]: [u32; 3]| (change, first, end));
        let barren = barren.collect();
        let how = (weight(moves), weight(copies), white != 0);
        columns.is_at_end().then_some(Self { how, changes, texts, counts, parts, barren })
    }

    /// Adds what was found otherwise, if there is room; if lines were followed otherwise for that, it takes the
    /// place of this.
    pub(super) fn extend(&mut self, more: Self) {
        if self.how != more.how && !(more.changes.is_empty() && more.barren.is_empty()) {
            *self = more;
        } else if self.memory() + more.memory() <= MOST {
            let (Some(mut texts), Some(others)) = (self.all(), more.all()) else { return };
            texts.extend(others);
            let barren = [self.barren.as_slice(), &more.barren].concat();
            *self = Self::of(self.how, texts, barren);
        }
    }

    fn memory(&self) -> usize {
        memory(self.texts.len(), self.parts.len(), self.barren.len())
    }

    /// Every text with its parts.
    fn all(&self) -> Option<Vec<(Wanted, &[Part])>> {
        let starts = self.starts()?;
        let wanted = self.changes.iter().copied().zip(self.texts.iter().copied());
        Some(wanted.zip(0..).map(|(wanted, at)| (wanted, &self.parts[range(&starts, at)])).collect())
    }

    /// Whether it speaks of `paths` paths only.
    pub(super) fn fits(&self, paths: usize) -> bool {
        self.parts.iter().all(|part| (part.path as usize) < paths)
    }

    /// Where the parts of each text begin; `None` if the columns do not hold together.
    fn starts(&self) -> Option<Vec<u32>> {
        let starts = starts(&self.counts)?;
        let sound = [self.changes.len(), self.texts.len()] == [self.counts.len(); 2]
            && ends_at(&starts, self.parts.len());
        sound.then_some(starts)
    }
}

#[cfg(test)]
mod tests;
