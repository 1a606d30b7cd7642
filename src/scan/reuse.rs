//! What is known of files, from one scan to the next.
//!
//! Decides which attributions of an earlier scan are used again, and whether those of this one are kept in their
//! place. The same version of a file has the same attribution, whatever revision it is looked at from.

use super::files::{FileFindings, Look};
use super::ground::Ground;
use super::known::Known;
use super::saved::{FileColumns, SavedFiles};
use crate::attribution::change_index::PathNo;
use crate::attribution::history::CommitNo;
use crate::attribution::{FileAttribution, Options, TipFile};
use crate::repo::RepoError;

/// What is known of a file, and what follows from it under the lists of now; nothing of a submodule.
pub(super) type Judged = Option<(Known, FileFindings)>;

/// The files that an earlier scan has kept, and the way to use them.
pub(super) struct Reuse<'a> {
    look: &'a Look<'a>,
    saved: SavedFiles<'a>,
    options: String,
    looked_through: Vec<CommitNo>,
}

impl<'a> Reuse<'a> {
    /// `before` are the files of an earlier scan, which knew so many commits.
    pub(super) fn new(
        ground: &Ground<'_>,
        look: &'a Look<'a>,
        before: &'a FileColumns,
        commits_before: usize,
    ) -> Self {
        // Neither the number of threads nor what is remembered changes an answer.
        let options = format!("{:?}", Options { threads: 1, remember: false, ..ground.options });
        let looked_through = ground.engine.looked_through();
        let saved = SavedFiles::new(before, &options, &looked_through, commits_before);
        Self { look, saved, options, looked_through }
    }

    /// What is known already of the version of a file that `introduced` brought, and whose bytes appeared first at
    /// these places.
    pub(super) fn find(
        &self,
        file: &TipFile,
        introduced: CommitNo,
        first: &[(CommitNo, PathNo)],
    ) -> Option<Judged> {
        let path = self.look.engine.path_number(&file.path)?;
        let known = self.saved.find(path, introduced, first)?;
        Some(self.judge(file, Some(known)))
    }

    /// What is known of a file that was attributed just now.
    pub(super) fn learn(
        &self,
        file: &TipFile,
        found: FileAttribution,
        content: &[u8],
    ) -> Result<Judged, RepoError> {
        Ok(self.judge(file, Known::new(file, found, content)?))
    }

    fn judge(&self, file: &TipFile, known: Option<Known>) -> Judged {
        known.map(|known| {
            let findings = self.look.judge(&file.path, &known);
            (known, findings)
        })
    }

    /// What is to be kept of `files`, each at its path; none, if what was kept before is as good.
    pub(super) fn keep<'k>(
        self,
        files: impl ExactSizeIterator<Item = (PathNo, &'k Known)>,
    ) -> Option<FileColumns> {
        let old = self.saved.served(files.len());
        (!old).then(|| FileColumns::of(self.options, self.looked_through, files))
    }
}
