//! What is looked for elsewhere: the lines of the file asked about, how much they weigh, and how much of it
//! an older file can have.
//!
//! Decides which block of equal lines two texts share weighs most. Must not decide where to look.
//! Cost: one line diff for a block; one look at each line of a file that may have one.

use std::cell::Cell;
use std::sync::Arc;

use super::ever::Since;
use super::history::CommitNo;
use super::line_diff::{Hunk, LineDiff, Side, common_tail};
use super::lines::Lines;
use super::spans::Span;
use crate::repo::ObjectId;

/// The file asked about, line by line: what is looked for in older versions is its text, as in git.
pub(super) struct Sought {
    id: ObjectId,
    lines: Arc<Lines>,
    /// Which numbering of lines they are of.
    numbering: u32,
    /// The hash of each line, whatever the numbering.
    hashes: Arc<Lines>,
    /// How much each line weighs, as far as somebody asked.
    weights: Vec<Cell<Option<u32>>>,
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
    /// The lines of the file, in their numbering, and their hashes.
    pub(super) fn new(id: ObjectId, lines: Arc<Lines>, numbering: u32, hashes: Arc<Lines>) -> Self {
        let weights = vec![Cell::new(None); lines.ids.len()];
        Self { id, lines, numbering, hashes, weights }
    }

    /// The file's blob.
    pub(super) fn id(&self) -> ObjectId {
        self.id
    }

    /// The file's lines.
    pub(super) fn lines(&self) -> Arc<Lines> {
        self.lines.clone()
    }

    /// Which numbering of lines it is of.
    pub(super) fn numbering(&self) -> u32 {
        self.numbering
    }

    /// The same file with its lines numbered anew.
    pub(super) fn renumber(&mut self, lines: Arc<Lines>, numbering: u32) {
        self.lines = lines;
        self.numbering = numbering;
    }

    /// The lines of a span, and no others.
    fn side(&self, span: Span) -> Side<'_> {
        let Lines { bytes, starts, ids } = &*self.lines;
        let (first, end) = (span.line as usize, (span.line + span.len) as usize);
        Side { ids: &ids[first..end], bytes, starts: &starts[first..=end] }
    }

    /// The text of a span.
    pub(super) fn text(&self, span: Span) -> &[u8] {
        let side = self.side(span);
        let at = |at: usize| side.starts.get(at).map_or(0, |start| *start as usize);
        &side.bytes[at(0)..at(side.ids.len())]
    }

    pub(super) fn weight(&self, line: u32, len: u32) -> u64 {
        let lines = self.weights.get(line as usize..(line + len) as usize).unwrap_or_default();
        let weigh = |(known, line): (&Cell<Option<u32>>, u32)| {
            let weight = known.get().unwrap_or_else(|| {
                let text = self.lines.text(line, 1).unwrap_or_default();
                text.iter().map(|byte| u32::from(byte.is_ascii_alphanumeric())).sum()
            });
            known.set(Some(weight));
            u64::from(weight)
        };
        lines.iter().zip(line..).map(weigh).sum()
    }

    /// Whether lines of `span` that stand together, and that all are among `lines` since before `commit`, weigh
    /// enough.
    pub(super) fn may_be_among(&self, span: Span, lines: &[Since], commit: CommitNo, minimum: u32) -> bool {
        let mut run = 0;
        (span.line..span.line + span.len).any(|line| {
            let hash = self.hashes.ids[line as usize];
            let known = lines.binary_search_by_key(&hash, |(other, _)| *other);
            let there = known.is_ok_and(|at| lines[at].1 < commit);
            run = if there { run + self.weight(line, 1) } else { 0 };
            run >= u64::from(minimum)
        })
    }

    /// The hashes of the lines of spans.
    pub(super) fn wanted<'s>(&self, spans: impl Iterator<Item = &'s Span>) -> Wanted {
        let hashes =
            spans.flat_map(|span| &self.hashes.ids[span.line as usize..(span.line + span.len) as usize]);
        Wanted::new(hashes.copied())
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
            for at in lines.of(self.hashes.ids[line as usize]) {
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
        old: &Lines,
        differ: &mut LineDiff,
        hunks: &mut Vec<Hunk>,
    ) -> Option<Block> {
        let new = self.side(span);
        let text = |side: Side<'_>| side.starts[0] as usize..side.starts[side.ids.len()] as usize;
        let tail = common_tail(&old.bytes, &new.bytes[text(new)]);
        differ.hunks(old.side().without(tail), new.without(tail), hunks);
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
        best
    }
}

