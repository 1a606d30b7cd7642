//! The engine: attributes all files of a revision at once.
//!
//! Decides the order of the work and who does it; the answers depend on neither.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::appearance::Appearances;
use super::change_index::{ChangeIndex, ChangeNo, PathNo};
use super::ever::Ever;
use super::forest::Forest;
use super::found::Found;
use super::history::{CommitNo, History};
use super::memo::Memo;
use super::moves::Follow;
use super::origins::Origins;
use super::parallel;
use super::progress::{Phase, Progress};
use super::rename::Deletions;
use super::saved::{Extent, Index, Learned, SavedIndex};
use super::spans::{Credit, apart};
use super::text::{is_binary, line_count};
use super::tree_diff::{Leaf, Trees};
use super::walk::{Ground, Lines, Walker};
use super::whole::everyone;
use crate::repo::{EntryKind, ObjectId, Objects, RepoError, Repository};

/// How the engine works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Lines that differ in white space alone are the same line (`git blame -w`).
    pub ignore_whitespace: bool,
    /// How far lines that moved are followed.
    pub follow: Follow,
    /// Credit a content also as it was where its very bytes stood before. `git blame` does not.
    pub earlier_appearances: bool,
    /// Say also who ever changed a text file.
    pub touched: bool,
    /// Remember line diffs for the next run.
    pub remember: bool,
    /// Credit lines also as if no commit were looked through. `git blame` does not.
    pub as_written: bool,
    /// How many threads, at least one.
    pub threads: usize,
}

/// A file, symbolic link or submodule of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TipFile {
    /// Its path.
    pub path: Vec<u8>,
    /// What stands there.
    pub leaf: Leaf,
}

/// Who wrote a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAttribution {
    /// The commit that brought this content to this path.
    pub introduced: CommitNo,
    /// Where the very bytes appeared first, if in several places: commits, each with the path.
    pub first: Vec<(CommitNo, PathNo)>,
    /// The attribution.
    pub content: Content,
    /// Everyone who ever changed a text file, along its renames and merges, if the engine is to say so: the
    /// commits, each with the path at which it changed the file; sorted.
    pub touched: Vec<(CommitNo, PathNo)>,
}

/// What a file's attribution is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text file, line by line.
    Text {
        /// How many lines it has.
        lines: u32,
        /// Every line once, in order: what `git blame` says.
        credits: Vec<Credit>,
        /// Credits of the same lines where the very bytes of the file stood before; in order, and
        /// overlapping if they stood in several places.
        earlier: Vec<Credit>,
        /// Credits of lines that would go to another if no commit were looked through; in order. Only with
        /// [`Options::as_written`].
        as_written: Vec<Credit>,
    },
    /// A binary file or a symbolic link: everyone who ever changed it, sorted.
    Whole {
        /// The commits, each with the path at which it changed the file.
        changes: Vec<(CommitNo, PathNo)>,
    },
    /// A submodule: recorded, never entered.
    Submodule,
}

/// Which version of a file stands at a tip.
pub(super) struct Standing {
    /// The change that brought it to its path.
    pub(super) brought: ChangeNo,
    /// The changes by which its bytes appeared first, if there are several, and where.
    pub(super) appeared: Vec<ChangeNo>,
    pub(super) first: Vec<(CommitNo, PathNo)>,
}

/// All that is known of a history, ready to attribute any of its revisions.
pub struct Engine {
    pub(super) repository: Repository,
    history: History,
    /// For each commit, whether it is reachable from the tips asked about.
    pub(super) reached: Vec<bool>,
    pub(super) forest: Forest,
    pub(super) index: ChangeIndex,
    deletions: Deletions,
    memo: Memo,
    found: Found,
    origins: Origins,
    ever: Ever,
    hasher: RandomState,
    looked_through: HashSet<CommitNo>,
    pub(super) options: Options,
}

impl Engine {
    /// Reads the history of `tips` and indexes its changes, as far as that was not done `before`.
    ///
    /// # Errors
    /// An object is missing or damaged, or the run was interrupted.
    pub fn new(
        repository: &Repository,
        tips: &[ObjectId],
        options: Options,
        before: Index,
        progress: &dyn Progress,
    ) -> Result<Self, RepoError> {
        let Index { mut history, changes: mut index, diffs, found, origins } = before;
        history.extend(&repository.objects(), tips, progress)?;
        let reached = history.reachable(tips);
        let forest = Forest::new(&history);
        index.extend(repository, &history, &forest, options.threads, progress)?;
        Ok(Self {
            repository: repository.clone(),
            found: Found::new(found, options.follow, options.ignore_whitespace, options.remember),
            origins: Origins::new(origins, options.remember || options.follow.is_on()),
            ever: Ever::new(&index),
            hasher: RandomState::default(),
            history,
            reached,
            forest,
            index,
            deletions: Deletions::default(),
            memo: Memo::new(diffs, options.ignore_whitespace, options.remember || options.follow.is_on()),
            looked_through: HashSet::new(),
            options,
        })
    }

