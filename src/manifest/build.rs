//! Rows and the facts about them become a manifest: projected, checked, merged, sorted, counted, hashed.
//!
//! Decides the one canonical form of a set of rows: whatever the order and repetition they come in, the same
//! rows come out. Must not add or drop anything that the profile does not.

use std::collections::BTreeMap;

use super::canonical;
use super::coverage::CoverageRow;
use super::digest::Digest;
use super::entry::Entry;
use super::error::ManifestError;
use super::header::{Counts, Header, ListRef, RowSet, SCHEMA, SCHEMA_VERSION, Tool};
use super::lines::MAX_LINE;
use super::profile::{Profile, project, project_coverage};
use super::row::Row;
use super::tree_hash::{self, InclusionProof};
use crate::policy::{Purposes, Timestamp};

/// What a header says that cannot be computed from the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderParts {
    /// What writes it.
    pub tool: Tool,
    /// When it is made; no clock is read here.
    pub created_at: Timestamp,
    /// Before this it is not to be used.
    pub not_before: Option<Timestamp>,
    /// After this it has expired.
    pub not_after: Option<Timestamp>,
    /// The list's layers, the first given first; at least one.
    pub lists: Vec<ListRef>,
    /// The digest of the policy in force.
    pub policy_digest: Digest,
    /// The purposes that were decided; at least one.
    pub purposes: Purposes,
    /// The digest of the manifest that this one follows.
    pub previous: Option<Digest>,
    /// The digests of the manifests it is merged from.
    pub merged_from: Vec<Digest>,
}

impl From<Header> for HeaderParts {
    /// What another manifest with other rows says of itself likewise.
    fn from(header: Header) -> Self {
        Self {
            tool: header.tool,
            created_at: header.created_at,
            not_before: header.not_before,
            not_after: header.not_after,
            lists: header.lists,
            policy_digest: header.policy_digest,
            purposes: header.purposes,
            previous: header.previous,
            merged_from: header.merged_from,
        }
    }
}

/// A manifest in its canonical form: header and rows always agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    header: Header,
    entries: Vec<Entry>,
    coverage: Vec<CoverageRow>,
}

impl Manifest {
    /// Builds a manifest from rows in any order, with any repetition.
    ///
    /// Ranges of lines that overlap or touch and differ in nothing else become one. So many threads hash the rows;
    /// what comes out does not depend on it.
    ///
    /// # Errors
    /// [`ManifestError::Unfit`] if a row is not well formed, names a purpose that was not decided, or is too
    /// long; if no list or purpose is given; or if the times contradict each other.
    pub fn build(
        parts: HeaderParts,
        entries: Vec<Entry>,
        coverage: Vec<CoverageRow>,
        profile: Profile,
        threads: usize,
    ) -> Result<Self, ManifestError> {
        // Before ranges are joined, because joining could hide what is wrong with one of them.
        entries.iter().try_for_each(|entry| check(entry, parts.purposes))?;
        let entries =
            normal_entries(entries.into_iter().filter_map(|entry| project(entry, profile)).collect());
        let coverage =
            normal(coverage.into_iter().filter_map(|row| project_coverage(row, profile)).collect::<Vec<_>>());
        let mut merged_from = parts.merged_from;
        merged_from.sort_unstable();
        merged_from.dedup();
        let header = Header {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: parts.tool,
            created_at: parts.created_at,
            not_before: parts.not_before,
            not_after: parts.not_after,
            lists: parts.lists,
            policy_digest: parts.policy_digest,
            policies: Vec::new(),
            purposes: parts.purposes,
            profile,
            counts: Counts { entries: count(&entries), coverage: count(&coverage) },
            entries: row_set(&entries, parts.purposes, threads)?,
            coverage: row_set(&coverage, parts.purposes, threads)?,
            previous: parts.previous,
            merged_from,
            critical: Vec::new(),
            extra: BTreeMap::new(),
        };
        checked(&header)?;
        Ok(Self { header, entries, coverage })
    }

