//! A file of rows, read: as the lines that the same rows are in JSON Lines.
//!
//! Decides how a row's columns become its canonical line. Whether that is what it should be is decided where lines are
//! checked. What is in memory: a page of each column, and a line.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::TypePtr;

use super::{Kind, columns, footer, guarded, malformed, pages};
use crate::manifest::lines::MAX_LINE;
use crate::manifest::row::Row;

/// So many rows are read at once.
const AT_ONCE: usize = 1024;

/// The rows of a file as lines.
pub(in crate::manifest) struct Reader {
    file: Arc<File>,
    meta: ParquetMetaData,
    fields: Vec<Field>,
    /// The row group that comes next.
    group: usize,
    /// The columns of the row group at hand, in the order of the fields.
    cells: Vec<Cells>,
    /// The rows of it that are not in `cells` yet, and those that are and were not given.
    left: usize,
    ready: usize,
    line: Vec<u8>,
    /// So much of `line` was given.
    given: usize,
}

/// A field of the line.
struct Field {
    name: String,
    kind: Kind,
    leaf: usize,
    /// Of a list, the level from which on there is an item; of others, the level at which there is a value.
    defined: i16,
    /// The level of a value that is there.
    full: i16,
}

impl Reader {
    /// Opens a file of such rows.
    pub(in crate::manifest) fn open<T: Row>(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let meta = footer::read::<T>(&mut file)?;
        let root = meta.file_metadata().schema_descr().root_schema_ptr();
        let named = columns(&root).unwrap_or_default().into_iter().zip(root.get_fields()).enumerate();
        let mut fields: Vec<Field> = named
            .map(|(leaf, ((name, kind), field))| {
                let full = meta.file_metadata().schema_descr().column(leaf).max_def_level();
                Field { name, kind, leaf, defined: defined(field), full }
            })
            .collect();
        // As the canonical form has them.
        fields.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self {
            file: Arc::new(file),
            meta,
            fields,
            group: 0,
            cells: Vec::new(),
            left: 0,
            ready: 0,
            line: Vec::new(),
            given: 0,
        })
    }

    /// Puts the next row into `line`; nothing if there is none.
    fn next(&mut self) -> io::Result<()> {
        self.line.clear();
        self.given = 0;
        while self.ready == 0 {
            if self.left == 0 {
                self.cells.iter_mut().try_for_each(Cells::end)?;
                self.cells.clear();
                if self.group == self.meta.num_row_groups() {
                    return Ok(());
                }
                let group = self.meta.row_group(self.group);
                self.group += 1;
                self.left = usize::try_from(group.num_rows()).unwrap_or(0);
                if self.left > 0 {
                    let open = |field: &Field| Cells::open(pages::open(&self.file, group, field.leaf)?);
                    self.cells = self.fields.iter().map(open).collect::<io::Result<_>>()?;
                }
                continue;
            }
            self.ready = self.left.min(AT_ONCE);
            self.left -= self.ready;
            self.cells.iter_mut().try_for_each(|cells| cells.read(self.ready))?;
        }
        self.ready -= 1;
        let mut before = b'{';
        for (field, cells) in self.fields.iter().zip(&mut self.cells) {
            let start = self.line.len();
            self.line.extend_from_slice(&[before, b'"']);
            self.line.extend_from_slice(field.name.as_bytes());
            self.line.extend_from_slice(b"\":");
            if cells.append(field, &mut self.line)? {
                before = b',';
            } else {
                self.line.truncate(start);
            }
        }
        if before == b'{' {
            self.line.push(b'{');
        }
        self.line.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// The level at which a field's value, or an item of its list, is there.
fn defined(field: &TypePtr) -> i16 {
    let optional = i16::from(field.is_optional());
    if field.is_group() { optional + 1 } else { optional }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given == self.line.len() {
            self.next()?;
        }
        Ok(&self.line[self.given..])
    }

    fn consume(&mut self, amount: usize) {
        self.given += amount;
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

/// A column of a row group, and the values of it that were read.
struct Cells {
    column: Values,
    defs: Vec<i16>,
    reps: Vec<i16>,
    /// The next level and the next value.
    level: usize,
    value: usize,
}

enum Values {
    Texts(ColumnReaderImpl<ByteArrayType>, Vec<ByteArray>),
    Numbers(ColumnReaderImpl<Int64Type>, Vec<i64>),
    Truths(ColumnReaderImpl<BoolType>, Vec<bool>),
}

impl Cells {
    fn open(column: ColumnReader) -> io::Result<Self> {
        let column = match column {
            ColumnReader::ByteArrayColumnReader(reader) => Values::Texts(reader, Vec::new()),
            ColumnReader::Int64ColumnReader(reader) => Values::Numbers(reader, Vec::new()),
            ColumnReader::BoolColumnReader(reader) => Values::Truths(reader, Vec::new()),
            _ => return Err(malformed("it has a column that no field can have")),
        };
        Ok(Self { column, defs: Vec::new(), reps: Vec::new(), level: 0, value: 0 })
    }

    fn read(&mut self, rows: usize) -> io::Result<()> {
        if self.up_to(rows)? == rows {
            Ok(())
        } else {
            Err(malformed("a column has fewer rows than its row group"))
        }
    }

    /// Sees that there are no more rows than there should be.
    fn end(&mut self) -> io::Result<()> {
        if self.up_to(1)? == 0 { Ok(()) } else { Err(malformed("a column has more rows than its row group")) }
    }

    fn up_to(&mut self, rows: usize) -> io::Result<usize> {
        fn records<T: DataType>(
            reader: &mut ColumnReaderImpl<T>,
            rows: usize,
            (defs, reps): (&mut Vec<i16>, &mut Vec<i16>),
            values: &mut Vec<T::T>,
        ) -> io::Result<usize> {
            values.clear();
            guarded(|| reader.read_records(rows, Some(defs), Some(reps), values)).map(|(read, ..)| read)
        }
        self.defs.clear();
        self.reps.clear();
        (self.level, self.value) = (0, 0);
        let levels = (&mut self.defs, &mut self.reps);
        match &mut self.column {
            Values::Texts(reader, values) => records(reader, rows, levels, values),
            Values::Numbers(reader, values) => records(reader, rows, levels, values),
            Values::Truths(reader, values) => records(reader, rows, levels, values),
        }
    }

    /// Appends what the field has in the next row, in JSON; `false` if it has nothing.
    fn append(&mut self, field: &Field, line: &mut Vec<u8>) -> io::Result<bool> {
        if field.kind == Kind::Words {
            return self.append_list(field, line);
        }
        let there = self.defs.get(self.level).is_none_or(|def| *def == field.defined);
        self.level += 1;
        if there {
            self.append_value(line)?;
        }
        Ok(there)
    }

    fn append_list(&mut self, field: &Field, line: &mut Vec<u8>) -> io::Result<bool> {
        let mut before = b'[';
        loop {
            let def = self.defs.get(self.level).copied().unwrap_or(0);
            self.level += 1;
            if def < field.defined {
                // The list is empty if only its items are missing, else it is not there.
                line.extend_from_slice(b"[]");
                return Ok(def + 1 == field.defined);
            }
            if def < field.full {
                return Err(malformed(format!("`{}` has a NULL in its list", field.name)));
            }
            line.push(before);
            self.append_value(line)?;
            before = b',';
            if self.reps.get(self.level).is_none_or(|rep| *rep == 0) {
                line.push(b']');
                return Ok(true);
            }
        }
    }

    fn append_value(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        let at = self.value;
        self.value += 1;
        let missing = || malformed("a column has fewer values than it says");
        match &self.column {
            Values::Texts(_, values) => {
                let bytes = values.get(at).ok_or_else(missing)?.data();
                let text = std::str::from_utf8(bytes).map_err(|_| malformed("a text is not UTF-8"))?;
                // One that is longer is refused; and it takes no memory before it is.
                if line.len() + bytes.len() > MAX_LINE {
                    return Err(malformed("a row is longer than 16 MiB"));
                }
                serde_json::to_writer(line, text)?;
            }
            Values::Numbers(_, values) => serde_json::to_writer(line, values.get(at).ok_or_else(missing)?)?,
            Values::Truths(_, values) => serde_json::to_writer(line, values.get(at).ok_or_else(missing)?)?,
        }
        Ok(())
    }
}
