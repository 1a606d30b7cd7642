//! The values of the columns that are looked at, rows at a time.
//!
//! Decides how levels and values become what a judge sees. Must not judge.

use std::sync::Arc;

use parquet::column::page::PageReader;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType};
use parquet::schema::types::ColumnDescPtr;

use super::footer::{Shard, guarded, malformed};
use super::numbers::{self, Numbers};
use super::pages::{self, Opened, Progress};
use super::schema::Looked;
use super::texts::Texts;
use crate::dataset::{DatasetError, Value};

/// A column that is read.
pub(super) struct Cells<'s> {
    shard: &'s Shard,
    group: usize,
    leaf: usize,
    column: Column,
    progress: Progress,
    /// The level at which a value is there.
    defined: i16,
    /// From which level on it is an item of a list of plain values.
    listed: Option<i16>,
    /// Up to this repetition level, an entry begins something that is judged by itself.
    begins: i16,
    defs: Vec<i16>,
    reps: Vec<i16>,
    /// The levels that were read; all values are there if there are no `defs`.
    levels: usize,
}

enum Column {
    Flat(Texts),
    /// By the crate's own reader: lists, and whatever is encoded as few keys are.
    Bytes(ColumnReaderImpl<ByteArrayType>, Vec<ByteArray>),
    Fixed(ColumnReaderImpl<FixedLenByteArrayType>, Vec<FixedLenByteArray>),
    Numbers(Numbers),
}

impl Column {
    fn by_crate(pages: Box<dyn PageReader>, column: ColumnDescPtr) -> Result<Self, DatasetError> {
        let kind = numbers::kind(&column);
        match guarded(|| Ok(get_column_reader(column, pages)))? {
            ColumnReader::ByteArrayColumnReader(reader) => Ok(Self::Bytes(reader, Vec::new())),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => Ok(Self::Fixed(reader, Vec::new())),
            reader => match kind {
                Some(kind) => Numbers::new(kind, reader).map(Self::Numbers),
                None => Err(DatasetError::Bug("a column that is looked at is of text, bytes or integers")),
            },
        }
    }
}

impl<'s> Cells<'s> {
    pub(super) fn open(shard: &'s Shard, group: usize, looked: Looked) -> Result<Self, DatasetError> {
        let Opened { pages, progress, .. } = pages::open(shard, group, looked.leaf)?;
        let described = shard.meta.file_metadata().schema_descr().column(looked.leaf);
        let column = match Texts::new(pages, &described) {
            Ok(texts) => Column::Flat(texts),
            Err(pages) => Column::by_crate(pages, Arc::clone(&described))?,
        };
        // A list of plain values that is judged itself, not its items.
        let is_list = described.max_rep_level() > i16::from(looked.item);
        Ok(Self {
            shard,
            group,
            leaf: looked.leaf,
            column,
            progress,
            defined: described.max_def_level(),
            listed: shard.leaves[looked.leaf].listed.filter(|_| is_list),
            begins: i16::from(looked.item),
            defs: Vec::new(),
            reps: Vec::new(),
            levels: 0,
        })
    }

    /// How many rows it would read at once.
    pub(super) fn portion(&self, wanted: u64) -> u64 {
        self.progress.portion(wanted)
    }

    /// Reads so many rows; those before are let go.
    pub(super) fn read(&mut self, rows: usize) -> Result<(), DatasetError> {
        if self.up_to(rows)? == rows {
            Ok(())
        } else {
            Err(malformed("a column has fewer rows than its row group"))
        }
    }

    fn up_to(&mut self, rows: usize) -> Result<usize, DatasetError> {
        self.defs.clear();
        self.reps.clear();
        let (defs, reps) = (&mut self.defs, &mut self.reps);
        let (read, levels) = match &mut self.column {
            Column::Flat(texts) => match guarded(|| texts.rows(rows))? {
                Some(read) => (read, read),
                None => {
                    self.otherwise()?;
                    return self.up_to(rows);
                }
            },
            Column::Bytes(reader, values) => records(reader, rows, defs, reps, values)?,
            Column::Fixed(reader, values) => records(reader, rows, defs, reps, values)?,
            Column::Numbers(numbers) => numbers.rows(rows, defs, reps)?,
        };
        self.levels = levels;
        self.progress.done(read as u64);
        Ok(read)
    }

