//! What is kept of a scan for the next one.
//!
//! Decides what can be used again: what is known of a commit, or of a version of a file, whatever the lists
//! say. Names nobody. Must not change an answer; whatever does not fit is worked out anew.

mod files;
mod people;

pub use files::{FileColumns, SavedFiles};
pub use people::{PeopleColumns, SavedPeople};

use bitcode::{Decode, Encode};

use crate::attribution::saved::{Index, SavedIndex};

/// All that is kept, as it is written.
#[derive(Debug, Default, Encode, Decode)]
pub struct SavedScan {
    /// The history and its changes.
    pub index: SavedIndex,
    /// Who had a part in which commit.
    pub people: PeopleColumns,
    /// Whose the lines of files are.
    pub files: FileColumns,
}

/// All that was kept, ready to be asked.
#[derive(Debug, Default)]
pub struct Before {
    /// The history and its changes.
    pub index: Index,
    /// Who had a part in which commit.
    pub people: SavedPeople,
    /// Whose the lines of files are.
    pub files: FileColumns,
}

impl Before {
    /// Checks that what was kept holds together; `None` if it does not.
    #[must_use]
    pub fn new(saved: SavedScan) -> Option<Self> {
        if !saved.files.fit(saved.index.commits(), saved.index.paths()) {
            return None;
        }
        let people = SavedPeople::new(saved.people, saved.index.commits())?;
        Some(Self { index: saved.index.restore()?, people, files: saved.files })
    }
}
