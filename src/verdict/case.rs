//! Evidence whose people are known to the judge, case after case in columns.
//!
//! Decides nothing. There is a case for every commit of a history, so they are kept in as little memory as they need.

use crate::policy::{Role, Timestamp};

/// Evidence whose people are known to the judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case<'c> {
    /// The people, by the judge's numbers, in the part they had.
    pub people: &'c [(Role, u32)],
    /// The times at which it may have been; `None` is any time.
    pub times: &'c [Option<Timestamp>],
    /// Whether there is an author with an address.
    pub attributed: bool,
}

/// Cases, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    all: Vec<Place>,
    people: Vec<(Role, u32)>,
    times: Vec<Option<Timestamp>>,
}

/// Where a case ends in the columns.
#[derive(Debug, Clone, Copy)]
struct Place {
    people: u32,
    times: u32,
    /// Whether there is one at all, and whether it is attributed.
    attributed: Option<bool>,
}

impl Cases {
    /// How many there are, those that were left out among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The case of a number; `None` if it was left out.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Case<'_>> {
        let end = self.all.get(at)?;
        let start =
            at.checked_sub(1).map_or((0, 0), |before| (self.all[before].people, self.all[before].times));
        Some(Case {
            attributed: end.attributed?,
            people: &self.people[start.0 as usize..end.people as usize],
            times: &self.times[start.1 as usize..end.times as usize],
        })
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<Case<'_>>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Adds a case.
    pub fn push(
        &mut self,
        people: impl IntoIterator<Item = (Role, u32)>,
        times: impl IntoIterator<Item = Option<Timestamp>>,
        attributed: bool,
    ) {
        self.people.extend(people);
        self.times.extend(times);
        self.end(Some(attributed));
    }

    /// Leaves one out.
    pub fn leave_out(&mut self) {
        self.end(None);
    }

    /// Adds the case of another collection.
    pub fn push_case(&mut self, case: Option<Case<'_>>) {
        match case {
            Some(Case { people, times, attributed }) => {
                self.push(people.iter().copied(), times.iter().copied(), attributed);
            }
            None => self.leave_out(),
        }
    }

    /// Adds all of another collection.
    pub fn append(&mut self, more: &Self) {
        let (people, times) = (self.people.len() as u32, self.times.len() as u32);
        let moved =
            |place: &Place| Place { people: people + place.people, times: times + place.times, ..*place };
        self.all.extend(more.all.iter().map(moved));
        self.people.extend_from_slice(&more.people);
        self.times.extend_from_slice(&more.times);
    }

    fn end(&mut self, attributed: Option<bool>) {
        let (people, times) = (self.people.len() as u32, self.times.len() as u32);
        self.all.push(Place { people, times, attributed });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_come_back_in_order_also_from_two_collections() {
        let mut cases = Cases::default();
        cases.push([(Role::Author, 7), (Role::Committer, 8)], [Some(1), None], true);
        cases.leave_out();
        let mut more = Cases::default();
        more.push([], [], false);
        more.push([(Role::Tagger, 9)], [Some(-1)], true);
        let first = Case {
            people: &[(Role::Author, 7), (Role::Committer, 8)],
            times: &[Some(1), None],
            attributed: true,
        };
        let none = Case { people: &[], times: &[], attributed: false };
        let last = Case { people: &[(Role::Tagger, 9)], times: &[Some(-1)], attributed: true };
        let mut one_by_one = cases.clone();
        more.iter().for_each(|case| one_by_one.push_case(case));
        cases.append(&more);
        for all in [cases, one_by_one] {
            assert_eq!(all.iter().collect::<Vec<_>>(), [Some(first), None, Some(none), Some(last)]);
            assert_eq!((all.len(), all.get(4)), (4, None));
        }
    }
}
