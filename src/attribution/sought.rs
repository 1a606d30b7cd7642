//! What is looked for elsewhere: the lines of the file asked about, how much they weigh, and how much of it
//! an older file can have.
//!
//! Decides which block of equal lines two texts share weighs most. Must not decide where to look.
//! Cost: one line diff for a block; hashing the lines of a file once.

use std::collections::HashMap;
use std::sync::Arc;

use super::change_index::BlobNo;
use super::line_diff;
use super::spans::Span;
use crate::repo::RepoError;

/// The file asked about, line by line: what is looked for in older versions is its text, as in git.
pub(super) struct Sought {
    content: Arc<[u8]>,
    /// Where each line begins, and the end.
    starts: Vec<usize>,
    /// How much all lines before one weigh, for each line and the end.
    weights: Vec<u64>,
    keys: Vec<u64>,
}

/// Lines of a span that an older version has, too.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// The first, counted from the start of the span.
    pub(super) at: u32,
    pub(super) len: u32,
    /// The first in the older version.
    pub(super) there: u32,
    pub(super) weight: u64,
}

impl Sought {
    pub(super) fn new(content: Arc<[u8]>, ignore_whitespace: bool) -> Self {
        let (mut starts, mut weights, mut keys) = (vec![0], vec![0], Vec::new());
        let (mut end, mut weight) = (0, 0);
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            end += line.len();
            weight += line.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() as u64;
            starts.push(end);
            weights.push(weight);
            keys.push(key(line, ignore_whitespace));
        }
        Self { content, starts, weights, keys }
    }

    fn text(&self, span: Span) -> &[u8] {
        let at = |line: u32| self.starts.get(line as usize).copied().unwrap_or(self.content.len());
        self.content.get(at(span.line)..at(span.line + span.len)).unwrap_or_default()
    }

    pub(super) fn weight(&self, line: u32, len: u32) -> u64 {
        let before = |line: u32| self.weights.get(line as usize).or(self.weights.last()).copied();
        before(line + len).unwrap_or_default() - before(line).unwrap_or_default()
    }

    /// How much lines of `span` weigh at most that stand together in a file, too: no diff with that file finds a
    /// block that weighs more.
    pub(super) fn at_most(&self, span: Span, lines: &LineIndex) -> u64 {
        // Where blocks end that go on up to the line before, and what they weigh.
        let (mut blocks, mut longer): (Vec<(u32, u64)>, Vec<_>) = (Vec::new(), Vec::new());
        let (mut most, mut steps) = (0, 0);
        for line in span.line..span.line + span.len {
            let weight = self.weight(line, 1);
            let mut before = blocks.iter().peekable();
            for at in self.keys.get(line as usize).into_iter().flat_map(|key| lines.of(*key)) {
                while before.next_if(|(end, _)| *end < at).is_some() {}
                let block = before.next_if(|(end, _)| *end == at).map_or(0, |(_, weight)| *weight) + weight;
                most = most.max(block);
                longer.push((at + 1, block));
            }
            steps += longer.len();
            if steps > STEPS {
                return u64::MAX;
            }
            blocks.clear();
            std::mem::swap(&mut blocks, &mut longer);
        }
        most
    }

    /// The weightiest block of `span` that stands in `old`, too; of equal ones the last, as in git.
    pub(super) fn block(
        &self,
        span: Span,
        old: &[u8],
        ignore_whitespace: bool,
    ) -> Result<Option<Block>, RepoError> {
        let hunks = line_diff::diff(old, self.text(span), ignore_whitespace)?;
        let mut best: Option<Block> = None;
        let (mut at, mut there) = (0, 0);
        let ends = hunks.iter().map(|hunk| (hunk.new.start, hunk.new.end, hunk.old.end));
        for (same_until, next, next_there) in ends.chain([(span.len, span.len, 0)]) {
            let len = same_until.min(span.len).saturating_sub(at);
            let weight = self.weight(span.line + at, len);
            if len > 0 && best.is_none_or(|best| weight >= best.weight) {
                best = Some(Block { at, len, there, weight });
            }
            (at, there) = (next, next_there);
        }
        Ok(best)
    }
}

