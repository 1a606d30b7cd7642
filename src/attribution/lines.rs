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

    /// The bytes of some lines, if it has so many.
    pub(super) fn text(&self, first: u32, len: u32) -> Option<&[u8]> {
        let at = |line: u32| self.starts.get(line as usize).map(|start| *start as usize);
        self.bytes.get(at(first)?..at(first + len)?)
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.len() + 4 * (self.starts.len() + self.ids.len())
    }

    /// Cuts a content into lines, each with the number that `number` gives it, but for those at its head and tail that
    /// a `neighbour` has, too: these have the numbers that they have there. Which lines are between them.
    fn cut(
        bytes: Arc<Vec<u8>>,
        neighbour: Option<&Self>,
        mut number: impl FnMut(&[u8]) -> u32,
    ) -> (Self, Range<usize>) {
        let none = Self::default();
        let neighbour = neighbour.unwrap_or(&none);
        let common = Common::of(&bytes, neighbour);
        let count = neighbour.ids.len();
        let mut lines = Self {
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
            lines.ids.push(number(&bytes[start..end]));
            start = end;
        }
        if start < common.middle.end {
            lines.starts.push(offset(start));
            lines.ids.push(number(&bytes[start..common.middle.end]));
        }
        let middle = common.head..lines.ids.len();
        let shift = offset(bytes.len()).wrapping_sub(offset(neighbour.bytes.len()));
        lines.starts.extend(neighbour.starts[common.tail..count].iter().map(|at| at.wrapping_add(shift)));
        lines.ids.extend_from_slice(&neighbour.ids[common.tail..]);
        lines.starts.push(offset(bytes.len()));
        lines.bytes = bytes;
        (lines, middle)
    }
}

/// Gives lines hashes for numbers, which is less work. Equal lines have equal ones; so can lines that differ: good only
/// to tell where something cannot be.
pub struct LineHasher {
    hasher: RandomState,
    /// Under `-w`, what each byte adds to the hash of a line: white space nothing.
    bytes: Option<Box<[u32; 256]>>,
}

impl LineHasher {
    /// With `ignore_whitespace`, lines that differ in white space alone are equal. Hashers made of the same one give
    /// the same hashes.
    #[must_use]
    pub fn new(ignore_whitespace: bool, hasher: &RandomState) -> Self {
        let add = |byte: usize| match WhiteSpace::Git.contains(byte as u8) {
            true => 0,
            false => (hasher.hash_one(byte) >> 32) as u32,
        };
        let bytes = ignore_whitespace.then(|| Box::new(std::array::from_fn(add)));
        Self { hasher: hasher.clone(), bytes }
    }

    /// Cuts a content into lines, and tells which of them its neighbour does not have at its head or tail.
    pub(super) fn lines(&self, bytes: Arc<Vec<u8>>, neighbour: Option<&Lines>) -> (Lines, Range<usize>) {
        Lines::cut(bytes, neighbour, |line| self.hash(line))
    }

    /// Under `-w` lines of the same bytes in another order have the same hash, too: that is rare, and a sum is made
    /// without a copy that lacks the white space.
    fn hash(&self, line: &[u8]) -> u32 {
        let Some(add) = &self.bytes else { return (self.hasher.hash_one(line) >> 32) as u32 };
        let sum = line.iter().fold(0_u32, |sum, byte| sum.wrapping_add(add[usize::from(*byte)]));
        // The lowest bits are to depend on all others.
        (u64::from(sum).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
    }
}

/// The line without its white space.
fn squeeze<'b>(line: &[u8], buffer: &'b mut Vec<u8>) -> &'b [u8] {
    if buffer.len() < line.len() {
        buffer.resize(line.len(), 0);
    }
    let mut length = 0;
    // Written first and counted then: no branch to be guessed wrong.
    for byte in line {
        buffer[length] = *byte;
        length += usize::from(!WhiteSpace::Git.contains(*byte));
    }
    &buffer[..length]
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

    /// Forgets all numbers.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.squeezed.is_some(), &self.lines.hasher);
    }

    /// Cuts a content into lines. `neighbour` is another version that has much in common with it.
    pub fn lines(&mut self, bytes: Arc<Vec<u8>>, neighbour: Option<&Lines>) -> Lines {
        Lines::cut(bytes, neighbour, |line| self.number(line)).0
    }

    fn number(&mut self, line: &[u8]) -> u32 {
        let number = self.lines.number(line);
        let Some((squeezed, numbers)) = &mut self.squeezed else { return number };
        // White space is taken out of a line only when it is new.
        if number as usize == numbers.len() {
            numbers.push(squeezed.number(squeeze(line, &mut self.buffer)));
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
}

#[derive(Clone, Copy)]
struct Known {
    hash: u32,
    number: u32,
}

impl Strings {
    fn memory(&self) -> usize {
        self.text.len() + 24 * self.ends.len()
    }

    fn number(&mut self, string: &[u8]) -> u32 {
        let Self { hasher, table, text, ends } = self;
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
    fn lines_have_equal_hashes_where_they_have_equal_numbers() {
        let bytes = Arc::new(b"a b\nab\n\tab\r\n\nab\n \nab".to_vec());
        for ignored in [false, true] {
            let hasher = RandomState::default();
            let ids = Interner::new(ignored, &hasher).lines(bytes.clone(), None).ids;
            let (hashed, all) = LineHasher::new(ignored, &hasher).lines(bytes.clone(), None);
            assert_eq!((hashed.ids.len(), all), (ids.len(), 0..ids.len()));
            for one in 0..ids.len() {
                for other in 0..ids.len() {
                    assert_eq!(hashed.ids[one] == hashed.ids[other], ids[one] == ids[other]);
                }
            }
            let more = Arc::new(b"a b\nab\nnew\n\tab\r\n\nab\n \nab".to_vec());
            let (next, middle) = LineHasher::new(ignored, &hasher).lines(more.clone(), Some(&hashed));
            // The line behind the new one is not known to begin where it does.
            assert_eq!(middle, 2..4);
            assert_eq!(next.ids, LineHasher::new(ignored, &hasher).lines(more, None).0.ids);
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
