//! Lines that a commit moved or copied: within a file, or from another file that it changed.
//!
//! Decides which of the lines that no parent has in their place stand elsewhere in it, as `git blame -M` and
//! `-C` find them: block by block, the weightiest first, and only blocks that weigh enough. A block's weight
//! is how many of its characters are letters or digits.
//! Cost: one line diff for each range of such lines and each file that holds enough of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::change_index::{ChangeNo, PathNo, Slot};
use super::history::CommitNo;
use super::rename::Source;
use super::sought::{Block, Sought};
use super::spans::Span;
use super::walk::{Ground, Pending, Version, Walker};
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
    /// in the other files that the commit of `number` changed. What is found waits there in `pending`; the rest,
    /// which is the commit's own, comes back.
    pub(super) fn elsewhere(
        &mut self,
        number: ChangeNo,
        versions: &[Version],
        mut spans: Vec<Span>,
        sought: &mut Sought,
        pending: &mut Pending,
    ) -> Result<Vec<Span>, RepoError> {
        let Follow { moves, copies } = self.ground.follow;
        // Too light to be looked for.
        let mut light = Vec::new();
        if let Some(minimum) = moves {
            set_aside(&mut spans, &mut light, sought, minimum);
            for version in versions {
                spans = self.look_through(&[*version], false, spans, sought, minimum, &mut light, pending)?;
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
                    spans = self.look_through(&others, true, spans, sought, minimum, &mut light, pending)?;
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
    /// are none any more. `strangers` are other files than the one that the lines stand in.
    fn look_through(
        &mut self,
        files: &[Version],
        strangers: bool,
        mut spans: Vec<Span>,
        sought: &mut Sought,
        minimum: u32,
        light: &mut Vec<Span>,
        pending: &mut Pending,
    ) -> Result<Vec<Span>, RepoError> {
        let mut left = Vec::new();
        while !spans.is_empty() {
            let mut candidates = vec![Vec::new(); spans.len()];
            for (at, (_, path, slot)) in files.iter().enumerate() {
                let Ground { index, ever, .. } = self.ground;
                let known = match strangers {
                    true => ever.of(index, *path, |blobs| self.blobs.hashes(blobs))?,
                    false => None,
                };
                self.number(sought)?;
                let may = |span: &Span| {
                    known.is_none_or(|lines| {
                        sought.may_be_among(*span, lines, |line| self.blobs.hash(line), minimum)
                    })
                };
                let may: Vec<bool> = spans.iter().map(may).collect();
                if !may.contains(&true) {
                    continue;
                }
                let lines = self.blobs.line_index(*path, index.blob(slot.blob()))?;
                for ((span, candidates), may) in spans.iter().zip(&mut candidates).zip(may) {
                    let most = if may { sought.at_most(*span, &lines) } else { 0 };
                    if most >= u64::from(minimum) {
                        candidates.push((most, at));
                    }
                }
            }
            let mut around = Vec::new();
            for (span, candidates) in spans.into_iter().zip(candidates) {
                let Some((file, block)) = self.best(files, candidates, span, sought, minimum)? else {
                    left.push(span);
                    continue;
                };
                let (commit, path, _) = files[file];
                let (before, found, behind) = split(span, block);
                self.pass(pending, commit, path, &[found])?;
                around.extend([before, behind].into_iter().filter(|span| span.len > 0));
            }
            set_aside(&mut around, light, sought, minimum);
            spans = around;
        }
        Ok(left)
    }

    /// The weightiest block of a span, and the number of the file that has it; of equal ones that of the last file.
    /// `candidates` are files by number, each with what a block in it can weigh at most.
    fn best(
        &mut self,
        files: &[Version],
        mut candidates: Vec<(u64, usize)>,
        span: Span,
        sought: &mut Sought,
        minimum: u32,
    ) -> Result<Option<(usize, Block)>, RepoError> {
        // The most promising first, so that most need not be compared at all.
        candidates.sort_unstable_by(|one, other| other.cmp(one));
        let mut best: Option<(usize, Block)> = None;
        for (most, file) in candidates {
            if best.is_some_and(|(_, best)| most < best.weight) {
                break;
            }
            let old = self.ground.index.blob(files[file].2.blob());
            self.number(sought)?;
            let found = self.blobs.block(sought, span, old)?;
            let Some(block) = found.filter(|block| block.weight >= u64::from(minimum)) else { continue };
            if best.is_none_or(|(at, best)| (block.weight, file) > (best.weight, at)) {
                best = Some((file, block));
            }
        }
        Ok(best)
    }

    /// Sees to it that what is sought has the numbers of lines that are in force.
    fn number(&mut self, sought: &mut Sought) -> Result<(), RepoError> {
        self.blobs.tidy();
        let numbering = self.blobs.numbering();
        if sought.numbering() != numbering {
            sought.renumber(self.blobs.lines(sought.id())?, numbering);
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
