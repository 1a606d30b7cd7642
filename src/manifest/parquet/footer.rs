//! A file of rows, opened: its footer, and where its parts lie.
//!
//! Decides whether a file is Parquet that can be read here: whole, in the columns of such rows, its parts within it. Must not
//! read rows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use parquet::basic::Compression;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};

use super::{columns, guarded, malformed, schema};
use crate::manifest::row::Row;
use crate::pages::range;
use crate::thrift;

const MAGIC: &[u8; 4] = b"PAR1";
/// The length of the footer, and the magic.
const TAIL: u64 = 8;
/// No footer is longer: it takes some ten bytes for each of ours, of which it tells.
const MOST_FOOTER: u64 = 256 << 20;
/// A schema has no more nodes: ours have 19.
const MOST_NODES: u64 = 64;
/// A row group has no more rows.
const MOST_ROWS: i64 = 1 << 20;

/// Reads the footer of a file of such rows.
pub(super) fn read<T: Row>(file: &mut File) -> io::Result<ParquetMetaData> {
    let room = room(file)?;
    let meta = guarded(|| {
        let options = ParquetMetaDataOptions::new()
            .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
        ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Skip)
            .with_metadata_options(Some(options))
            .parse_and_finish(&*file)
    })?;
    check(&meta, room)?;
    let wanted = columns(&guarded(schema::<T>)?).unwrap_or_default();
    let root = meta.file_metadata().schema_descr().root_schema_ptr();
    let mut found = columns(&root).ok_or_else(|| malformed("it has a column that no field can have"))?;
    for column in wanted {
        let at = found.iter().position(|found| *found == column);
        let at = at
            .ok_or_else(|| malformed(format!("it has no column `{}` of the type that it needs", column.0)))?;
        found.swap_remove(at);
    }
    let lists = meta.file_metadata().schema_descr().columns().iter().filter(|leaf| leaf.max_rep_level() > 0);
    let flat = lists.clone().all(|leaf| leaf.max_rep_level() == 1 && leaf.path().parts().len() == 3);
    // Every field has one leaf: lists are of plain values.
    if !found.is_empty()
        || !flat
        || root.get_fields().len() != meta.file_metadata().schema_descr().num_columns()
    {
        return Err(malformed("it has columns that rows of a manifest have not"));
    }
    Ok(meta)
}

/// Sees that a file begins, ends and is described as Parquet is. Its size without the footer.
fn room(file: &mut File) -> io::Result<u64> {
    let size = file.metadata()?.len();
    let not_parquet = || malformed("it does not begin and end as Parquet does: it may be cut off");
    let mut ends = [0; 12];
    if size < 12 {
        return Err(not_parquet());
    }
    file.rewind()?;
    file.read_exact(&mut ends[..4])?;
    file.seek(SeekFrom::End(-(TAIL.cast_signed())))?;
    file.read_exact(&mut ends[4..])?;
    if ends[..4] != *MAGIC || ends[8..] != *MAGIC {
        return Err(not_parquet());
    }
    let length = u64::from(u32::from_le_bytes([ends[4], ends[5], ends[6], ends[7]]));
    let room = (size - TAIL).checked_sub(length).filter(|room| *room >= 4 && length <= MOST_FOOTER);
    let room = room.ok_or_else(|| malformed("its footer is longer than itself, or than 256 MiB"))?;
    let mut footer = Vec::new();
    file.seek(SeekFrom::Start(room))?;
    file.take(length).read_to_end(&mut footer)?;
    match thrift::footer(&footer) {
        Some(footer) if !footer.encrypted && footer.nodes <= MOST_NODES => Ok(room),
        _ => Err(malformed("its footer cannot be read, is encrypted, or tells of too many columns")),
    }
}

/// Sees that every part lies within the file and that they are no more than it: the crate takes both for granted.
fn check(meta: &ParquetMetaData, room: u64) -> io::Result<()> {
    let (mut rows, mut bytes) = (0_i64, 0_u64);
    for group in meta.row_groups() {
        if !(0..=MOST_ROWS).contains(&group.num_rows()) {
            return Err(malformed("a row group has more than 1048576 rows: write it with smaller ones"));
        }
        rows = rows.checked_add(group.num_rows()).ok_or_else(|| malformed("it has too many rows"))?;
        // Writers give an empty row group odd offsets; it is passed over.
        for chunk in group.columns().iter().filter(|_| group.num_rows() > 0) {
            let (start, length) = range(chunk).ok_or_else(outside)?;
            if chunk.file_path().is_some()
                || start < 4
                || start.checked_add(length).is_none_or(|end| end > room)
            {
                return Err(outside());
            }
            // The others decompress without a bound.
            let known = matches!(
                chunk.compression(),
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)
            );
            if !known {
                return Err(malformed("it is compressed in a way that is not read here: use zstd or snappy"));
            }
            bytes = bytes.saturating_add(length);
        }
    }
    if rows != meta.file_metadata().num_rows() || bytes > room {
        return Err(malformed("its parts contradict each other"));
    }
    Ok(())
}

fn outside() -> io::Error {
    malformed("a part of it lies outside of it: it may be cut off")
}
