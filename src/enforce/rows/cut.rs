//! Lines that go, within a content that stays.
//!
//! Decides what stands in their place. Lines end with a newline, as Git counts them; no other character ends one. A carriage
//! return before it is part of the line, and of how it ends.

use std::ops::RangeInclusive;

/// What stands in the place of a line that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Nothing: the lines that follow move up.
    Cut,
    /// An empty line, so that the others keep their numbers.
    Blank,
    /// [`MARK`], so that the others keep their numbers, and a reader sees that something is missing.
    Mark,
}

/// The line that stands for one that went.
pub const MARK: &str = "<withheld>";

impl Lines {
    /// The name on the command line and in receipts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Blank => "blank",
            Self::Mark => "mark",
        }
    }

    /// The content without these lines (the first is 1; ranges in any order, also overlapping), and how many went.
    /// `None` if it has no such lines, so that it cannot be the content that was meant, or if nothing is left of it.
    #[must_use]
    pub fn apply(self, content: &[u8], ranges: &[RangeInclusive<u64>]) -> Option<(Vec<u8>, u64)> {
        let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
        let mut goes = vec![false; lines.len()];
        for range in ranges {
            let (first, last) = (usize::try_from(*range.start()).ok()?, usize::try_from(*range.end()).ok()?);
            goes.get_mut(first.checked_sub(1)?..last)?.fill(true);
        }
        let mut left = Vec::with_capacity(content.len());
        for (line, goes) in lines.iter().zip(&goes) {
            match (goes, self) {
                (false, _) => left.extend_from_slice(line),
                (true, Self::Cut) => {}
                (true, Self::Blank | Self::Mark) => {
                    let text: &[u8] = if self == Self::Mark { MARK.as_bytes() } else { b"" };
                    left.extend_from_slice(text);
                    left.extend_from_slice(ending(line));
                }
            }
        }
        let count = goes.iter().filter(|goes| **goes).count();
        (count < lines.len()).then_some((left, count as u64))
    }
}

/// What ends a line; nothing may.
fn ending(line: &[u8]) -> &[u8] {
    let text = line.strip_suffix(b"\n").map_or(line, |text| text.strip_suffix(b"\r").unwrap_or(text));
    &line[text.len()..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &[u8] = b"one\ntwo\r\nthree\nfour";

    fn lines(lines: Lines, ranges: &[RangeInclusive<u64>]) -> Option<(String, u64)> {
        let (text, count) = lines.apply(FILE, ranges)?;
        Some((String::from_utf8(text).unwrap(), count))
    }

    #[test]
    fn what_goes_is_taken_out_blanked_or_marked() {
        assert_eq!(lines(Lines::Cut, &[2..=3]), Some(("one\nfour".into(), 2)));
        assert_eq!(lines(Lines::Blank, &[2..=3]), Some(("one\n\r\n\nfour".into(), 2)));
        assert_eq!(
            lines(Lines::Mark, &[1..=1, 4..=4]),
            Some(("<withheld>\ntwo\r\nthree\n<withheld>".into(), 2))
        );
        assert_eq!(lines(Lines::Cut, &[4..=4, 2..=2, 2..=2]), Some(("one\nthree\n".into(), 2)));
    }

    #[test]
    fn every_line_keeps_its_own_ending() {
        let mixed = b"one\r\ntwo\nthree\r\r\nfour\r\nfive\r";
        let apply = |lines: Lines, gone| String::from_utf8(lines.apply(mixed, gone).unwrap().0).unwrap();
        assert_eq!(apply(Lines::Blank, &[1..=4]), "\r\n\n\r\n\r\nfive\r");
        assert_eq!(
            apply(Lines::Mark, &[1..=2, 5..=5]),
            "<withheld>\r\n<withheld>\nthree\r\r\nfour\r\n<withheld>"
        );
        assert_eq!(apply(Lines::Cut, &[1..=1, 3..=3]), "two\nfour\r\nfive\r");
    }

    #[test]
    fn a_content_without_such_lines_is_not_the_one_that_was_meant() {
        for range in [0..=1, 4..=5, 5..=5, 3..=u64::MAX] {
            assert_eq!(lines(Lines::Cut, &[range]), None);
        }
        #[expect(clippy::reversed_empty_ranges, reason = "a hostile manifest")]
        let reversed = 3..=1;
        assert_eq!(lines(Lines::Cut, &[reversed]), None);
    }

    #[test]
    fn nothing_that_is_left_is_no_row() {
        for mode in [Lines::Cut, Lines::Blank, Lines::Mark] {
            assert_eq!(lines(mode, &[1..=4]), None);
        }
    }

    proptest! {
        #[test]
        fn what_stays_is_what_was_not_named(text in "[ab\n]{0,20}", named in prop::collection::btree_set(1u64..8, 0..4)) {
            let all: Vec<&str> = text.split_inclusive('\n').collect();
            let ranges: Vec<_> = named.iter().map(|line| *line..=*line).collect();
            let there = named.iter().all(|line| *line <= all.len() as u64);
            let left: String =
                (1..).zip(&all).filter(|(line, _)| !named.contains(line)).map(|(_, text)| *text).collect();
            let cut = Lines::Cut.apply(text.as_bytes(), &ranges);
            let expected = (there && named.len() < all.len()).then_some((left.into_bytes(), named.len() as u64));
            prop_assert_eq!(cut, expected);
            if let Some((blank, _)) = Lines::Blank.apply(text.as_bytes(), &ranges) {
                prop_assert_eq!(blank.split_inclusive(|byte| *byte == b'\n').count() <= all.len(), true);
            }
        }
    }
}
