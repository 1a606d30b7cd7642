//! Lines that a commit moved or copied: within a file, or from another file that it changed.
//!
//! Decides which of the lines that no parent has in their place stand elsewhere in it, as `git blame -M` and
//! `-C` find them: block by block, the weightiest first, and only blocks that weigh enough. A block's weight
//! is how many of its characters are letters or digits.
//! Cost: one line diff for each range of such lines and each file that holds enough of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::change_index::{BlobNo, ChangeNo, PathNo, Slot};
use super::history::CommitNo;
use super::line_diff;
use super::rename::Source;
use super::spans::Span;
use super::walk::{Ground, Version, Walker};
use crate::repo::{EntryKind, RepoError};

/// How far lines are followed that did not stay in their place. Weights are numbers of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Follow {
    /// Blocks of at least this weight are followed within a file (`git blame -M`).
    pub moves: Option<u32>,
    /// Blocks of at least this weight are followed from other files that the commit changed
    /// (`git blame -C`). Wants `moves`, too.
    pub copies: Option<u32>,
}

impl Follow {
    /// The weight from which `git blame -M` follows a block.
    pub const MOVES: u32 = 20;
    /// The weight from which `git blame -C` follows a block.
    pub const COPIES: u32 = 40;

    /// Whether anything is followed at all.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.moves.is_some() || self.copies.is_some()
    }
}

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
struct Block {
    /// The first, counted from the start of the span.
    at: u32,
    len: u32,
    /// The first in the older version.
    there: u32,
    weight: u64,
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

    fn weight(&self, line: u32, len: u32) -> u64 {
        let before = |line: u32| self.weights.get(line as usize).or(self.weights.last()).copied();
        before(line + len).unwrap_or_default() - before(line).unwrap_or_default()
    }

    /// Whether lines of `span` that stand together, and that all are in a file, weigh enough. If not, no diff
    /// with that file can find a block.
    fn may_be_in(&self, span: Span, lines: &LineSet, minimum: u64) -> bool {
        let mut run = 0;
        (span.line..span.line + span.len).any(|line| {
            let there = self.keys.get(line as usize).is_some_and(|key| lines.0.binary_search(key).is_ok());
            run = if there { run + self.weight(line, 1) } else { 0 };
            run >= minimum
        })
    }

