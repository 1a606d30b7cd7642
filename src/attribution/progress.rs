//! How far the work has come, told to whoever shows it, and whether it is to stop.
//!
//! Decides nothing and prints nothing.

use crate::repo::RepoError;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Commits are read. The number is not known before.
    Commits,
    /// Trees are compared, commit by commit.
    Changes,
    /// Files are attributed; a step is a version of one.
    Files,
}

/// Somebody who wants to know how far the work has come. Called from many threads.
pub trait Progress: Sync {
    /// A phase begins; `total` steps, where that is known.
    fn begin(&self, _phase: Phase, _total: Option<u64>) {}
    /// So many more steps of the phase are done.
    fn advance(&self, _steps: u64) {}
    /// Whether the work is to stop.
    fn interrupted(&self) -> bool {
        false
    }

    /// The error that ends the work if it is to stop.
    ///
    /// # Errors
    /// [`RepoError::Interrupted`].
    fn check(&self) -> Result<(), RepoError> {
        if self.interrupted() { Err(RepoError::Interrupted) } else { Ok(()) }
    }
}

/// Nobody is looking.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
