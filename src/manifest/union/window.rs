//! Sorted rows, brought into their one form.
//!
//! Decides which rows have to be looked at together: those that can become one, or change places, when ranges are joined or
//! fields left out. All others pass one by one. What stands together are the ranges of lines of one file version that overlap
//! or touch; where fields are left out, also the rows that differ in these only.

use super::super::build::{normal, normal_entries};
use super::super::coverage::CoverageRow;
use super::super::entry::{Entry, EntryUnit};
use super::super::error::ManifestError;
use super::super::profile::{Profile, project, project_coverage};
use super::super::row::Row;
use crate::policy::Purposes;

/// So many rows are brought into their form before there are more; of made-up rows, it keeps those that repeat from piling up.
const SETTLED: usize = 1024;
/// No more rows are looked at together: some hundred bytes each.
const MOST: usize = 1 << 22;

/// How much rows may tell.
#[derive(Debug, Clone, Copy)]
pub(in crate::manifest) struct Limits {
    pub(in crate::manifest) profile: Profile,
    /// The purposes that are decided.
    pub(in crate::manifest) purposes: Purposes,
    /// Whether all rows are within these limits as they are.
    pub(in crate::manifest) kept: bool,
}

/// A row that can be brought into the one form of its set, together with those near it.
pub(in crate::manifest) trait Settle: Row + Send {
    /// As much of it as the limits allow; `None` if nothing is left.
    fn limited(self, limits: Limits) -> Option<Self>;

    /// The last line of its range, if it has one.
    fn end(&self) -> u64;

    /// Whether `next`, which comes after this one, can be looked at without it, and so can all that follow. The ranges up to
    /// now end at `end`.
    fn is_apart(&self, end: u64, next: &Self, limits: Limits) -> bool;

    /// Brings rows into their form.
    fn settled(rows: Vec<Self>) -> Vec<Self>;
}

impl Settle for Entry {
    fn limited(self, limits: Limits) -> Option<Self> {
        if limits.kept {
            return Some(self);
        }
        let purposes = self.purposes.intersection(limits.purposes);
        if purposes.is_empty() { None } else { project(Self { purposes, ..self }, limits.profile) }
    }

    fn end(&self) -> u64 {
        self.line_end.unwrap_or(0)
    }

    fn is_apart(&self, end: u64, next: &Self, limits: Limits) -> bool {
        if self.cmp_keys(next).is_ne() {
            return true;
        }
        if self.unit == EntryUnit::Lines {
            return next.line_start.unwrap_or(0) > end.saturating_add(1);
        }
        limits.kept || (&self.repo, &self.path, &self.commit) != (&next.repo, &next.path, &next.commit)
    }

    fn settled(rows: Vec<Self>) -> Vec<Self> {
        normal_entries(rows)
    }
}

impl Settle for CoverageRow {
    fn limited(self, limits: Limits) -> Option<Self> {
        if limits.kept { Some(self) } else { project_coverage(self, limits.profile) }
    }

    fn end(&self) -> u64 {
        0
    }

    fn is_apart(&self, _: u64, next: &Self, limits: Limits) -> bool {
        // Without their names, refs come in another order. Of all else a row goes whole or stays as it is.
        let refs = matches!((self, next), (Self::Ref(_), Self::Ref(_)));
        limits.kept || limits.profile > Profile::Keys || !refs
    }

    fn settled(rows: Vec<Self>) -> Vec<Self> {
        normal(rows)
    }
}

/// Rows in their one form, out of rows in order. After an error there is no more.
pub(in crate::manifest) struct Window<T, I> {
    rows: I,
    limits: Limits,
    /// Rows that are looked at together, and where their ranges end.
    near: Vec<T>,
    end: u64,
    /// With so many, they are brought into their form in between.
    room: usize,
    most: usize,
    ready: std::vec::IntoIter<T>,
    over: bool,
}

impl<T: Settle, I: Iterator<Item = Result<T, ManifestError>>> Window<T, I> {
    pub(in crate::manifest) fn new(rows: I, limits: Limits) -> Self {
        let ready = Vec::new().into_iter();
        Self { rows, limits, near: Vec::new(), end: 0, room: SETTLED, most: MOST, ready, over: false }
    }

