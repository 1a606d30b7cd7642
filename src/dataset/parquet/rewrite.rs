//! A column of a row group, written again without what goes.
//!
//! Decides how values, NULLs and nesting of what stays are kept. Must not decide what stays, nor how it is encoded.

use std::any::Any;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::{ColumnWriter, ColumnWriterImpl};
use parquet::data_type::{ByteArray, DataType};

use super::fates::{Contents, Each, Fate};
use super::footer::{failed, guarded, malformed};
use super::pages::Progress;
use crate::dataset::{DatasetError, Watch};

/// The most rows that are written at once.
const AT_ONCE: u64 = 1024;

/// What is cut from a column.
pub(super) struct Cut<'a> {
    /// What becomes of each row, or item.
    pub(super) fates: Each<'a>,
    /// The repetition level up to which an entry begins one: 0 for rows, 1 for items.
    pub(super) begins: i16,
    /// The new contents, if this is their column.
    pub(super) contents: Option<&'a mut Contents>,
    pub(super) watch: &'a dyn Watch,
}

/// Copies what stays of so many rows from a reader to a writer of the same type.
pub(super) fn rows(
    reader: &mut ColumnReader,
    writer: &mut ColumnWriter<'_>,
    progress: &mut Progress,
    cut: &mut Cut<'_>,
    rows: u64,
) -> Result<(), DatasetError> {
    use {ColumnReader as R, ColumnWriter as W};
    match (reader, writer) {
        (R::BoolColumnReader(from), W::BoolColumnWriter(to)) => typed(from, to, progress, cut, rows),
        (R::Int32ColumnReader(from), W::Int32ColumnWriter(to)) => typed(from, to, progress, cut, rows),
        (R::Int64ColumnReader(from), W::Int64ColumnWriter(to)) => typed(from, to, progress, cut, rows),
        (R::Int96ColumnReader(from), W::Int96ColumnWriter(to)) => typed(from, to, progress, cut, rows),
        (R::FloatColumnReader(from), W::FloatColumnWriter(to)) => typed(from, to, progress, cut, rows),
        (R::DoubleColumnReader(from), W::DoubleColumnWriter(to)) => typed(from, to, progress, cut, rows),
        (R::ByteArrayColumnReader(from), W::ByteArrayColumnWriter(to)) => {
            typed(from, to, progress, cut, rows)
        }
        (R::FixedLenByteArrayColumnReader(from), W::FixedLenByteArrayColumnWriter(to)) => {
            typed(from, to, progress, cut, rows)
        }
        _ => Err(DatasetError::Bug("a column is written as it was read")),
    }
}

/// Passes so many rows of a flat column, all of which stay.
pub(super) fn skip(
    reader: &mut ColumnReader,
    progress: &mut Progress,
    cut: &mut Cut<'_>,
    rows: u64,
) -> Result<(), DatasetError> {
    use ColumnReader as R;
    let count = usize::try_from(rows).unwrap_or(usize::MAX);
    let skipped = guarded(|| match reader {
        R::BoolColumnReader(reader) => reader.skip_records(count),
        R::Int32ColumnReader(reader) => reader.skip_records(count),
        R::Int64ColumnReader(reader) => reader.skip_records(count),
        R::Int96ColumnReader(reader) => reader.skip_records(count),
        R::FloatColumnReader(reader) => reader.skip_records(count),
        R::DoubleColumnReader(reader) => reader.skip_records(count),
        R::ByteArrayColumnReader(reader) => reader.skip_records(count),
        R::FixedLenByteArrayColumnReader(reader) => reader.skip_records(count),
    })?;
    progress.done(rows);
    if skipped != count {
        return Err(malformed(FEWER));
    }
    for _ in 0..rows {
        if cut.fates.next() != Some(Fate::Keep) {
            return Err(DatasetError::Bug("a row was passed that does not stay"));
        }
    }
    Ok(())
}