    /// Begins again with the crate's own reader, and goes to where reading has come to.
    fn otherwise(&mut self) -> Result<(), DatasetError> {
        let done = usize::try_from(self.progress.rows()).unwrap_or(usize::MAX);
        let Opened { pages, progress, .. } = pages::open(self.shard, self.group, self.leaf)?;
        let described = self.shard.meta.file_metadata().schema_descr().column(self.leaf);
        self.column = Column::by_crate(pages, described)?;
        self.progress = progress;
        self.skip(done)
    }

    /// Passes so many rows.
    pub(super) fn skip(&mut self, rows: usize) -> Result<(), DatasetError> {
        let skipped = match &mut self.column {
            Column::Flat(texts) => match guarded(|| texts.skip(rows))? {
                Some(skipped) => skipped,
                None => {
                    self.otherwise()?;
                    return self.skip(rows);
                }
            },
            Column::Bytes(reader, _) => guarded(|| reader.skip_records(rows))?,
            Column::Fixed(reader, _) => guarded(|| reader.skip_records(rows))?,
            Column::Numbers(numbers) => numbers.skip(rows)?,
        };
        self.progress.done(rows as u64);
        if skipped == rows { Ok(()) } else { Err(malformed("a column has fewer rows than its row group")) }
    }

    /// Sees that there are no more rows than there should be.
    pub(super) fn end(&mut self) -> Result<(), DatasetError> {
        if self.up_to(1)? == 0 { Ok(()) } else { Err(malformed("a column has more rows than its row group")) }
    }

    /// The items of the lists that were read, one after another.
    pub(super) fn items(&self) -> Vec<Option<&[u8]>> {
        let Some(listed) = self.listed else { return Vec::new() };
        let mut values = 0;
        let entries = self.defs.iter().filter(|def| **def >= listed);
        entries.map(|def| (*def == self.defined).then(|| self.value(&mut values))).collect()
    }

    /// What was read, for each row or item that is judged, and where the rows begin in it. `items` are [`Self::items`].
    pub(super) fn values<'a>(
        &'a self,
        items: &'a [Option<&'a [u8]>],
        starts: &mut Vec<usize>,
    ) -> Vec<Value<'a>> {
        starts.clear();
        if let Column::Flat(texts) = &self.column {
            starts.extend(0..self.levels);
            return texts.values().collect();
        }
        let mut all = Vec::with_capacity(self.levels);
        let (mut value, mut item, mut first) = (0, 0, 0);
        for at in 0..self.levels {
            let def = self.defs.get(at).copied().unwrap_or(self.defined);
            let rep = self.reps.get(at).copied().unwrap_or(0);
            if rep == 0 {
                starts.push(all.len());
            }
            let Some(listed) = self.listed else {
                all.push(if def == self.defined {
                    Value::Bytes(self.value(&mut value))
                } else {
                    Value::Null
                });
                continue;
            };
            if rep <= self.begins {
                first = item;
                all.push(if def + 1 >= listed { Value::List(&[]) } else { Value::Null });
            }
            item += usize::from(def >= listed);
            if let Some(Value::List(list)) = all.last_mut() {
                *list = &items[first..item];
            }
        }
        all
    }

    fn value(&self, next: &mut usize) -> &[u8] {
        *next += 1;
        match &self.column {
            // A flat one gives its values itself.
            Column::Flat(_) => &[],
            Column::Bytes(_, values) => values[*next - 1].data(),
            Column::Fixed(_, values) => values[*next - 1].data(),
            Column::Numbers(numbers) => numbers.value(*next - 1),
        }
    }
}

/// Reads so many rows by the crate's reader: how many rows and levels it has read.
pub(super) fn records<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    defs: &mut Vec<i16>,
    reps: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<(usize, usize), DatasetError> {
    values.clear();
    let (read, _, levels) = guarded(|| reader.read_records(rows, Some(defs), Some(reps), values))?;
    Ok((read, levels))
}