    /// Takes a row; gives the one before it, if that stands alone.
    fn take(&mut self, row: T) -> Result<Option<T>, ManifestError> {
        let mut alone = None;
        if self.near.first().is_some_and(|first| first.is_apart(self.end, &row, self.limits)) {
            alone = self.settle();
            self.end = 0;
        }
        self.end = self.end.max(row.end());
        self.near.push(row);
        if self.near.len() >= self.room {
            self.near = T::settled(std::mem::take(&mut self.near));
            if self.near.len() > self.most {
                return Err(ManifestError::TooMany { most: self.most });
            }
            self.room = (2 * self.near.len()).max(SETTLED);
        }
        Ok(alone)
    }

    /// What was looked at together is ready; what stands alone is given.
    fn settle(&mut self) -> Option<T> {
        self.room = SETTLED;
        if self.near.len() == 1 {
            return self.near.pop();
        }
        self.ready = T::settled(std::mem::take(&mut self.near)).into_iter();
        None
    }
}

impl<T: Settle, I: Iterator<Item = Result<T, ManifestError>>> Iterator for Window<T, I> {
    type Item = Result<T, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.next() {
                return Some(Ok(row));
            }
            if self.over {
                return None;
            }
            let alone = match self.rows.next() {
                Some(row) => match row {
                    Ok(row) => match row.limited(self.limits) {
                        Some(row) => self.take(row),
                        None => Ok(None),
                    },
                    Err(error) => Err(error),
                },
                None => {
                    self.over = true;
                    Ok(self.settle())
                }
            };
            self.over |= alone.is_err();
            if let Some(alone) = alone.transpose() {
                return Some(alone);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::super::samples::{coverage_row, entry, lines, profile};
    use super::*;
    use crate::policy::Purpose;

    fn windowed<T: Settle>(rows: Vec<T>, limits: Limits) -> Result<Vec<T>, ManifestError> {
        Window::new(rows.into_iter().map(Ok), limits).collect()
    }

    proptest! {
        /// Row by row it gives what all rows together would.
        #[test]
        fn a_window_gives_what_the_whole_gives(
            entries in vec(entry(), 0..60), coverage in vec(coverage_row(), 0..20), profile in profile(), some: bool,
        ) {
            let purposes = if some { Purpose::TrainAi.into() } else { Purposes::ALL };
            let limits = Limits { profile, purposes, kept: false };
            let whole = entries.iter().cloned().filter_map(|entry| entry.limited(limits)).collect();
            prop_assert_eq!(windowed(normal(entries), limits).unwrap(), normal_entries(whole));
            let whole = coverage.iter().cloned().filter_map(|row| row.limited(limits)).collect();
            prop_assert_eq!(windowed(normal(coverage), limits).unwrap(), normal(whole));
        }
    }

    #[test]
    fn what_is_looked_at_together_is_bounded() {
        let limits = Limits { profile: Profile::Audit, purposes: Purposes::ALL, kept: true };
        let far: Vec<_> = (0..5000).map(|at| lines(1, 2 * at + 1, 2 * at + 1)).collect();
        let mut window = Window::new(far.iter().cloned().map(Ok), limits);
        window.most = 1500;
        assert_eq!(window.collect::<Result<Vec<_>, _>>().unwrap(), far, "ranges that do not touch pass");
        let near = |at: u64| Entry { rule: Some(format!("{at:05}").into()), ..lines(1, 1, 1) };
        let mut window = Window::new((0..5000).map(|at| Ok(near(at))), limits);
        window.most = 1500;
        let error = window.find_map(Result::err).unwrap();
        assert!(matches!(error, ManifestError::TooMany { most: 1500 }), "{error}");
        assert!(window.next().is_none());
        // Those that become one are not too many.
        let mut window = Window::new((1..5000).map(|at| Ok(lines(1, at, at))), limits);
        window.most = 1500;
        assert_eq!(window.collect::<Result<Vec<_>, _>>().unwrap(), [lines(1, 1, 4999)]);
    }

    #[test]
    fn an_error_is_passed_on_and_ends_it() {
        let limits = Limits { profile: Profile::Audit, purposes: Purposes::ALL, kept: true };
        let broken = [Ok(lines(1, 1, 1)), Err(ManifestError::NoZstd), Ok(lines(2, 1, 1))];
        let mut window = Window::new(broken.into_iter(), limits);
        assert!(window.next().unwrap().is_err());
        assert!(window.next().is_none());
    }
}
