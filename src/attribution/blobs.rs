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
use super::lines::{Interner, LineHasher, Lines};
use super::similarity::SpanCounts;
use super::sought::{Block, Sought};
use super::spans::Span;
use crate::repo::cache::Cache;
use crate::repo::{Kind, ObjectId, Objects, RepoError};

/// Bytes of lines in a generation; two are kept, and what is in use besides.
const LINES_BUDGET: usize = 4 << 20;
/// The same where lines are followed to other files, which come up again and again; and of packed objects.
const FOLLOWED_LINES_BUDGET: usize = 12 << 20;
const FOLLOWED_OBJECTS_BUDGET: usize = 14 << 20;
const HASHES_BUDGET: usize = 4 << 20;
const SPAN_BUDGET: usize = 4 << 20;
/// Bytes of different lines after which the numbers are given anew.
const INTERNER_BUDGET: usize = 16 << 20;

/// So many hashes may stand twice before they are sorted out.
const MANY: usize = 1 << 16;

/// One worker's contents.
pub(super) struct Blobs<'r> {
    objects: &'r Objects,
    interner: Interner,
    hasher: LineHasher,
    /// The version of each path whose lines were hashed last.
    recent: HashMap<PathNo, ObjectId, RandomState>,
    /// The version of each path that was sought last.
    sought: HashMap<PathNo, ObjectId, RandomState>,
    lines: Cache<ObjectId, Arc<Lines>, RandomState>,
    hashes: Cache<ObjectId, Arc<Lines>, RandomState>,
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
            sought: HashMap::default(),
            lines: Cache::new(lines_budget),
            hashes: Cache::new(HASHES_BUDGET),
            hasher: LineHasher::new(ignore_whitespace, hasher),
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
    /// has it; sorted.
    pub(super) fn ever(&mut self, versions: &[(CommitNo, ObjectId)]) -> Result<Vec<Since>, RepoError> {
        let (mut hashes, mut before) = (Vec::new(), None::<Lines>);
        let mut distinct = 0;
        for (commit, id) in versions {
            let bytes = self.objects.read(*id, Kind::Blob)?;
            let (lines, new) = self.hasher.lines(bytes, before.as_ref());
            hashes.extend(lines.ids[new].iter().map(|hash| (*hash, *commit)));
            before = Some(lines);
            // Lines that come and go would else take ever more memory.
            if hashes.len() > 2 * distinct + MANY {
                first_of_each(&mut hashes);
                distinct = hashes.len();
            }
        }
        first_of_each(&mut hashes);
        Ok(hashes)
    }

    /// A blob's lines, with hashes for numbers.
    pub(super) fn hashes(&mut self, path: PathNo, id: ObjectId) -> Result<Arc<Lines>, RepoError> {
        if let Some(hashes) = self.hashes.get(&id) {
            return Ok(hashes.clone());
        }
        // Another version of the same file mostly has the same lines.
        let neighbour = self.recent.insert(path, id).and_then(|recent| self.hashes.get(&recent).cloned());
        let bytes = self.objects.read(id, Kind::Blob)?;
        let hashes = Arc::new(self.hasher.lines(bytes, neighbour.as_deref()).0);
        self.hashes.insert(id, hashes.clone(), hashes.memory());
        Ok(hashes)
    }

    /// What is looked for elsewhere: the lines of a blob that stands at a path.
    pub(super) fn sought(&mut self, path: PathNo, id: ObjectId) -> Result<Sought, RepoError> {
        self.tidy();
        let neighbour = self.sought.insert(path, id).and_then(|before| self.lines.get(&before).cloned());
        let lines = self.lines_by(id, neighbour.as_deref())?;
        Ok(Sought::new(id, lines, self.numbering, self.hashes(path, id)?))
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

/// Sorts hashes, and keeps each with its first commit.
fn first_of_each(hashes: &mut Vec<Since>) {
    hashes.sort_unstable();
    hashes.dedup_by_key(|(hash, _)| *hash);
}
