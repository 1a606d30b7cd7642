//! The canonical bytes of header and rows (RFC 8785), over which every digest is taken.
//!
//! A header goes through the canonicaliser. Rows are many, and need no sorting of keys: they write them in
//! order, hold no fractions and no number beyond 2^53 - 1, and so their plain JSON is canonical already
//! (the tests hold it against the canonicaliser).

use super::error::ManifestError;
use super::fields::Fields;
use super::header::Header;
use super::row::Row;

/// The header's bytes, which are those of `manifest.json`.
pub(super) fn header(header: &Header) -> Result<Vec<u8>, ManifestError> {
    serde_json_canonicalizer::to_vec(header)
        .map_err(|error| ManifestError::Unfit { what: format!("the header: {error}") })
}

/// The row's bytes, without a line end.
pub(super) fn row(row: &impl Row) -> Result<Vec<u8>, ManifestError> {
    let mut bytes = Vec::new();
    append(row, &mut bytes)?;
    Ok(bytes)
}

/// Appends the row's bytes, without a line end.
pub(super) fn append(row: &impl Row, bytes: &mut Vec<u8>) -> Result<(), ManifestError> {
    let mut fields = Fields::begin(bytes);
    row.write(&mut fields).map_err(|error| ManifestError::Unfit { what: format!("a row: {error}") })?;
    fields.end();
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{coverage_row, entry, manifest};
    use super::super::{Entry, EntryUnit, Profile};
    use super::*;

    /// What the canonicaliser makes of a row.
    fn canonical(row: &[u8]) -> Vec<u8> {
        let row: serde_json::Value = serde_json::from_slice(row).unwrap();
        serde_json_canonicalizer::to_vec(&row).unwrap()
    }

    #[test]
    fn a_row_reads_like_this() {
        let manifest = manifest(Profile::Audit);
        let lines = manifest.entries().iter().find(|entry| entry.unit == EntryUnit::Lines).unwrap();
        assert_eq!(
            String::from_utf8(row(lines).unwrap()).unwrap(),
            "{\"basis\":\"author\",\"byte_end\":30,\"byte_start\":0,\
             \"commit\":\"0909090909090909090909090909090909090909\",\
             \"git_sha1\":\"ac6c76619ea595d0a0ba5079e3419e0fc51dea72\",\"line_end\":3,\"line_start\":1,\
             \"path\":\"src/b.rs\",\"purposes\":[\"train-ai\"],\"repo\":\"corp/engine\",\"rule\":\"k-5f0c\",\
             \"sha1\":\"90efd4b37f33e2b5f2a7bc12f03ae4faa4a57acd\",\
             \"sha256\":\"4d17447345b024209b40f67706deabc7c02f8986bb1e3a2ccc7324461a033127\",\"size\":1000,\"strength\":\"asserted\",\"unit\":\"lines\"}"
        );
    }

    proptest! {
        #[test]
        fn rows_are_what_the_canonicaliser_would_make_of_them(entry in entry(), coverage in coverage_row()) {
            let (entry, coverage) = (row(&entry).unwrap(), row(&coverage).unwrap());
            prop_assert_eq!(canonical(&entry), entry);
            prop_assert_eq!(canonical(&coverage), coverage);
        }

        #[test]
        fn texts_and_numbers_are_too(text: String, size in 0..=super::super::row::MAX_NUMBER) {
            let entry = Entry { size: Some(size), rule: Some(text.into()), ..super::super::samples::lines(0, 1, 1) };
            let entry = row(&entry).unwrap();
            prop_assert_eq!(canonical(&entry), entry);
        }

        #[test]
        fn rows_come_back(entry in entry(), coverage in coverage_row()) {
            prop_assert_eq!(serde_json::from_slice::<Entry>(&row(&entry).unwrap()).unwrap(), entry);
            let back: super::super::CoverageRow = serde_json::from_slice(&row(&coverage).unwrap()).unwrap();
            prop_assert_eq!(back, coverage);
        }
    }
}
