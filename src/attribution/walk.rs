//! One file's way back through history: its lines are passed from version to version until each rests with
//! the commit that wrote it.
//!
//! Decides, at each version, which parents it is held against and what each of them takes.
//! Cost: the bytes of the versions met, read once and compared with each parent once.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::blobs::Blobs;
use super::candidates::Candidates;
use super::change_index::{BlobNo, ChangeIndex, ChangeNo, PathNo, Slot};
use super::ever::Ever;
use super::forest::Forest;
use super::found::Found;
use super::history::{CommitNo, History};
use super::journeys::{Bundles, Journey, Journeys, Onward};
use super::line_diff::Hunk;
use super::memo::Memo;
use super::moves::{Changed, Follow};
use super::origins::Origins;
use super::rename::{self, Deletions, Source};
use super::sought::Sought;
use super::spans::{Credit, Marks, Span, coalesce, coalesce_credits, cut};
use super::timeline::{Timeline, latest};
use super::tree_diff::Trees;
use crate::repo::{Objects, RepoError};

/// What all walks share and none changes.
#[derive(Clone, Copy)]
pub(super) struct Ground<'e> {
    pub(super) history: &'e History,
    pub(super) forest: &'e Forest,
    pub(super) index: &'e ChangeIndex,
    pub(super) deletions: &'e Deletions,
    pub(super) memo: &'e Memo,
    pub(super) found: &'e Found,
    pub(super) origins: &'e Origins,
    pub(super) ever: &'e Ever,
    /// Hashes lines in the same way for all.
    pub(super) hasher: &'e RandomState,
    pub(super) ignore_whitespace: bool,
    pub(super) follow: Follow,
    pub(super) looked_through: &'e HashSet<CommitNo>,
}

/// One worker on its way; it keeps what it has read.
pub(super) struct Walker<'e> {
    pub(super) ground: Ground<'e>,
    pub(super) blobs: Blobs<'e>,
    pub(super) trees: Trees<'e>,
    /// Of the paths that were asked about.
    timelines: HashMap<PathNo, Asked, RandomState>,
    pub(super) changed: Changed,
    pub(super) journeys: Journeys,
    pub(super) candidates: Candidates,
}

/// A version of a file in a parent.
pub(super) type Version = (CommitNo, PathNo, Slot);

/// Where a version came from.
pub(super) enum Descent {
    /// A parent has the very same content: it takes everything.
    Whole(Version),
    /// Parents with other contents, to be compared in this order. None: it begins here.
    Parents(Vec<Version>),
}

/// What became of a file's lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Every line once, in order.
    pub(super) credits: Vec<Credit>,
    /// Changes that brought the whole content as it is now, met on the way.
    pub(super) appearances: Vec<ChangeNo>,
    /// Whether a commit was looked through on the way.
    pub(super) looked_through: bool,
}

/// Lines on their way.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// By the change that brought them where they are.
    waiting: BTreeMap<(CommitNo, ChangeNo), Waiting>,
    /// Those whose way hangs together.
    pub(super) bundles: Bundles,
}

/// Lines that wait at a version.
#[derive(Debug, Default)]
struct Waiting {
    /// Those that came there.
    spans: Vec<Span>,
    /// Those of which it is known that no parent has them in their place.
    changed: Vec<Span>,
}

/// The lines that no older version has.
#[derive(Debug, Default)]
struct Own {
    spans: Vec<Span>,
    /// The parent that the version was compared with first, and the path there, if there was any.
    previous: Option<(CommitNo, PathNo)>,
    /// Whether the commit was looked through.
    looked_through: bool,
}

/// How often a path was asked about.
enum Asked {
    /// So many times: it may be all.
    Seldom(u32),
    Often(Timeline),
}

/// A path that is asked about more often gets a timeline.
const SELDOM: u32 = 3;

impl Default for Asked {
    fn default() -> Self {
        Self::Seldom(0)
    }
}

