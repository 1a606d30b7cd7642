//! The versions of files that stand at several revisions, or stood anywhere in a history: each is attributed as
//! if it were asked about alone.
//!
//! Decides the order of the work. The answers do not depend on it.
//! Cost: a walk for each version. What walks meet again and again, they find again: neighbouring versions of a
//! file come one after the other, line diffs are remembered, and so is what was found elsewhere.

use super::change_index::PathNo;
use super::engine::{Engine, FileAttribution, Standing, TipFile};
use super::history::CommitNo;
use super::parallel;
use super::progress::{Phase, Progress};
use super::range;
use super::versions::{Version, Versions};
use super::walk::Walker;
use crate::repo::{ObjectId, Objects, RepoError};

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

    /// The versions of files that these commits brought, commit by commit.
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
        let pieces: Vec<&[Version]> = versions.chunks(PIECE).collect();
        let work = |objects: &mut Objects, piece: usize| -> Result<_, RepoError> {
            let mut walker = Walker::new(self.ground(), objects);
            let mut done = Vec::with_capacity(PIECE);
            for Version { file, introduced, brought, .. } in pieces[piece] {
                progress.check()?;
                walker.next_file();
                let appeared = appearances.of(self.index.change(*brought).new).to_vec();
                let first = self.places(&appeared);
                let result = match reuse(file, *introduced, &first) {
                    Some(known) => known,
                    None => {
                        let standing = Standing { brought: *brought, appeared, first };
                        let (found, content) = self.one(&mut walker, file, standing)?;
                        finish(file, found, &content)?
                    }
                };
                done.push(result);
                progress.advance(1);
            }
            Ok(done)
        };
        let take = |piece: usize, done: Vec<T>| {
            pieces[piece].iter().zip(done).for_each(|(version, result)| take(version, result));
            Ok(())
        };
        parallel::in_order(self.options.threads, pieces.len(), || self.repository.objects(), work, take)
    }
}

/// Versions in a piece of work: enough to share what is read for them, few enough to keep all threads busy.
const PIECE: usize = 64;
