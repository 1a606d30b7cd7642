//! A shard, opened: its footer, and where its parts lie.
//!
//! Decides whether a file is Parquet that can be read here: whole, not encrypted, its parts within it. Must not read rows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
    RowGroupMetaData,
};

use super::schema::{self, Leaf};
use crate::dataset::DatasetError;
use crate::pages::range;
use crate::thrift;

/// What a file begins and ends with.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";
const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";
/// The length of the footer, and the magic.
const TAIL: u64 = 8;

/// A file whose footer was read.
pub(super) struct Shard {
    pub(super) file: Arc<File>,
    pub(super) meta: ParquetMetaData,
    pub(super) leaves: Vec<Leaf>,
}

impl Shard {
    /// Opens it, and sees that its parts are where they can be.
    pub(super) fn open(path: &Path) -> Result<Self, DatasetError> {
        let mut file = File::open(path).map_err(|source| io_error("open", source))?;
        let size = file.metadata().map_err(|source| io_error("read", source))?.len();
        let room = magic(&mut file, size)?;
        let meta = guarded(|| {
            let options = ParquetMetaDataOptions::new()
                .with_encoding_stats_as_mask(false)
                .with_encoding_stats_policy(ParquetStatisticsPolicy::KeepAll);
            ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Skip)
                .with_metadata_options(Some(options))
                .parse_and_finish(&file)
        })?;
        check(&meta, room)?;
        let leaves = schema::leaves(meta.file_metadata().schema_descr());
        if leaves.len() != meta.file_metadata().schema_descr().num_columns() {
            return Err(malformed("its schema contradicts itself"));
        }
        Ok(Self { file: Arc::new(file), meta, leaves })
    }

    pub(super) fn groups(&self) -> &[RowGroupMetaData] {
        self.meta.row_groups()
    }
}

/// Sees that a file begins, ends and is described as Parquet does. Its size without the footer.
fn magic(file: &mut File, size: u64) -> Result<u64, DatasetError> {
    let not_parquet = || malformed("it does not begin and end as Parquet does; it may have been cut off");
    let mut ends = [0; 12];
    if size < 12 {
        return Err(not_parquet());
    }
    let mut read = || {
        file.rewind()?;
        file.read_exact(&mut ends[..4])?;
        file.seek(SeekFrom::End(-(TAIL.cast_signed())))?;
        file.read_exact(&mut ends[4..])
    };
    read().map_err(|source| io_error("read", source))?;
    let (head, length, tail) = (&ends[..4], [ends[4], ends[5], ends[6], ends[7]], &ends[8..]);
    if head == ENCRYPTED_MAGIC || tail == ENCRYPTED_MAGIC {
        return Err(encrypted());
    }
    if head != MAGIC || tail != MAGIC {
        return Err(not_parquet());
    }
    let length = u64::from(u32::from_le_bytes(length));
    let room = (size - TAIL)
        .checked_sub(length)
        .filter(|room| *room >= 4)
        .ok_or_else(|| malformed("its footer is longer than itself"))?;
    let mut footer = Vec::new();
    let mut read = || {
        file.seek(SeekFrom::Start(room))?;
        file.take(length).read_to_end(&mut footer)
    };
    read().map_err(|source| io_error("read", source))?;
    let footer = thrift::footer(&footer).ok_or_else(|| malformed("its footer cannot be read"))?;
    if footer.encrypted { Err(encrypted()) } else { Ok(room) }
}

fn encrypted() -> DatasetError {
    DatasetError::Unsupported(
        "it is encrypted; decrypt it first: what is excluded is only found in what can be read".to_owned(),
    )
}

/// Sees that every part lies within the file and that they are no more than it: the crate takes both for granted.
fn check(meta: &ParquetMetaData, room: u64) -> Result<(), DatasetError> {
    let mut rows = 0_i64;
    let mut bytes = 0_u64;
    for group in meta.row_groups() {
        if group.num_rows() < 0 || group.total_byte_size() < 0 {
            return Err(malformed("a row group has fewer rows than none"));
        }
        rows = rows.checked_add(group.num_rows()).ok_or_else(|| malformed("it has too many rows"))?;
        if group.num_rows() == 0 {
            // Writers give an empty row group odd offsets; it is passed over, unless it has something after all.
            if group.columns().iter().any(|chunk| chunk.num_values() != 0) {
                return Err(malformed("a row group without rows has values"));
            }
            continue;
        }
        for chunk in group.columns() {
            if chunk.file_path().is_some() {
                let why = "its columns lie in other files, which cannot be read here";
                return Err(DatasetError::Unsupported(why.to_owned()));
            }
            let (start, length) = range(chunk).ok_or_else(outside)?;
            if start < 4 || start.checked_add(length).is_none_or(|end| end > room) {
                return Err(outside());
            }
            if chunk.num_values() < 0 || chunk.uncompressed_size() < 0 {
                return Err(malformed("a column has fewer values than none"));
            }
            bytes = bytes.saturating_add(length);
        }
    }
    if rows != meta.file_metadata().num_rows() {
        return Err(malformed("its row groups have other rows than itself"));
    }
    if bytes > room {
        return Err(malformed("its parts lie over each other"));
    }
    Ok(())
}

fn outside() -> DatasetError {
    malformed("a part of it lies outside of it; it may have been cut off")
}

/// Does what the crate does, with its errors as ours. Should it panic, what it read is damaged in a way that it did not
/// look for.
pub(super) fn guarded<T>(work: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, DatasetError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(failed("read", error)),
        Err(_) => Err(malformed("its parts contradict each other")),
    }
}

/// The crate's error, where something was `read` or `write`.
pub(super) fn failed(action: &str, error: ParquetError) -> DatasetError {
    match error {
        ParquetError::NYI(why) => DatasetError::Unsupported(format!("it cannot be read here: {why}")),
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => io_error(action, *source),
            Err(inner) => malformed(inner.to_string()),
        },
        other => malformed(other.to_string()),
    }
}

pub(super) fn io_error(action: &str, source: io::Error) -> DatasetError {
    // A codec and the end of a file are told as errors of the system, too; those that are have a number.
    if action != "write" && source.raw_os_error().is_none() {
        return malformed(source.to_string());
    }
    DatasetError::Io { action: format!("{action} it"), source }
}

pub(super) fn malformed(why: impl Into<String>) -> DatasetError {
    DatasetError::Malformed { row: None, why: why.into() }
}
