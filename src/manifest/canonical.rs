//! The canonical bytes of header and rows (RFC 8785), over which every digest is taken.
//!
//! A header goes through the canonicaliser. Rows are many, and need no sorting of keys: they write them in
//! order, hold no fractions and no number beyond 2^53 - 1, and so their plain JSON is canonical already
//! (the tests hold it against the canonicaliser).

use super::error::ManifestError;
use super::header::Header;
use super::row::Row;

/// The header's bytes, which are those of `manifest.json`.
pub(super) fn header(header: &Header) -> Result<Vec<u8>, ManifestError> {
    serde_json_canonicalizer::to_vec(header)
        .map_err(|error| ManifestError::Unfit { what: format!("the header: {error}") })
}

/// The row's bytes, without a line end.
pub(super) fn row(row: &impl Row) -> Result<Vec<u8>, ManifestError> {
    serde_json::to_vec(row).map_err(|error| ManifestError::Unfit { what: format!("a row: {error}") })
}
