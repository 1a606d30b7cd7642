//! Lines that a commit moved or copied: within a file, or from another file that it changed.
//!
//! Decides which of the lines that no parent has in their place stand elsewhere in it, as `git blame -M` and
//! `-C` find them: block by block, the weightiest first, and only blocks that weigh enough. A block's weight
//! is how many of its characters are letters or digits.
//! Cost: one line diff for each range of such lines and each file that holds enough of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::change_index::{ChangeNo, PathNo, Slot};
use super::found::{self, Part};
use super::history::CommitNo;
use super::rename::Source;
use super::sought::{Block, LineIndex, Sought};
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

/// Where blocks are looked for.
struct Files {
    /// The change that the lines looked for came with.
    number: ChangeNo,
    /// Which of the commit's parents has them.
    parent: u32,
    versions: Vec<Version>,
    /// Whether they are other files than the one that the lines stand in.
    strangers: bool,
}

/// Lines that were found: where they stand in an older version, which parent has that, and its path.
type Elsewhere = (Span, u32, PathNo);

/// What a search has seen.
#[derive(Default)]
struct Seen {
    /// Spans that are too light to be looked for.
    light: Vec<Span>,
    /// What was found.
    blocks: Vec<Elsewhere>,
    /// Spans of which a part may stand somewhere, by the first line.
    fertile: HashSet<u32, RandomState>,
}

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
        let Ground { follow, found: memo, .. } = self.ground;
        let lightest = follow.moves.into_iter().chain(follow.copies).min().unwrap_or_default();
        // Too light to be looked for.
        let mut rest = Vec::new();
        set_aside(&mut spans, &mut rest, sought, lightest);
        let mut wanted = Vec::new();
        if memo.is_on() {
            let mut unknown = Vec::new();
            for span in spans {
                if !span.marks.guessed && memo.is_barren(number, span.here, span.here + span.len) {
                    rest.push(span);
                    continue;
                }
                let key = found::wanted(number, sought.text(span));
                match memo.find(key) {
                    Some(parts) => {
                        pending.bundles.note(number, &span, false);
                        self.hand_over(number, span, &parts, &mut rest, pending)?;
                    }
                    None => {
                        wanted.push((span, key));
                        unknown.push(span);
                    }
                }
            }
            spans = unknown;
        } else {
            // Nobody will ask whether any part of them stands anywhere.
            spans.iter().for_each(|span| pending.bundles.note(number, span, false));
        }
        if spans.is_empty() {
            return Ok(rest);
        }
        let mut seen = Seen::default();
        rest.append(&mut self.search(number, versions, spans, sought, &mut seen)?);
        let Seen { blocks, fertile, .. } = seen;
        for (span, key) in wanted {
            // What a line is only taken for reads otherwise, and says nothing about the line itself.
            if !fertile.contains(&span.line) && !span.marks.guessed {
                memo.learn_barren(number, span.here, span.here + span.len);
                continue;
            }
            pending.bundles.note(number, &span, false);
            let parts = blocks.iter().filter(|(part, _, _)| part.line.wrapping_sub(span.line) < span.len);
            memo.learn(
                key,
                parts
                    .map(|(part, parent, path)| Part {
                        at: part.line - span.line,
                        len: part.len,
                        parent: *parent,
                        path: *path,
                        there: part.here,
                    })
                    .collect(),
            );
        }
        let parents = self.ground.history.parents(self.ground.index.change(number).commit);
        for (span, parent, path) in blocks {
            self.pass(pending, parents[parent as usize], path, &[span])?;
        }
        Ok(rest)
    }

    /// Hands the parts of a span over to where they were found before; what is between them goes to `rest`.
    fn hand_over(
        &mut self,
        number: ChangeNo,
        span: Span,
        parts: &[Part],
        rest: &mut Vec<Span>,
        pending: &mut Pending,
    ) -> Result<(), RepoError> {
        let parents = self.ground.history.parents(self.ground.index.change(number).commit);
        let mut parts = parts.to_vec();
        parts.sort_unstable_by_key(|part| part.at);
        let piece = |from: u32, to: u32| Span {
            here: span.here + from,
            line: span.line + from,
            len: to - from,
            ..span
        };
        let mut at = 0;
        for part in parts {
            let end = part.at.saturating_add(part.len);
            let parent = parents.get(part.parent as usize).copied();
            let Some(parent) = parent.filter(|_| at <= part.at && end <= span.len) else {
                return Err(RepoError::Bug("the index remembers lines that are not there".into()));
            };
            rest.extend((at < part.at).then(|| piece(at, part.at)));
            self.pass(pending, parent, part.path, &[Span { here: part.there, ..piece(part.at, end) }])?;
            at = end;
        }
        rest.extend((at < span.len).then(|| piece(at, span.len)));
        Ok(())
    }

    /// Looks for blocks of `spans`; what comes back was not found.
    fn search(
        &mut self,
        number: ChangeNo,
        versions: &[Version],
        mut spans: Vec<Span>,
        sought: &mut Sought,
        seen: &mut Seen,
    ) -> Result<Vec<Span>, RepoError> {
        let Follow { moves, copies } = self.ground.follow;
        let commit = self.ground.index.change(number).commit;
        let parents = self.ground.history.parents(commit);
        if let Some(minimum) = moves {
            set_aside(&mut spans, &mut seen.light, sought, minimum);
            for version in versions {
                let at = parents.iter().position(|parent| *parent == version.0).unwrap_or_default();
                let files = Files { number, parent: at as u32, versions: vec![*version], strangers: false };
                spans = self.look_through(&files, spans, sought, minimum, seen)?;
            }
        }
        if let Some(minimum) = copies {
            spans.append(&mut seen.light);
            set_aside(&mut spans, &mut seen.light, sought, minimum);
            let mut versions = versions.iter().peekable();
            for (at, parent) in parents.iter().enumerate() {
                let known = versions.next_if(|(commit, _, _)| commit == parent).map(|(_, path, _)| *path);
                if !spans.is_empty() {
                    let others = self.others(commit, at, *parent, known)?;
                    let files = Files { number, parent: at as u32, versions: others, strangers: true };
                    spans = self.look_through(&files, spans, sought, minimum, seen)?;
                }
            }
        }
        spans.append(&mut seen.light);
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
        files: &Files,
        mut spans: Vec<Span>,
        sought: &mut Sought,
        minimum: u32,
        seen: &mut Seen,
    ) -> Result<Vec<Span>, RepoError> {
        let (mut left, mut lines) = (Vec::new(), LineIndex::default());
        let place = (files.number, files.parent, files.strangers);
        while !spans.is_empty() {
            let mut candidates = vec![Vec::new(); spans.len()];
            let wanted = sought.wanted(spans.iter());
            // What a line is only taken for reads otherwise.
            let of = |span: &Span| match span.marks.guessed {
                true => None,
                false => self.candidates.of(place, span.here, span.here + span.len).map(<[u32]>::to_vec),
            };
            let among: Vec<Option<Vec<u32>>> = spans.iter().map(of).collect();
            for (at, (parent, path, slot)) in files.versions.iter().enumerate() {
                let could = |among: &Option<Vec<u32>>| {
                    among.as_ref().is_none_or(|files| files.binary_search(&(at as u32)).is_ok())
                };
                if !among.iter().any(could) {
                    continue;
                }
                let Ground { index, ever, .. } = self.ground;
                let known = match files.strangers {
                    true => ever.of(index, *path, |blobs| self.blobs.ever(blobs))?,
                    false => None,
                };
                let may = |span: &Span| {
                    known.is_none_or(|lines| {
                        // The version was made by the parent, or before it.
                        let child = parent + 1;
                        sought.may_be_among(*span, lines, child, minimum)
                    })
                };
                let may: Vec<bool> =
                    spans.iter().zip(&among).map(|(span, among)| could(among) && may(span)).collect();
                if !may.contains(&true) {
                    continue;
                }
                lines.find(&*self.blobs.hashes(*path, index.blob(slot.blob()))?, &wanted);
                for ((span, candidates), may) in spans.iter().zip(&mut candidates).zip(may) {
                    let most = if may { sought.at_most(*span, &lines) } else { 0 };
                    if most >= u64::from(minimum) {
                        candidates.push((most, at));
                        seen.fertile.insert(span.line);
                    }
                }
            }
            for (span, candidates) in spans.iter().zip(&candidates).filter(|(span, _)| !span.marks.guessed) {
                let files = candidates.iter().map(|(_, at)| *at as u32).collect();
                self.candidates.learn(place, span.here, span.here + span.len, files);
            }
            let mut around = Vec::new();
            for (span, candidates) in spans.into_iter().zip(candidates) {
                let Some((file, block)) = self.best(&files.versions, candidates, span, sought, minimum)?
                else {
                    left.push(span);
                    continue;
                };
                let (before, found, behind) = split(span, block);
                seen.blocks.push((found, files.parent, files.versions[file].1));
                around.extend([before, behind].into_iter().filter(|span| span.len > 0));
            }
            set_aside(&mut around, &mut seen.light, sought, minimum);
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
