//! File contents that one worker has at hand: as bytes, as lines, as spans for judging renames.
//!
//! Decides what is kept in memory: what was read last, within a budget.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::line_diff::{Hunk, LineDiff, common_tail};
use super::lines::{Interner, Lines};
use super::similarity::SpanCounts;
use super::sought::{Block, LineIndex, Sought};
use super::spans::Span;
use crate::repo::cache::Cache;
use crate::repo::{Kind, ObjectId, Objects, RepoError};

/// Bytes of lines in a generation; two are kept, and what is in use besides.
const LINES_BUDGET: usize = 24 << 20;
const LINE_INDEX_BUDGET: usize = 16 << 20;
const SPAN_BUDGET: usize = 16 << 20;
/// Bytes of different lines after which the numbers are given anew.
const INTERNER_BUDGET: usize = 48 << 20;

/// One worker's contents.
pub(super) struct Blobs<'r> {
    objects: &'r Objects,
    interner: Interner,
    lines: Cache<ObjectId, Arc<Lines>, RandomState>,
    line_indexes: Cache<ObjectId, Arc<LineIndex>, RandomState>,
    numbering: u32,
    differ: LineDiff,
    hunks: Vec<Hunk>,
    spans: Cache<ObjectId, Arc<SpanCounts>, RandomState>,
    sizes: HashMap<ObjectId, u64, RandomState>,
}

impl<'r> Blobs<'r> {
    pub(super) fn new(objects: &'r Objects, ignore_whitespace: bool) -> Self {
        Self {
            objects,
            interner: Interner::new(ignore_whitespace),
            lines: Cache::new(LINES_BUDGET),
            line_indexes: Cache::new(LINE_INDEX_BUDGET),
            numbering: 0,
            differ: LineDiff::new(),
            hunks: Vec::new(),
            spans: Cache::new(SPAN_BUDGET),
            sizes: HashMap::default(),
        }
    }

    /// The content of a blob.
    pub(super) fn content(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, RepoError> {
        self.objects.read(id, Kind::Blob)
    }

    /// The hunks between two blobs, as `git blame` sees them.
    pub(super) fn diff(
        &mut self,
        old: ObjectId,
        new: ObjectId,
        hunks: &mut Vec<Hunk>,
    ) -> Result<(), RepoError> {
        self.tidy();
        let new = self.lines_by(new, None)?;
        let old = self.lines_by(old, Some(&new))?;
        let tail = common_tail(&old.bytes, &new.bytes);
        self.differ.hunks(old.side().without(tail), new.side().without(tail), hunks);
        Ok(())
    }

    /// Gives the numbers of lines anew, once there are too many. They are told apart by [`Blobs::numbering`].
    pub(super) fn tidy(&mut self) {
        if self.interner.memory() > INTERNER_BUDGET {
            self.interner.clear();
            self.lines = Cache::new(LINES_BUDGET);
            self.line_indexes = Cache::new(LINE_INDEX_BUDGET);
            self.numbering += 1;
        }
    }

    /// Which numbering of lines is in force: lines of another one cannot be compared.
    pub(super) fn numbering(&self) -> u32 {
        self.numbering
    }

    /// A blob's lines, numbered.
    pub(super) fn lines(&mut self, id: ObjectId) -> Result<Arc<Lines>, RepoError> {
        self.lines_by(id, None)
    }

    /// Where a blob has which line.
    pub(super) fn line_index(&mut self, id: ObjectId) -> Result<Arc<LineIndex>, RepoError> {
        if let Some(index) = self.line_indexes.get(&id) {
            return Ok(index.clone());
        }
        let index = Arc::new(LineIndex::new(&*self.lines_by(id, None)?));
        self.line_indexes.insert(id, index.clone(), index.memory());
        Ok(index)
    }

    /// The block of a span that weighs most of those that a blob has, too.
    pub(super) fn block(
        &mut self,
        sought: &Sought,
        span: Span,
        id: ObjectId,
    ) -> Result<Option<Block>, RepoError> {
        let old = self.lines_by(id, None)?;
        Ok(sought.block(span, &old, &mut self.differ, &mut self.hunks))
    }

    fn lines_by(&mut self, id: ObjectId, neighbour: Option<&Lines>) -> Result<Arc<Lines>, RepoError> {
        if let Some(lines) = self.lines.get(&id) {
            return Ok(lines.clone());
        }
        let bytes = self.objects.read(id, Kind::Blob)?;
        let lines = Arc::new(self.interner.lines(bytes, neighbour));
        self.lines.insert(id, lines.clone(), lines.memory());
        Ok(lines)
    }

    /// The size of a blob, without reading it where that is possible.
    pub(super) fn size(&mut self, id: ObjectId) -> Result<u64, RepoError> {
        if let Some(size) = self.sizes.get(&id) {
            return Ok(*size);
        }
        let (_, size) = self.objects.header(id)?;
        self.sizes.insert(id, size);
        Ok(size)
    }

    /// The spans of a blob, for judging renames.
    pub(super) fn spans(&mut self, id: ObjectId) -> Result<Arc<SpanCounts>, RepoError> {
        if let Some(spans) = self.spans.get(&id) {
            return Ok(spans.clone());
        }
        let spans = self.objects.with(id, Kind::Blob, |bytes| Arc::new(SpanCounts::of(bytes)))?;
        self.spans.insert(id, spans.clone(), spans.memory());
        Ok(spans)
    }
}
