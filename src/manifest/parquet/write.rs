//! A file of rows, written.
//!
//! Decides how rows are grouped and encoded: by the rows alone, so that the same rows give the same bytes. What is in memory: a
//! row group.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Kind, columns, failed, guarded, malformed, schema};
use crate::manifest::row::Row;

/// A row group ends with the row that brings it to so many rows, or to so many bytes of text.
const GROUP_ROWS: usize = 128 << 10;
const GROUP_BYTES: usize = 64 << 20;
/// A page ends when it has so many bytes; a reader has one of each column in memory.
const PAGE: usize = 256 << 10;
/// So many values are encoded at once, or fewer that have as many bytes as a page.
const AT_ONCE: usize = 1024;
/// The level that DuckDB, Polars and zstd itself compress at, too.
const LEVEL: i32 = 3;
/// What hardly ever stands in two rows is not looked for in a dictionary.
const DISTINCT: [&str; 8] =
    ["git_sha1", "sha1", "sha256", "size", "line_start", "line_end", "byte_start", "byte_end"];

/// Writes rows, given as their canonical lines.
pub(in crate::manifest) struct Writer {
    out: SerializedFileWriter<Sink>,
    /// Whether it all got to the file: the crate's writers pass over what fails when they are let go.
    state: Arc<Mutex<State>>,
    columns: Vec<Buffer>,
    /// The places of the columns, by their names in order, which is that of a line's keys.
    by_name: Vec<usize>,
    /// A row group has so many rows.
    pub(super) group_rows: usize,
    rows: usize,
    bytes: usize,
}

/// What the file has got, and what went wrong first.
#[derive(Default)]
struct State {
    written: u64,
    error: Option<io::Error>,
}

