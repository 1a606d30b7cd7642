//! Rows in Parquet: a column for each field, so that query engines join data sets with them as they stand.
//!
//! Decides the columns and their types. A row here is exactly the fields of its JSON, those that are not there being NULL; so
//! it is written from its canonical line, and read back into that line, which is held against the header as any other. Must
//! not know what a field means.

mod footer;
mod pages;
mod read;
mod write;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

pub(super) use read::Reader;
pub(super) use write::Writer;

use super::row::Row;

/// The columns of entries.
pub(super) const ENTRIES: &str = "\
message entries {
  optional binary git_sha1 (STRING);
  optional binary sha1 (STRING);
  optional binary sha256 (STRING);
  optional int64 size;
  required binary unit (STRING);
  optional int64 line_start;
  optional int64 line_end;
  optional int64 byte_start;
  optional int64 byte_end;
  optional binary repo (STRING);
  optional binary path (STRING);
  optional binary commit (STRING);
  required group purposes (LIST) {
    repeated group list {
      required binary element (STRING);
    }
  }
  optional binary basis (STRING);
  optional binary strength (STRING);
  optional binary rule (STRING);
}
";

/// The columns of coverage.
pub(super) const COVERAGE: &str = "\
message coverage {
  required binary unit (STRING);
  optional binary git_sha1 (STRING);
  optional binary sha1 (STRING);
  optional binary sha256 (STRING);
  optional int64 size;
  optional binary repo (STRING);
  optional binary path (STRING);
  optional binary ref (STRING);
  optional binary tip (STRING);
  optional binary object_format (STRING);
  optional int64 files;
  optional int64 lines;
  optional int64 commits;
  optional int64 tags;
  optional int64 submodules;
  optional boolean history;
  optional boolean complete;
  optional binary why (STRING);
}
";

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Truth,
    /// A list of texts.
    Words,
}

/// The schema of such rows.
fn schema<T: Row>() -> Result<TypePtr, ParquetError> {
    parse_message_type(if T::FILE == "entries" { ENTRIES } else { COVERAGE }).map(Arc::new)
}

/// The columns of a schema: their names and kinds, in its order. `None` if there is one that no field can have.
fn columns(schema: &TypePtr) -> Option<Vec<(String, Kind)>> {
    use parquet::basic::Type as Physical;
    let kind =
        |field: &TypePtr| match (field.is_group(), field.is_primitive().then(|| field.get_physical_type())) {
            (true, _) => Some(Kind::Words),
            (_, Some(Physical::BYTE_ARRAY)) => Some(Kind::Text),
            (_, Some(Physical::INT64)) => Some(Kind::Number),
            (_, Some(Physical::BOOLEAN)) => Some(Kind::Truth),
            _ => None,
        };
    schema.get_fields().iter().map(|field| Some((field.name().to_owned(), kind(field)?))).collect()
}

/// Does what the crate does, with its errors as those of the system. Should it panic, what it read is damaged in a way that
/// it did not look for.
fn guarded<T>(work: impl FnOnce() -> parquet::errors::Result<T>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(malformed("its parts contradict each other")),
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(inner) => malformed(inner.to_string()),
        },
        other => malformed(other.to_string()),
    }
}

fn malformed(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

#[cfg(test)]
mod tests;
