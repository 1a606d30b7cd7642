//! What is known of files, from one scan to the next.
//!
//! Decides which attributions of an earlier scan are used again. The same version of a file has the same
//! attribution, whatever revision it is looked at from.

use super::files::{FileFindings, Look};
use super::ground::Ground;
use super::known::Known;
use super::saved::{FileColumns, Kept, SavedFiles};
use crate::attribution::change_index::PathNo;
use crate::attribution::history::CommitNo;
use crate::attribution::{FileAttribution, Options, TipFile};
use crate::repo::RepoError;

/// What follows for a file under the lists of now, and what is known of it, if that is new; nothing of a submodule.
pub(super) type Judged<'v> = Option<(FileFindings<'v>, Option<Known>)>;

/// The files that earlier scans have kept, and the way to use them.
pub(super) struct Reuse<'a> {
    look: &'a Look<'a>,
    saved: SavedFiles<'a>,
    options: String,
    looked_through: Vec<CommitNo>,
}

impl<'a> Reuse<'a> {
    /// Of what was `kept`, that which fits how lines are followed now.
    pub(super) fn new(ground: &Ground<'_>, look: &'a Look<'a>, kept: &'a Kept) -> Self {
        // Neither the number of threads nor what is remembered changes an answer.
        let options = format!("{:?}", Options { threads: 1, remember: false, ..ground.options });
        let looked_through = ground.engine.looked_through();
        let saved = kept.files(&options, &looked_through);
        Self { look, saved, options, looked_through }
    }

    /// The version of a file that `introduced` brought, and whose bytes appeared first at these places, if it is
    /// known already.
    pub(super) fn find(
        &self,
        file: &TipFile,
        introduced: CommitNo,
        first: &[(CommitNo, PathNo)],
    ) -> Option<Judged<'a>> {
        let path = self.look.engine.path_number(&file.path)?;
        let known = self.saved.find(path, introduced, first)?;
        Some(Some((self.look.judge(&file.path, &known), None)))
    }

    /// A file that was attributed just now.
    ///
    /// # Errors
    /// The content is not what its id says.
    pub(super) fn learn(
        &self,
        file: &TipFile,
        found: FileAttribution,
        content: &[u8],
    ) -> Result<Judged<'a>, RepoError> {
        let known = Known::new(file, found, content)?;
        Ok(known.map(|known| (self.look.judge(&file.path, &known), Some(known))))
    }

    /// How many pieces were kept, of all files.
    pub(super) fn pieces(&self) -> usize {
        self.saved.pieces()
    }

    /// Where to put down what is new.
    pub(super) fn columns(&self) -> FileColumns {
        FileColumns::new(self.options.clone(), self.looked_through.clone())
    }
}
