//! The lines of a version of a file, each known by a number: equal lines have equal numbers.
//!
//! Decides which lines are equal. Numbers are given by the bytes, never by a hash alone, so nothing that
//! collides can change an answer.
//! Cost: a version that has a neighbour costs a comparison with it at the speed of memory, and hashing of
//! the lines between the first and the last difference.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::common::{equal_head, equal_tail};
use super::line_diff::{Side, WhiteSpace};

/// A version of a file, cut into lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// The content.
    pub(super) bytes: Arc<Vec<u8>>,
    /// Where each line begins, and where the last ends.
    pub(super) starts: Vec<u32>,
    /// The number of each line.
    pub(super) ids: Vec<u32>,
}

impl Lines {
    /// The lines, to be compared.
    pub(super) fn side(&self) -> Side<'_> {
        Side { ids: &self.ids, bytes: &self.bytes, starts: &self.starts }
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.len() + 4 * (self.starts.len() + self.ids.len())
    }
}

/// Gives lines their numbers.
#[derive(Default)]
pub struct Interner {
    lines: Strings,
    /// Under `-w`: the lines without white space, and the number there of each line.
    squeezed: Option<(Strings, Vec<u32>)>,
    /// A line without its white space.
    buffer: Vec<u8>,
}

impl Interner {
    /// With `ignore_whitespace`, lines that differ in white space alone are equal (`git diff -w`).
    #[must_use]
    pub fn new(ignore_whitespace: bool, hasher: &RandomState) -> Self {
        let strings = || Strings { hasher: hasher.clone(), ..Strings::default() };
        let squeezed = ignore_whitespace.then(|| (strings(), Vec::new()));
        Self { lines: strings(), squeezed, buffer: Vec::new() }
    }

    /// Bytes of memory that it takes, about.
    pub(super) fn memory(&self) -> usize {
        let squeezed =
            self.squeezed.as_ref().map_or(0, |(lines, numbers)| lines.memory() + 4 * numbers.len());
        self.lines.memory() + squeezed
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.squeezed.as_ref().map_or(&self.lines, |(lines, _)| lines).ends.len()
    }

    /// A hash of the line of a number. Equal lines have equal ones in every interner with the same hasher.
    pub(super) fn hash(&self, number: u32) -> u32 {
        let lines = self.squeezed.as_ref().map_or(&self.lines, |(lines, _)| lines);
        lines.hashes[number as usize]
    }

    /// Forgets all numbers.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.squeezed.is_some(), &self.lines.hasher);
    }

    /// Cuts a content into lines. `neighbour` is another version that has much in common with it.
    pub fn lines(&mut self, bytes: Arc<Vec<u8>>, neighbour: Option<&Lines>) -> Lines {
        let none = Lines::default();
        let neighbour = neighbour.unwrap_or(&none);
        let common = Common::of(&bytes, neighbour);
        let count = neighbour.ids.len();
        let mut lines = Lines {
            starts: Vec::with_capacity(count + count / 8 + 16),
            ids: Vec::with_capacity(count + count / 8 + 16),
            bytes: Arc::default(),
        };
        lines.starts.extend_from_slice(&neighbour.starts[..common.head]);
        lines.ids.extend_from_slice(&neighbour.ids[..common.head]);
        let mut start = common.middle.start;
        for end in memchr::memchr_iter(b'\n', &bytes[common.middle.clone()]) {
            let end = common.middle.start + end + 1;
            lines.starts.push(offset(start));
            lines.ids.push(self.number(&bytes[start..end]));
            start = end;
        }
        if start < common.middle.end {
            lines.starts.push(offset(start));
            lines.ids.push(self.number(&bytes[start..common.middle.end]));
        }
        let shift = offset(bytes.len()).wrapping_sub(offset(neighbour.bytes.len()));
        lines.starts.extend(neighbour.starts[common.tail..count].iter().map(|at| at.wrapping_add(shift)));
        lines.ids.extend_from_slice(&neighbour.ids[common.tail..]);
        lines.starts.push(offset(bytes.len()));
        lines.bytes = bytes;
        lines
    }

    fn number(&mut self, line: &[u8]) -> u32 {
        let number = self.lines.number(line);
        let Some((squeezed, numbers)) = &mut self.squeezed else { return number };
        // White space is taken out of a line only when it is new.
        if number as usize == numbers.len() {
            self.buffer.clear();
            self.buffer.extend(line.iter().filter(|byte| !WhiteSpace::Git.contains(**byte)));
            numbers.push(squeezed.number(&self.buffer));
        }
        numbers[number as usize]
    }
}

