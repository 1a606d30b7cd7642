//! The engine's other way: many versions of files at once, each from those that it is made of.
//!
//! Decides the order of the work, and how many versions wait at a time. The answers do not depend on it.

use std::sync::Arc;

use super::change_index::ChangeNo;
use super::compose::{Composition, Part, Steps};
use super::engine::{Content, Engine, FileAttribution, Standing, TipFile};
use super::parallel;
use super::progress::{Phase, Progress};
use super::spans::apart;
use super::text::line_count;
use super::versions::{Version, Versions};
use super::walk::Walker;
use crate::repo::{EntryKind, ObjectId, Objects, RepoError};

/// The lines of a version and whom they are credited to; then the same as if no commit were looked through, where
/// one is.
type Credited = (Arc<[Part]>, Option<Arc<[Part]>>);

impl Engine {
    /// The versions of files that stand at `tips`; with `history`, also all others that are reachable from the
    /// tips of this engine.
    ///
    /// # Errors
    /// A tip was not read.
    pub fn versions(&self, tips: &[ObjectId], history: bool) -> Result<Versions, RepoError> {
        let tips = tips.iter().map(|tip| self.number(*tip)).collect::<Result<Vec<_>, _>>()?;
        let reached = history.then_some(self.reached.as_slice());
        Versions::find(self.ground(), &self.repository.objects()?, &tips, reached)
    }

    /// Attributes many versions of files together, each as [`attribute`](Self::attribute) would where it stands.
    ///
    /// `finish` is as there. The results come in the order of the versions.
    ///
    /// # Errors
    /// An object is missing or damaged, the run was interrupted, or `finish` fails.
    pub fn attribute_versions<T: Send>(
        &self,
        versions: &Versions,
        progress: &dyn Progress,
        finish: impl Fn(&TipFile, FileAttribution, &[u8]) -> Result<T, RepoError> + Sync,
    ) -> Result<Vec<T>, RepoError> {
        let versions = versions.all();
        let appearances = self.appearances(versions.iter().map(|version| version.file.leaf));
        let appeared = |version: &Version| appearances.of(self.index.change(version.brought).new);
        // All that is asked for, again and again if need be.
        let asked = || {
            let files = versions.iter().filter(|version| version.file.leaf.kind == EntryKind::File);
            files
                .flat_map(|version| std::iter::once(version.brought).chain(appeared(version).iter().copied()))
        };
        progress.begin(Phase::Versions, None);
        let take = |through| {
            Steps::take(self.ground(), &self.repository, self.options.threads, through, asked(), progress)
        };
        let steps = take(true)?;
        let written = (self.options.as_written && steps.looked_through()).then(|| take(false)).transpose()?;
        let mut composition = Composition::new(&steps, asked());
        let mut as_written = written.as_ref().map(|steps| Composition::new(steps, asked()));
        progress.begin(Phase::Files, Some(versions.len() as u64));
        let mut results = Vec::with_capacity(versions.len());
        let mut next = versions.iter().peekable();
        while next.peek().is_some() {
            let mut jobs = Vec::new();
            let mut parts = 0;
            while let Some(version) = next.next_if(|_| jobs.len() < JOBS && parts < PARTS) {
                let mut lines = Vec::new();
                if version.file.leaf.kind == EntryKind::File && steps.is_text(version.brought) {
                    for number in std::iter::once(&version.brought).chain(appeared(version)) {
                        let written = as_written.as_mut().map(|parts| parts.of(*number)).transpose()?;
                        let found = (composition.of(*number)?, written);
                        // What is credited to the same is told once.
                        if lines.first() != Some(&found) {
                            parts += found.0.len();
                            lines.push(found);
                        }
                    }
                }
                jobs.push((version, lines));
            }
            let work = |objects: &mut Objects, piece: usize| -> Result<_, RepoError> {
                let mut walker = Walker::new(self.ground(), objects);
                let mut done = Vec::new();
                for (version, lines) in jobs.iter().skip(piece * PIECE).take(PIECE) {
                    progress.check()?;
                    walker.next_file();
                    let (found, content) =
                        self.composed(&mut walker, version, appeared(version), lines, &composition)?;
                    done.push(finish(&version.file, found, &content)?);
                    progress.advance(1);
                }
                Ok(done)
            };
            let take = |_, mut done: Vec<T>| {
                results.append(&mut done);
                Ok(())
            };
            let pieces = jobs.len().div_ceil(PIECE);
            parallel::in_order(self.options.threads, pieces, || self.repository.objects(), work, take)?;
        }
        Ok(results)
    }

    /// A version whose lines are credited already: as it stands, then as it was where it appeared first.
    fn composed(
        &self,
        walker: &mut Walker<'_>,
        version: &Version,
        appeared: &[ChangeNo],
        lines: &[Credited],
        composition: &Composition<'_>,
    ) -> Result<(FileAttribution, Arc<Vec<u8>>), RepoError> {
        let first = self.places(appeared);
        if lines.is_empty() {
            let standing = Standing { brought: version.brought, appeared: appeared.to_vec(), first };
            return self.one(walker, &version.file, standing);
        }
        let content = walker.blobs.content(version.file.leaf.id)?;
        let (mut credits, mut earlier, mut as_written) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (lines, written)) in lines.iter().enumerate() {
            let found = composition.credits(lines, &self.index);
            if let Some(written) = written.as_ref().filter(|written| *written != lines) {
                as_written.extend(apart(composition.credits(written, &self.index), &found));
            }
            if at == 0 { credits = found } else { earlier.extend(found) }
        }
        earlier.sort_by_key(|credit| credit.line);
        as_written.sort_by_key(|credit| credit.line);
        let content_of = Content::Text { lines: line_count(&content), credits, earlier, as_written };
        let touched = self.touched(walker, version.brought, appeared)?;
        Ok((FileAttribution { introduced: version.introduced, first, content: content_of, touched }, content))
    }
}

/// Versions in a piece of work.
const PIECE: usize = 16;
/// Versions that wait with their credits to be finished, and ranges of lines that they have together: as many as
/// keep all threads busy, and few enough to hold.
const JOBS: usize = 8192;
const PARTS: usize = 1 << 20;