    /// The weightiest block of `span` that stands in `old`, too; of equal ones the last, as in git.
    fn block(&self, span: Span, old: &[u8], ignore_whitespace: bool) -> Result<Option<Block>, RepoError> {
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
struct LineSet(Box<[u64]>);

/// The line sets that one worker has at hand.
#[derive(Default)]
pub(super) struct LineSets {
    known: HashMap<BlobNo, Arc<LineSet>>,
    keys: usize,
}

/// So many keys are kept, of 8 bytes each.
const KEYS: usize = 4 << 20;

impl LineSets {
    fn get(
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

/// What merges changed against their other parents, as far as one worker has asked.
#[derive(Default)]
pub(super) struct Changed {
    known: HashMap<(CommitNo, usize), Arc<[Source]>>,
    sources: usize,
}

/// So many sources are kept, of 8 bytes each.
const SOURCES: usize = 4 << 20;

impl Walker<'_> {
    /// Looks for what no parent has in its place: in the `versions` that the parents have of the file, then
    /// in the other files that the commit of `number` changed. Hands what is found to `pass`; returns the
    /// rest, which is the commit's own.
    pub(super) fn elsewhere(
        &mut self,
        number: ChangeNo,
        versions: &[Version],
        mut spans: Vec<Span>,
        sought: &Sought,
        pass: &mut dyn FnMut(&mut Self, Version, Span) -> Result<(), RepoError>,
    ) -> Result<Vec<Span>, RepoError> {
        let Follow { moves, copies } = self.ground.follow;
        // Too light to be looked for.
        let mut light = Vec::new();
        if let Some(minimum) = moves {
            set_aside(&mut spans, &mut light, sought, minimum);
            for version in versions {
                spans = self.look_through(&[*version], spans, sought, minimum, &mut light, pass)?;
            }
        }
        if let Some(minimum) = copies {
            spans.append(&mut light);
            set_aside(&mut spans, &mut light, sought, minimum);
            let commit = self.ground.index.change(number).commit;
            let mut versions = versions.iter().peekable();
            for (at, parent) in self.ground.history.parents(commit).iter().enumerate() {
                let known = versions.next_if(|(commit, _, _)| commit == parent).map(|(_, path, _)| *path);
                if !spans.is_empty() {
                    let others = self.others(commit, at, *parent, known)?;
                    spans = self.look_through(&others, spans, sought, minimum, &mut light, pass)?;
                }
            }
        }
        spans.append(&mut light);
        Ok(spans)
    }

    /// What the files that `commit` changed against its parent number `at` were in that parent; not the one
    /// at `known`, which has been looked through.
    fn others(
        &mut self,
        commit: CommitNo,
        at: usize,
        parent: CommitNo,
        known: Option<PathNo>,
    ) -> Result<Vec<Version>, RepoError> {
        let changed = self.changed(commit, at)?;
        let file = |slot: Slot| matches!(slot.kind(), Some(EntryKind::File | EntryKind::Symlink));
        let meant = changed.iter().filter(|(path, slot)| file(*slot) && Some(*path) != known);
        Ok(meant.map(|(path, slot)| (parent, *path, *slot)).collect())
    }

    /// Looks for blocks of `spans` in `files`, again in what is left around each that is found, until there
    /// are none any more.
    fn look_through(
        &mut self,
        files: &[Version],
        mut spans: Vec<Span>,
        sought: &Sought,
        minimum: u32,
        light: &mut Vec<Span>,
        pass: &mut dyn FnMut(&mut Self, Version, Span) -> Result<(), RepoError>,
    ) -> Result<Vec<Span>, RepoError> {
        let mut left = Vec::new();
        while !spans.is_empty() {
            let mut best: Vec<Option<(Version, Block)>> = vec![None; spans.len()];
            for file in files {
                self.look_into(*file, &spans, sought, minimum, &mut best)?;
            }
            let mut around = Vec::new();
            for (span, best) in spans.into_iter().zip(best) {
                let Some((file, block)) = best else {
                    left.push(span);
                    continue;
                };
                let (before, found, behind) = split(span, block);
                pass(self, file, found)?;
                around.extend([before, behind].into_iter().filter(|span| span.len > 0));
            }
            set_aside(&mut around, light, sought, minimum);
            spans = around;
        }
        Ok(left)
    }

    /// Looks for blocks of `spans` in one file; each better one, or as good, takes the place of the `best`.
    fn look_into(
        &mut self,
        file: Version,
        spans: &[Span],
        sought: &Sought,
        minimum: u32,
        best: &mut [Option<(Version, Block)>],
    ) -> Result<(), RepoError> {
        let ignore_whitespace = self.ground.ignore_whitespace;
        let (_, _, slot) = file;
        let minimum = u64::from(minimum);
        let lines = self.line_set(slot.blob())?;
        for (span, best) in spans.iter().zip(best) {
            let wanted = best.map_or(minimum, |(_, best)| best.weight);
            if !sought.may_be_in(*span, &lines, wanted) {
                continue;
            }
            let old = self.version(slot.blob())?;
            if let Some(block) = sought.block(*span, &old, ignore_whitespace)?
                && block.weight >= wanted
            {
                *best = Some((file, block));
            }
        }
        Ok(())
    }

    /// What `commit` changed against its parent number `at`, as the parent had it, in the order of git's trees.
    fn changed(&mut self, commit: CommitNo, at: usize) -> Result<Arc<[Source]>, RepoError> {
        let Ground { history, index, .. } = self.ground;
        if let Some(sources) = self.changed.known.get(&(commit, at)) {
            return Ok(sources.clone());
        }
        if at == 0 {
            let (_, changes) = index.of_commit(commit);
            return Ok(changes.iter().map(|change| (change.path, change.old)).collect());
        }
        let mut sources = Vec::new();
        let old = history.parents(commit).get(at).map(|parent| history.tree(*parent));
        self.trees.diff(old, Some(history.tree(commit)), &mut |difference| {
            if let Some(old) = difference.old {
                let known = index.path_number(difference.path).zip(index.find_slot(old));
                sources.push(
                    known.ok_or_else(|| RepoError::Bug("a path is missing from the change index".into()))?,
                );
            }
            Ok(())
        })?;
        if self.changed.sources + sources.len() > SOURCES {
            self.changed = Changed::default();
        }
        self.changed.sources += sources.len();
        let sources: Arc<[Source]> = sources.into();
        self.changed.known.insert((commit, at), sources.clone());
        Ok(sources)
    }

    fn line_set(&mut self, blob: BlobNo) -> Result<Arc<LineSet>, RepoError> {
        let (id, ignore_whitespace) = (self.ground.index.blob(blob), self.ground.ignore_whitespace);
        let blobs = &mut self.blobs;
        self.line_sets.get(blob, ignore_whitespace, || blobs.content(id))
    }

    fn version(&mut self, blob: BlobNo) -> Result<Arc<[u8]>, RepoError> {
        self.blobs.content(self.ground.index.blob(blob))
    }
}

/// Moves spans that weigh less than `minimum` from `spans` to `light`.
fn set_aside(spans: &mut Vec<Span>, light: &mut Vec<Span>, sought: &Sought, minimum: u32) {
    light.extend(spans.extract_if(.., |span| sought.weight(span.line, span.len) < u64::from(minimum)));
}

/// What stands before a block, the block in the older version's lines, and what stands behind it.
fn split(span: Span, block: Block) -> (Span, Span, Span) {
    let part = |at: u32, len: u32| Span { here: span.here + at, line: span.line + at, len, ..span };
    let end = block.at + block.len;
    let found = Span { here: block.there, ..part(block.at, block.len) };
    (part(0, block.at), found, part(end, span.len - end))
}
