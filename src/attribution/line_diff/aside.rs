//! Lines of the middles that are set aside before the search.
//!
//! Decides which lines say nothing about order: those that the other file does not have, and those that it has
//! so often, among such lines, that a match would be an accident. They count as changed.
//! Cost: counting ([`Counts`]), and one pass over each middle.

use std::ops::Range;

use super::counts::Counts;

/// With so many equals in the other file a line is crowded, however long the file.
const CROWD: u32 = 1024;
/// How far a crowded line looks about, each way.
const LOOK: usize = 100;

/// A middle, and what stayed of it.
#[derive(Debug, Default)]
pub(super) struct Reduced {
    /// The ids of the lines that stayed, in order.
    pub(super) ids: Vec<u32>,
    /// Which lines of the middle they are.
    pub(super) lines: Vec<u32>,
    /// For each line of the middle: it has no partner in the other file.
    pub(super) changed: Vec<bool>,
}

impl Reduced {
    /// Marks lines among those that stayed as changed.
    pub(super) fn mark(&mut self, kept: Range<usize>) {
        for line in &self.lines[kept] {
            self.changed[*line as usize] = true;
        }
    }
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

/// Sets lines aside, with its buffers.
#[derive(Debug, Default)]
pub(super) struct Aside {
    counts: Counts,
    kinds: Kinds,
}

impl Aside {
    /// Takes the middles of both files apart: what stays, and what is changed.
    pub(super) fn reduce(
        &mut self,
        old: &[u32],
        new: &[u32],
        middles: &[Range<usize>; 2],
        old_reduced: &mut Reduced,
        new_reduced: &mut Reduced,
    ) {
        let Self { counts, kinds } = self;
        let [old_middle, new_middle] = middles;
        let (old_middle, new_middle) = (&old[old_middle.clone()], &new[new_middle.clone()]);
        counts.add(old, new, middles);
        kinds.tell(old_middle, limit(old.len()), |id| counts.in_new(id));
        kinds.sort(old_middle, old_reduced);
        kinds.tell(new_middle, limit(new.len()), |id| counts.in_old(id));
        kinds.sort(new_middle, new_reduced);
        counts.clear(old_middle, new_middle);
    }
}

/// The kinds of a middle's lines.
#[derive(Debug, Default)]
struct Kinds {
    of: Vec<Kind>,
    /// For each line how many bare ones are before it, and then how many there are.
    bare_before: Vec<u32>,
}

impl Kinds {
    fn tell(&mut self, middle: &[u32], limit: u32, equals: impl Fn(u32) -> u32) {
        self.of.clear();
        self.of.extend(middle.iter().map(|id| match equals(*id) {
            0 => Kind::Bare,
            count if count >= limit => Kind::Crowded,
            _ => Kind::Ordinary,
        }));
        let mut bare = 0;
        self.bare_before.clear();
        self.bare_before.push(0);
        self.bare_before.extend(self.of.iter().map(|kind| {
            bare += u32::from(*kind == Kind::Bare);
            bare
        }));
    }

    /// Sorts the lines into those that stay and those that are set aside.
    fn sort(&self, middle: &[u32], reduced: &mut Reduced) {
        reduced.ids.clear();
        reduced.lines.clear();
        reduced.changed.clear();
        // The stretch around the line at hand that has no ordinary lines.
        let mut stretch = 0..0;
        for (line, id) in middle.iter().enumerate() {
            if line >= stretch.end {
                let more = self.of[line..].iter().take_while(|kind| **kind != Kind::Ordinary).count();
                // An ordinary line ends the stretch before it, and is one by itself.
                stretch = line..line + more.max(1);
            }
            let aside = match self.of[line] {
                Kind::Bare => true,
                Kind::Crowded => self.is_accidental(line, &stretch),
                Kind::Ordinary => false,
            };
            if !aside {
                reduced.ids.push(*id);
                reduced.lines.push(line as u32);
            }
            reduced.changed.push(aside);
        }
    }

    /// Whether a crowded line lies among lines that the other file does not have: there are some on both
    /// sides, and they are more than three in four.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::line_diff::ends::middles;

    /// The lines of both middles that stay, once with fresh buffers and once with used ones.
    fn stay(old: &[u32], new: &[u32]) -> [Vec<u32>; 2] {
        let mut aside = Aside::default();
        let (mut old_reduced, mut new_reduced) = Default::default();
        let mut stay = || {
            aside.reduce(old, new, &middles(old, new), &mut old_reduced, &mut new_reduced);
            [old_reduced.lines.clone(), new_reduced.lines.clone()]
        };
        let first = stay();
        assert_eq!(stay(), first);
        first
    }

    #[test]
    fn the_root_doubles_at_powers_of_four() {
        let roots = [0, 1, 3, 4, 15, 16, 65_535, 65_536].map(root);
        assert_eq!(roots, [1, 2, 2, 4, 4, 8, 256, 512]);
        assert_eq!([limit(1 << 18), limit(1 << 20), limit(usize::MAX)], [1024; 3]);
    }

    #[test]
    fn lines_that_the_other_file_lacks_are_set_aside() {
        assert_eq!(stay(&[1, 2, 3, 4, 5], &[2, 9, 4, 7]), [vec![1, 3], vec![0, 2]]);
        // What the head and the tail have counts: 8 has an equal there.
        assert_eq!(stay(&[8, 1, 5, 8, 6], &[8, 2, 6]), [vec![2], vec![]]);
    }

    /// The file has 16 to 63 lines: 8 or 16 equals are a crowd.
    #[test]
    fn a_crowded_line_among_lonely_ones_is_set_aside() {
        let crowd = [vec![7], vec![1000; 20]].concat();
        let old = |above: u32, below: u32| {
            [crowd.clone(), (1..=above).collect(), vec![1000], (100..100 + below).collect()].concat()
        };
        let new = [crowd.clone(), vec![2000; 3], vec![1000]].concat();
        let crowded_stays = |above, below| !stay(&old(above, below), &new)[0].is_empty();
        // 4 (0 + 2) is less than (0 + 2) + 7.
        assert!(!crowded_stays(4, 3));
        assert!(crowded_stays(3, 3));
        assert!(crowded_stays(0, 30), "none above");
    }

    #[test]
    fn ids_may_be_far_apart() {
        assert_eq!(stay(&[1, 3_000_000, 5], &[4096 + 1, 3_000_000, 2 * 4096 + 5]), [vec![1], vec![1]]);
    }
}
