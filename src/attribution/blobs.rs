//! File contents that one worker has at hand: as bytes, as lines, as spans for judging renames.
//!
//! Decides what is kept in memory: what was read last, within a budget.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::line_diff::{Hunk, LineDiff, Side, common_tail};
use super::lines::{Interner, Lines};
use super::similarity::SpanCounts;
use super::text::is_binary;
use crate::repo::cache::Cache;
use crate::repo::{Kind, ObjectId, Objects, RepoError};

/// Bytes of lines in a generation; two are kept, and what is in use besides.
const LINES_BUDGET: usize = 24 << 20;
const SPAN_BUDGET: usize = 16 << 20;
/// Bytes of different lines after which the numbers are given anew.
const INTERNER_BUDGET: usize = 48 << 20;

/// One worker's contents.
pub(super) struct Blobs<'r> {
    objects: &'r Objects,
    interner: Interner,
    lines: Cache<ObjectId, Arc<Lines>, RandomState>,
    differ: LineDiff,
    spans: Cache<ObjectId, Arc<SpanCounts>, RandomState>,
    sizes: HashMap<ObjectId, u64, RandomState>,
}

impl<'r> Blobs<'r> {
    pub(super) fn new(objects: &'r Objects, ignore_whitespace: bool) -> Self {
        Self {
            objects,
            interner: Interner::new(ignore_whitespace),
            lines: Cache::new(LINES_BUDGET),
            differ: LineDiff::new(),
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
        self.make_room();
        let new = self.lines(new, None)?;
        let old = self.lines(old, Some(&new))?;
        let tail = common_tail(&old.bytes, &new.bytes);
        self.differ.hunks(without(&old, tail), without(&new, tail), hunks);
        Ok(())
    }

    /// How many lines a blob has, and whether it is text; nothing of a binary one, unless its lines are wanted
    /// all the same.
    pub(super) fn line_count(
        &mut self,
        id: ObjectId,
        wanted: bool,
    ) -> Result<Option<(u32, bool)>, RepoError> {
        self.make_room();
        let bytes = match self.lines.get(&id) {
            Some(lines) => lines.bytes.clone(),
            None => self.objects.read(id, Kind::Blob)?,
        };
        let is_text = !is_binary(&bytes);
        if !is_text && !wanted {
            return Ok(None);
        }
        let count = self.lines(id, None)?.ids.len();
        Ok(Some((u32::try_from(count).unwrap_or(u32::MAX), is_text)))
    }

    /// Begins anew with the numbers of lines, if there are too many.
    fn make_room(&mut self) {
        if self.interner.memory() > INTERNER_BUDGET {
            self.interner.clear();
            self.lines = Cache::new(LINES_BUDGET);
        }
    }

    fn lines(&mut self, id: ObjectId, neighbour: Option<&Lines>) -> Result<Arc<Lines>, RepoError> {
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

/// A version without its last `tail` bytes, which begin with a line.
fn without(lines: &Lines, tail: usize) -> Side<'_> {
    let end = lines.bytes.len() - tail;
    let count = lines.starts.partition_point(|start| (*start as usize) < end).min(lines.ids.len());
    Side { ids: &lines.ids[..count], bytes: &lines.bytes[..end], starts: &lines.starts[..=count] }
}
