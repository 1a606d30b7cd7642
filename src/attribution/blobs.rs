//! File contents that one worker has at hand: as bytes, as lines, as spans for judging renames.
//!
//! Decides what is kept in memory: what was read last, within a budget.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::change_index::PathNo;
use super::ever::Since;
use super::history::CommitNo;
use super::line_diff::{Hunk, LineDiff, common_tail};
use super::lines::{Interner, Lines};
use super::similarity::SpanCounts;
use super::sought::{Block, LineIndex, Sought};
use super::spans::Span;
use crate::repo::cache::Cache;
use crate::repo::{Kind, ObjectId, Objects, RepoError};

/// Bytes of lines in a generation; two are kept, and what is in use besides.
const LINES_BUDGET: usize = 4 << 20;
/// The same where lines are followed to other files, which come up again and again; and of packed objects.
const FOLLOWED_LINES_BUDGET: usize = 12 << 20;
const FOLLOWED_OBJECTS_BUDGET: usize = 16 << 20;
const LINE_INDEX_BUDGET: usize = 4 << 20;
const SPAN_BUDGET: usize = 4 << 20;
/// Bytes of different lines after which the numbers are given anew.
const INTERNER_BUDGET: usize = 16 << 20;

/// One worker's contents.
pub(super) struct Blobs<'r> {
    objects: &'r Objects,
    interner: Interner,
    /// The version of each path that was indexed last.
    recent: HashMap<PathNo, ObjectId, RandomState>,
    lines: Cache<ObjectId, Arc<Lines>, RandomState>,
    line_indexes: Cache<ObjectId, Arc<LineIndex>, RandomState>,
    numbering: u32,
    differ: LineDiff,
    hunks: Vec<Hunk>,
    spans: Cache<ObjectId, Arc<SpanCounts>, RandomState>,
    sizes: HashMap<ObjectId, u64, RandomState>,
}

impl<'r> Blobs<'r> {
    /// With `followed`, lines are followed to other places.
    pub(super) fn new(
        objects: &'r Objects,
        ignore_whitespace: bool,
        followed: bool,
        hasher: &RandomState,
    ) -> Self {
        if followed {
            objects.keep_more(FOLLOWED_OBJECTS_BUDGET);
        }
        let lines_budget = if followed { FOLLOWED_LINES_BUDGET } else { LINES_BUDGET };
        Self {
            objects,
            interner: Interner::new(ignore_whitespace, hasher),
            recent: HashMap::default(),
            lines: Cache::new(lines_budget),
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
            self.lines.clear();
            self.line_indexes.clear();
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

    /// Hashes of the lines of some versions that follow one another, each with the commit of the first version that
    /// has it; they come in no order, and some more than once.
    pub(super) fn hashes(&mut self, versions: &[(CommitNo, ObjectId)]) -> Result<Vec<Since>, RepoError> {
        let (mut hashes, mut before) = (Vec::new(), None::<Arc<Lines>>);
        let mut seen = Vec::new();
        for (commit, id) in versions {
            let numbering = self.numbering;
            self.tidy();
            if numbering != self.numbering {
                (before, seen) = (None, Vec::new());
            }
            let lines = self.lines_by(*id, before.as_deref())?;
            seen.resize(seen.len().max(self.interner.len()), false);
            for id in &lines.ids {
                if !std::mem::replace(&mut seen[*id as usize], true) {
                    hashes.push((self.interner.hash(*id), *commit));
                }
            }
            before = Some(lines);
        }
        Ok(hashes)
    }

    /// The hash of a line, by its number.
    pub(super) fn hash(&self, line: u32) -> u32 {
        self.interner.hash(line)
    }

    /// Where a blob has which line.
    pub(super) fn line_index(&mut self, path: PathNo, id: ObjectId) -> Result<Arc<LineIndex>, RepoError> {
        if let Some(index) = self.line_indexes.get(&id) {
            return Ok(index.clone());
        }
        // Another version of the same file mostly has the same lines.
        let neighbour = self.recent.insert(path, id).and_then(|recent| self.lines.get(&recent).cloned());
        let index = Arc::new(LineIndex::new(&*self.lines_by(id, neighbour.as_deref())?));
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
