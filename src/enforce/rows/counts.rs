//! What was found in a data set, as numbers.
//!
//! Decides nothing, and knows no row.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What was found in the rows that were judged; where rows have items that are judged each, they are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Judged.
    pub rows: u64,
    /// Covered, and not excluded; those of which lines went among them.
    pub clear: u64,
    /// Excluded.
    pub excluded: u64,
    /// Looked at by no manifest, or without a key.
    pub uncovered: u64,
    /// Rows of which lines went.
    pub rows_cut: u64,
    /// Lines that went.
    pub lines_cut: u64,
    /// Rows, by the place of the column, in which it was looked at; not those that another excluded before.
    pub asked: Vec<u64>,
    /// Rows, by the place of the column, that a key in it excluded or covered.
    pub matched: Vec<u64>,
    /// Rows that were looked at by their contents or revisions. Of rows about commits only those that have contents: a file that
    /// a commit makes or removes has none.
    pub looked: u64,
    /// The canaries that were found, by their place.
    pub canaries: BTreeSet<usize>,
}

impl Counts {
    /// Adds what was found elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.clear += other.clear;
        self.excluded += other.excluded;
        self.uncovered += other.uncovered;
        self.rows_cut += other.rows_cut;
        self.lines_cut += other.lines_cut;
        self.looked += other.looked;
        for (sums, more) in [(&mut self.asked, &other.asked), (&mut self.matched, &other.matched)] {
            sums.resize(sums.len().max(more.len()), 0);
            for (sum, more) in sums.iter_mut().zip(more) {
                *sum += more;
            }
        }
        self.canaries.extend(&other.canaries);
    }
}