/// Sees that a column was read to its end.
pub(super) fn end(
    reader: &mut ColumnReader,
    writer: &mut ColumnWriter<'_>,
    progress: &mut Progress,
    mut cut: Cut<'_>,
) -> Result<(), DatasetError> {
    if progress.left() > 0 {
        return Err(malformed(FEWER));
    }
    // One row more than there should be is asked for, so that none is lost.
    rows(reader, writer, progress, &mut cut, 1)?;
    if cut.fates.next().is_some() {
        return Err(malformed("the columns of a list have different items"));
    }
    Ok(())
}

const FEWER: &str = "a column has fewer rows than its row group";

fn typed<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    writer: &mut ColumnWriterImpl<'_, T>,
    progress: &mut Progress,
    cut: &mut Cut<'_>,
    mut rows: u64,
) -> Result<(), DatasetError> {
    let (defined, nested) = {
        let described = writer.get_descriptor();
        (described.max_def_level(), described.max_rep_level() > 0)
    };
    let (mut defs, mut reps, mut values) = (Vec::new(), Vec::new(), Vec::new());
    while rows > 0 {
        if cut.watch.interrupted() {
            return Err(DatasetError::Interrupted);
        }
        defs.clear();
        reps.clear();
        values.clear();
        let portion = progress.portion(rows.min(AT_ONCE));
        let wanted = usize::try_from(portion).unwrap_or(usize::MAX);
        let (read, _, levels) =
            guarded(|| reader.read_records(wanted, Some(&mut defs), Some(&mut reps), &mut values))?;
        match (read, progress.left()) {
            (0, 0) => break,
            (0, _) => return Err(malformed(FEWER)),
            (_, 0) => return Err(malformed("a column has more rows than its row group")),
            _ => progress.done(read as u64),
        }
        rows -= (read as u64).min(rows);
        cut.apply::<T>(levels, defined, &mut defs, &mut reps, &mut values)?;
        let defs = (defined > 0).then_some(&defs[..]);
        let reps = nested.then_some(&reps[..]);
        writer.write_batch(&values, defs, reps).map_err(|error| failed("write", error))?;
    }
    Ok(())
}

impl Cut<'_> {
    /// Takes out what goes: levels and values close up, and what comes first in its row says so.
    fn apply<T: DataType>(
        &mut self,
        levels: usize,
        defined: i16,
        defs: &mut Vec<i16>,
        reps: &mut Vec<i16>,
        values: &mut Vec<T::T>,
    ) -> Result<(), DatasetError> {
        let (mut kept, mut kept_values, mut value) = (0, 0, 0);
        let mut fate = Fate::Drop;
        // Whether nothing of the row was kept yet.
        let mut first = true;
        for at in 0..levels {
            let def = defs.get(at).copied().unwrap_or(defined);
            let rep = reps.get(at).copied().unwrap_or(0);
            if rep <= self.begins {
                fate = self
                    .fates
                    .next()
                    .ok_or_else(|| malformed("the columns of a list have different items"))?;
            }
            first |= rep == 0;
            let there = def == defined;
            if fate != Fate::Drop {
                if let Some(slot) = defs.get_mut(kept) {
                    *slot = def;
                }
                if let Some(slot) = reps.get_mut(kept) {
                    *slot = if first { 0 } else { rep };
                }
                (first, kept) = (false, kept + 1);
                if there {
                    values.swap(kept_values, value);
                    self.replace(&mut values[kept_values], fate)?;
                    kept_values += 1;
                }
            }
            value += usize::from(there);
        }
        defs.truncate(kept);
        reps.truncate(kept);
        values.truncate(kept_values);
        Ok(())
    }

    fn replace<V: Any>(&mut self, value: &mut V, fate: Fate) -> Result<(), DatasetError> {
        let (Fate::Replace { start, length }, Some(contents)) = (fate, self.contents.as_mut()) else {
            return Ok(());
        };
        let value = (value as &mut dyn Any)
            .downcast_mut::<ByteArray>()
            .ok_or(DatasetError::Bug("a content is text or bytes"))?;
        *value = ByteArray::from(contents.get(start, length)?);
        Ok(())
    }
}
