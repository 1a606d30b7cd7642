//! Many versions of files at once: whose the lines of each are follows from whose they are in the versions that
//! it was made of.
//!
//! Decides nothing about lines that `walk` does not: a step is one stage of its walk, taken once for each
//! version, and credits are put together from the steps. A line's origin depends on nothing but commit, path and
//! line, so this gives what a walk from each version would give.
//! Cost: each version compared with its parents once, in parallel; then some 16 bytes for each range of lines of
//! the versions that others are still made of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::change_index::{ChangeIndex, ChangeNo, PathNo};
use super::history::CommitNo;
use super::parallel;
use super::progress::Progress;
use super::spans::{Credit, Marks, Span, coalesce_credits};
use super::walk::{Ground, Pending, Walker};
use crate::repo::{Objects, RepoError, Repository};

/// Where the lines of a version come from.
#[derive(Debug)]
struct Step {
    /// Older versions, and the lines that each of them has.
    passed: Box<[(ChangeNo, Box<[Span]>)]>,
    /// Lines that no older version has.
    own: Box<[Span]>,
    previous: Option<(CommitNo, PathNo)>,
    is_text: bool,
    looked_through: bool,
}

/// The steps of all versions asked about, and of those that they are made of.
#[derive(Debug, Default)]
pub(super) struct Steps {
    known: HashMap<ChangeNo, Step, RandomState>,
}

/// Lines of a version, and the change that brought them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    line: u32,
    len: u32,
    by: ChangeNo,
    origin_line: u32,
}

/// Changes of one path, to be looked at from the newest to the oldest; and of each whether another version is made
/// of it: then its lines count, be it binary or not.
type OfPath = BTreeMap<(CommitNo, ChangeNo), bool>;
type Wanted = BTreeMap<PathNo, OfPath>;

impl Steps {
    /// Takes the steps of the versions that `changes` brought, and of all that they are made of. If `through` is
    /// not set, no commit is looked through.
    pub(super) fn take(
        ground: Ground<'_>,
        repository: &Repository,
        threads: usize,
        through: bool,
        changes: impl Iterator<Item = ChangeNo>,
        progress: &dyn Progress,
    ) -> Result<Self, RepoError> {
        let mut steps = Self::default();
        let mut wanted = Wanted::new();
        let want = |wanted: &mut Wanted, number: ChangeNo, is_source: bool| {
            let change = ground.index.change(number);
            wanted.entry(change.path).or_default().insert((change.commit, number), is_source);
        };
        changes.for_each(|number| want(&mut wanted, number, false));
        // One round takes every path down to its beginnings; renames lead to other paths, and so to another round.
        while !wanted.is_empty() {
            let mut paths: Vec<_> = std::mem::take(&mut wanted).into_iter().collect();
            // The longest ones come first, so that no thread is left alone with one.
            paths.sort_by_key(|(path, wanted)| (std::cmp::Reverse(wanted.len()), *path));
            let known = &steps.known;
            let work = |objects: &mut Objects, at: usize| -> Result<_, RepoError> {
                let mut walker = Walker::new(ground, objects);
                let done = of_path(&mut walker, paths[at].1.clone(), known, through, progress)?;
                Ok(done)
            };
            let mut taken = Vec::new();
            let take = |_, done: Done| {
                taken.push(done);
                Ok(())
            };
            parallel::in_order(threads, paths.len(), || repository.objects(), work, take)?;
            let mut others = BTreeSet::new();
            for done in taken {
                steps.known.extend(done.steps);
                others.extend(done.others);
            }
            others.retain(|number| !steps.known.contains_key(number));
            others.into_iter().for_each(|number| want(&mut wanted, number, true));
        }
        Ok(steps)
    }

    /// Whether a commit was looked through.
    pub(super) fn looked_through(&self) -> bool {
        self.known.values().any(|step| step.looked_through)
    }

    /// Whether a change brought a text whose lines were asked for.
    pub(super) fn is_text(&self, number: ChangeNo) -> bool {
        self.known.get(&number).is_some_and(|step| step.is_text)
    }
}