    /// Takes together what has been read and found to agree.
    pub(super) fn from_checked(header: Header, entries: Vec<Entry>, coverage: Vec<CoverageRow>) -> Self {
        Self { header, entries, coverage }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What is excluded, in canonical order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What was looked at, in canonical order.
    #[must_use]
    pub fn coverage(&self) -> &[CoverageRow] {
        &self.coverage
    }

    /// The manifest's digest: that of the header's bytes, which bind all rows.
    ///
    /// # Errors
    /// [`ManifestError::Unfit`] if the header has no canonical form.
    pub fn digest(&self) -> Result<Digest, ManifestError> {
        canonical::header(&self.header).map(|bytes| Digest::of(&bytes))
    }

    /// Proves that the entry at `index` is in the manifest; `None` if there is no such entry.
    ///
    /// # Errors
    /// [`ManifestError::Unfit`] if a row has no canonical form.
    pub fn prove_entry(&self, index: u64) -> Result<Option<InclusionProof>, ManifestError> {
        let rows = self.entries.iter().map(canonical::row).collect::<Result<Vec<_>, _>>()?;
        Ok(InclusionProof::new(rows, index))
    }

    /// Header and rows, for whoever builds another manifest of them.
    #[must_use]
    pub fn into_parts(self) -> (Header, Vec<Entry>, Vec<CoverageRow>) {
        (self.header, self.entries, self.coverage)
    }
}

/// The canonical bytes of a header that is sound.
pub(super) fn checked(header: &Header) -> Result<Vec<u8>, ManifestError> {
    header.check().map_err(|what| ManifestError::Unfit { what: format!("the header: {what}") })?;
    let bytes = canonical::header(header)?;
    if bytes.len() > MAX_LINE {
        return Err(ManifestError::Unfit { what: "the header is longer than 16 MiB".to_owned() });
    }
    Ok(bytes)
}

pub(super) fn normal<T: Row>(mut rows: Vec<T>) -> Vec<T> {
    // Most come in order, which this sort makes use of.
    rows.sort();
    rows.dedup();
    rows
}

/// Sorted in their place: they can be more than all that was needed to find them.
pub(super) fn normal_entries(mut entries: Vec<Entry>) -> Vec<Entry> {
    // What differs in the range only must stand together before ranges can be joined; rows without one join their like.
    entries.sort_unstable_by(|a, b| a.cmp_keys(b).then_with(|| a.cmp_rest(b)).then_with(|| a.cmp_range(b)));
    entries.dedup_by(|next, last| last.join(next));
    entries.sort_unstable();
    entries
}

fn count<T: Row>(rows: &[T]) -> BTreeMap<T::Unit, u64> {
    let mut counts: BTreeMap<_, _> = T::UNITS.iter().map(|&unit| (unit, 0)).collect();
    for row in rows {
        *counts.entry(row.unit()).or_default() += 1;
    }
    counts
}

fn row_set<T: Row>(rows: &[T], decided: Purposes, threads: usize) -> Result<RowSet, ManifestError> {
    let tree_hash = tree_hash::of_rows(rows, threads, |row, bytes| {
        check(row, decided)?;
        canonical::append(row, bytes)?;
        if bytes.len() > MAX_LINE { Err(unfit(row, "it is longer than 16 MiB")) } else { Ok(()) }
    })?;
    Ok(RowSet {
        file: T::FILE.to_owned(),
        rows: rows.len() as u64,
        order: T::ORDER.iter().map(|&field| field.to_owned()).collect(),
        tree_hash,
    })
}

pub(super) fn check<T: Row>(row: &T, decided: Purposes) -> Result<(), ManifestError> {
    row.check().map_err(|what| unfit(row, what))?;
    if decided.contains_all(row.purposes()) {
        Ok(())
    } else {
        Err(unfit(row, "it names a purpose that was not decided"))
    }
}

pub(super) fn unfit<T: Row>(row: &T, what: &str) -> ManifestError {
    ManifestError::Unfit { what: format!("a `{}` row of {}: {what}", row.unit(), T::FILE) }
}

#[cfg(test)]
mod tests;
