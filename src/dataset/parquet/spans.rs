//! Where the pages of a column of a row group lie.
//!
//! Decides whether a column's pages are where they can be, and are as many as is said. Must not decode them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use parquet::file::metadata::ColumnChunkMetaData;

use super::footer::{io_error, malformed, range};
use crate::dataset::DatasetError;
use crate::thrift::{self, Page};

/// A header is looked for in so many bytes, and in more if it does not end there: it may have statistics.
const HEADERS: [u64; 4] = [256, 8 << 10, 256 << 10, 16 << 20];

/// A page: its header, and its bytes behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Where its header begins.
    pub(super) start: u64,
    /// The length of the header.
    pub(super) header: u64,
    pub(super) page: Page,
}

impl Span {
    /// The length of the header and the page.
    pub(super) fn length(&self) -> u64 {
        self.header + self.page.compressed
    }
}

/// Every page of a column of a row group, one after another.
pub(super) fn of(file: &File, chunk: &ColumnChunkMetaData) -> Result<Vec<Span>, DatasetError> {
    let (mut start, mut left) = range(chunk).ok_or_else(|| malformed("a part of it lies outside of it"))?;
    let mut spans = Vec::new();
    let (mut values, mut dictionary) = (0_u64, false);
    while left > 0 {
        let (header, page) = header(file, start, left)?;
        let length = header.checked_add(page.compressed).filter(|length| *length <= left);
        let length = length.ok_or_else(|| malformed("a page is longer than its column"))?;
        if page.is_dictionary {
            if dictionary || values > 0 {
                return Err(malformed("a column has a dictionary where there can be none"));
            }
            dictionary = true;
        }
        if page.needs_dictionary && !dictionary {
            return Err(malformed("a column lacks its dictionary"));
        }
        values = values.saturating_add(page.values);
        spans.push(Span { start, header, page });
        start += length;
        left -= length;
    }
    if u64::try_from(chunk.num_values()).ok() != Some(values) {
        return Err(malformed("the pages of a column have other values than it says"));
    }
    Ok(spans)
}

/// The header of a page, and its length.
fn header(mut file: &File, start: u64, left: u64) -> Result<(u64, Page), DatasetError> {
    for most in HEADERS {
        let mut bytes = Vec::new();
        let mut read = || {
            file.seek(SeekFrom::Start(start))?;
            file.take(most.min(left)).read_to_end(&mut bytes)
        };
        read().map_err(|source| io_error("read", source))?;
        if let Some(found) = thrift::page(&bytes) {
            return Ok(found);
        }
    }
    Err(malformed("the header of a page cannot be read"))
}
