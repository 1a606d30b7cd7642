//! The judge of rows.
//!
//! Decides by what evidence a row is judged: the keys of its content; else the content itself; for a row about a commit
//! that, and its contents; where there is nothing else, the repository, path and revision. Where several speak, each
//! has to be clear.

mod contents;
mod places;

use std::ops::RangeInclusive;

use super::counts::Counts;
use super::key::{self, Key};
use super::people::Known;
use super::rules::{Rules, Uncovered, Why};
use crate::dataset::{Decision, Judge, Meaning, Row, Value};
use crate::manifest::keys::{HashKind, Keys, Standing};

/// What ends the look at a row before all of it was seen.
#[derive(Debug)]
pub(super) enum Early {
    /// It is excluded, whatever else is found.
    Excluded,
    /// Nothing can be told before the contents are read.
    Unread,
}

/// What was seen of a row.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Something that the row is known by is clear.
    clear: bool,
    /// Something is not.
    uncovered: Option<Why>,
    /// Its contents were looked at, and there is nothing in them.
    empty: bool,
    /// Lines that have to go.
    part: Vec<RangeInclusive<u64>>,
}

impl Seen {
    pub(super) fn clear(&mut self) {
        self.clear = true;
    }

    pub(super) fn uncovered(&mut self, why: Why) {
        self.uncovered.get_or_insert(why);
    }
}

/// Judges the rows of a shard, and counts them.
pub struct RowJudge<'r, 'k> {
    rules: &'r Rules<'k>,
    counts: Counts,
    why: Option<Why>,
    /// The columns, a bit each, that were looked at in the row at hand.
    asked: u64,
    /// Of these, those that matched.
    hits: u64,
    /// Whether it was looked at by its contents or revision.
    looked: bool,
    known: Known,
    /// For each column, what manifests say of the keys in the rows that come next.
    soon: Vec<Vec<Option<Standing>>>,
    /// The column by which alone rows are judged as long as it excludes or covers them, if there is one.
    alone: Option<usize>,
    /// Whether each of those rows stays.
    stays: Vec<bool>,
}

impl<'r, 'k> RowJudge<'r, 'k> {
    /// One that has seen no row yet.
    #[must_use]
    pub fn new(rules: &'r Rules<'k>) -> Self {
        let none = vec![0; rules.columns.len()];
        let counts = Counts { asked: none.clone(), matched: none, ..Counts::default() };
        let soon = vec![Vec::new(); rules.columns.len()];
        let (known, alone) = (Known::default(), rules.alone());
        Self {
            rules,
            counts,
            why: None,
            asked: 0,
            hits: 0,
            looked: false,
            known,
            soon,
            alone,
            stays: Vec::new(),
        }
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Why the last row that was uncovered was.
    #[must_use]
    pub fn why(&self) -> Option<Why> {
        self.why
    }

    fn look(&mut self, row: &Row<'_>) -> Result<Seen, Early> {
        let mut seen = Seen::default();
        if let Some(people) = &self.rules.people {
            people.look(row, self.rules, &self.known, &mut seen)?;
        }
        if let Some(keys) = self.rules.keys {
            // Whose work it is does not tell what it is.
            seen.clear = false;
            self.by_keys(keys, row, &mut seen)?;
            if keys.has_repos() || keys.has_paths() {
                self.by_places(keys, row, &mut seen)?;
            }
            if !seen.clear {
                seen.uncovered(Why::NoKey);
            }
            // Which version it is cannot be told; one that stood there is excluded.
            if (seen.uncovered.is_some() || seen.empty) && self.some_version(keys, row) {
                return Err(Early::Excluded);
            }
        }
        Ok(seen)
    }

    fn by_keys(&mut self, keys: &Keys, row: &Row<'_>, seen: &mut Seen) -> Result<(), Early> {
        let rules = self.rules;
        let (mut any, mut wanted) = (false, false);
        for &(at, kind) in &rules.hashes {
            self.asked |= bit(at);
            let found = match row.values[at] {
                Value::Null | Value::Bytes(b"") => continue,
                Value::Bytes(value) => Some(value),
                Value::List(_) | Value::Unread => None,
            };
            any = true;
            let standing = self.known_soon(at, row).or_else(|| {
                let key = Key::read(rules.columns[at].meaning, found?)?;
                Some(keys.blob(kind, key.as_bytes()))
            });
            match standing {
                Some(standing) => wanted |= self.weigh(at, standing, seen)?,
                None => seen.uncovered(Why::Malformed(at)),
            }
        }
        let mut about_commit = false;
        for &at in rules.places(Meaning::Commit) {
            about_commit = true;
            self.asked |= bit(at);
            match row.values[at] {
                Value::Null | Value::Bytes(b"") => seen.uncovered(Why::NoKey),
                Value::Bytes(value) => match key::commit(value) {
                    Some(commit) => drop(self.weigh(at, keys.commit(&commit), seen)?),
                    None => seen.uncovered(Why::Malformed(at)),
                },
                Value::List(_) | Value::Unread => seen.uncovered(Why::Malformed(at)),
            }
        }
        let contents = !rules.places(Meaning::Content).is_empty();
        if contents && (!any || about_commit || wanted) {
            return self.by_contents(keys, row, wanted, about_commit, seen);
        }
        if about_commit && !contents && !rules.places(Meaning::Path).is_empty() {
            self.by_files_of_commit(keys, row, seen)?;
        }
        if !any && !about_commit && !contents {
            self.by_revision(keys, row, seen);
        }
        Ok(())
    }

    /// What manifests say of the key in a column, if it was looked up beforehand.
    fn known_soon(&self, column: usize, row: &Row<'_>) -> Option<Standing> {
        self.soon[column].get(row.at?).copied().flatten()
    }

    fn hit(&mut self, at: usize) {
        self.hits |= bit(at);
    }

    /// Counts a row, and the columns that matched in it.
    fn count(&mut self) {
        self.counts.rows += 1;
        self.counts.looked += u64::from(self.looked);
        for (bits, sums) in [(self.asked, &mut self.counts.asked), (self.hits, &mut self.counts.matched)] {
            let mut left = bits;
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                left &= left - 1;
                if let Some(sum) = sums.get_mut(at) {
                    *sum += 1;
                }
            }
        }
    }

