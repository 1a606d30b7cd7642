//! What is kept of a scan for the next one.
//!
//! Decides what can be used again: what is known of a commit, or of a version of a file, whatever the lists
//! say. Names nobody. Must not change an answer; whatever does not fit is worked out anew.

mod before;
mod commits;
mod files;
mod people;
mod pieces;

pub(in crate::scan) use before::New;
pub use before::{Before, Kept};
pub use commits::CommitColumns;
pub(in crate::scan) use files::FileVersion;
pub use files::{FileColumns, SavedFiles};
pub use people::{PeopleColumns, SavedPeople};

use std::collections::HashSet;

use crate::attribution::saved::{Bytes, Learned, SavedIndex};

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

/// Where the parts of a scan are read.
pub trait Source: Clone + Send + 'static {
    /// A part, by its number; `None` if it cannot be read as it was written.
    fn read(&self, part: usize) -> Option<Vec<u8>>;

    /// A part to be read bit by bit, and how many bytes it has.
    fn open(&self, part: usize) -> Option<Bytes>;
}

/// In so many parts a scan is written.
pub const PARTS: usize = 7;
/// Their numbers, in the order of [`SavedScan::encode`].
const INDEX: usize = 0;
const PEOPLE: usize = 1;
const FILES: usize = 2;
const LEARNED: [usize; 3] = [3, 4, 5];
const COMMITS: usize = 6;

impl SavedScan {
    /// The parts that are written.
    #[must_use]
    pub fn encode(&self) -> [Vec<u8>; PARTS] {
        let [diffs, found, origins] = self.learned.encode();
        let columns = [self.index.encode(), bitcode::encode(&self.people), bitcode::encode(&self.files)];
        let [index, people, files] = columns;
        [index, people, files, diffs, found, origins, bitcode::encode(&self.commits)]
    }

    /// Reads all parts; `None` if one is damaged.
    pub fn decode(from: &impl Source) -> Option<Self> {
        let learned = Learned::decode(LEARNED.map(|part| from.open(part)));
        let commits = bitcode::decode(&from.read(COMMITS)?).ok()?;
        let files = bitcode::decode(&from.read(FILES)?).ok()?;
        let people = bitcode::decode(&from.read(PEOPLE)?).ok()?;
        Some(Self { index: Self::index(from)?, people, files, learned, commits, standing: None })
    }

    /// Reads the history and its changes.
    fn index(from: &impl Source) -> Option<SavedIndex> {
        let (index, length) = from.open(INDEX)?;
        SavedIndex::decode(index, length)
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
