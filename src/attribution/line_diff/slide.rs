//! Groups of changed lines, and where they come to rest.
//!
//! Decides among the places at which a group says the same: beside the other side's group, or else where
//! indentation shows the edge of a block. Groups that meet become one.
//! Cost: the lines that groups slide over, once more for every merger.

use std::ops::RangeInclusive;

use super::indent::Margin;
use super::{Side, WhiteSpace};

/// How far above the lowest place others are considered.
const FAR: usize = 100;

/// Adjacent changed lines of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    /// How many unchanged lines are before it. Both sides have the same, so that this is the same place in
    /// both; on each side no two groups have the same.
    pub(super) place: u32,
    /// How many lines.
    pub(super) len: u32,
}

/// A side whose middle is changed as a whole, or empty.
pub(super) fn whole(head: usize, len: usize, groups: &mut Vec<Group>) {
    groups.clear();
    if len > 0 {
        groups.push(Group { place: head as u32, len: len as u32 });
    }
}

/// The groups of a middle that begins after `head` unchanged lines.
pub(super) fn groups(head: usize, changed: &[bool], groups: &mut Vec<Group>) {
    groups.clear();
    let mut place = head as u32;
    for run in changed.chunk_by(|line, next| line == next) {
        match run[0] {
            true => groups.push(Group { place, len: run.len() as u32 }),
            false => place += run.len() as u32,
        }
    }
}

/// Moves the groups of a side, with its buffers.
#[derive(Debug)]
pub(super) struct Slider {
    /// The indentation around the first and around the last lines of groups.
    margins: [Margin; 2],
    done: Vec<Group>,
}

impl Default for Slider {
    fn default() -> Self {
        Self::new(WhiteSpace::default())
    }
}

impl Slider {
    pub(super) fn new(white_space: WhiteSpace) -> Self {
        Self { margins: [Margin::new(white_space), Margin::new(white_space)], done: Vec::new() }
    }

    /// Slides the groups of a side, from the first to the last, with regard to those of the other.
    pub(super) fn slide(&mut self, side: Side<'_>, groups: &mut Vec<Group>, others: &[Group]) {
        let Self { margins, done } = self;
        done.clear();
        let mut waiting = groups.iter().copied().peekable();
        let mut others = Others { groups: others, next: 0 };
        let mut fresh = true;
        // Changed lines before the group at hand.
        let mut before = 0;
        while let Some(group) = waiting.next() {
            let (mut place, mut len) = (group.place as usize, group.len as usize);
            let (highest, beside) = loop {
                let size = len;
                let mut beside = None;
                while place > 0 && side.ids[place + before - 1] == side.ids[place + before + len - 1] {
                    place -= 1;
                    if let Some(met) = done.pop_if(|met| met.place as usize == place) {
                        len += met.len as usize;
                        before -= met.len as usize;
                    }
                }
                let highest = place;
                if others.stand_at(place) {
                    beside = Some(place);
                }
                while let Some(below) = side.ids.get(place + before + len)
                    && *below == side.ids[place + before]
                {
                    place += 1;
                    if let Some(met) = waiting.next_if(|met| met.place as usize == place) {
                        len += met.len as usize;
                    }
                    if others.stand_at(place) {
                        beside = Some(place);
                    }
                }
                if len == size {
                    break (highest, beside);
                }
            };
            if let Some(beside) = beside {
                place = beside;
            } else if place > highest {
                if std::mem::take(&mut fresh) {
                    margins.iter_mut().for_each(Margin::forget);
                }
                place = best(margins, side, highest..=place, before, len);
            }
            done.push(Group { place: place as u32, len: len as u32 });
            before += len;
        }
        std::mem::swap(groups, done);
    }
}

/// The best of the places that a group can rest at, `lowest` being the last of them.
fn best(
    [starts, ends]: &mut [Margin; 2],
    side: Side<'_>,
    places: RangeInclusive<usize>,
    before: usize,
    len: usize,
) -> usize {
    let (highest, lowest) = (*places.start(), *places.end());
    let highest = highest.max(lowest.saturating_sub(len + 1)).max(lowest.saturating_sub(FAR));
    let mut score = |place: usize| {
        let start = place + before;
        starts.score(side, start).plus(ends.score(side, start + len))
    };
    let mut best = (highest, score(highest));
    for place in highest + 1..=lowest {
        let score = score(place);
        // The later one if they are equal.
        if score.is_as_good_as(best.1) {
            best = (place, score);
        }
    }
    best.0
}

