//! The pages of a column of a row group, none of which the crate can fall over, or take more memory for than it has bytes.
//!
//! Decides which pages are read: by their headers before the crate sees them, by their bytes before it decodes them. Must not
//! decode values.

use std::fs::File;
use std::io;
use std::sync::Arc;

use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::Page;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;

use super::{guarded, malformed};
use crate::pages::{self, Look, Pages, less, text};
use crate::policy::Purpose;

/// A page has no more bytes, decompressed: one that is written ends at 256 KiB, or with a value of up to 16 MiB.
pub(super) const MOST_BYTES: u64 = 32 << 20;
/// No header is longer: it may have statistics.
const LONGEST_HEADER: u64 = 1 << 20;

/// Opens a column of a row group for reading.
pub(super) fn open(file: &Arc<File>, group: &RowGroupMetaData, leaf: usize) -> io::Result<ColumnReader> {
    let chunk = group.column(leaf);
    let described = chunk.column_descr_ptr();
    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
    let each = if described.max_rep_level() > 0 { Purpose::ALL.len() as u64 } else { 1 };
    walk(file, chunk, rows.saturating_mul(each))?;
    guarded(|| {
        let inner = SerializedPageReader::new(Arc::clone(file), chunk, usize::try_from(rows)?, None)?;
        Ok(get_column_reader(Arc::clone(&described), Box::new(Pages::new(inner, Check(described)))))
    })
}

/// Looks at the headers of all pages.
fn walk(file: &File, chunk: &ColumnChunkMetaData, most: u64) -> io::Result<()> {
    let (mut values, mut dictionary) = (0_u64, false);
    for span in pages::spans(file, chunk, LONGEST_HEADER)? {
        let page = span?.page;
        if page.uncompressed > MOST_BYTES || page.compressed > MOST_BYTES {
            return Err(malformed("a page is larger than 32 MiB: write it with smaller ones"));
        }
        if page.is_dictionary && (dictionary || values > 0) || page.needs_dictionary && !dictionary {
            return Err(malformed("a column has a dictionary where there can be none, or lacks it"));
        }
        dictionary |= page.is_dictionary;
        values = values.saturating_add(page.values);
    }
    if u64::try_from(chunk.num_values()).ok() != Some(values) || values > most {
        return Err(malformed(
            "the pages of a column have other values than it says, or too many for its rows",
        ));
    }
    Ok(())
}

/// Sees that pages, decompressed, have as much as they say, in an encoding that is read here.
struct Check(ColumnDescPtr);

impl Look for Check {
    fn page(&mut self, page: &Page) -> Result<()> {
        let kind = self.0.physical_type();
        let values = pages::values(page, &self.0).ok_or_else(less)?;
        match (page.encoding(), kind) {
            _ if page.is_dictionary_page() => dictionary(values, page.num_values(), kind).ok_or_else(less),
            (Encoding::PLAIN, Physical::BYTE_ARRAY) => {
                // NULLs have no value, so that there may be fewer than the page says; those that are there are whole.
                let mut rest = values;
                while !rest.is_empty() {
                    rest = text(rest).ok_or_else(less)?;
                }
                Ok(())
            }
            (Encoding::PLAIN, Physical::INT64) if !values.len().is_multiple_of(8) => Err(less()),
            (Encoding::PLAIN | Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY, _)
            | (Encoding::RLE, Physical::BOOLEAN) => Ok(()),
            (encoding, _) => Err(ParquetError::General(format!(
                "a column is encoded as {encoding}, which is not read here"
            ))),
        }
    }
}

fn dictionary(bytes: &[u8], values: u32, kind: Physical) -> Option<()> {
    if kind == Physical::BYTE_ARRAY {
        return (0..values).try_fold(bytes, |rest, _| text(rest)).map(drop);
    }
    (u64::from(values) * 8 <= bytes.len() as u64).then_some(())
}
