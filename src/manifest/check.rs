//! Whether rows that are read are the very rows that the header speaks of.
//!
//! Decides what a sound header and sound rows are; where they come from (folder, stream) is not its business.

use std::collections::BTreeMap;

use super::canonical;
use super::digest::Digest;
use super::error::{Problem, shown};
use super::header::{Header, SCHEMA, understands};
use super::outline::{MOST_UNKNOWN, Outline};
use super::row::Row;

/// Gathers problems up to a limit, so that a hostile manifest cannot fill the memory with them.
pub(super) struct Problems {
    found: Vec<Problem>,
    limit: usize,
}

impl Problems {
    pub(super) fn with_limit(limit: usize) -> Self {
        Self { found: Vec::new(), limit }
    }

    pub(super) fn add(&mut self, file: &str, line: Option<u64>, what: impl Into<String>) {
        if !self.is_full() {
            self.found.push(Problem { file: file.to_owned(), line, what: what.into() });
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    pub(super) fn into_found(self) -> Vec<Problem> {
        self.found
    }
}

/// Reads a header from its bytes. Problems that leave it readable are added; `None` if it is not readable.
pub(super) fn header(bytes: &[u8], file: &str, line: Option<u64>, problems: &mut Problems) -> Option<Header> {
    let header: Header = match serde_json::from_slice::<Outline>(bytes) {
        Ok(outline) if outline.schema != SCHEMA => {
            problems.add(file, line, understands(&outline.schema));
            return None;
        }
        Ok(outline) if outline.unknown > MOST_UNKNOWN => {
            problems.add(file, line, "has more than 64 KiB of fields that this reader does not know");
            return None;
        }
        Ok(_) => match serde_json::from_slice(bytes) {
            Ok(header) => header,
            Err(error) => {
                problems.add(file, line, format!("is not a header of {SCHEMA}: {}", json_error(&error)));
                return None;
            }
        },
        Err(error) => {
            problems.add(file, line, format!("is not the header of a manifest: {}", json_error(&error)));
            return None;
        }
    };
    match canonical::header(&header) {
        Ok(canonical) if canonical == bytes => {}
        _ => problems.add(file, line, "is not in its canonical form (RFC 8785)"),
    }
    if let Err(what) = header.check() {
        problems.add(file, line, what);
    }
    Some(header)
}

fn json_error(error: &serde_json::Error) -> String {
    shown(&error.to_string())
}

/// Takes one set of rows, one row after the other, and holds it against the header.
pub(super) struct RowCheck<'h, T: Row> {
    header: &'h Header,
    rows: u64,
    counts: BTreeMap<T::Unit, u64>,
    last: Option<T>,
    /// The canonical form of the row at hand.
    canonical: Vec<u8>,
}

impl<'h, T: Row> RowCheck<'h, T> {
    pub(super) fn new(header: &'h Header) -> Self {
        let counts = T::UNITS.iter().map(|&unit| (unit, 0)).collect();
        Self { header, rows: 0, counts, last: None, canonical: Vec::new() }
    }

    /// Takes the next row's line. Gives the row before it, which is sound.
    pub(super) fn take(&mut self, line: &[u8]) -> Result<Option<T>, String> {
        self.rows += 1;
        let row: T = serde_json::from_slice(line)
            .map_err(|error| format!("is not a row of {}: {}", T::FILE, json_error(&error)))?;
        *self.counts.entry(row.unit()).or_default() += 1;
        self.canonical.clear();
        if canonical::append(&row, &mut self.canonical).is_err() || self.canonical != line {
            return Err("is not in its canonical form".to_owned());
        }
        row.check()?;
        if row.least_profile() > self.header.profile {
            return Err(format!("tells more than profile `{}` may", self.header.profile));
        }
        if !self.header.purposes.contains_all(row.purposes()) {
            return Err("names a purpose that the header does not".to_owned());
        }
        if self.last.as_ref() >= Some(&row) {
            return Err("is out of order, or there twice".to_owned());
        }
        Ok(self.last.replace(row))
    }

    /// Whether there are more rows than the header says: then nothing that follows can be right.
    pub(super) fn is_over(&self) -> bool {
        self.rows > T::declared(self.header).0.rows
    }

    /// Holds the whole against the header, given the tree hash over all lines. Gives the last row.
    pub(super) fn finish(self, tree_hash: Digest, mut problem: impl FnMut(String)) -> Option<T> {
        let (set, counts) = T::declared(self.header);
        if self.rows > set.rows {
            problem(format!("has more rows than the {} of the header", set.rows));
        } else if self.rows < set.rows {
            problem(format!("has {} rows where the header says {}", self.rows, set.rows));
        } else if self.counts != *counts {
            problem("the counts by unit are not those of the header".to_owned());
        }
        if tree_hash != set.tree_hash {
            problem(
                "the tree hash is not that of the header: a row was changed, added or taken away".to_owned(),
            );
        }
        self.last
    }
}
