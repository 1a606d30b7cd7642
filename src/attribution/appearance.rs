//! Where the very bytes of a file appeared first.
//!
//! Decides which earlier appearances of a content count: those that no other appearance precedes. Copying a
//! file, or deleting it and bringing it back, makes a later appearance, and gives nobody its lines.
//! Cost: one pass over the change index, shared between threads; for contents that appeared more than once, one pass over the
//! commits for every 64 of them.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use foldhash::fast::RandomState;

use super::change_index::{ChangeIndex, ChangeNo, Slot};
use super::history::History;
use super::parallel;

/// The first appearances of contents that appeared more than once.
#[derive(Debug, Default)]
pub struct Appearances {
    first: HashMap<Slot, Vec<ChangeNo>>,
}

impl Appearances {
    /// Looks for the first appearances of `contents` in the commits that are `reached`, with so many threads.
    #[must_use]
    pub fn find(
        history: &History,
        index: &ChangeIndex,
        reached: &[bool],
        contents: &HashSet<Slot, RandomState>,
        threads: usize,
    ) -> Self {
        // Most changes bring what is not asked for, which one bit of each blob tells.
        let mut blobs = vec![false; index.blobs().len()];
        for slot in contents {
            blobs[slot.blob() as usize] = true;
        }
        let size = index.changes().len().div_ceil(threads.max(1)).max(1);
        let pieces: Vec<_> = index.changes().chunks(size).collect();
        let look = |(): &mut (), piece: usize| {
            let mut some: Vec<(Slot, ChangeNo)> = Vec::new();
            for (number, change) in ((piece * size) as ChangeNo..).zip(pieces[piece]) {
                let asked = !change.new.is_absent()
                    && blobs[change.new.blob() as usize]
                    && contents.contains(&change.new)
                    && reached[change.commit as usize];
                if asked && !from_a_parent(history, index, number) {
                    some.push((change.new, number));
                }
            }
            Ok::<_, Infallible>(some)
        };
        let mut all = Vec::with_capacity(contents.len());
        let take = |_, some| {
            all.extend::<Vec<_>>(some);
            Ok(())
        };
        let Ok(()) = parallel::in_order(threads, pieces.len(), || (), look, take);
        all.sort_by_key(|(slot, _)| slot.to_bits());
        let mut several: Vec<_> = all
            .chunk_by(|one, other| one.0 == other.0)
            .filter(|group| group.len() > 1)
            .map(|group| (group[0].0, group.iter().map(|(_, number)| *number).collect::<Vec<_>>()))
            .collect();
        several.sort_unstable_by_key(|(_, numbers)| numbers.first().copied());
        let mut first = HashMap::new();
        for batch in several.chunks(64) {
            keep_first(history, index, batch, &mut first);
        }
        Self { first }
    }

    /// The changes by which a content first appeared, if it did so more than once; sorted.
    #[must_use]
    pub fn of(&self, content: Slot) -> &[ChangeNo] {
        self.first.get(&content).map_or(&[], Vec::as_slice)
    }
}

/// Whether a parent has the same content at the same path: then the change brings nothing new.
fn from_a_parent(history: &History, index: &ChangeIndex, number: ChangeNo) -> bool {
    let change = index.change(number);
    (0..history.parents(change.commit).len()).any(|at| index.at_parent(history, number, at) == change.new)
}

/// Of each content in a batch of at most 64, keeps the appearances that descend from no other one.
fn keep_first(
    history: &History,
    index: &ChangeIndex,
    batch: &[(Slot, Vec<ChangeNo>)],
    first: &mut HashMap<Slot, Vec<ChangeNo>>,
) {
    // Which contents of the batch appeared in a commit; from its turn on, in it or before it. And which before it.
    let mut until = vec![0_u64; history.len()];
    for (bit, (_, numbers)) in batch.iter().enumerate() {
        for number in numbers {
            until[index.change(*number).commit as usize] |= 1 << bit;
        }
    }
    let mut before: HashMap<u32, u64> = HashMap::new();
    for commit in history.numbers() {
        let inherited = history.parents(commit).iter().fold(0, |bits, parent| bits | until[*parent as usize]);
        if until[commit as usize] != 0 {
            before.insert(commit, inherited);
        }
        until[commit as usize] |= inherited;
    }
    for (bit, (slot, numbers)) in batch.iter().enumerate() {
        let is_first = |number: &&ChangeNo| {
            let commit = index.change(**number).commit;
            before.get(&commit).copied().unwrap_or_default() & (1 << bit) == 0
        };
        let mut kept: Vec<_> = numbers.iter().filter(is_first).copied().collect();
        kept.sort_unstable();
        first.insert(*slot, kept);
    }
}