/// What a line is known by: equal lines have equal keys, and others hardly ever.
fn key(line: &[u8], ignore_whitespace: bool) -> u64 {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let white = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    // FNV-1a.
    let add = |key: u64, byte: &u8| (key ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let start = 0xcbf2_9ce4_8422_2325;
    if ignore_whitespace {
        line.iter().filter(|byte| !white(byte)).fold(start, add)
    } else {
        line.iter().fold(start, add)
    }
}

/// Where the lines of a file are, by their keys; sorted.
pub(super) struct LineIndex(Box<[(u64, u32)]>);

impl LineIndex {
    fn new(content: &[u8], ignore_whitespace: bool) -> Self {
        let lines = content.split_inclusive(|byte| *byte == b'\n');
        let mut keys: Vec<(u64, u32)> = lines.map(|line| key(line, ignore_whitespace)).zip(0..).collect();
        keys.sort_unstable();
        Self(keys.into())
    }

    /// The lines with that key, in order.
    fn of(&self, key: u64) -> impl Iterator<Item = u32> {
        let start = self.0.partition_point(|(other, _)| *other < key);
        self.0.iter().skip(start).take_while(move |(other, _)| *other == key).map(|(_, line)| *line)
    }
}

/// The line indexes that one worker has at hand.
#[derive(Default)]
pub(super) struct LineIndexes {
    known: HashMap<BlobNo, Arc<LineIndex>>,
    keys: usize,
}

/// So many keys are kept, of 16 bytes each.
const KEYS: usize = 2 << 20;
/// Lines that stand everywhere are not looked for longer than this: the diff decides.
const STEPS: usize = 1 << 18;

impl LineIndexes {
    pub(super) fn get(
        &mut self,
        blob: BlobNo,
        ignore_whitespace: bool,
        read: impl FnOnce() -> Result<Arc<[u8]>, RepoError>,
    ) -> Result<Arc<LineIndex>, RepoError> {
        if let Some(index) = self.known.get(&blob) {
            return Ok(index.clone());
        }
        let index = Arc::new(LineIndex::new(&read()?, ignore_whitespace));
        if self.keys + index.0.len() > KEYS {
            *self = Self::default();
        }
        self.keys += index.0.len();
        self.known.insert(blob, index.clone());
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::spans::Marks;

    fn span(line: u32, len: u32) -> Span {
        Span { here: 0, line, len, marks: Marks::default() }
    }

    fn sought(text: &str, ignore_whitespace: bool) -> Sought {
        Sought::new(Arc::from(text.as_bytes()), ignore_whitespace)
    }

    #[test]
    fn only_letters_and_digits_weigh() {
        let sought = sought("a1 (b)\n\n\u{e9}_Z\n", false);
        assert_eq!([0, 1, 2].map(|line| sought.weight(line, 1)), [3, 0, 1]);
        assert_eq!((sought.weight(0, 3), sought.weight(1, 0)), (4, 0));
    }

    #[test]
    fn a_block_stands_together_on_both_sides() {
        let sought = sought("one\ntwo\n}\nthree\n", false);
        let most = |old: &str| sought.at_most(span(0, 4), &LineIndex::new(old.as_bytes(), false));
        assert_eq!(most("x\none\ntwo\n}\ny"), 6);
        assert_eq!(most("two\none\ntwo"), 6, "the last line of a file may lack its end");
        assert_eq!(most("one\n}\ntwo\nthree\n"), 5, "each line is there, but not together");
        assert_eq!(most("}\n}\ntwo\n}\nthree"), 8);
        assert_eq!(most(""), 0);
    }

    #[test]
    fn white_space_counts_if_it_is_not_ignored() {
        for ignored in [false, true] {
            let sought = sought("\tfirst  line \n", ignored);
            let index = LineIndex::new(b"first line\r\n", ignored);
            assert_eq!(sought.at_most(span(0, 1), &index), if ignored { 9 } else { 0 });
        }
    }

    #[test]
    fn the_weightiest_block_counts_and_of_equals_the_last() {
        let sought = sought("aa\nx\nbb\nccc\ny\nddddd\nz\n", false);
        let block = |old: &str| {
            let found = sought.block(span(0, 7), old.as_bytes(), false).unwrap();
            found.map(|block| (block.at, block.len, block.there, block.weight))
        };
        assert_eq!(block("0\naa\nbb\nccc\n1\nddddd\n"), Some((5, 1, 5, 5)));
        assert_eq!(block("0\nbb\nccc\n1\ndddd\n"), Some((2, 2, 1, 5)));
        assert_eq!(block("0\n"), None);
    }
}
