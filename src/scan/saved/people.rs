//! The people of commits, as they are kept.
//!
//! Decides how a person is kept without a name: as a number, and a commit in which the repository itself
//! names that person.

use bitcode::{Decode, Encode};

use crate::attribution::history::CommitNo;
use crate::attribution::saved::{ends_at, range, starts};
use crate::policy::{Role, Timestamp};
use crate::verdict::Case;

/// The columns that are written: people, commit by commit, in the order of the saved index.
#[derive(Debug, Default, Encode, Decode)]
pub struct PeopleColumns {
    named_in: Vec<CommitNo>,
    named_at: Vec<u32>,
    counts: Vec<u32>,
    roles: Vec<u8>,
    people: Vec<u32>,
    time_counts: Vec<u32>,
    times: Vec<Timestamp>,
    /// Whether the commit was looked at: one that could not be reached was not.
    known: Vec<bool>,
    undated: Vec<bool>,
    attributed: Vec<bool>,
}

/// The people that were saved, ready to be asked.
#[derive(Debug, Default)]
pub struct SavedPeople {
    columns: PeopleColumns,
    starts: Vec<u32>,
    time_starts: Vec<u32>,
}

/// Who had a part in a commit; people have the numbers that they were saved with.
pub(in crate::scan) struct Record<'s> {
    roles: &'s [u8],
    people: &'s [u32],
    times: &'s [Timestamp],
    undated: bool,
    pub(in crate::scan) attributed: bool,
}

impl Record<'_> {
    /// The people, in the part they had.
    pub(in crate::scan) fn people(&self) -> impl Iterator<Item = (Role, u32)> {
        self.roles.iter().map(|role| Role::ALL[usize::from(*role)]).zip(self.people.iter().copied())
    }

    /// The times at which it may have been; `None` is any time.
    pub(in crate::scan) fn times(&self) -> impl Iterator<Item = Option<Timestamp>> {
        self.times.iter().copied().map(Some).chain(self.undated.then_some(None))
    }
}

impl PeopleColumns {
    /// The cases of commits, the people in which are kept under these numbers, and where each new person is named:
    /// a commit, and the how manieth there.
    pub(in crate::scan) fn of<'c>(
        cases: impl Iterator<Item = Option<Case<'c>>>,
        numbers: &[u32],
        named: &[(CommitNo, u32)],
    ) -> Self {
        let mut columns = Self::default();
        (columns.named_in, columns.named_at) = named.iter().copied().unzip();
        let unknown = Case { people: &[], times: &[], attributed: false };
        for case in cases {
            columns.known.push(case.is_some());
            let case = case.unwrap_or(unknown);
            columns.counts.push(case.people.len() as u32);
            for (role, person) in case.people {
                columns.roles.push(*role as u8);
                columns.people.push(numbers.get(*person as usize).copied().unwrap_or(u32::MAX));
            }
            let known = case.times.iter().flatten();
            columns.time_counts.push(known.clone().count() as u32);
            columns.times.extend(known);
            columns.undated.push(case.times.contains(&None));
            columns.attributed.push(case.attributed);
        }
        columns
    }

    /// How many people there are.
    pub(super) fn len(&self) -> usize {
        self.named_in.len()
    }

    /// Adds those of the commits that came since.
    pub(super) fn extend(&mut self, more: Self) {
        self.named_in.extend(more.named_in);
        self.named_at.extend(more.named_at);
        self.counts.extend(more.counts);
        self.roles.extend(more.roles);
        self.people.extend(more.people);
        self.time_counts.extend(more.time_counts);
        self.times.extend(more.times);
        self.known.extend(more.known);
        self.undated.extend(more.undated);
        self.attributed.extend(more.attributed);
    }
}

impl SavedPeople {
    /// Checks that the columns hold together and are those of so many commits.
    pub(super) fn new(columns: PeopleColumns, commits: usize) -> Option<Self> {
        let time_starts = starts(&columns.time_counts)?;
        let starts = starts(&columns.counts)?;
        let people = columns.named_in.len();
        let sound = [
            columns.counts.len(),
            columns.time_counts.len(),
            columns.known.len(),
            columns.undated.len(),
            columns.attributed.len(),
        ] == [commits; 5]
            && columns.named_at.len() == people
            && columns.named_in.iter().all(|commit| (*commit as usize) < commits)
            && ends_at(&starts, columns.people.len())
            && columns.roles.len() == columns.people.len()
            && columns.people.iter().all(|person| (*person as usize) < people)
            && columns.roles.iter().all(|role| usize::from(*role) < Role::ALL.len())
            && ends_at(&time_starts, columns.times.len());
        sound.then_some(Self { columns, starts, time_starts })
    }

    /// How many people there are.
    pub(in crate::scan) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Who had a part in a commit, if that is kept.
    pub(in crate::scan) fn commit(&self, commit: CommitNo) -> Option<Record<'_>> {
        let at = commit as usize;
        self.columns.known.get(at).filter(|known| **known)?;
        let PeopleColumns { roles, people, times, undated, attributed, .. } = &self.columns;
        let own = range(&self.starts, at);
        Some(Record {
            roles: &roles[own.clone()],
            people: &people[own],
            times: &times[range(&self.time_starts, at)],
            undated: undated[at],
            attributed: attributed[at],
        })
    }

    /// Where a person is named: a commit, and the how manieth there.
    pub(in crate::scan) fn named(&self, person: u32) -> (CommitNo, u32) {
        (self.columns.named_in[person as usize], self.columns.named_at[person as usize])
    }
}
