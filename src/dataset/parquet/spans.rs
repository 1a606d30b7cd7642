//! Where the pages of a column of a row group lie.
//!
//! Decides whether a column's pages are where they can be, and are as many as is said. Must not decode them.

use std::fs::File;

use parquet::file::metadata::ColumnChunkMetaData;

use super::footer::{io_error, malformed};
use crate::dataset::DatasetError;
use crate::pages::{self, Span};

/// No header is longer: it may have statistics.
const LONGEST_HEADER: u64 = 16 << 20;

/// Every page of a column of a row group, one after another.
pub(super) fn of(file: &File, chunk: &ColumnChunkMetaData) -> Result<Vec<Span>, DatasetError> {
    let failed = |source| io_error("read", source);
    let mut spans = Vec::new();
    let (mut values, mut dictionary) = (0_u64, false);
    for span in pages::spans(file, chunk, LONGEST_HEADER).map_err(failed)? {
        let span = span.map_err(failed)?;
        if span.page.is_dictionary {
            if dictionary || values > 0 {
                return Err(malformed("a column has a dictionary where there can be none"));
            }
            dictionary = true;
        }
        if span.page.needs_dictionary && !dictionary {
            return Err(malformed("a column lacks its dictionary"));
        }
        values = values.saturating_add(span.page.values);
        spans.push(span);
    }
    if u64::try_from(chunk.num_values()).ok() != Some(values) {
        return Err(malformed("the pages of a column have other values than it says"));
    }
    Ok(spans)
}