/// Hashes of lines that are looked for.
pub(super) struct Wanted {
    /// Whether any of them ends in these bits.
    some: Box<[bool; 1 << BITS]>,
}

/// So many bits of a hash tell most lines apart from those that are looked for.
const BITS: usize = 12;

impl Wanted {
    fn new(hashes: impl Iterator<Item = u32>) -> Self {
        let mut some = Box::new([false; 1 << BITS]);
        hashes.for_each(|hash| some[hash as usize % (1 << BITS)] = true);
        Self { some }
    }
}

/// Where a file has lines that are looked for, by their hashes; sorted.
#[derive(Default)]
pub(super) struct LineIndex(Vec<(u32, u32)>);

impl LineIndex {
    /// Looks for what is `wanted` among the lines of a file, which have hashes for numbers.
    pub(super) fn find(&mut self, hashes: &Lines, wanted: &Wanted) {
        self.0.clear();
        let lines = hashes.ids.iter().copied().zip(0..);
        self.0.extend(lines.filter(|(hash, _)| wanted.some[*hash as usize % (1 << BITS)]));
        self.0.sort_unstable();
    }

    /// The lines with that hash, in order.
    fn of(&self, hash: u32) -> impl Iterator<Item = u32> {
        let start = self.0.partition_point(|(other, _)| *other < hash);
        self.0[start..].iter().take_while(move |(other, _)| *other == hash).map(|(_, line)| *line)
    }
}

/// Lines that stand everywhere are not looked for longer than this: the diff decides.
const STEPS: usize = 1 << 18;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::lines::{Interner, LineHasher};
    use crate::attribution::spans::Marks;

    fn span(line: u32, len: u32) -> Span {
        Span { here: 0, line, len, marks: Marks::default() }
    }

    /// A file that is sought, and an older one, whose lines have numbers and then hashes.
    fn files(new: &str, old: &str, ignore_whitespace: bool) -> (Sought, Arc<Lines>, Lines) {
        let hasher = Default::default();
        let (mut interner, hash) =
            (Interner::new(ignore_whitespace, &hasher), LineHasher::new(ignore_whitespace, &hasher));
        let mut lines = |text: &str| Arc::new(interner.lines(Arc::new(text.into()), None));
        let hashes = |text: &str| hash.lines(Arc::new(text.into()), None).0;
        (Sought::new(ObjectId::default(), lines(new), 0, Arc::new(hashes(new))), lines(old), hashes(old))
    }

    fn most(new: &str, old: &str, ignore_whitespace: bool) -> u64 {
        let (sought, _, old) = files(new, old, ignore_whitespace);
        let (all, mut index) = (span(0, sought.lines.ids.len() as u32), LineIndex::default());
        index.find(&old, &sought.wanted([all].iter()));
        sought.at_most(all, &index)
    }

    #[test]
    fn only_letters_and_digits_weigh() {
        let (sought, ..) = files("a1 (b)\n\n\u{e9}_Z\n", "", false);
        assert_eq!([0, 1, 2].map(|line| sought.weight(line, 1)), [3, 0, 1]);
        assert_eq!((sought.weight(0, 3), sought.weight(1, 0)), (4, 0));
    }

    #[test]
    fn a_block_stands_together_on_both_sides() {
        let most = |old: &str| most("one\ntwo\n}\nthree\n", old, false);
        assert_eq!(most("x\none\ntwo\n}\ny"), 6);
        assert_eq!(most("two\none\ntwo\n"), 6);
        assert_eq!(most("one\n}\ntwo\nthree\n"), 5, "each line is there, but not together");
        assert_eq!(most("}\n}\ntwo\n}\nthree\n"), 8);
        assert_eq!(most(""), 0);
    }

    #[test]
    fn white_space_counts_if_it_is_not_ignored() {
        for ignored in [false, true] {
            assert_eq!(most("\tfirst  line \n", "first line\r\n", ignored), if ignored { 9 } else { 0 });
        }
    }

    #[test]
    fn the_weightiest_block_counts_and_of_equals_the_last() {
        let block = |old: &str| {
            let (sought, old, _) = files("aa\nx\nbb\nccc\ny\nddddd\nz\n", old, false);
            let found = sought.block(span(0, 7), &old, &mut LineDiff::new(), &mut Vec::new());
            found.map(|block| (block.at, block.len, block.there, block.weight))
        };
        assert_eq!(block("0\naa\nbb\nccc\n1\nddddd\n"), Some((5, 1, 5, 5)));
        assert_eq!(block("0\nbb\nccc\n1\ndddd\n"), Some((2, 2, 1, 5)));
        assert_eq!(block("0\n"), None);
    }
}