/// The groups of the other side, followed from place to place.
struct Others<'a> {
    groups: &'a [Group],
    /// The first that is not above the place asked for last.
    next: usize,
}

impl Others<'_> {
    /// Whether there is a group at a place.
    fn stand_at(&mut self, place: usize) -> bool {
        let at = |index: usize| self.groups.get(index).map(|group| group.place as usize);
        while at(self.next).is_some_and(|next| next < place) {
            self.next += 1;
        }
        while self.next.checked_sub(1).and_then(at).is_some_and(|before| before >= place) {
            self.next -= 1;
        }
        at(self.next) == Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slides the groups of a file, given line by line, beside groups of the other side.
    fn slid(lines: &[&str], groups: &[(u32, u32)], others: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let bytes = lines.concat().into_bytes();
        let starts: Vec<u32> =
            (0..=lines.len()).map(|line| lines[..line].iter().map(|line| line.len() as u32).sum()).collect();
        let number = |line: &&str| lines.iter().position(|other| other == line).unwrap() as u32;
        let ids: Vec<u32> = lines.iter().map(number).collect();
        let of = |groups: &[(u32, u32)]| {
            groups.iter().map(|(place, len)| Group { place: *place, len: *len }).collect::<Vec<_>>()
        };
        let (mut groups, others) = (of(groups), of(others));
        let side = Side { ids: &ids, bytes: &bytes, starts: &starts };
        Slider::default().slide(side, &mut groups, &others);
        groups.iter().map(|group| (group.place, group.len)).collect()
    }

    #[test]
    fn groups_are_runs_of_changed_lines() {
        let mut found = Vec::new();
        groups(5, &[true, false, false, true, true], &mut found);
        assert_eq!(found, [Group { place: 5, len: 1 }, Group { place: 7, len: 2 }]);
        whole(5, 3, &mut found);
        assert_eq!(found, [Group { place: 5, len: 3 }]);
        whole(5, 0, &mut found);
        assert_eq!(found, []);
    }

    #[test]
    fn a_group_rests_where_a_block_begins() {
        // The second function is new; its end and the first one's are the same line.
        let file = ["f {\n", "\ta\n", "}\n", "\n", "g {\n", "\tb\n", "}\n", "\n", "h\n"];
        for place in 2..=4 {
            assert_eq!(slid(&file, &[(place, 4)], &[]), [(4, 4)]);
        }
    }

    #[test]
    fn a_group_rests_beside_one_of_the_other_side() {
        let file = ["a\n", "x\n", "x\n", "x\n", "x\n", "b\n"];
        assert_eq!(slid(&file, &[(2, 1)], &[]), [(4, 1)], "as low as it goes");
        assert_eq!(slid(&file, &[(2, 1)], &[(1, 9)]), [(1, 1)], "at the top");
        assert_eq!(slid(&file, &[(2, 1)], &[(1, 9), (3, 9), (5, 9)]), [(3, 1)], "the lowest within reach");
        assert_eq!(slid(&file, &[(2, 1)], &[(0, 9), (5, 9)]), [(4, 1)], "none within reach");
    }

    #[test]
    fn groups_that_meet_become_one() {
        let file = ["a\n", "x\n", "x\n", "x\n", "x\n", "b\n"];
        assert_eq!(slid(&file, &[(1, 1), (3, 1)], &[]), [(3, 2)]);
        // Beside the other side's group only if the larger one can still go there.
        let file = ["a\n", "x\n", "x\n", "y\n", "b\n"];
        assert_eq!(slid(&file, &[(1, 1), (2, 1)], &[]), [(2, 2)]);
        assert_eq!(slid(&file, &[(1, 1), (2, 1)], &[(1, 1)]), [(2, 2)]);
    }

    /// The top of the block is the best place, but only so far up is it considered.
    #[test]
    fn far_above_is_not_considered() {
        let rests = |len: u32, way: u32| {
            let mut lines = vec!["f\n"];
            lines.extend(std::iter::repeat_n("\tx\n", (len + way) as usize));
            lines.push("\tz\n");
            let top = 1;
            match slid(&lines, &[(top + way / 2, len)], &[])[0] {
                (place, _) if place == top => "top",
                (place, _) if place == top + way => "bottom",
                _ => "between",
            }
        };
        assert_eq!([rests(1, 1), rests(1, 2), rests(1, 3)], ["top", "top", "bottom"]);
        assert_eq!([rests(70, 71), rests(70, 72)], ["top", "bottom"]);
        assert_eq!([rests(300, 100), rests(300, 101)], ["top", "bottom"]);
    }
}