impl<'e> Walker<'e> {
    pub(super) fn new(ground: Ground<'e>, objects: &'e Objects) -> Self {
        Self {
            ground,
            blobs: Blobs::new(objects, ground.ignore_whitespace, ground.follow.is_on(), ground.hasher),
            trees: Trees::new(objects),
            timelines: HashMap::default(),
            changed: Changed::default(),
            journeys: Journeys::none(),
            candidates: Candidates::default(),
        }
    }

    /// Forgets the timelines of the file before.
    pub(super) fn next_file(&mut self) {
        self.timelines.clear();
    }

    /// The change that made what `commit` has at `path`.
    pub(super) fn made_by(&mut self, commit: CommitNo, path: PathNo) -> Result<ChangeNo, RepoError> {
        let Ground { index, forest, history, .. } = self.ground;
        let position = forest.enter(commit);
        let asked = self.timelines.entry(path).or_default();
        let found = match asked {
            Asked::Often(line) => line.at(position),
            Asked::Seldom(times) if *times < SELDOM => {
                *times += 1;
                latest(index, forest, path, position)
            }
            Asked::Seldom(_) => {
                let line = Timeline::new(index, forest, path);
                let found = line.at(position);
                *asked = Asked::Often(line);
                found
            }
        };
        found.ok_or_else(|| {
            RepoError::Bug(format!("no change made what commit {} has at a path", history.id(commit)))
        })
    }

    /// Where the content that a change brought came from.
    ///
    /// As in git, parents that have the path come first; only those that lack it are searched for a rename;
    /// a parent with the same content as an earlier one is passed over.
    pub(super) fn descent(&mut self, number: ChangeNo) -> Result<Descent, RepoError> {
        let Ground { history, index, .. } = self.ground;
        let change = index.change(number);
        let parents = history.parents(change.commit);
        let mut found: Vec<Option<Version>> = vec![None; parents.len()];
        for renamed in [false, true] {
            for (at, parent) in parents.iter().enumerate() {
                if found[at].is_some() {
                    continue;
                }
                let there = index.at_parent(history, number, at);
                let origin = if !renamed {
                    (there.kind() == change.new.kind()).then_some((change.path, there))
                } else if there.is_absent() {
                    self.renamed_from(number, at)?
                } else {
                    None
                };
                let Some((path, slot)) = origin else { continue };
                if slot.blob() == change.new.blob() {
                    return Ok(Descent::Whole((*parent, path, slot)));
                }
                let seen = found[..at].iter().flatten().any(|(_, _, earlier)| earlier.blob() == slot.blob());
                if !seen {
                    found[at] = Some((*parent, path, slot));
                }
            }
        }
        Ok(Descent::Parents(found.into_iter().flatten().collect()))
    }

    /// What the file that a change brought was renamed from in the parent number `at`, which lacks its path.
    fn renamed_from(&mut self, number: ChangeNo, at: usize) -> Result<Option<Source>, RepoError> {
        let Ground { history, index, deletions, origins, .. } = self.ground;
        if let Some(known) = origins.find(number, at as u32) {
            return Ok(known);
        }
        let change = index.change(number);
        let sources = deletions.of(history, index, &mut self.trees, change.commit, at)?;
        let source = rename::find(index, &mut self.blobs, &sources, change.path, change.new)?;
        origins.learn(number, at as u32, source);
        Ok(source)
    }

    /// The version to which the lines of another one go first, past those that have the very same content.
    pub(super) fn before(&mut self, number: ChangeNo) -> Result<Option<ChangeNo>, RepoError> {
        let mut origin = match self.descent(number)? {
            Descent::Whole(version) => Some(version),
            Descent::Parents(versions) => versions.first().copied(),
        };
        while let Some((commit, path, _)) = origin {
            let number = self.made_by(commit, path)?;
            match self.descent(number)? {
                Descent::Whole(version) => origin = Some(version),
                Descent::Parents(_) => return Ok(Some(number)),
            }
        }
        Ok(None)
    }

