//! The versions of files that stand at several revisions, or stood anywhere in a history: each is attributed as
//! if it were asked about alone.
//!
//! Decides the order of the work. The answers do not depend on it.
//! Cost: a walk for each version, up to where an earlier walk of the same path began: from there on only the lines are
//! followed that may fare otherwise than they did then. So that there is such a place, the versions at which the ways
//! of several meet are walked before these. What walks meet again all the same, they find again: line diffs are
//! remembered, and so is what was found elsewhere.

use std::collections::{BTreeSet, HashSet};

use super::change_index::{ChangeNo, PathNo};
use super::engine::{Engine, FileAttribution, Standing, TipFile};
use super::history::CommitNo;
use super::journeys::Journeys;
use super::parallel;
use super::progress::{Phase, Progress};
use super::range;
use super::text::{is_binary, line_count};
use super::versions::{Version, Versions};
use super::walk::Walker;
use crate::repo::{EntryKind, ObjectId, Objects, RepoError};

impl Engine {
    /// The versions of files that stand at `tips`; with `history`, also all others that are reachable from the
    /// tips of this engine.
    ///
    /// # Errors
    /// A tip was not read.
    pub fn versions(&self, tips: &[ObjectId], history: bool) -> Result<Versions, RepoError> {
        let tips = tips.iter().map(|tip| self.number(*tip)).collect::<Result<Vec<_>, _>>()?;
        let reached = history.then_some(self.reached.as_slice());
        Versions::find(self.ground(), &self.repository.objects(), &tips, reached)
    }

    /// The versions of files that these commits brought, path by path.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn brought_by(&self, commits: &[CommitNo]) -> Result<Versions, RepoError> {
        Versions::brought_by(self.ground(), &self.repository.objects(), commits)
    }

    /// The commits that are reachable from the tips of this engine and not from `hidden`; of these, what is not in
    /// the repository hides nothing.
    ///
    /// # Errors
    /// An object is damaged.
    pub fn added(&self, hidden: &[ObjectId]) -> Result<Vec<CommitNo>, RepoError> {
        let commits = range::added(self.history(), &self.repository.objects(), hidden)?;
        Ok(commits.into_iter().filter(|commit| self.is_reached(*commit)).collect())
    }

    /// Attributes versions of files, each as [`attribute`](Self::attribute) does where it stands.
    ///
    /// `reuse` and `finish` are as there. The results go to `take`, in the order of the versions.
    ///
    /// # Errors
    /// An object is missing or damaged, the run was interrupted, or `finish` fails.
    pub fn attribute_versions<T: Send>(
        &self,
        versions: &Versions,
        progress: &dyn Progress,
        reuse: impl Fn(&TipFile, CommitNo, &[(CommitNo, PathNo)]) -> Option<T> + Sync,
        finish: impl Fn(&TipFile, FileAttribution, &[u8]) -> Result<T, RepoError> + Sync,
        mut take: impl FnMut(&Version, T),
    ) -> Result<(), RepoError> {
        let versions = versions.all();
        let appearances = self.appearances(versions.iter().map(|version| version.file.leaf));
        progress.begin(Phase::Files, Some(versions.len() as u64));
        let pieces = pieces(versions);
        let work = |objects: &mut Objects, piece: usize| -> Result<_, RepoError> {
            let mut walker = Walker::new(self.ground(), objects);
            walker.journeys = Journeys::kept();
            let mut done = Vec::with_capacity(pieces[piece].len());
            for versions in pieces[piece].chunk_by(|one, next| one.file.path == next.file.path) {
                walker.next_file();
                let firsts: Vec<Vec<ChangeNo>> = versions
                    .iter()
                    .map(|version| appearances.of(self.index.change(version.brought).new).to_vec())
                    .collect();
                let firsts: Vec<_> = firsts.into_iter().map(|first| (self.places(&first), first)).collect();
                let known: Vec<Option<T>> = versions
                    .iter()
                    .zip(&firsts)
                    .map(|(version, (first, _))| reuse(&version.file, version.introduced, first))
                    .collect();
                let unknown = versions
                    .iter()
                    .zip(&known)
                    .filter(|(version, known)| known.is_none() && version.file.leaf.kind == EntryKind::File);
                let unknown: Vec<ChangeNo> = unknown.map(|(version, _)| version.brought).collect();
                let mut meetings = self.meetings(&mut walker, &unknown)?.into_iter().peekable();
                for ((version, (first, appeared)), known) in versions.iter().zip(firsts).zip(known) {
                    progress.check()?;
                    let Version { file, brought, .. } = version;
                    let result = match known {
                        Some(known) => known,
                        None => {
                            let here = self.place(*brought);
                            while let Some(meeting) = meetings.next_if(|meeting| self.place(*meeting) < here)
                            {
                                self.walk(&mut walker, meeting)?;
                            }
                            let standing = Standing { brought: *brought, appeared, first };
                            let (found, content) = self.one(&mut walker, file, standing)?;
                            finish(file, found, &content)?
                        }
                    };
                    done.push(result);
                    progress.advance(1);
                }
            }
            Ok(done)
        };
        let take = |piece: usize, done: Vec<T>| {
            pieces[piece].iter().zip(done).for_each(|(version, result)| take(version, result));
            Ok(())
        };
        parallel::in_order(self.options.threads, pieces.len(), || self.repository.objects(), work, take)
    }

    /// The versions that are asked about by nobody, and at which the ways of several others meet; parents before
    /// children, as far as they follow one another along first parents.
    fn meetings(&self, walker: &mut Walker<'_>, versions: &[ChangeNo]) -> Result<Vec<ChangeNo>, RepoError> {
        let mut met: HashSet<ChangeNo> = HashSet::new();
        let mut meetings = BTreeSet::new();
        if versions.len() < 2 {
            return Ok(Vec::new());
        }
        for version in versions {
            let mut next = Some(*version);
            while let Some(number) = next {
                if !met.insert(number) {
                    meetings.insert((self.place(number), number));
                    break;
                }
                next = walker.before(number)?;
            }
        }
        for version in versions {
            meetings.remove(&(self.place(*version), *version));
        }
        Ok(meetings.into_iter().map(|(_, number)| number).collect())
    }

    /// Where in the tour a change was made.
    fn place(&self, number: ChangeNo) -> u32 {
        self.forest.enter(self.index.change(number).commit)
    }

    /// Walks a version that nobody asks about, for those whose lines come to it.
    fn walk(&self, walker: &mut Walker<'_>, number: ChangeNo) -> Result<(), RepoError> {
        let content = walker.blobs.content(self.index.blob(self.index.change(number).new.blob()))?;
        if !is_binary(&content) {
            walker.lines(number, line_count(&content), true, false)?;
        }
        Ok(())
    }
}

/// Cuts versions into pieces of work, where one path ends and another begins if that is not too far.
fn pieces(versions: &[Version]) -> Vec<&[Version]> {
    let mut pieces = Vec::new();
    let mut rest = versions;
    while !rest.is_empty() {
        let mut at = rest.len().min(PIECE);
        while at < rest.len().min(LONGEST) && rest[at].file.path == rest[at - 1].file.path {
            at += 1;
        }
        let (piece, behind) = rest.split_at(at);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// Versions in a piece of work: enough to share what is read for them, few enough to keep all threads busy.
const PIECE: usize = 64;
/// So many at most, where a path has more versions than that.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests;
