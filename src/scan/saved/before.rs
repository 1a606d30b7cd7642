//! What was kept of earlier scans, ready to be asked, and what is to be kept of this one.
//!
//! Decides what is new: all that was not kept first is kept once more, beside it.

use std::collections::HashSet;

use bitcode::DecodeOwned;

use super::{
    COMMITS, CommitColumns, FILES, FileColumns, FileVersion, LEARNED, PEOPLE, PeopleColumns, SavedFiles,
    SavedPeople, SavedScan, Source,
};
use crate::attribution::Engine;
use crate::attribution::history::CommitNo;
use crate::attribution::saved::{Extent, Index, Later, Lazy, Learned, LearnedLater};
use crate::manifest::Hashes;
use crate::repo::ObjectId;

/// So many bytes of a part take longer to read than a thread to begin.
const WORTH_A_THREAD: u64 = 256 << 10;

/// All that was kept.
#[derive(Debug, Default)]
pub struct Before {
    /// The history and its changes.
    pub index: Index,
    /// The rest.
    pub kept: Kept,
}

/// What was kept beside the history: first, and since.
#[derive(Debug)]
pub struct Kept {
    /// Who had a part in which commit.
    pub(in crate::scan) people: SavedPeople,
    files: (Lazy<FileColumns>, FileColumns),
    hashes: (Lazy<CommitColumns>, CommitColumns),
    /// What walks have learned since.
    learned: Learned,
    /// How much was kept first.
    first: Extent,
    first_people: usize,
    /// How much is known.
    all: Extent,
}

/// What a scan adds to what was kept.
#[derive(Debug, Default)]
pub(in crate::scan) struct New {
    /// The files attributed.
    pub(in crate::scan) files: Option<FileColumns>,
    /// The versions of files that stand where it looked, if each was looked up.
    pub(in crate::scan) standing: Option<HashSet<FileVersion>>,
    /// The keys of excluded commits.
    pub(in crate::scan) hashes: CommitColumns,
}

impl Before {
    /// What was kept first, read part by part as it is needed, and what since; `None` if it does not hold together.
    #[must_use]
    pub fn new(from: &impl Source, since: Option<SavedScan>) -> Option<Self> {
        // The files are as much as the rest, and needed last.
        let files = beside::<FileColumns>(from, FILES);
        let people = beside::<PeopleColumns>(from, PEOPLE);
        let mut index = SavedScan::index(from)?;
        let since = since.unwrap_or_default();
        let first = index.extent();
        index.extend(since.index);
        let all = index.extent();
        if !since.files.fit(all) {
            return None;
        }
        let files = files.map(move |files| files.filter(|files| files.fit(first)).unwrap_or_default());
        let files = (files.lazy(), since.files);
        let later = |part: usize| {
            let from = from.clone();
            Later::new(move || from.open(part))
        };
        let learned = LearnedLater::new(LEARNED.map(later));
        let decode = |bytes: Vec<u8>| bitcode::decode(&bytes).ok();
        let of_hashes = from.clone();
        let hashes = Later::new(move || of_hashes.read(COMMITS).and_then(decode).unwrap_or_default()).lazy();
        let index = index.restore(learned, since.learned.clone().into())?;
        let mut columns = people.read()?;
        let first_people = columns.len();
        columns.extend(since.people);
        let people = SavedPeople::new(columns, all.commits)?;
        let hashes = (hashes, since.commits);
        let kept = Kept { people, files, hashes, learned: since.learned, first, first_people, all };
        Some(Self { index, kept })
    }
}

/// A part, read by a thread of its own if that takes longer than to begin one.
fn beside<T: DecodeOwned + Send + 'static>(from: &impl Source, part: usize) -> Later<Option<T>> {
    let small = from.open(part).is_none_or(|(_, length)| length < WORTH_A_THREAD);
    let from = from.clone();
    let read = move || bitcode::decode(&from.read(part)?).ok();
    if small {
        return Later::new(read);
    }
    let reading = std::thread::spawn(read);
    Later::new(move || reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

impl Kept {
    /// The files kept, as far as their lines were followed with these options and through these commits.
    pub(in crate::scan) fn files(&self, options: &str, looked_through: &[CommitNo]) -> SavedFiles<'_> {
        let (first, since) = &self.files;
        SavedFiles::new([(first, self.first), (since, self.all)], options, looked_through)
    }

    /// The keys of a commit with this id, if they are kept.
    pub(in crate::scan) fn hashes(&self, commit: CommitNo, id: ObjectId) -> Option<Hashes> {
        let (first, since) = &self.hashes;
        since.find(commit, id).or_else(|| first.find(commit, id))
    }

    /// What is to be kept of a scan, if it is more than was: all that came since what was kept first.
    pub(in crate::scan) fn save(
        self,
        engine: &Engine,
        people: impl FnOnce(&SavedPeople, usize, usize) -> PeopleColumns,
        new: New,
    ) -> Option<SavedScan> {
        let old = engine.history().len() == self.all.commits && new.files.is_none() && new.hashes.is_empty();
        if old {
            return None;
        }
        let people = people(&self.people, self.first.commits, self.first_people);
        let (index, learned_now) = engine.save(self.first);
        let (mut learned, (_, mut files), (_, mut commits)) = (self.learned, self.files, self.hashes);
        learned.extend(learned_now);
        if let Some(now) = new.files {
            files.extend(now, self.all.commits);
        }
        commits.extend(&new.hashes);
        Some(SavedScan { index, people, files, learned, commits, standing: new.standing })
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            people: SavedPeople::default(),
            files: (Later::default().lazy(), FileColumns::default()),
            hashes: (Later::default().lazy(), CommitColumns::default()),
            learned: Learned::default(),
            first: Extent::default(),
            first_people: 0,
            all: Extent::default(),
        }
    }
}