/// What one thread found of a path.
struct Done {
    steps: Vec<(ChangeNo, Step)>,
    /// Versions at other paths that those of this one are made of.
    others: Vec<ChangeNo>,
}

fn of_path(
    walker: &mut Walker<'_>,
    mut wanted: OfPath,
    known: &HashMap<ChangeNo, Step, RandomState>,
    through: bool,
    progress: &dyn Progress,
) -> Result<Done, RepoError> {
    let index = walker.ground.index;
    let mut done = Done { steps: Vec::new(), others: Vec::new() };
    while let Some(((_, number), is_source)) = wanted.pop_last() {
        progress.check()?;
        let change = index.change(number);
        let counted = walker.blobs.line_count(index.blob(change.new.blob()), is_source)?;
        let Some((count, is_text)) = counted else { continue };
        let mut pending = Pending::new();
        let all = vec![Span { here: 0, line: 0, len: count, marks: Marks::default() }];
        let mut sought = walker.sought(change.path, change.new.blob())?;
        let own = walker.settle(number, all, through, &mut sought, &mut pending)?.unwrap_or_default();
        for (commit, source) in pending.keys() {
            if known.contains_key(source) {
                continue;
            }
            if index.change(*source).path == change.path {
                wanted.insert((*commit, *source), true);
            } else {
                done.others.push(*source);
            }
        }
        let passed = pending.into_iter().map(|((_, source), spans)| (source, spans.into()));
        let step = Step {
            passed: passed.collect(),
            own: own.spans.into(),
            previous: own.previous,
            is_text,
            looked_through: own.looked_through,
        };
        done.steps.push((number, step));
        progress.advance(1);
    }
    Ok(done)
}

/// Credits being put together. What nothing is made of any more is forgotten.
pub(super) struct Composition<'s> {
    steps: &'s Steps,
    /// How often a version will still be asked for.
    uses: HashMap<ChangeNo, u32, RandomState>,
    made: HashMap<ChangeNo, Arc<[Part]>, RandomState>,
}

impl<'s> Composition<'s> {
    /// `asked` are the changes whose credits will be asked for, each as often as it is there.
    pub(super) fn new(steps: &'s Steps, asked: impl Iterator<Item = ChangeNo>) -> Self {
        let mut uses: HashMap<ChangeNo, u32, RandomState> = HashMap::default();
        let sources = steps.known.values().flat_map(|step| step.passed.iter().map(|(source, _)| *source));
        for number in sources.chain(asked) {
            *uses.entry(number).or_default() += 1;
        }
        Self { steps, uses, made: HashMap::default() }
    }

    /// The credits of the version that a change brought.
    pub(super) fn of(&mut self, number: ChangeNo) -> Result<Arc<[Part]>, RepoError> {
        let mut open = vec![number];
        while let Some(next) = open.last().copied() {
            let step = self.step(next)?;
            let missing = step.passed.iter().find(|(source, _)| !self.made.contains_key(source));
            match missing {
                _ if self.made.contains_key(&next) => drop(open.pop()),
                Some((source, _)) => open.push(*source),
                None => {
                    let parts = self.compose(next, step)?;
                    self.made.insert(next, parts);
                    for (source, _) in &step.passed {
                        self.used(*source);
                    }
                    open.pop();
                }
            }
        }
        let parts = self.made.get(&number).cloned().ok_or_else(|| unknown(number))?;
        self.used(number);
        Ok(parts)
    }