    /// The change at which the content of `start` came to its path: the newest commit in
    /// `git log -- PATH`.
    pub(super) fn introduced(&mut self, start: ChangeNo) -> Result<ChangeNo, RepoError> {
        let Ground { history, index, .. } = self.ground;
        let mut number = start;
        loop {
            let change = index.change(number);
            let parents = history.parents(change.commit);
            let same = (0..parents.len()).find(|at| index.at_parent(history, number, *at) == change.new);
            match same {
                Some(at) => number = self.made_by(parents[at], change.path)?,
                None => return Ok(number),
            }
        }
    }

    /// Credits each of the `count` lines of the content that `start` brought. If `through` is not set, no commit
    /// is looked through. If `met` is not set, the appearances need not be complete.
    pub(super) fn lines(
        &mut self,
        start: ChangeNo,
        count: u32,
        through: bool,
        met: bool,
    ) -> Result<Lines, RepoError> {
        let Ground { index, follow, .. } = self.ground;
        let content = index.change(start).new.blob();
        let mut sought = self.sought(index.change(start).path, content)?;
        let all = Span { here: 0, line: 0, len: count, marks: Marks::default() };
        let mut lines = Lines::default();
        // Commits have higher numbers than their parents: the last entry waits for no other.
        let mut pending = Pending::default();
        pending.at(index.change(start).commit, start).spans.push(all);
        while let Some(((_, number), mut waiting)) = pending.waiting.pop_last() {
            // git looks for each range that was cut off by itself, even where two meet again.
            if !follow.is_on() {
                coalesce(&mut waiting.spans);
            }
            let is_whole = is_all(&waiting.spans, count);
            // Where a line has come to rest, all of them are nowhere met any more.
            if through && !(met && lines.credits.is_empty()) {
                self.lead(number, &mut waiting, sought.as_ref(), &mut lines, &mut pending);
            }
            if waiting.spans.is_empty() && waiting.changed.is_empty() {
                continue;
            }
            let Some(own) = self.settle(number, waiting, through, &mut sought, &mut pending)? else {
                continue;
            };
            if is_whole && index.change(number).new.blob() == content {
                lines.appearances.push(number);
            }
            let change = index.change(number);
            lines.credits.extend(own.spans.iter().filter(|span| span.len > 0).map(|span| Credit {
                line: span.line,
                len: span.len,
                commit: change.commit,
                path: change.path,
                origin_line: span.here,
                previous: own.previous,
                marks: span.marks,
            }));
            lines.looked_through |= own.looked_through;
        }
        coalesce_credits(&mut lines.credits);
        if through && self.journeys.are_kept() {
            let text = sought.as_ref().map(Sought::lines);
            self.journeys.learn(start, Journey::new(lines.credits.clone(), pending.bundles, text));
        }
        Ok(lines)
    }

    /// If another walk began at the version at which lines wait, leads them on as far as it tells; what it does not
    /// tell waits where that is to be found out, maybe here.
    fn lead(
        &mut self,
        number: ChangeNo,
        waiting: &mut Waiting,
        sought: Option<&Sought>,
        lines: &mut Lines,
        pending: &mut Pending,
    ) {
        // Lines that were guessed on the way read otherwise there.
        if waiting.spans.iter().any(|span| span.marks != Marks::default()) {
            return;
        }
        let Some(journey) = self.journeys.get(number) else { return };
        let text = sought.map(Sought::lines);
        let mut onward = Onward::default();
        for span in waiting.spans.drain(..) {
            journey.lead(&span, text.as_deref(), &mut pending.bundles, &mut onward);
        }
        lines.credits.append(&mut onward.credits);
        for (there, span) in onward.changed {
            if there == number {
                waiting.changed.push(span);
            } else {
                pending.at(self.ground.index.change(there).commit, there).changed.push(span);
            }
        }
    }

