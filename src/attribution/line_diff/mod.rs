//! The line diff between two versions, with the hunks that `git blame` works with.
//!
//! Decides which lines of two versions are the same. It is Myers' diff with git's habits around it, in steps:
//!
//! 1. `ends`: the common tail is trimmed by the caller ([`common_tail`]); equal lines at the head and at the
//!    tail of what is left are skipped. What lies between them is the middle.
//! 2. `aside`: lines of a middle that say nothing about order are set aside.
//! 3. `myers`: what stayed is compared, with limits on the effort.
//! 4. `slide`: groups of changed lines are moved to where a reader expects them (`indent`).
//!
//! Written from the behaviour of `git diff` and from E. W. Myers, "An O(ND) Difference Algorithm and Its
//! Variations" (1986), and held against both git and libgit2; it must stay free of code from either.
//! Must not know bytes where ids will do: lines are equal when their ids are.
//!
//! Cost, for files of N lines together: one pass over the ids; in the middle O(D) steps for each line, with
//! D differences, cut off near max(256, 2 √N); then the groups of changed lines and the lines that they slide
//! over. Memory: some 30 bytes a line of the middles, and 4 bytes for the greatest id. Nothing is allocated
//! once the buffers have grown.

mod aside;
mod counts;
mod ends;
mod indent;
mod myers;
mod slide;
mod white_space;

use std::ops::Range;

pub use ends::common_tail;
pub use myers::Shortcuts;
pub use white_space::WhiteSpace;

use aside::{Aside, Reduced};
use myers::Myers;
use slide::{Group, Slider};

/// Lines `old` of the one file were replaced by lines `new` of the other; either may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines that went, counted from 0.
    pub old: Range<u32>,
    /// The lines that came, counted from 0.
    pub new: Range<u32>,
}

/// One of the two versions, without the common tail ([`common_tail`]).
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// For each line a number; lines of both sides are equal when their numbers are. They index a table: let
    /// them be dense.
    pub ids: &'a [u32],
    /// The file, of which only the indentation of some lines is looked at.
    pub bytes: &'a [u8],
    /// Where lines start in `bytes`, and at the end where the last one ends: one more than `ids`.
    pub starts: &'a [u32],
}

impl<'a> Side<'a> {
    /// The same lines but for the last `tail` bytes, which begin with a line.
    #[must_use]
    pub fn without(self, tail: usize) -> Self {
        let end = self.starts.get(self.ids.len()).map_or(0, |end| *end as usize).saturating_sub(tail);
        let count = self.starts.partition_point(|start| (*start as usize) < end).min(self.ids.len());
        Self { ids: &self.ids[..count], starts: &self.starts[..=count], ..self }
    }

    /// A line's bytes, with its line end.
    fn line(&self, number: usize) -> &'a [u8] {
        let edge = |at: usize| self.starts.get(at).map(|start| *start as usize);
        edge(number).zip(edge(number + 1)).and_then(|(from, to)| self.bytes.get(from..to)).unwrap_or_default()
    }
}

/// The line diff, with the buffers that it uses again and again.
#[derive(Debug, Default)]
pub struct LineDiff {
    aside: Aside,
    myers: Myers,
    slider: Slider,
    reduced: [Reduced; 2],
    groups: [Vec<Group>; 2],
}

impl LineDiff {
    /// A line diff that answers as git does.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that takes other bytes for white space where it looks at indentation.
    #[must_use]
    pub fn with_white_space(white_space: WhiteSpace) -> Self {
        Self { slider: Slider::new(white_space), ..Self::default() }
    }

    /// How often the search was cut short until now.
    #[must_use]
    pub fn shortcuts(&self) -> Shortcuts {
        self.myers.shortcuts
    }

    /// The hunks between two versions, from the first to the last, in place of what `hunks` holds.
    pub fn hunks(&mut self, old: Side<'_>, new: Side<'_>, hunks: &mut Vec<Hunk>) {
        let Self { aside, myers, slider, reduced: [old_reduced, new_reduced], groups } = self;
        let [old_groups, new_groups] = groups;
        let middles @ [old_middle, new_middle] = &ends::middles(old.ids, new.ids);
        let head = old_middle.start;
        if old_middle.is_empty() || new_middle.is_empty() {
            slide::whole(head, old_middle.len(), old_groups);
            slide::whole(head, new_middle.len(), new_groups);
        } else {
            aside.reduce(old.ids, new.ids, middles, old_reduced, new_reduced);
            myers.compare(old_reduced, new_reduced);
            slide::groups(head, &old_reduced.changed, old_groups);
            slide::groups(head, &new_reduced.changed, new_groups);
        }
        slider.slide(old, old_groups, new_groups);
        slider.slide(new, new_groups, old_groups);
        read_off(old_groups, new_groups, hunks);
    }
}

/// The hunks that the groups of both sides make: those at the same place are one hunk.
fn read_off(old: &[Group], new: &[Group], hunks: &mut Vec<Hunk>) {
    hunks.clear();
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let (mut old_before, mut new_before) = (0, 0);
    while let Some(place) = old.peek().into_iter().chain(new.peek()).map(|group| group.place).min() {
        let at = |group: &&Group| group.place == place;
        let old_len = old.next_if(at).map_or(0, |group| group.len);
        let new_len = new.next_if(at).map_or(0, |group| group.len);
        let (old_start, new_start) = (place + old_before, place + new_before);
        hunks.push(Hunk { old: old_start..old_start + old_len, new: new_start..new_start + new_len });
        old_before += old_len;
        new_before += new_len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_replace_what_was_there() {
        // Without indentation and with one byte a line.
        let starts: Vec<u32> = (0..20).collect();
        let bytes = [b'x'; 20];
        let side = |ids| Side { ids, bytes: &bytes, starts: &starts };
        let mut hunks = vec![Hunk { old: 8..9, new: 8..9 }];
        let mut diff = LineDiff::new();
        diff.hunks(side(&[1, 2, 3, 4, 5, 6]), side(&[1, 7, 3, 4, 8, 9, 5]), &mut hunks);
        let expected = [(1..2, 1..2), (4..4, 4..6), (5..6, 7..7)];
        assert_eq!(hunks, expected.map(|(old, new)| Hunk { old, new }));
        diff.hunks(side(&[1]), side(&[1]), &mut hunks);
        assert_eq!(hunks, []);
        diff.hunks(side(&[]), side(&[3]), &mut hunks);
        assert_eq!(hunks, [Hunk { old: 0..0, new: 0..1 }]);
    }

    #[test]
    fn lines_without_bytes_are_empty() {
        let side = Side { ids: &[1, 2], bytes: b"a\n", starts: &[0, 2] };
        assert_eq!([side.line(0), side.line(1), side.line(usize::MAX - 1)], [&b"a\n"[..], b"", b""]);
    }
}