    /// What a standing says; whether lines of the content have to go.
    fn weigh(&mut self, at: usize, standing: Standing, seen: &mut Seen) -> Result<bool, Early> {
        let part = self.rules.excludes(standing.lines);
        let whole = self.rules.excludes(standing.whole) || part && self.rules.lines.is_none();
        let covered = self.rules.covers(standing.covered);
        if whole || part || covered {
            self.hit(at);
        }
        if whole {
            return Err(Early::Excluded);
        }
        if covered || part {
            seen.clear();
        } else {
            seen.uncovered(Why::Unknown);
        }
        Ok(part)
    }

    fn excluded(&mut self, row: &Row<'_>) -> Decision {
        self.counts.excluded += 1;
        if !self.rules.canaries.is_empty() {
            self.find_canaries(row);
        }
        Decision::Drop
    }

    /// Remembers the canaries that a row, which is excluded, is. All keys of contents are tried, if they were read.
    fn find_canaries(&mut self, row: &Row<'_>) {
        for (column, value) in self.rules.columns.iter().zip(row.values) {
            let Value::Bytes(value) = value else { continue };
            let keys = if column.meaning == Meaning::Content {
                [HashKind::GitSha1, HashKind::Sha1, HashKind::Sha256].map(|kind| Some(Key::of(kind, value)))
            } else {
                [Key::read(column.meaning, value), None, None]
            };
            let places = keys.iter().flatten().filter_map(|key| self.rules.canaries.place(key));
            self.counts.canaries.extend(places);
        }
    }

    /// Whether a row that is excluded may be a canary that only its content tells.
    fn may_be_canary(&self, row: &Row<'_>) -> bool {
        !self.rules.canaries.is_empty()
            && self.rules.places(Meaning::Content).iter().any(|at| row.values[*at] == Value::Unread)
    }
}

/// The bit of the column at this place; there are no more columns than bits.
fn bit(at: usize) -> u64 {
    u32::try_from(at).ok().and_then(|at| 1_u64.checked_shl(at)).unwrap_or(0)
}

impl Judge for RowJudge<'_, '_> {
    fn coming(&mut self, columns: &[&[Value<'_>]]) {
        let Some(keys) = self.rules.keys else { return };
        for ((soon, column), values) in self.soon.iter_mut().zip(self.rules.columns.iter()).zip(columns) {
            soon.clear();
            let Some(kind) = key::kind(column.meaning) else { continue };
            let bytes = values.iter().map(|value| match value {
                Value::Bytes(value) => Some(*value),
                Value::Null | Value::Unread | Value::List(_) => None,
            });
            *soon = match kind {
                HashKind::GitSha1 | HashKind::Sha1 => {
                    keys.blobs(kind, bytes.map(|value| key::hash::<20>(column.meaning, value?)))
                }
                HashKind::Sha256 => {
                    keys.blobs(kind, bytes.map(|value| key::hash::<32>(column.meaning, value?)))
                }
            };
        }
    }

    fn at_once(&mut self) -> Option<&[bool]> {
        let (rules, column) = (self.rules, self.alone?);
        self.stays.clear();
        for standing in &self.soon[column] {
            let standing = (*standing)?;
            let excluded = rules.excludes(standing.whole.union(standing.lines));
            if !excluded && !rules.covers(standing.covered) {
                return None;
            }
            self.stays.push(!excluded);
        }
        let rows = Some(self.stays.len() as u64).filter(|rows| *rows > 0)?;
        let clear = self.stays.iter().filter(|stays| **stays).count() as u64;
        self.counts.rows += rows;
        self.counts.clear += clear;
        self.counts.excluded += rows - clear;
        self.counts.asked[column] += rows;
        self.counts.matched[column] += rows;
        Some(&self.stays)
    }

    fn judge(&mut self, row: &Row<'_>) -> Decision {
        (self.asked, self.hits, self.looked) = (0, 0, false);
        let seen = match self.look(row) {
            Err(Early::Excluded) if !self.may_be_canary(row) => {
                self.count();
                return self.excluded(row);
            }
            // It is shown again, and counted then.
            Err(_) => return Decision::Read,
            Ok(seen) => seen,
        };
        self.count();
        match seen.uncovered {
            Some(why) => {
                self.counts.uncovered += 1;
                self.why = Some(why);
                match self.rules.uncovered {
                    Uncovered::Stop => Decision::Stop,
                    Uncovered::Drop => Decision::Drop,
                    Uncovered::Keep => Decision::Keep,
                }
            }
            None if !seen.part.is_empty() => self.cut(row, &seen.part),
            None => {
                self.counts.clear += 1;
                Decision::Keep
            }
        }
    }
}