    /// Hands the lines that stand at a version to older ones; what is left is the version's own. None, if an
    /// older version has the very same content.
    fn settle(
        &mut self,
        number: ChangeNo,
        Waiting { spans, mut changed }: Waiting,
        through: bool,
        sought: &mut Option<Sought>,
        pending: &mut Pending,
    ) -> Result<Option<Own>, RepoError> {
        let Ground { index, looked_through, .. } = self.ground;
        match self.descent(number)? {
            Descent::Whole((commit, path, _)) => {
                self.pass(pending, commit, path, &spans)?;
                Ok(None)
            }
            Descent::Parents(parents) => {
                changed.extend(self.hand_down(number, &parents, spans, pending)?);
                let mut spans = changed;
                let commit = index.change(number).commit;
                let looked_through = through && looked_through.contains(&commit) && !spans.is_empty();
                if looked_through {
                    spans.iter().for_each(|span| pending.bundles.note(number, span, true));
                    spans = self.guessed(number, &parents, spans, pending)?;
                }
                if let Some(sought) = sought {
                    spans = self.elsewhere(number, &parents, spans, sought, pending)?;
                }
                let previous = parents.first().map(|(commit, path, _)| (*commit, *path));
                Ok(Some(Own { spans, previous, looked_through }))
            }
        }
    }

    /// What is looked for elsewhere, if anything is.
    fn sought(&mut self, path: PathNo, content: BlobNo) -> Result<Option<Sought>, RepoError> {
        let Ground { index, follow, .. } = self.ground;
        follow.is_on().then(|| self.blobs.sought(path, index.blob(content))).transpose()
    }

    /// Compares a version with its parents in turn; returns the lines that none of them has.
    fn hand_down(
        &mut self,
        number: ChangeNo,
        parents: &[Version],
        mut spans: Vec<Span>,
        pending: &mut Pending,
    ) -> Result<Vec<Span>, RepoError> {
        let index = self.ground.index;
        let mut hunks = Vec::new();
        for (commit, path, slot) in parents {
            if spans.is_empty() {
                break;
            }
            self.diff(slot.blob(), index.change(number).new.blob(), &mut hunks)?;
            let mut passed = Vec::new();
            spans = cut(&spans, &hunks, &mut passed);
            if !passed.is_empty() {
                self.pass(pending, *commit, *path, &passed)?;
            }
        }
        Ok(spans)
    }

    /// The hunks between two blobs.
    pub(super) fn diff(&mut self, old: BlobNo, new: BlobNo, hunks: &mut Vec<Hunk>) -> Result<(), RepoError> {
        let Ground { index, memo, .. } = self.ground;
        if memo.find(old, new, hunks) {
            return Ok(());
        }
        self.blobs.diff(index.blob(old), index.blob(new), hunks)?;
        memo.learn(old, new, hunks);
        Ok(())
    }

    /// Hands spans on to a version that has them.
    pub(super) fn pass(
        &mut self,
        pending: &mut Pending,
        commit: CommitNo,
        path: PathNo,
        spans: &[Span],
    ) -> Result<(), RepoError> {
        let number = self.made_by(commit, path)?;
        let maker = self.ground.index.change(number).commit;
        pending.at(maker, number).spans.extend_from_slice(spans);
        Ok(())
    }
}

impl Pending {
    /// The lines that wait at the version that a change of a commit made.
    fn at(&mut self, commit: CommitNo, number: ChangeNo) -> &mut Waiting {
        self.waiting.entry((commit, number)).or_default()
    }
}

/// Whether the spans are all lines of a file of `count`, each in its place.
fn is_all(spans: &[Span], count: u32) -> bool {
    let mut spans = spans.to_vec();
    coalesce(&mut spans);
    matches!(spans.as_slice(), [Span { here: 0, line: 0, len, .. }] if *len == count)
}
