//! Columns of integers, which are told as their digits; and of nothing but NULLs, which are stored as if they were such.
//!
//! Decides how the values of these are read. Must not decide which columns may be such.

use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{Int32Type, Int64Type};
use parquet::schema::types::ColumnDescriptor;

use super::cells::records;
use super::footer::{guarded, malformed};
use crate::dataset::DatasetError;

/// What stands in a column that is stored as integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Signed,
    Unsigned,
    /// No value, ever.
    Nothing,
}

/// What stands in a column, if it is stored as integers and is one of these; dates and the like are not.
pub(super) fn kind(column: &ColumnDescriptor) -> Option<Kind> {
    use ConvertedType as C;
    if !matches!(column.physical_type(), Physical::INT32 | Physical::INT64) {
        return None;
    }
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Unknown), _) => Some(Kind::Nothing),
        (Some(LogicalType::Integer(_)) | None, C::UINT_8 | C::UINT_16 | C::UINT_32 | C::UINT_64) => {
            Some(Kind::Unsigned)
        }
        (Some(LogicalType::Integer(_)) | None, C::NONE | C::INT_8 | C::INT_16 | C::INT_32 | C::INT_64) => {
            Some(Kind::Signed)
        }
        _ => None,
    }
}

/// A column that is read.
pub(super) struct Numbers {
    kind: Kind,
    reader: Reader,
    /// What was read.
    digits: Vec<String>,
}

enum Reader {
    Narrow(ColumnReaderImpl<Int32Type>),
    Wide(ColumnReaderImpl<Int64Type>),
}

impl Numbers {
    pub(super) fn new(kind: Kind, reader: ColumnReader) -> Result<Self, DatasetError> {
        let reader = match reader {
            ColumnReader::Int32ColumnReader(reader) => Reader::Narrow(reader),
            ColumnReader::Int64ColumnReader(reader) => Reader::Wide(reader),
            _ => return Err(DatasetError::Bug("a column of integers is stored as such")),
        };
        Ok(Self { kind, reader, digits: Vec::new() })
    }

    /// Reads so many rows, with their levels; those before are let go. How many rows and levels it has read.
    pub(super) fn rows(
        &mut self,
        rows: usize,
        defs: &mut Vec<i16>,
        reps: &mut Vec<i16>,
    ) -> Result<(usize, usize), DatasetError> {
        let unsigned = self.kind == Kind::Unsigned;
        let read = match &mut self.reader {
            Reader::Narrow(reader) => {
                let mut values = Vec::new();
                let read = records(reader, rows, defs, reps, &mut values)?;
                let digits = |value: &i32| {
                    if unsigned { value.cast_unsigned().to_string() } else { value.to_string() }
                };
                self.digits = values.iter().map(digits).collect();
                read
            }
            Reader::Wide(reader) => {
                let mut values = Vec::new();
                let read = records(reader, rows, defs, reps, &mut values)?;
                let digits = |value: &i64| {
                    if unsigned { value.cast_unsigned().to_string() } else { value.to_string() }
                };
                self.digits = values.iter().map(digits).collect();
                read
            }
        };
        if self.kind == Kind::Nothing && !self.digits.is_empty() {
            return Err(malformed("a column of nothing but NULLs has a value"));
        }
        Ok(read)
    }

    /// Passes so many rows; says how many there were.
    pub(super) fn skip(&mut self, rows: usize) -> Result<usize, DatasetError> {
        guarded(|| match &mut self.reader {
            Reader::Narrow(reader) => reader.skip_records(rows),
            Reader::Wide(reader) => reader.skip_records(rows),
        })
    }

    /// What was read, by its place.
    pub(super) fn value(&self, at: usize) -> &[u8] {
        self.digits[at].as_bytes()
    }
}
