//! What is looked for elsewhere: the lines of the file asked about, how much they weigh, and in which older files
//! they can be.
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

    /// Whether lines of `span` that stand together, and that all are in a file, weigh enough. If not, no diff
    /// with that file can find a block.
    pub(super) fn may_be_in(&self, span: Span, lines: &LineSet, minimum: u64) -> bool {
        let mut run = 0;
        (span.line..span.line + span.len).any(|line| {
            let there = self.keys.get(line as usize).is_some_and(|key| lines.0.binary_search(key).is_ok());
            run = if there { run + self.weight(line, 1) } else { 0 };
            run >= minimum
        })
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

/// The keys of a file's lines, sorted.
pub(super) struct LineSet(Box<[u64]>);

/// The line sets that one worker has at hand.
#[derive(Default)]
pub(super) struct LineSets {
    known: HashMap<BlobNo, Arc<LineSet>>,
    keys: usize,
}

/// So many keys are kept, of 8 bytes each.
const KEYS: usize = 4 << 20;

impl LineSets {
    pub(super) fn get(
        &mut self,
        blob: BlobNo,
        ignore_whitespace: bool,
        read: impl FnOnce() -> Result<Arc<[u8]>, RepoError>,
    ) -> Result<Arc<LineSet>, RepoError> {
        if let Some(set) = self.known.get(&blob) {
            return Ok(set.clone());
        }
        let lines = read()?;
        let mut keys: Vec<u64> =
            lines.split_inclusive(|byte| *byte == b'\n').map(|line| key(line, ignore_whitespace)).collect();
        keys.sort_unstable();
        keys.dedup();
        if self.keys + keys.len() > KEYS {
            *self = Self::default();
        }
        self.keys += keys.len();
        let set = Arc::new(LineSet(keys.into()));
        self.known.insert(blob, set.clone());
        Ok(set)
    }
}
