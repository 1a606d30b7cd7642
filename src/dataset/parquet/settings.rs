//! How a column of a row group is encoded when it is written again.
//!
//! Decides that by how it was: its codec, its encoding, its pages. Must not touch values.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding, PageType, Type as Physical, ZstdLevel};
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion};

/// The level that DuckDB, Polars and zstd itself compress at, too.
const ZSTD_LEVEL: i32 = 3;
/// A dictionary that was never given up is not given up now.
const DICTIONARY: usize = 64 << 20;

/// The properties with which a chunk is written again; in parts, if pages of it are copied between them, so that there can be
/// no dictionary.
pub(super) fn of(chunk: &ColumnChunkMetaData, in_parts: bool) -> Result<WriterPropertiesPtr> {
    let pages = chunk.page_encoding_stats().map(Vec::as_slice).unwrap_or_default();
    let data = |page: &PageType| matches!(page, PageType::DATA_PAGE | PageType::DATA_PAGE_V2);
    let plain = pages.iter().any(|page| data(&page.page_type) && !is_dictionary(page.encoding));
    let dictionary = chunk.dictionary_page_offset().is_some() && !plain && !in_parts;
    let version = if pages.iter().any(|page| page.page_type == PageType::DATA_PAGE_V2) {
        WriterVersion::PARQUET_2_0
    } else {
        WriterVersion::PARQUET_1_0
    };
    let mut properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_compression(match chunk.compression() {
            Compression::ZSTD(_) => Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?),
            other => other,
        })
        .set_dictionary_enabled(dictionary)
        .set_encoding(encoding(chunk))
        // Indexes of pages are not written: those of the file that is read would be wrong.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    if !pages.is_empty() {
        properties = properties.set_dictionary_page_size_limit(DICTIONARY);
    }
    Ok(Arc::new(properties.build()))
}

pub(super) fn is_dictionary(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY)
}

/// How the values were encoded that are not in a dictionary; plainly, if there are several ways or none that is known.
fn encoding(chunk: &ColumnChunkMetaData) -> Encoding {
    let fits = |encoding: &Encoding| match (encoding, chunk.column_type()) {
        (Encoding::DELTA_BINARY_PACKED, kind) => matches!(kind, Physical::INT32 | Physical::INT64),
        (Encoding::DELTA_LENGTH_BYTE_ARRAY, kind) => kind == Physical::BYTE_ARRAY,
        (Encoding::DELTA_BYTE_ARRAY, kind) => {
            matches!(kind, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY)
        }
        (Encoding::BYTE_STREAM_SPLIT, kind) => matches!(
            kind,
            Physical::FLOAT
                | Physical::DOUBLE
                | Physical::INT32
                | Physical::INT64
                | Physical::FIXED_LEN_BYTE_ARRAY
        ),
        _ => false,
    };
    let mut known = chunk.encodings().filter(fits);
    match (known.next(), known.next()) {
        (Some(one), None) => one,
        _ => Encoding::PLAIN,
    }
}
