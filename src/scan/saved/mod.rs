//! What is kept of a scan for the next one.
//!
//! Decides what can be used again: what is known of a commit, or of a version of a file, whatever the lists
//! say. Names nobody. Must not change an answer; whatever does not fit is worked out anew.

mod before;
mod commits;
mod files;
mod people;

pub(in crate::scan) use before::New;
pub use before::{Before, Kept};
pub use commits::CommitColumns;
pub(in crate::scan) use files::FileVersion;
pub use files::{FileColumns, SavedFiles};
pub use people::{PeopleColumns, SavedPeople};

use std::collections::HashSet;

use crate::attribution::saved::{Learned, SavedIndex};

/// What is kept of a scan. What comes later does not change what is there, so it can be kept in two steps: all of one
/// scan first, then beside it whatever came since.
#[derive(Debug, Default)]
pub struct SavedScan {
    /// The history and its changes.
    pub index: SavedIndex,
    /// Who had a part in which commit.
    pub people: PeopleColumns,
    /// Whose the lines of files are.
    pub files: FileColumns,
    /// What walks have learned.
    pub learned: Learned,
    /// The keys of excluded commits.
    pub commits: CommitColumns,
    /// The versions of files that the last scan looked at, if it looked them up; not written.
    pub(in crate::scan) standing: Option<HashSet<FileVersion>>,
}

/// In so many parts a scan is written.
pub const PARTS: usize = 7;
/// The part that holds the files.
const FILES: usize = 2;

impl SavedScan {
    /// The parts that are written.
    #[must_use]
    pub fn encode(&self) -> [Vec<u8>; PARTS] {
        let [diffs, found, origins] = self.learned.encode();
        let columns =
            [bitcode::encode(&self.index), bitcode::encode(&self.people), bitcode::encode(&self.files)];
        let [index, people, files] = columns;
        [index, people, files, diffs, found, origins, bitcode::encode(&self.commits)]
    }

    /// Reads all parts, each by its number; `None` if one is damaged.
    pub fn decode(read: impl Fn(usize) -> Option<Vec<u8>>) -> Option<Self> {
        let learned = Learned::decode([3, 4, 5].map(&read));
        let commits = bitcode::decode(&read(6)?).ok()?;
        let files = bitcode::decode(&read(FILES)?).ok()?;
        Some(Self { learned, commits, files, ..Self::columns(read)? })
    }

    /// Reads what every scan needs before it looks at files.
    fn columns(read: impl Fn(usize) -> Option<Vec<u8>>) -> Option<Self> {
        let index = bitcode::decode(&read(0)?).ok()?;
        let people = bitcode::decode(&read(1)?).ok()?;
        Some(Self { index, people, ..Self::default() })
    }

    /// Adds what came since. Of the versions of files, only those that were looked at last stay.
    pub fn extend(&mut self, more: Self) {
        self.files.extend(more.files, self.index.extent().commits);
        if let Some(standing) = more.standing {
            self.files = self.files.only(|key| standing.contains(&key));
        }
        self.index.extend(more.index);
        self.index.sort();
        self.people.extend(more.people);
        self.learned.extend(more.learned);
        self.commits.extend(&more.commits);
    }
}
