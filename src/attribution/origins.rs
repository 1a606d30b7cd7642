//! Where files were renamed from, remembered from one run to the next.
//!
//! Decides nothing: what a commit's file came from in a parent is always the same.
//! Cost: some 12 bytes for each file that a parent did not have; a binary search to find it again.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::change_index::{ChangeNo, PathNo, Slot};
use super::columns::{self, Columns};
use super::rename::Source;
use super::saved::{Later, Lazy};

/// A change that brought a file, and the parent, by its place, that did not have it.
type Lacking = (ChangeNo, u32);

/// What is kept, sorted by change and parent.
#[derive(Debug, Clone, Default)]
pub(super) struct SavedOrigins {
    origins: Vec<(Lacking, Option<(PathNo, u32)>)>,
}

/// What is known, and what this run adds.
#[derive(Debug)]
pub(super) struct Origins {
    known: Lazy<Vec<SavedOrigins>>,
    /// None, if nothing is to be remembered.
    learned: Option<Mutex<HashMap<Lacking, Option<Source>, RandomState>>>,
}

impl Origins {
    /// What is known; with `learn`, more is to be remembered.
    pub(super) fn new(known: Later<Vec<SavedOrigins>>, learn: bool) -> Self {
        Self { known: known.lazy(), learned: learn.then(Mutex::default) }
    }

    /// Where the file that a change brought was in a parent: `Some(None)` is known to be nowhere.
    pub(super) fn find(&self, change: ChangeNo, parent: u32) -> Option<Option<Source>> {
        for SavedOrigins { origins } in self.known.iter() {
            if let Ok(at) = origins.binary_search_by_key(&(change, parent), |(lacking, _)| *lacking) {
                return Some(origins[at].1.map(|(path, bits)| (path, Slot::from_bits(bits))));
            }
        }
        let learned = self.learned.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        learned.get(&(change, parent)).copied()
    }

    /// Remembers where it was, if anywhere.
    pub(super) fn learn(&self, change: ChangeNo, parent: u32, source: Option<Source>) {
        if let Some(learned) = &self.learned {
            learned.lock().unwrap_or_else(PoisonError::into_inner).insert((change, parent), source);
        }
    }

    /// What was learned, to be kept; changes get other numbers, each the one at the place of its own.
    pub(super) fn learned(&self, numbers: &[ChangeNo]) -> SavedOrigins {
        let mut saved = SavedOrigins::default();
        if let Some(learned) = &self.learned {
            let learned = learned.lock().unwrap_or_else(PoisonError::into_inner);
            saved.origins.extend(learned.iter().filter_map(|((change, parent), source)| {
                let number = *numbers.get(*change as usize)?;
                Some(((number, *parent), source.map(|(path, slot)| (path, slot.to_bits()))))
            }));
        }
        saved.origins.sort_unstable();
        saved
    }
}

impl SavedOrigins {
    /// Its bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let row = |((change, parent), source): &(Lacking, Option<(PathNo, u32)>)| {
            let (path, bits) = source.unwrap_or((PathNo::MAX, Slot::ABSENT.to_bits()));
            [*change, *parent, path, bits]
        };
        let mut bytes = Vec::new();
        columns::put(&mut bytes, &self.origins.iter().map(row).collect::<Vec<[u32; 4]>>());
        bytes
    }

    /// Reads it from so many bytes; `None` if these are not all.
    pub(super) fn decode(from: impl Read, length: u64) -> Option<Self> {
        let mut columns = Columns::new(from, length);
        let row = |[change, parent, path, bits]: [u32; 4]| {
            let source = (!Slot::from_bits(bits).is_absent()).then_some((path, bits));
            ((change, parent), source)
        };
        let origins = columns.take()?.into_iter().map(row).collect();
        columns.is_at_end().then_some(Self { origins })
    }

    /// Adds others to these.
    pub(super) fn extend(&mut self, more: Self) {
        self.origins.extend(more.origins);
        self.origins.sort_unstable();
        self.origins.dedup_by_key(|(lacking, _)| *lacking);
    }

    /// Whether it speaks of so many paths and blobs only.
    pub(super) fn fits(&self, paths: usize, blobs: usize) -> bool {
        self.origins.iter().filter_map(|(_, source)| *source).all(|(path, bits)| {
            let slot = Slot::from_bits(bits);
            (path as usize) < paths && !slot.is_absent() && slot.fits(blobs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learned_is_found_after_it_was_kept() {
        let source = Some((3, Slot::from_bits(7)));
        let origins = Origins::new(Later::default(), true);
        origins.learn(0, 1, source);
        origins.learn(0, 2, None);
        let mut saved = origins.learned(&[5]);
        let more = Origins::new(Later::now(vec![saved.clone()]), true);
        more.learn(1, 0, None);
        saved.extend(more.learned(&[5, 6]));
        let all = Origins::new(Later::now(vec![SavedOrigins::default(), saved.clone()]), false);
        let expected = [((5, 1), Some(source)), ((5, 2), Some(None)), ((6, 0), Some(None)), ((6, 1), None)];
        for ((change, parent), found) in expected {
            assert_eq!(all.find(change, parent), found);
        }
        let bytes = saved.encode();
        assert_eq!(SavedOrigins::decode(&*bytes, bytes.len() as u64).unwrap().origins, saved.origins);
        assert!(saved.fits(4, 8) && !saved.fits(3, 8) && !saved.fits(4, 7));
    }
}