    /// Looks through these commits from now on: the lines that they changed go to those who had them before,
    /// as far as they are like something that was there (`git blame --ignore-revs-file`).
    pub fn look_through(&mut self, commits: impl IntoIterator<Item = CommitNo>) {
        self.looked_through.extend(commits);
    }

    /// The commits.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The commits that are looked through, in order.
    #[must_use]
    pub fn looked_through(&self) -> Vec<CommitNo> {
        let mut commits: Vec<CommitNo> = self.looked_through.iter().copied().collect();
        commits.sort_unstable();
        commits
    }

    /// The commits that are reachable from the tips, parents before children. What was kept of an earlier run
    /// may hold others.
    pub fn commits(&self) -> impl DoubleEndedIterator<Item = CommitNo> {
        self.history.numbers().filter(|commit| self.is_reached(*commit))
    }

    /// Whether a commit is reachable from the tips.
    #[must_use]
    pub fn is_reached(&self, commit: CommitNo) -> bool {
        self.reached.get(commit as usize).copied().unwrap_or_default()
    }

    /// What is to be kept for the next run: what is new of the history since `from`, and what was learned.
    #[must_use]
    pub fn save(&self, from: Extent) -> (SavedIndex, Learned) {
        let (saved, numbers) = SavedIndex::of(&self.history, &self.index, from);
        let learned = Learned {
            diffs: self.memo.learned(),
            found: self.found.learned(&numbers),
            origins: self.origins.learned(&numbers),
        };
        (saved, learned)
    }

    /// A way to the objects, for one thread.
    #[must_use]
    pub fn objects(&self) -> Objects {
        self.repository.objects()
    }

    /// The path of a number, as credits carry it.
    #[must_use]
    pub fn path(&self, path: PathNo) -> &[u8] {
        self.index.path(path)
    }

    /// The number of a path, if the history has it.
    #[must_use]
    pub fn path_number(&self, path: &[u8]) -> Option<PathNo> {
        self.index.path_number(path)
    }

    /// The files of a revision, in the order of `git ls-tree -r`.
    ///
    /// # Errors
    /// A tree is missing or damaged.
    pub fn files(&self, tip: ObjectId) -> Result<Vec<TipFile>, RepoError> {
        let objects = self.repository.objects();
        let tree = self.history.tree(self.number(tip)?);
        let mut files = Vec::new();
        Trees::new(&objects).diff(None, Some(tree), &mut |difference| {
            files.extend(difference.new.map(|leaf| TipFile { path: difference.path.to_vec(), leaf }));
            Ok(())
        })?;
        Ok(files)
    }

