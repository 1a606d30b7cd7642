//! What is kept of a scan for the next one.
//!
//! Decides what can be used again: what is known of a commit, or of a version of a file, whatever the lists
//! say. Names nobody. Must not change an answer; whatever does not fit is worked out anew.

mod files;
mod people;

pub(in crate::scan) use files::FileVersion;
pub use files::{FileColumns, SavedFiles};
pub use people::{PeopleColumns, SavedPeople};

use std::collections::HashSet;

use crate::attribution::saved::{Extent, Index, Later, Learned, LearnedLater, SavedIndex};

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
    /// The versions of files that the last scan looked at; not written.
    pub(in crate::scan) standing: HashSet<FileVersion>,
}

/// All that was kept, ready to be asked.
#[derive(Debug, Default)]
pub struct Before {
    /// The history and its changes.
    pub index: Index,
    /// Who had a part in which commit.
    pub people: SavedPeople,
    /// Whose the lines of files are: as kept first, then since.
    pub(in crate::scan) files: [FileColumns; 2],
    /// What walks have learned since.
    pub(in crate::scan) learned: Learned,
    /// How much was kept first.
    pub(in crate::scan) first: Extent,
    /// How many people.
    pub(in crate::scan) first_people: usize,
}

/// In so many parts a scan is written.
pub const PARTS: usize = 6;
/// Those of them that are read only if a file has to be walked.
const LEARNED: usize = 3;

impl SavedScan {
    /// The parts that are written.
    #[must_use]
    pub fn encode(&self) -> [Vec<u8>; PARTS] {
        let [diffs, found, origins] = self.learned.encode();
        let columns =
            [bitcode::encode(&self.index), bitcode::encode(&self.people), bitcode::encode(&self.files)];
        let [index, people, files] = columns;
        [index, people, files, diffs, found, origins]
    }

    /// Reads all parts, each by its number; `None` if one is damaged.
    pub fn decode(read: impl Fn(usize) -> Option<Vec<u8>> + Sync) -> Option<Self> {
        let learned = Learned::decode([3, 4, 5].map(&read));
        Some(Self { learned, ..Self::columns(read)? })
    }

    /// Reads all but what walks have learned.
    fn columns(read: impl Fn(usize) -> Option<Vec<u8>> + Sync) -> Option<Self> {
        // The files are as much as the rest.
        std::thread::scope(|scope| {
            let files = scope.spawn(|| bitcode::decode(&read(2)?).ok());
            let index = bitcode::decode(&read(0)?).ok()?;
            let people = bitcode::decode(&read(1)?).ok()?;
            let files = files.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Some(Self { index, people, files, ..Self::default() })
        })
    }

    /// Adds what came since. Of the versions of files, only those that were looked at last stay.
    pub fn extend(&mut self, more: Self) {
        self.files.extend(more.files, self.index.extent().commits);
        self.files = self.files.only(|key| more.standing.contains(&key));
        self.index.extend(more.index);
        self.people.extend(more.people);
        self.learned.extend(more.learned);
    }
}

impl Before {
    /// What was kept first, read part by part as it is needed, and what since; `None` if it does not hold together.
    #[must_use]
    pub fn new(
        read: impl Fn(usize) -> Option<Vec<u8>> + Clone + Send + Sync + 'static,
        since: Option<SavedScan>,
    ) -> Option<Self> {
        let SavedScan { mut index, mut people, files, .. } = SavedScan::columns(&read)?;
        let since = since.unwrap_or_default();
        let (first, first_people) = (index.extent(), people.len());
        index.extend(since.index);
        people.extend(since.people);
        let Extent { commits, paths, .. } = index.extent();
        let files = [files, since.files];
        let fit = files[0].fit(first.commits, first.paths) && files[1].fit(commits, paths);
        let later = |part: usize| {
            let read = read.clone();
            Later::new(move || read(part))
        };
        let learned = LearnedLater::new([PARTS - LEARNED, PARTS - LEARNED + 1, PARTS - 1].map(later));
        let index = index.restore(learned, since.learned.clone().into())?;
        let people = SavedPeople::new(people, commits)?;
        fit.then_some(Self { index, people, files, learned: since.learned, first, first_people })
    }
}
