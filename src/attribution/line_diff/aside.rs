//! Lines of the middles that are set aside before the search.
//!
//! Decides which lines say nothing about order: those that the other file does not have, and those that it has
//! so often, among such lines, that a match would be an accident. They count as changed.
//! Cost: one pass over the ids of one file and over both middles. Memory: 4 bytes up to the greatest id.

use std::ops::Range;

/// With so many equals in the other file a line is crowded, however long the file.
const CROWD: u32 = 1024;
/// How far a crowded line looks about, each way.
const LOOK: usize = 100;
/// Bits of the sieve that tells most ids of the middles from others.
const SIEVE: usize = 4096;

/// A middle, and what stayed of it.
#[derive(Debug, Default)]
pub(super) struct Reduced {
    /// The ids of the lines that stayed, in order.
    pub(super) ids: Vec<u32>,
    /// Which lines of the middle they are.
    pub(super) lines: Vec<u32>,
    /// For each line of the middle: it has no partner in the other file.
    pub(super) changed: Vec<bool>,
    /// The lines of the whole file and what stayed, for the limits of the search.
    kinds: Vec<Kind>,
    bare_before: Vec<u32>,
}

/// What the other file says about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It has none like it.
    Bare,
    /// It has very many.
    Crowded,
    /// It has some.
    Ordinary,
}

/// How often an id occurs.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    old_middle: u32,
    new_middle: u32,
    /// At the head and the tail, which both files share.
    around: u32,
}

/// Counts lines, and sets them aside.
#[derive(Debug)]
pub(super) struct Aside {
    /// For each id 1 + its place in `counts`, or 0. All are 0 between two diffs.
    places: Vec<u32>,
    counts: Vec<Count>,
    sieve: [u64; SIEVE / 64],
}

impl Default for Aside {
    fn default() -> Self {
        Self { places: Vec::new(), counts: Vec::new(), sieve: [0; SIEVE / 64] }
    }
}

impl Aside {
    /// Takes the middles of both files apart: what stays, and what is changed.
    pub(super) fn reduce(
        &mut self,
        old: &[u32],
        new: &[u32],
        [old_middle, new_middle]: &[Range<usize>; 2],
        old_reduced: &mut Reduced,
        new_reduced: &mut Reduced,
    ) {
        let around = [&old[..old_middle.start], &old[old_middle.end..]];
        let (old_lines, new_lines) = (old.len(), new.len());
        let (old, new) = (&old[old_middle.clone()], &new[new_middle.clone()]);
        self.count(old, new, around);
        let in_new = |count: &Count| count.new_middle + count.around;
        let in_old = |count: &Count| count.old_middle + count.around;
        old_reduced.take(old, limit(old_lines), |id| self.of(id).map_or(0, in_new));
        new_reduced.take(new, limit(new_lines), |id| self.of(id).map_or(0, in_old));
        self.clear(old, new);
    }

    /// Counts the ids that the middles have.
    fn count(&mut self, old: &[u32], new: &[u32], around: [&[u32]; 2]) {
        for id in old {
            self.entry(*id).old_middle += 1;
        }
        for id in new {
            self.entry(*id).new_middle += 1;
        }
        for id in around.into_iter().flatten() {
            let (word, bit) = in_sieve(*id);
            if self.sieve[word] & bit == 0 {
                continue;
            }
            let place = self.places.get(*id as usize).map_or(0, |place| *place as usize);
            if let Some(count) = place.checked_sub(1).and_then(|place| self.counts.get_mut(place)) {
                count.around += 1;
            }
        }
    }

    fn of(&self, id: u32) -> Option<&Count> {
        let place = *self.places.get(id as usize)?;
        self.counts.get((place as usize).checked_sub(1)?)
    }

    fn entry(&mut self, id: u32) -> &mut Count {
        let (word, bit) = in_sieve(id);
        self.sieve[word] |= bit;
        let at = id as usize;
        if at >= self.places.len() {
            self.places.resize(at + 1, 0);
        }
        if self.places[at] == 0 {
            self.counts.push(Count::default());
            self.places[at] = self.counts.len() as u32;
        }
        &mut self.counts[self.places[at] as usize - 1]
    }

    /// Clears what was used, and nothing else.
    fn clear(&mut self, old: &[u32], new: &[u32]) {
        for id in old.iter().chain(new) {
            let (word, bit) = in_sieve(*id);
            self.sieve[word] &= !bit;
            self.places[*id as usize] = 0;
        }
        self.counts.clear();
    }
}

impl Reduced {
    /// Sorts the lines of a middle into those that stay and those that are set aside.
    fn take(&mut self, middle: &[u32], limit: u32, equals: impl Fn(u32) -> u32) {
        self.kinds.clear();
        self.kinds.extend(middle.iter().map(|id| match equals(*id) {
            0 => Kind::Bare,
            count if count >= limit => Kind::Crowded,
            _ => Kind::Ordinary,
        }));
        self.bare_before.clear();
        self.bare_before.push(0);
        let mut bare = 0;
        self.bare_before.extend(self.kinds.iter().map(|kind| {
            bare += u32::from(*kind == Kind::Bare);
            bare
        }));
        self.ids.clear();
        self.lines.clear();
        self.changed.clear();
        // The stretch around the line at hand that has no ordinary lines.
        let mut stretch = 0..0;
        for (line, id) in middle.iter().enumerate() {
            if line >= stretch.end {
                let more = self.kinds[line..].iter().take_while(|kind| **kind != Kind::Ordinary).count();
                // An ordinary line ends the stretch before it, and belongs to none.
                stretch = line..line + more.max(1);
            }
            let aside = match self.kinds[line] {
                Kind::Bare => true,
                Kind::Crowded => self.is_accidental(line, &stretch),
                Kind::Ordinary => false,
            };
            if !aside {
                self.ids.push(*id);
                self.lines.push(line as u32);
            }
            self.changed.push(aside);
        }
    }

    /// Whether a crowded line lies among lines that the other file does not have: on both sides, and more
    /// than three in four.
    fn is_accidental(&self, line: usize, stretch: &Range<usize>) -> bool {
        let above = stretch.start.max(line.saturating_sub(LOOK))..line;
        let below = line + 1..stretch.end.min(line + 1 + LOOK);
        let bare = |lines: &Range<usize>| self.bare_before[lines.end] - self.bare_before[lines.start];
        let (bare_above, bare_below) = (bare(&above), bare(&below));
        if bare_above == 0 || bare_below == 0 {
            return false;
        }
        let bare = bare_above + bare_below;
        let crowded = (above.len() + below.len()) as u32 - bare;
        4 * (crowded + 2) < (crowded + 2) + bare
    }

    /// Marks lines among those that stayed as changed.
    pub(super) fn mark(&mut self, kept: Range<usize>) {
        for line in &self.lines[kept] {
            self.changed[*line as usize] = true;
        }
    }
}

/// From how many equals in the other file on a line is crowded, for a file of so many lines.
fn limit(lines: usize) -> u32 {
    root(lines).min(CROWD as usize) as u32
}

/// A power of two near the square root: it doubles each time that `number` can be divided by 4.
pub(super) fn root(mut number: usize) -> usize {
    let mut root = 1;
    while number > 0 {
        root *= 2;
        number /= 4;
    }
    root
}

fn in_sieve(id: u32) -> (usize, u64) {
    let bit = id as usize % SIEVE;
    (bit / 64, 1 << (bit % 64))
}