    /// Attributes `files` of the revision `tip`.
    ///
    /// `reuse` may know the answer already for the version of a file that a commit introduced and whose bytes
    /// appeared first at these commits and paths: the same version always has the same answer.
    /// `finish` makes of each attribution what is wanted of it, on the thread that attributed the file; it
    /// also sees the content (nothing of a submodule). The results come in the order of `files`.
    ///
    /// # Errors
    /// An object is missing or damaged, the run was interrupted, or `finish` fails.
    pub fn attribute<T: Send>(
        &self,
        tip: ObjectId,
        files: &[TipFile],
        progress: &dyn Progress,
        reuse: impl Fn(&TipFile, CommitNo, &[(CommitNo, PathNo)]) -> Option<T> + Sync,
        finish: impl Fn(&TipFile, FileAttribution, &[u8]) -> Result<T, RepoError> + Sync,
    ) -> Result<Vec<T>, RepoError> {
        let tip = self.number(tip)?;
        let appearances = self.appearances(files.iter().map(|file| file.leaf));
        // How much work a file is shows in how often it changed.
        let changes = |file: &TipFile| {
            self.index.path_number(&file.path).map_or(0, |path| self.index.of_path(path).len()) as u64
        };
        let changes: Vec<u64> = files.iter().map(changes).collect();
        progress.begin(Phase::Files, Some(changes.iter().sum()));
        // The files with the longest histories come first, so that no thread is left alone with one.
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(changes[*at]));
        let mut results: Vec<Option<T>> = Vec::new();
        results.resize_with(files.len(), || None);
        let work = |objects: &mut Objects, piece: usize| -> Result<_, RepoError> {
            // Files of a piece share what is read for them.
            let mut walker = Walker::new(self.ground(), objects);
            let mut done = Vec::new();
            for at in order.iter().skip(piece * PIECE).take(PIECE) {
                progress.check()?;
                let file = &files[*at];
                let standing = self.standing(&mut walker, tip, file, &appearances)?;
                let known = reuse(file, self.index.change(standing.brought).commit, &standing.first);
                let result = match known {
                    Some(known) => known,
                    None => {
                        let (attribution, content) = self.one(&mut walker, file, standing)?;
                        finish(file, attribution, &content)?
                    }
                };
                done.push((*at, result));
                progress.advance(changes[*at]);
            }
            Ok(done)
        };
        let pieces = files.len().div_ceil(PIECE);
        parallel::in_order(
            self.options.threads,
            pieces,
            || self.repository.objects(),
            work,
            |_, done| {
                for (at, result) in done {
                    results[at] = Some(result);
                }
                Ok(())
            },
        )?;
        let results: Option<Vec<T>> = results.into_iter().collect();
        results.ok_or_else(|| RepoError::Bug("a file was left out".into()))
    }

    /// Everyone who changed a text file, if that is asked.
    fn touched(
        &self,
        walker: &mut Walker<'_>,
        brought: ChangeNo,
        appeared: &[ChangeNo],
    ) -> Result<Vec<(CommitNo, PathNo)>, RepoError> {
        if self.options.touched { everyone(walker, brought, appeared) } else { Ok(Vec::new()) }
    }

    pub(super) fn places(&self, changes: &[ChangeNo]) -> Vec<(CommitNo, PathNo)> {
        let at = |number: &ChangeNo| {
            let change = self.index.change(*number);
            (change.commit, change.path)
        };
        changes.iter().map(at).collect()
    }

    fn standing(
        &self,
        walker: &mut Walker<'_>,
        tip: CommitNo,
        file: &TipFile,
        appearances: &Appearances,
    ) -> Result<Standing, RepoError> {
        walker.next_file();
        let path =
            self.index.path_number(&file.path).ok_or_else(|| RepoError::Bug("an unknown path".into()))?;
        let start = walker.made_by(tip, path)?;
        let brought = walker.introduced(start)?;
        let appeared = appearances.of(self.index.change(start).new).to_vec();
        Ok(Standing { brought, first: self.places(&appeared), appeared })
    }

    pub(super) fn one(
        &self,
        walker: &mut Walker<'_>,
        file: &TipFile,
        Standing { brought, appeared, first }: Standing,
    ) -> Result<(FileAttribution, Arc<Vec<u8>>), RepoError> {
        let introduced = self.index.change(brought).commit;
        let made = |content, touched| FileAttribution { introduced, first, content, touched };
        if file.leaf.kind == EntryKind::Submodule {
            return Ok((made(Content::Submodule, Vec::new()), Arc::default()));
        }
        let bytes = walker.blobs.content(file.leaf.id)?;
        if file.leaf.kind == EntryKind::Symlink || is_binary(&bytes) {
            let changes = everyone(walker, brought, &appeared)?;
            return Ok((made(Content::Whole { changes }, Vec::new()), bytes));
        }
        let touched = self.touched(walker, brought, &appeared)?;
        let content = {
            let lines = line_count(&bytes);
            let mut as_written = Vec::new();
            let mut credited = |walker: &mut Walker<'_>, start, met| -> Result<Lines, RepoError> {
                let found = walker.lines(start, lines, true, met)?;
                if self.options.as_written && found.looked_through {
                    as_written
                        .extend(apart(walker.lines(start, lines, false, false)?.credits, &found.credits));
                }
                Ok(found)
            };
            let standing = credited(walker, brought, !appeared.is_empty())?;
            let mut earlier = Vec::new();
            for other in appeared.iter().filter(|other| !standing.appearances.contains(other)) {
                earlier.extend(credited(walker, *other, false)?.credits);
            }
            earlier.sort_by_key(|credit| credit.line);
            as_written.sort_by_key(|credit| credit.line);
            Content::Text { lines, credits: standing.credits, earlier, as_written }
        };
        Ok((made(content, touched), bytes))
    }

    pub(super) fn appearances(&self, leaves: impl Iterator<Item = Leaf>) -> Appearances {
        if !self.options.earlier_appearances {
            return Appearances::default();
        }
        let contents: HashSet<_, RandomState> =
            leaves.filter_map(|leaf| self.index.find_slot(leaf)).collect();
        Appearances::find(&self.history, &self.index, &self.reached, &contents, self.options.threads)
    }

    /// The paths that a commit changed against its first parent; all its files, if it has none.
    pub fn changed_paths(&self, commit: CommitNo) -> impl Iterator<Item = &[u8]> {
        let (_, changes) = self.index.of_commit(commit);
        changes.iter().map(|change| self.index.path(change.path))
    }

    pub(super) fn number(&self, tip: ObjectId) -> Result<CommitNo, RepoError> {
        self.history.number(tip).ok_or_else(|| RepoError::Bug(format!("commit {tip} was not read")))
    }

    pub(super) fn ground(&self) -> Ground<'_> {
        Ground {
            history: &self.history,
            forest: &self.forest,
            index: &self.index,
            deletions: &self.deletions,
            memo: &self.memo,
            found: &self.found,
            origins: &self.origins,
            ever: &self.ever,
            hasher: &self.hasher,
            ignore_whitespace: self.options.ignore_whitespace,
            follow: self.options.follow,
            looked_through: &self.looked_through,
        }
    }
}

/// Files in a piece of work.
const PIECE: usize = 4;

#[cfg(test)]
mod tests;