    fn step(&self, number: ChangeNo) -> Result<&'s Step, RepoError> {
        self.steps.known.get(&number).ok_or_else(|| unknown(number))
    }

    fn used(&mut self, number: ChangeNo) {
        if let Some(uses) = self.uses.get_mut(&number) {
            *uses = uses.saturating_sub(1);
            if *uses == 0 {
                self.made.remove(&number);
            }
        }
    }

    fn compose(&self, number: ChangeNo, step: &Step) -> Result<Arc<[Part]>, RepoError> {
        let own = |span: &Span| Part { line: span.line, len: span.len, by: number, origin_line: span.here };
        let mut parts: Vec<Part> = step.own.iter().filter(|span| span.len > 0).map(own).collect();
        for (source, spans) in &step.passed {
            let theirs = self.made.get(source).ok_or_else(|| unknown(*source))?;
            spans.iter().for_each(|span| inherit(theirs, *span, &mut parts));
        }
        parts.sort_unstable_by_key(|part| part.line);
        parts.dedup_by(|next, part| {
            let joined = part.by == next.by
                && part.line + part.len == next.line
                && part.origin_line + part.len == next.origin_line;
            if joined {
                part.len += next.len;
            }
            joined
        });
        Ok(parts.into())
    }

    /// Parts as the credits that a walk gives.
    pub(super) fn credits(&self, parts: &[Part], index: &ChangeIndex) -> Vec<Credit> {
        let credit = |part: &Part| {
            let by = index.change(part.by);
            Credit {
                line: part.line,
                len: part.len,
                commit: by.commit,
                path: by.path,
                origin_line: part.origin_line,
                previous: self.steps.known.get(&part.by).and_then(|step| step.previous),
                marks: Marks::default(),
            }
        };
        let mut credits: Vec<Credit> = parts.iter().map(credit).collect();
        coalesce_credits(&mut credits);
        credits
    }
}

/// The parts of an older version that `span` of a newer one is made of.
fn inherit(theirs: &[Part], span: Span, parts: &mut Vec<Part>) {
    let end = span.here + span.len;
    let first = theirs.partition_point(|part| part.line + part.len <= span.here);
    for part in theirs[first..].iter().take_while(|part| part.line < end) {
        let (from, to) = (part.line.max(span.here), (part.line + part.len).min(end));
        parts.push(Part {
            line: span.line + (from - span.here),
            len: to - from,
            by: part.by,
            origin_line: part.origin_line + (from - part.line),
        });
    }
}

fn unknown(number: ChangeNo) -> RepoError {
    RepoError::Bug(format!("the lines of change {number} were not looked at"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(line: u32, len: u32, by: ChangeNo, origin_line: u32) -> Part {
        Part { line, len, by, origin_line }
    }

    #[test]
    fn a_span_takes_what_it_covers_of_the_older_parts() {
        let theirs = [part(0, 4, 1, 10), part(4, 4, 2, 0), part(8, 2, 1, 14)];
        let mut parts = Vec::new();
        inherit(&theirs, Span { here: 2, line: 20, len: 7, marks: Marks::default() }, &mut parts);
        assert_eq!(parts, [part(20, 2, 1, 12), part(22, 4, 2, 0), part(26, 1, 1, 14)]);
    }

    #[test]
    fn what_nothing_is_made_of_any_more_is_forgotten() {
        let span = |here, line, len| Span { here, line, len, marks: Marks::default() };
        let step = |passed: Vec<(ChangeNo, Span)>, own: Vec<Span>| Step {
            passed: passed.into_iter().map(|(source, span)| (source, [span].into())).collect(),
            own: own.into(),
            previous: None,
            is_text: true,
            looked_through: false,
        };
        let known = [
            (0, step(vec![], vec![span(0, 0, 3)])),
            (1, step(vec![(0, span(1, 0, 2))], vec![span(2, 2, 1)])),
            (2, step(vec![(1, span(0, 1, 3))], vec![span(0, 0, 1)])),
        ];
        let steps = Steps { known: known.into_iter().collect() };
        let mut composition = Composition::new(&steps, [2, 1].into_iter());
        assert_eq!(*composition.of(2).unwrap(), [part(0, 1, 2, 0), part(1, 2, 0, 1), part(3, 1, 1, 2)]);
        assert_eq!(composition.made.keys().copied().collect::<Vec<_>>(), [1]);
        assert_eq!(*composition.of(1).unwrap(), [part(0, 2, 0, 1), part(2, 1, 1, 2)]);
        assert!(composition.made.is_empty());
        assert!(composition.of(7).is_err());
    }
}
