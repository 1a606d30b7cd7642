//! Whether rows use every value of a dictionary.
//!
//! Decides whether a column can be copied together with its dictionary. One that was written before rows were taken out, or
//! that is that of a whole file in every row group (as Arrow's dictionaries, thus pandas' and Polars' categories, are), has
//! values of rows that are not there. Must not look at values, nor take the bytes of a dictionary apart: places in it tell.
//!
//! What it costs: the pages whose values are places are unpacked and walked over, up to the value with which all were seen.
//! They have a byte or two for a row, and to walk over 16 million places, of 2 million rows with 8 columns, takes a twentieth
//! of a second at most. Nothing is read of a column without a dictionary, nor of pages after it was given up
//! for being too large, which is what contents mostly are in; nor is a dictionary unpacked.

use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::column::page::{Page as Unpacked, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescriptor;

use super::footer::{Shard, guarded};
use super::hybrid::Hybrid;
use crate::dataset::DatasetError;
use crate::pages::{Span, definitions, less};
use crate::thrift::Page;

/// So many values are read before it is asked whether all places were seen.
const AT_ONCE: usize = 4096;

/// Whether rows use every value of a column's dictionary, or it has none. Where that cannot be told, they do not.
pub(super) fn is_used(
    shard: &Shard,
    chunk: &ColumnChunkMetaData,
    spans: &[Span],
) -> Result<bool, DatasetError> {
    let Some(dictionary) = spans.iter().find(|span| span.page.is_dictionary) else { return Ok(true) };
    let by_it = spans.iter().filter(|span| span.page.needs_dictionary && span.page.values > 0);
    let values: u64 = by_it.clone().map(|span| span.page.values).sum();
    let Page { entries, uncompressed, .. } = dictionary.page;
    if entries == 0 {
        return Ok(uncompressed == 0);
    }
    // Hardly a value is without a byte: what is noted of them is never more than the page.
    if entries > values.min(uncompressed) {
        return Ok(false);
    }
    let location = |span: &Span| {
        Some(PageLocation {
            offset: i64::try_from(span.start).ok()?,
            compressed_page_size: i32::try_from(span.length()).ok()?,
            first_row_index: 0,
        })
    };
    let (Some(locations), Ok(entries)) =
        (by_it.map(location).collect::<Option<Vec<_>>>(), usize::try_from(entries))
    else {
        return Ok(false);
    };
    let mut places = Places::new(entries);
    let column = chunk.column_descr();
    guarded(|| {
        let mut pages = SerializedPageReader::new(Arc::clone(&shard.file), chunk, 0, Some(locations))?;
        // What stands before the first of these pages: the dictionary.
        pages.skip_next_page()?;
        while let Some(page) = pages.get_next_page()? {
            if !is_known(&page, column) || !places.of(&page, column).ok_or_else(less)? {
                return Ok(false);
            }
            if places.unseen == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// Whether the levels of a page are encoded as they are read here.
fn is_known(page: &Unpacked, column: &ColumnDescriptor) -> bool {
    match page {
        Unpacked::DataPage { def_level_encoding, rep_level_encoding, .. } => {
            (column.max_def_level() == 0 || *def_level_encoding == Encoding::RLE)
                && (column.max_rep_level() == 0 || *rep_level_encoding == Encoding::RLE)
        }
        Unpacked::DataPageV2 { .. } => true,
        Unpacked::DictionaryPage { .. } => false,
    }
}

/// The places of a dictionary, and which of them were seen.
struct Places {
    seen: Vec<u64>,
    entries: usize,
    unseen: usize,
}

impl Places {
    fn new(entries: usize) -> Self {
        Self { seen: vec![0; entries.div_ceil(64)], entries, unseen: entries }
    }

    /// Notes the places in a page, until all were seen. None if it has less than it says, false if one is in no dictionary.
    fn of(&mut self, page: &Unpacked, column: &ColumnDescriptor) -> Option<bool> {
        let bytes = &page.buffer()[..];
        let levels = definitions(page, column)?;
        let Some((width, from)) = bytes.get(levels.end).zip(levels.end.checked_add(1)) else {
            // There is no value in it.
            return Some(true);
        };
        let mut places = Hybrid::new(from..bytes.len(), *width)?;
        let defined = column.max_def_level();
        let most = u8::try_from(i16::BITS - defined.leading_zeros()).ok()?;
        let mut levels = if defined > 0 { Some(Hybrid::new(levels, most)?) } else { None };
        let mut left = usize::try_from(page.num_values()).ok()?;
        let mut known = true;
        while left > 0 && self.unseen > 0 && known {
            let here = left.min(AT_ONCE);
            let mut values = here;
            if let Some(levels) = &mut levels {
                values = 0;
                levels.each(bytes, here, |level| {
                    values += usize::from(i64::from(level) == i64::from(defined));
                })?;
            }
            places.each(bytes, values, |place| known &= self.see(place))?;
            left -= here;
        }
        Some(known)
    }

    /// Notes a place. False if there is none such.
    #[inline]
    fn see(&mut self, place: u32) -> bool {
        let place = place as usize;
        if place >= self.entries {
            return false;
        }
        let (part, bit) = (&mut self.seen[place / 64], 1 << (place % 64));
        self.unseen -= usize::from(*part & bit == 0);
        *part |= bit;
        true
    }
}
