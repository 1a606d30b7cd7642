//! Shards made by the crate's own writer, filtered, and read back by its own reader of records.

mod dictionary;
mod faults;
mod nested;
mod numbers;
mod pages;
mod rows;
mod stretches;
mod texts;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use tempfile::TempDir;

use crate::dataset::{Column, Columns, Decision, Judge, Meaning, Row, Tally, Value};

/// A column of a row group: its values, definition and repetition levels.
pub(super) enum Chunk {
    Text(Vec<Vec<u8>>, Vec<i16>, Vec<i16>),
    Fixed(Vec<Vec<u8>>, Vec<i16>, Vec<i16>),
    Number(Vec<i64>, Vec<i16>, Vec<i16>),
    Small(Vec<i32>, Vec<i16>),
}

pub(super) fn text<V: AsRef<[u8]>>(values: impl IntoIterator<Item = V>) -> Chunk {
    Chunk::Text(values.into_iter().map(|value| value.as_ref().to_vec()).collect(), vec![], vec![])
}

/// A column in which a value can be missing.
pub(super) fn maybe<V: AsRef<[u8]>>(values: impl IntoIterator<Item = Option<V>>) -> Chunk {
    let values: Vec<Option<V>> = values.into_iter().collect();
    let defs = values.iter().map(|value| i16::from(value.is_some())).collect();
    Chunk::Text(values.into_iter().flatten().map(|value| value.as_ref().to_vec()).collect(), defs, vec![])
}

/// A column by its levels: (definition, repetition) of each entry.
pub(super) fn nested(values: &[&str], levels: &[(i16, i16)]) -> Chunk {
    let values = values.iter().map(|value| value.as_bytes().to_vec()).collect();
    Chunk::Text(
        values,
        levels.iter().map(|level| level.0).collect(),
        levels.iter().map(|level| level.1).collect(),
    )
}

pub(super) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()))
        .set_key_value_metadata(Some(vec![KeyValue::new("huggingface".to_owned(), "{}".to_owned())]))
}

/// A shard in a folder of its own.
pub(super) struct Made {
    pub(super) folder: TempDir,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn make(schema: &str, groups: Vec<Vec<Chunk>>) -> Made {
    make_with(schema, groups, properties().build())
}

pub(super) fn make_with(schema: &str, groups: Vec<Vec<Chunk>>, properties: WriterProperties) -> Made {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    for chunks in groups {
        let mut group = writer.next_row_group().unwrap();
        for chunk in chunks {
            let mut column = group.next_column().unwrap().unwrap();
            let levels = |levels: Vec<i16>| Some(levels).filter(|levels| !levels.is_empty());
            match (chunk, column.untyped()) {
                (Chunk::Text(values, defs, reps), ColumnWriter::ByteArrayColumnWriter(to)) => {
                    let values: Vec<_> = values.into_iter().map(ByteArray::from).collect();
                    to.write_batch(&values, levels(defs).as_deref(), levels(reps).as_deref()).unwrap();
                }
                (Chunk::Fixed(values, defs, reps), ColumnWriter::FixedLenByteArrayColumnWriter(to)) => {
                    let values: Vec<_> = values.into_iter().map(FixedLenByteArray::from).collect();
                    to.write_batch(&values, levels(defs).as_deref(), levels(reps).as_deref()).unwrap();
                }
                (Chunk::Number(values, defs, reps), ColumnWriter::Int64ColumnWriter(to)) => {
                    to.write_batch(&values, levels(defs).as_deref(), levels(reps).as_deref()).unwrap();
                }
                (Chunk::Small(values, defs), ColumnWriter::Int32ColumnWriter(to)) => {
                    to.write_batch(&values, levels(defs).as_deref(), None).unwrap();
                }
                _ => panic!("the chunk is of another type than the column"),
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.parquet"), &bytes).unwrap();
    Made { folder, bytes }
}

impl Made {
    pub(super) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("in.parquet")
    }

    /// Filters it. What is written, and the tally.
    pub(super) fn filter(&self, columns: &Columns, judge: &mut dyn Judge) -> (Vec<u8>, Tally) {
        let mut out = Vec::new();
        let tally = super::filter(&self.path(), columns, judge, &(), &mut out).unwrap();
        (out, tally)
    }

    /// Its rows as text.
    pub(super) fn rows(&self) -> Vec<String> {
        rows(&self.bytes)
    }
}

/// The rows of a file as text.
pub(super) fn rows(bytes: &[u8]) -> Vec<String> {
    let reader = open(bytes);
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

pub(super) fn open(bytes: &[u8]) -> SerializedFileReader<File> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    std::fs::write(&path, bytes).unwrap();
    SerializedFileReader::new(File::open(&path).unwrap()).unwrap()
}

pub(super) fn columns(names: &[(&str, Meaning)]) -> Columns {
    let column = |(name, meaning): &(&str, Meaning)| Column { name: (*name).to_owned(), meaning: *meaning };
    Columns::new(names.iter().map(column).collect()).unwrap()
}

/// A value as text: `-` is NULL, `?` not read, a list in brackets.
pub(super) fn shown(value: &Value<'_>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match value {
        Value::Null => "-".to_owned(),
        Value::Unread => "?".to_owned(),
        Value::Bytes(bytes) => text(bytes),
        Value::List(list) => {
            let items: Vec<_> = list.iter().map(|item| item.map_or("-".to_owned(), text)).collect();
            format!("[{}]", items.join(" "))
        }
    }
}

pub(super) fn line(row: &Row<'_>) -> String {
    row.values.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// What a judge sees of a shard, row by row.
pub(super) fn seen(path: &Path, columns: &Columns) -> Vec<String> {
    let mut lines = Vec::new();
    let mut judge = |row: &Row<'_>| {
        lines.push(line(row));
        Decision::Keep
    };
    super::verify(path, columns, &mut judge, &()).unwrap();
    lines
}
