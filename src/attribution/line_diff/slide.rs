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
