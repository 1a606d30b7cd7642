//! How well a file can be split before a line, judged by indentation and blank lines.
//!
//! Decides where a reader would see the edge of a block: git's indent heuristic.
//! Cost: each line near an edge is measured about once, and not beyond 200 columns.

use super::{Side, WhiteSpace};

/// Indentation is not told apart from here on, in columns.
const MOST_COLUMNS: u32 = 200;
/// Not more blank lines than this are looked past.
const MOST_BLANK: i32 = 20;
/// How much the smaller indentation weighs against penalties.
const WEIGHT: i64 = 60;

/// The badness of a split, or of two together; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Score {
    /// Columns; -1 where nothing follows that has any.
    indent: i64,
    penalty: i64,
}

impl Score {
    /// That of two splits together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { indent: self.indent + other.indent, penalty: self.penalty + other.penalty }
    }

    /// Not worse than the other.
    pub(super) fn is_as_good_as(self, other: Self) -> bool {
        WEIGHT * (self.indent - other.indent).signum() + self.penalty - other.penalty <= 0
    }
}

/// The columns before the first byte that is not white space; none for a blank line.
fn indentation(line: &[u8], white_space: WhiteSpace) -> Option<u32> {
    let mut columns = 0;
    for byte in line {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 8 - columns % 8,
            other if white_space.contains(*other) => {}
            _ => return Some(columns),
        }
        if columns >= MOST_COLUMNS {
            return Some(MOST_COLUMNS);
        }
    }
    None
}

/// How many lines are remembered: more than one group's way and what it looks at around it.
const REMEMBERED: usize = 256;

/// The indentation of the lines near one edge of a group, each measured once.
#[derive(Debug)]
pub(super) struct Margin {
    /// A line and its indentation, at the line's number modulo the length.
    known: Vec<Option<(usize, Option<u32>)>>,
    white_space: WhiteSpace,
}

impl Margin {
    pub(super) fn new(white_space: WhiteSpace) -> Self {
        Self { known: vec![None; REMEMBERED], white_space }
    }

    /// Another file comes.
    pub(super) fn forget(&mut self) {
        self.known.fill(None);
    }

    fn indent(&mut self, side: Side<'_>, line: usize) -> Option<u32> {
        let known = &mut self.known[line % REMEMBERED];
        match known {
            Some((known, indent)) if *known == line => *indent,
            _ => known.insert((line, indentation(side.line(line), self.white_space))).1,
        }
    }

    /// How many of `lines` are blank until the first that is not, and its indentation. None at the file's
    /// edge; after very many blank lines it counts as 0.
    fn past_blank(&mut self, side: Side<'_>, lines: impl Iterator<Item = usize>) -> (i32, Option<u32>) {
        let mut blank = 0;
        for line in lines {
            if let Some(indent) = self.indent(side, line) {
                return (blank, Some(indent));
            }
            blank += 1;
            if blank == MOST_BLANK {
                return (blank, Some(0));
            }
        }
        (blank, None)
    }

    /// The score of a split before `line`, which may be the end.
    pub(super) fn score(&mut self, side: Side<'_>, line: usize) -> Score {
        let lines = side.ids.len();
        let here = if line < lines { self.indent(side, line) } else { None };
        let (blank_above, above) = self.past_blank(side, (0..line).rev());
        let (blank_below, below) = self.past_blank(side, line + 1..lines);
        let indent = here.or(below);
        let after = if here.is_none() { 1 + blank_below } else { 0 };
        let blank = blank_above + after;
        let mut penalty = -30 * blank + 6 * after;
        if line == 0 {
            penalty += 1;
        }
        if line == lines {
            penalty += 21;
        }
        if let (Some(indent), Some(above)) = (indent, above) {
            penalty += match (indent.cmp(&above), blank > 0) {
                (std::cmp::Ordering::Greater, false) => -4,
                (std::cmp::Ordering::Greater, true) => 10,
                (std::cmp::Ordering::Less, true) => 17,
                (std::cmp::Ordering::Less, false) if below > Some(indent) => 24,
                (std::cmp::Ordering::Less, false) => 23,
                (std::cmp::Ordering::Equal, _) => 0,
            };
        }
        Score { indent: indent.map_or(-1, i64::from), penalty: i64::from(penalty) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(line: &[u8]) -> Option<u32> {
        indentation(line, WhiteSpace::Git)
    }

    /// The split before each line of a file, and at its end.
    fn penalties(lines: &[&str]) -> Vec<(i64, i64)> {
        let bytes = lines.concat().into_bytes();
        let starts: Vec<u32> =
            (0..=lines.len()).map(|line| lines[..line].iter().map(|line| line.len() as u32).sum()).collect();
        let ids = vec![0; lines.len()];
        let side = Side { ids: &ids, bytes: &bytes, starts: &starts };
        let mut margin = Margin::new(WhiteSpace::Git);
        (0..=lines.len())
            .map(|line| margin.score(side, line))
            .map(|score| (score.indent, score.penalty))
            .collect()
    }

    #[test]
    fn tabs_go_to_the_next_eighth_column() {
        assert_eq!(columns(b"x"), Some(0));
        assert_eq!(columns(b"  x"), Some(2));
        assert_eq!(columns(b"\tx"), Some(8));
        assert_eq!(columns(b"   \t x"), Some(9));
        assert_eq!(columns(b" \r\r x"), Some(2));
        assert_eq!(columns(b"  \x0cx"), Some(2), "a form feed is no white space in git");
    }

    #[test]
    fn white_space_alone_is_blank_unless_it_is_very_wide() {
        assert_eq!([columns(b""), columns(b"\n"), columns(b" \t\r\n")], [None; 3]);
        assert_eq!(columns(&[b' '; 199]), None);
        assert_eq!(columns(&[b' '; 200]), Some(200));
        assert_eq!(columns(&[b'\t'; 26]), Some(200));
    }

    #[test]
    fn the_edges_of_the_file_and_of_blocks() {
        let file = ["a {\n", "\tb\n", "}\n", "\n", "c\n"];
        assert_eq!(
            penalties(&file),
            [
                (0, 1),
                (8, -4),
                (0, 23),
                // The blank line has the indentation of what follows, and counts with all that are around it.
                (0, -30 + 6),
                (0, -30),
                // Nothing follows the end.
                (-1, 21 - 30 + 6),
            ]
        );
    }

    #[test]
    fn many_blank_lines_are_not_looked_past() {
        let mut file = vec!["\tx\n"];
        file.extend(["\n"; 19]);
        file.push("\ty\n");
        assert_eq!(penalties(&file)[20], (8, -30 * 19));
        // With 20 the indentation above is taken for 0, and the line's own is greater.
        file.insert(1, "\n");
        assert_eq!(penalties(&file)[21], (8, -30 * 20 + 10));
    }

    #[test]
    fn a_smaller_indentation_weighs_a_fixed_amount() {
        let score = |indent, penalty| Score { indent, penalty };
        assert!(score(0, 60).is_as_good_as(score(100, 0)));
        assert!(!score(0, 61).is_as_good_as(score(100, 0)));
        assert!(score(5, 7).is_as_good_as(score(5, 7)));
    }
}