struct Sink {
    file: File,
    state: Arc<Mutex<State>>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.file.write(bytes) {
            Ok(count) => {
                state.written += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let again =
                    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
                state.error.get_or_insert(error);
                Err(again)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Writer {
    pub(in crate::manifest) fn new<T: Row>(file: File) -> io::Result<Self> {
        let schema = guarded(schema::<T>)?;
        let columns = columns(&schema).unwrap_or_default();
        let mut by_name: Vec<usize> = (0..columns.len()).collect();
        by_name.sort_by(|one, other| columns[*one].0.cmp(&columns[*other].0));
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by(concat!("withhold version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(guarded(|| ZstdLevel::try_new(LEVEL))?))
            .set_data_page_size_limit(PAGE)
            .set_dictionary_page_size_limit(PAGE)
            .set_write_batch_size(AT_ONCE)
            // Rows are sorted: the least and the greatest hash of a row group tell whether it has one that is looked for.
            // Those of pages would be kept in memory up to the end of the file.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true);
        for name in DISTINCT {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
        }
        let state = Arc::default();
        let sink = Sink { file, state: Arc::clone(&state) };
        let out =
            guarded(|| SerializedFileWriter::new(sink, Arc::clone(&schema), Arc::new(properties.build())))?;
        let fields = columns.into_iter().zip(schema.get_fields());
        let columns =
            fields.map(|((name, kind), field)| Buffer::new(name, kind, field.is_optional())).collect();
        Ok(Self { out, state, columns, by_name, group_rows: GROUP_ROWS, rows: 0, bytes: 0 })
    }

    /// Takes the next row.
    pub(in crate::manifest) fn push(&mut self, line: &[u8]) -> io::Result<()> {
        let Cells(cells) = serde_json::from_slice(line)?;
        let mut cells = cells.into_iter().peekable();
        for &at in &self.by_name {
            let column = &mut self.columns[at];
            let cell = cells.next_if(|(name, _)| *name == column.name).map(|(_, cell)| cell);
            column.push(cell.as_ref())?;
        }
        if let Some((name, _)) = cells.next() {
            return Err(malformed(format!("there is no column for `{name}`")));
        }
        self.rows += 1;
        self.bytes += line.len();
        if self.rows == self.group_rows || self.bytes >= GROUP_BYTES {
            self.end_group()?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> io::Result<()> {
        (self.rows, self.bytes) = (0, 0);
        let mut group = self.out.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            let mut out =
                group.next_column().map_err(failed)?.ok_or_else(|| malformed("there are too few columns"))?;
            match column.kind {
                Kind::Text | Kind::Words => column.write_texts(out.typed::<ByteArrayType>())?,
                Kind::Number => column.write_plain::<Int64Type>(out.typed(), |column| &mut column.numbers)?,
                Kind::Truth => column.write_plain::<BoolType>(out.typed(), |column| &mut column.truths)?,
            }
            out.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }

    /// Ends the file, and makes sure that it is on the disk.
    pub(in crate::manifest) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.end_group()?;
        }
        let sink = self.out.into_inner().map_err(failed);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.error.take() {
            return Err(error);
        }
        let Sink { file, .. } = sink?;
        if file.metadata()?.len() != state.written {
            return Err(io::Error::other("the file is shorter than what was written"));
        }
        file.sync_all()
    }
}

/// The values of a column that are not written yet.
struct Buffer {
    name: String,
    kind: Kind,
    optional: bool,
    /// The texts one after the other, and where each ends.
    texts: Vec<u8>,
    ends: Vec<usize>,
    numbers: Vec<i64>,
    truths: Vec<bool>,
    defs: Vec<i16>,
    reps: Vec<i16>,
}

impl Buffer {
    fn new(name: String, kind: Kind, optional: bool) -> Self {
        let (texts, ends, numbers, truths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { name, kind, optional, texts, ends, numbers, truths, defs: Vec::new(), reps: Vec::new() }
    }

    fn push(&mut self, cell: Option<&Cell<'_>>) -> io::Result<()> {
        match (self.kind, cell) {
            (_, None) if self.optional => self.defs.push(0),
            (Kind::Text, Some(Cell::Text(text))) => {
                self.push_text(text);
                self.defs.push(1);
            }
            (Kind::Number, Some(Cell::Number(number))) => {
                self.numbers.push(i64::try_from(*number).map_err(io::Error::other)?);
                self.defs.push(1);
            }
            (Kind::Truth, Some(Cell::Truth(truth))) => {
                self.truths.push(*truth);
                self.defs.push(1);
            }
            (Kind::Words, Some(Cell::Words(words))) => {
                if words.is_empty() {
                    self.defs.push(0);
                    self.reps.push(0);
                }
                for (at, word) in words.iter().enumerate() {
                    self.push_text(word);
                    self.defs.push(1);
                    self.reps.push(i16::from(at > 0));
                }
            }
            _ => return Err(malformed(format!("`{}` has not the value that its column needs", self.name))),
        }
        Ok(())
    }

    fn push_text(&mut self, text: &str) {
        self.texts.extend_from_slice(text.as_bytes());
        self.ends.push(self.texts.len());
    }

    /// Writes texts, never more at once than a page takes, and no row in two parts.
    fn write_texts(&mut self, out: &mut ColumnWriterImpl<'_, ByteArrayType>) -> io::Result<()> {
        let texts = ByteArray::from(std::mem::take(&mut self.texts));
        let mut ends = self.ends.iter().copied();
        let mut values = Vec::with_capacity(AT_ONCE);
        // Where the part begins: its levels, and its texts.
        let (mut level, mut text, mut end) = (0, 0, 0);
        for at in 0..self.defs.len() {
            let is_full = values.len() >= AT_ONCE || end - text >= PAGE;
            if is_full && self.reps.get(at).is_none_or(|rep| *rep == 0) {
                self.write_part(out, &values, (level, at))?;
                values.clear();
                (level, text) = (at, end);
            }
            if self.defs[at] > 0
                && let Some(next) = ends.next()
            {
                values.push(texts.slice(end, next - end));
                end = next;
            }
        }
        self.write_part(out, &values, (level, self.defs.len()))?;
        self.ends.clear();
        self.clear_levels();
        Ok(())
    }

    fn write_plain<T: DataType>(
        &mut self,
        out: &mut ColumnWriterImpl<'_, T>,
        values: impl Fn(&mut Self) -> &mut Vec<T::T>,
    ) -> io::Result<()> {
        let values = std::mem::take(values(self));
        self.write_part(out, &values, (0, self.defs.len()))?;
        self.clear_levels();
        Ok(())
    }

    fn write_part<T: DataType>(
        &self,
        out: &mut ColumnWriterImpl<'_, T>,
        values: &[T::T],
        (from, to): (usize, usize),
    ) -> io::Result<()> {
        if from == to {
            return Ok(());
        }
        let defs = (self.optional || self.kind == Kind::Words).then(|| &self.defs[from..to]);
        let reps = (self.kind == Kind::Words).then(|| &self.reps[from..to]);
        out.write_batch(values, defs, reps).map(drop).map_err(failed)
    }

    fn clear_levels(&mut self) {
        self.defs.clear();
        self.reps.clear();
    }
}

/// A row's fields, in their order.
struct Cells<'l>(Vec<(Cow<'l, str>, Cell<'l>)>);

enum Cell<'l> {
    Text(Cow<'l, str>),
    Number(u64),
    Truth(bool),
    Words(Vec<Cow<'l, str>>),
}

impl<'de> Deserialize<'de> for Cells<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Cells<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut cells = Vec::with_capacity(16);
                while let Some((Text(name), cell)) = map.next_entry()? {
                    cells.push((name, cell));
                }
                Ok(Cells(cells))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl<'de> Visitor<'de> for Value {
            type Value = Cell<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, a truth value or a list of texts")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Cell::Number(number))
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
                Ok(Cell::Truth(truth))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(Text(word)) = words.next_element()? {
                    all.push(word);
                }
                Ok(Cell::Words(all))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

/// A text, where it stands if it can be read there.
struct Text<'l>(Cow<'l, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Cell::deserialize(deserializer)? {
            Cell::Text(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("a text was expected")),
        }
    }
}
