//! The pages of a column of a row group, none of which the crate can fall over, or take more memory for than it has bytes.
//!
//! Decides which pages are read: by their headers before the crate sees them, by their bytes before it decodes them. Must not
//! decode values.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;

use super::{footer, guarded, malformed};
use crate::policy::Purpose;
use crate::thrift;

/// A page has no more bytes, decompressed: one that is written ends at 256 KiB, or with a value of up to 16 MiB.
pub(super) const MOST_BYTES: u64 = 32 << 20;
/// A header is looked for in so many bytes, and in more if it does not end there: it may have statistics.
const HEADERS: [u64; 3] = [256, 8 << 10, 1 << 20];

/// Opens a column of a row group for reading.
pub(super) fn open(file: &Arc<File>, group: &RowGroupMetaData, leaf: usize) -> io::Result<ColumnReader> {
    let chunk = group.column(leaf);
    let described = chunk.column_descr_ptr();
    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
    let each = if described.max_rep_level() > 0 { Purpose::ALL.len() as u64 } else { 1 };
    walk(file, chunk, rows.saturating_mul(each))?;
    guarded(|| {
        let inner = SerializedPageReader::new(Arc::clone(file), chunk, usize::try_from(rows)?, None)?;
        Ok(get_column_reader(Arc::clone(&described), Box::new(Pages { inner, column: described })))
    })
}

/// Looks at the headers of all pages.
fn walk(file: &File, chunk: &ColumnChunkMetaData, most: u64) -> io::Result<()> {
    let (mut start, mut left) =
        footer::range(chunk).ok_or_else(|| malformed("a part of it lies outside of it"))?;
    let (mut values, mut dictionary) = (0_u64, false);
    while left > 0 {
        let (header, page) = header(file, start, left)?;
        let length = header.checked_add(page.compressed).filter(|length| *length <= left);
        let length = length.ok_or_else(|| malformed("a page is longer than its column"))?;
        if page.uncompressed > MOST_BYTES || page.compressed > MOST_BYTES {
            return Err(malformed("a page is larger than 32 MiB: write it with smaller ones"));
        }
        if page.is_dictionary && (dictionary || values > 0) || page.needs_dictionary && !dictionary {
            return Err(malformed("a column has a dictionary where there can be none, or lacks it"));
        }
        dictionary |= page.is_dictionary;
        values = values.saturating_add(page.values);
        start += length;
        left -= length;
    }
    if u64::try_from(chunk.num_values()).ok() != Some(values) || values > most {
        return Err(malformed(
            "the pages of a column have other values than it says, or too many for its rows",
        ));
    }
    Ok(())
}

/// The header of a page, and its length.
fn header(mut file: &File, start: u64, left: u64) -> io::Result<(u64, thrift::Page)> {
    for most in HEADERS {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(most.min(left)).read_to_end(&mut bytes)?;
        if let Some(found) = thrift::page(&bytes) {
            return Ok(found);
        }
    }
    Err(malformed("the header of a page cannot be read"))
}

/// Looks at the pages that pass. Those without values, which Arrow writes at times, do not: the crate takes one for the end.
struct Pages<P> {
    inner: P,
    column: ColumnDescPtr,
}

impl<P: PageReader> Pages<P> {
    fn pass_empty(&mut self) -> Result<()> {
        while self.inner.peek_next_page()?.is_some_and(|page| !page.is_dict && page.num_levels == Some(0)) {
            self.inner.skip_next_page()?;
        }
        Ok(())
    }
}

impl<P: PageReader> PageReader for Pages<P> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.pass_empty()?;
        let page = self.inner.get_next_page()?;
        page.as_ref()
            .map_or(Ok(()), |page| check(page, self.column.physical_type(), levels(&self.column)))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pass_empty()?;
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pass_empty()?;
        self.inner.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pass_empty()?;
        self.inner.at_record_boundary()
    }
}

impl<P: PageReader> Iterator for Pages<P> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// How many levels stand before the values of a page, each with its length.
fn levels(column: &ColumnDescPtr) -> usize {
    [column.max_rep_level(), column.max_def_level()].into_iter().filter(|most| *most > 0).count()
}

/// Sees that a page, decompressed, has as much as it says.
fn check(page: &Page, kind: Physical, levels: usize) -> Result<()> {
    let bytes = page.buffer();
    let (values, encoding) = match page {
        Page::DictionaryPage { num_values, .. } => {
            let fits = if kind == Physical::BYTE_ARRAY {
                (0..*num_values).try_fold(&bytes[..], |rest, _| text(rest)).is_some()
            } else {
                u64::from(*num_values) * 8 <= bytes.len() as u64
            };
            return if fits { Ok(()) } else { Err(less()) };
        }
        Page::DataPage { encoding, .. } => {
            let rest = (0..levels).try_fold(&bytes[..], |rest, _| text(rest));
            (rest.ok_or_else(less)?, *encoding)
        }
        Page::DataPageV2 { encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
            let levels = u64::from(*def_levels_byte_len) + u64::from(*rep_levels_byte_len);
            let rest = usize::try_from(levels).ok().and_then(|levels| bytes.get(levels..));
            (rest.ok_or_else(less)?, *encoding)
        }
    };
    match (encoding, kind) {
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
        _ => Err(ParquetError::General(format!("a column is encoded as {encoding}, which is not read here"))),
    }
}

fn less() -> ParquetError {
    ParquetError::General("a page has less than it says".to_owned())
}

/// What comes after a text, or levels, with its length before it.
fn text(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.get(usize::try_from(u32::from_le_bytes(*length)).ok()?..)
}