/// Strings, numbered from 0 as they come.
#[derive(Default)]
struct Strings {
    hasher: RandomState,
    /// Numbers, by hashes.
    table: HashTable<Known>,
    /// All strings, one after the other.
    text: Vec<u8>,
    /// Where each ends in `text`.
    ends: Vec<usize>,
    hashes: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Known {
    hash: u32,
    number: u32,
}

impl Strings {
    fn memory(&self) -> usize {
        self.text.len() + 28 * self.ends.len()
    }

    fn number(&mut self, string: &[u8]) -> u32 {
        let Self { hasher, table, text, ends, hashes } = self;
        let hash = (hasher.hash_one(string) >> 32) as u32;
        let string_of = |number: u32| {
            let number = number as usize;
            let start = if number == 0 { 0 } else { ends[number - 1] };
            &text[start..ends[number]]
        };
        let spread = |hash: u32| u64::from(hash) << 32 | u64::from(hash);
        let same = |known: &Known| known.hash == hash && string_of(known.number) == string;
        if let Some(known) = table.find(spread(hash), same) {
            return known.number;
        }
        let number = offset(ends.len());
        text.extend_from_slice(string);
        ends.push(text.len());
        hashes.push(hash);
        table.insert_unique(spread(hash), Known { hash, number }, |known| spread(known.hash));
        number
    }
}

/// What a content shares with its neighbour.
struct Common {
    /// So many lines at the neighbour's head.
    head: usize,
    /// Lines of the neighbour from this one on.
    tail: usize,
    /// The bytes between them.
    middle: Range<usize>,
}

impl Common {
    fn of(bytes: &[u8], neighbour: &Lines) -> Self {
        let (count, there) = (neighbour.ids.len(), &**neighbour.bytes);
        let head = equal_head(bytes, there);
        // A line is shared if its end is; one that lacks its LF may go on in the other version.
        let mut lines = neighbour.starts.partition_point(|start| *start as usize <= head).saturating_sub(1);
        if lines == count && !there.ends_with(b"\n") && head != bytes.len() {
            lines = lines.saturating_sub(1);
        }
        let start = neighbour.starts.get(lines).map_or(0, |start| *start as usize);
        let tail = equal_tail(&bytes[start..], &there[start..]);
        // A line at the tail is shared if the LF before it is.
        let first = there.len() - tail;
        let from = neighbour.starts.partition_point(|start| *start as usize <= first).clamp(lines, count);
        let tail = neighbour.starts.get(from).map_or(0, |start| there.len() - *start as usize);
        Self { head: lines, tail: from, middle: start..bytes.len() - tail }
    }
}

/// Objects are smaller than 1 GiB, and so is the number of lines.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(lines: &Lines) -> Vec<&[u8]> {
        lines.starts.windows(2).map(|at| &lines.bytes[at[0] as usize..at[1] as usize]).collect()
    }

    fn cut(bytes: &[u8]) -> Vec<&[u8]> {
        bytes.split_inclusive(|byte| *byte == b'\n').collect()
    }

    proptest! {
        #[test]
        fn a_neighbour_changes_no_number(
            one in "[ab\n]{0,12}", other in "[ab\n]{0,12}", head in "[ab\n]{0,99}", tail in "[ab\n]{0,99}",
        ) {
            let whole = |middle: &str| Arc::new([&*head, middle, &*tail].concat().into_bytes());
            let mut interner = Interner::new(false, &RandomState::default());
            let first = interner.lines(whole(&one), None);
            let second = interner.lines(whole(&other), Some(&first));
            let alone = interner.lines(whole(&other), None);
            prop_assert_eq!(texts(&second), cut(&second.bytes));
            prop_assert_eq!(&second.starts, &alone.starts);
            prop_assert_eq!(&second.ids, &alone.ids);
            for (at, id) in second.ids.iter().enumerate() {
                for (other_at, other) in first.ids.iter().enumerate() {
                    prop_assert_eq!(id == other, texts(&second)[at] == texts(&first)[other_at]);
                }
            }
        }
    }

    #[test]
    fn white_space_is_told_apart_only_where_it_counts() {
        let bytes = Arc::new(b"a b\nab\n\tab\r\nab".to_vec());
        let mut exact = Interner::new(false, &RandomState::default()).lines(bytes.clone(), None).ids;
        exact.sort_unstable();
        exact.dedup();
        assert_eq!(exact.len(), 4);
        assert_eq!(Interner::new(true, &RandomState::default()).lines(bytes, None).ids, [0; 4]);
    }
}
