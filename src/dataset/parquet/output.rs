//! A shard, written.
//!
//! Decides what is copied as it stands, what is written again, and what the new footer says. Must not judge, and writes
//! nothing that goes: neither its values nor the statistics, dictionaries, indexes and filters that were made of them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::column::writer::{ColumnWriter, get_column_writer};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};

use super::fates::{Fate, Fates};
use super::footer::{MAGIC, Shard, failed, guarded, io_error, malformed};
use super::group::Judged;
use super::pages::{Opened, Progress};
use super::rewrite::{self, Cut};
use super::schema::Looked;
use super::spans;
use super::stretches::{self, Stretch};
use super::{dictionary, order, pages, settings};
use crate::dataset::{DatasetError, Watch};
use crate::pages::{Span, range};

/// So much is copied at once.
const AT_ONCE: usize = 1 << 20;

/// The file that is being written.
pub(super) struct Output<'a, W: Write + Send> {
    shard: &'a Shard,
    out: TrackedWrite<W>,
    groups: Vec<RowGroupMetaData>,
    buffer: Vec<u8>,
    watch: &'a dyn Watch,
}

impl<'a, W: Write + Send> Output<'a, W> {
    pub(super) fn new(shard: &'a Shard, out: W, watch: &'a dyn Watch) -> Result<Self, DatasetError> {
        keep_memory();
        let mut out = TrackedWrite::new(out);
        out.write_all(MAGIC).map_err(|source| io_error("write", source))?;
        Ok(Self { shard, out, groups: Vec::new(), buffer: vec![0; AT_ONCE], watch })
    }

    /// Writes what stays of a row group. The rows that were written.
    pub(super) fn group(
        &mut self,
        group: usize,
        looked: &[Looked],
        judged: Judged,
    ) -> Result<u64, DatasetError> {
        let shard = self.shard;
        let meta = shard.meta.row_group(group);
        if judged.units.all(Fate::Drop) {
            // An empty row group goes, too: a file can do without.
            let bytes = meta.columns().iter().filter_map(range).map(|range| range.1).sum();
            self.watch.advance(bytes, 0);
            return Ok(0);
        }
        let order = order::of(shard, group, looked, &judged);
        let start = self.position();
        let (rows, columns) = if judged.units.all(Fate::Keep) {
            (meta.num_rows(), self.whole(group)?)
        } else {
            self.again(group, looked, judged)?
        };
        let bytes = columns.iter().map(ColumnChunkMetaData::uncompressed_size).sum();
        let ordinal =
            i32::try_from(self.groups.len()).map_err(|_| malformed("it has too many row groups"))?;
        let built = guarded(|| {
            RowGroupMetaData::builder(meta.schema_descr_ptr())
                .set_column_metadata(columns)
                .set_num_rows(rows)
                .set_sorting_columns(order)
                .set_total_byte_size(bytes)
                .set_ordinal(ordinal)
                .set_file_offset(start)
                .build()
        })?;
        self.groups.push(built);
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// Writes a row group of which all stays. Its columns.
    fn whole(&mut self, group: usize) -> Result<Vec<ColumnChunkMetaData>, DatasetError> {
        let shard = self.shard;
        let meta = shard.meta.row_group(group);
        let mut rows = Fates::default();
        rows.push(Fate::Keep, u64::try_from(meta.num_rows()).unwrap_or(0));
        let mut columns = Vec::with_capacity(meta.num_columns());
        for (leaf, chunk) in meta.columns().iter().enumerate() {
            let spans = spans::of(&shard.file, chunk)?;
            columns.push(if dictionary::is_used(shard, chunk, &spans)? {
                self.copy(chunk, &spans)?
            } else {
                let cut = Cut { fates: rows.each(), begins: 0, contents: None, watch: self.watch };
                self.column((group, leaf), &rows, cut)?.1
            });
        }
        Ok(columns)
    }

    /// Copies a column of a row group, byte for byte.
    fn copy(
        &mut self,
        chunk: &ColumnChunkMetaData,
        spans: &[Span],
    ) -> Result<ColumnChunkMetaData, DatasetError> {
        let (start, length) = range(chunk).ok_or_else(|| malformed("a part of it lies outside of it"))?;
        let to = self.position();
        for span in spans {
            self.page(span)?;
        }
        self.watch.advance(length, 0);
        let moved = |offset: i64| offset - start.cast_signed() + to;
        let mut new = ColumnChunkMetaData::builder(chunk.column_descr_ptr())
            .set_compression_codec(chunk.compression_codec())
            .set_encodings_mask(*chunk.encodings_mask())
            .set_total_compressed_size(chunk.compressed_size())
            .set_total_uncompressed_size(chunk.uncompressed_size())
            .set_num_values(chunk.num_values())
            .set_data_page_offset(moved(chunk.data_page_offset()))
            .set_dictionary_page_offset(chunk.dictionary_page_offset().map(moved))
            .set_unencoded_byte_array_data_bytes(chunk.unencoded_byte_array_data_bytes())
            .set_repetition_level_histogram(chunk.repetition_level_histogram().cloned())
            .set_definition_level_histogram(chunk.definition_level_histogram().cloned());
        if let Some(pages) = chunk.page_encoding_stats() {
            new = new.set_page_encoding_stats(pages.clone());
        }
        // Without an order of columns, the least and the greatest mean nothing; the new footer has one.
        if self.shard.meta.file_metadata().column_orders().is_some() {
            if let Some(statistics) = chunk.statistics() {
                new = new.set_statistics(statistics.clone());
            }
            if let Some(statistics) = chunk.geo_statistics() {
                new = new.set_geo_statistics(Box::new(statistics.clone()));
            }
        }
        guarded(|| new.build())
    }

    /// Copies a page as it stands, and sees that it is what its checksum says.
    fn page(&mut self, span: &Span) -> Result<(), DatasetError> {
        if self.watch.interrupted() {
            return Err(DatasetError::Interrupted);
        }
        let mut from: &File = &self.shard.file;
        from.seek(SeekFrom::Start(span.start)).map_err(|source| io_error("read", source))?;
        let mut crc = span.page.crc.map(|expected| (expected, crc32fast::Hasher::new()));
        let mut left = span.length();
        let mut header = usize::try_from(span.header).unwrap_or(usize::MAX);
        while left > 0 {
            let part = self.buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let part = &mut self.buffer[..part];
            from.read_exact(part).map_err(|source| io_error("read", source))?;
            if let Some((_, hasher)) = &mut crc {
                let behind = part.len().min(header);
                hasher.update(&part[behind..]);
                header -= behind;
            }
            self.out.write_all(part).map_err(|source| io_error("write", source))?;
            left -= part.len() as u64;
        }
        let is_whole = crc.is_none_or(|(expected, hasher)| hasher.finalize() == expected);
        if is_whole { Ok(()) } else { Err(malformed("a page is not what its checksum says")) }
    }

    /// Writes a row group again, column by column, without what goes. Its rows and columns.
    fn again(
        &mut self,
        group: usize,
        looked: &[Looked],
        mut judged: Judged,
    ) -> Result<(i64, Vec<ColumnChunkMetaData>), DatasetError> {
        let shard = self.shard;
        let meta = shard.meta.row_group(group);
        // Of items that are judged, only the columns of their list are cut; the others lose rows.
        let list = looked.iter().find(|column| column.item).and_then(|column| list_of(shard, column.leaf));
        let content = looked.iter().find(|column| column.content).map(|column| column.leaf);
        let mut rows = None;
        let mut columns = Vec::with_capacity(meta.num_columns());
        for leaf in 0..meta.num_columns() {
            let of_items = list.is_some() && list_of(shard, leaf) == list;
            let fates = if of_items || list.is_none() { &judged.units } else { &judged.rows };
            let cut = Cut {
                fates: fates.each(),
                begins: i16::from(of_items),
                contents: (content == Some(leaf)).then_some(&mut judged.contents),
                watch: self.watch,
            };
            let (written, column) = self.column((group, leaf), fates, cut)?;
            if *rows.get_or_insert(written) != written {
                return Err(malformed("the columns of a row group have different rows"));
            }
            columns.push(column);
        }
        Ok((i64::try_from(rows.unwrap_or(0)).unwrap_or(0), columns))
    }

    /// Writes a column of a row group again, without what goes: `cut` takes it out; `fates` are the same. The rows that were
    /// written.
    fn column(
        &mut self,
        (group, leaf): (usize, usize),
        fates: &Fates,
        cut: Cut<'_>,
    ) -> Result<(u64, ColumnChunkMetaData), DatasetError> {
        let shard = self.shard;
        let chunk = shard.meta.row_group(group).column(leaf);
        let Opened { pages, progress, spans } = pages::open(shard, group, leaf)?;
        let described = chunk.column_descr_ptr();
        let reader = guarded(|| Ok(get_column_reader(Arc::clone(&described), pages)))?;
        let stretches = match described.max_rep_level() {
            0 => stretches::of(&spans, fates),
            _ => None,
        };
        let written = match stretches {
            Some(stretches) => self.in_parts(chunk, reader, progress, cut, stretches)?,
            None => self.as_one(chunk, reader, progress, cut)?,
        };
        self.watch.advance(range(chunk).map_or(0, |range| range.1), 0);
        Ok(written)
    }

    /// Writes a column without what goes. The rows that were written.
    fn as_one(
        &mut self,
        chunk: &ColumnChunkMetaData,
        mut reader: ColumnReader,
        mut progress: Progress,
        mut cut: Cut<'_>,
    ) -> Result<(u64, ColumnChunkMetaData), DatasetError> {
        let mut writer = self.writer(chunk, false)?;
        let rows = progress.left();
        rewrite::rows(&mut reader, &mut writer, &mut progress, &mut cut, rows)?;
        rewrite::end(&mut reader, &mut writer, &mut progress, cut)?;
        let closed = writer.close().map_err(|error| failed("write", error))?;
        Ok((closed.rows_written, closed.metadata))
    }

    /// Writes a flat column without what goes, page by page where a page stays. The rows that were written.
    ///
    /// What the whole column's least and greatest values are is not said: to know it, all would have to be read.
    fn in_parts(
        &mut self,
        chunk: &ColumnChunkMetaData,
        mut reader: ColumnReader,
        mut progress: Progress,
        mut cut: Cut<'_>,
        stretches: Vec<Stretch>,
    ) -> Result<(u64, ColumnChunkMetaData), DatasetError> {
        let start = self.position();
        let (mut rows, mut uncompressed) = (0, 0);
        let mut encodings: Vec<Encoding> =
            chunk.encodings().filter(|encoding| !settings::is_dictionary(*encoding)).collect();
        for stretch in stretches {
            match stretch {
                Stretch::AsItStands(span) => {
                    rewrite::skip(&mut reader, &mut progress, &mut cut, span.page.values)?;
                    self.page(&span)?;
                    rows += span.page.values;
                    uncompressed += span.header + span.page.uncompressed;
                }
                Stretch::Again(count) => {
                    let mut writer = self.writer(chunk, true)?;
                    rewrite::rows(&mut reader, &mut writer, &mut progress, &mut cut, count)?;
                    let part = writer.close().map_err(|error| failed("write", error))?;
                    rows += part.rows_written;
                    uncompressed += u64::try_from(part.metadata.uncompressed_size()).unwrap_or(0);
                    encodings.extend(part.metadata.encodings());
                }
            }
        }
        // Nothing is written by this one.
        rewrite::end(&mut reader, &mut self.writer(chunk, true)?, &mut progress, cut)?;
        let number = |number: u64| i64::try_from(number).map_err(|_| malformed("a column is too large"));
        let column = ColumnChunkMetaData::builder(chunk.column_descr_ptr())
            .set_compression_codec(chunk.compression_codec())
            .set_encodings(encodings)
            .set_num_values(number(rows)?)
            .set_total_compressed_size(self.position() - start)
            .set_total_uncompressed_size(number(uncompressed)?)
            .set_data_page_offset(start);
        Ok((rows, guarded(|| column.build())?))
    }

    /// Writes pages of a column from here on.
    fn writer(
        &mut self,
        chunk: &ColumnChunkMetaData,
        in_parts: bool,
    ) -> Result<ColumnWriter<'_>, DatasetError> {
        let properties = guarded(|| settings::of(chunk, in_parts))?;
        let pages = Box::new(SerializedPageWriter::new(&mut self.out));
        guarded(|| Ok(get_column_writer(chunk.column_descr_ptr(), properties, pages)))
    }

    /// Writes the footer.
    pub(super) fn finish(mut self) -> Result<(), DatasetError> {
        let old = self.shard.meta.file_metadata();
        let rows = self.groups.iter().map(RowGroupMetaData::num_rows).sum();
        let new = FileMetaData::new(
            old.version().clamp(1, 2),
            rows,
            Some(concat!("withhold version ", env!("CARGO_PKG_VERSION")).to_owned()),
            old.key_value_metadata().cloned(),
            Arc::clone(&old.schema_descr_ptr()),
            old.column_orders().cloned(),
        );
        let new = ParquetMetaDataBuilder::new(new).set_row_groups(self.groups).build();
        // By way of memory: a writer of metadata that is let go does not say that its last bytes could not be written.
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &new)
            .with_preserve_page_index_locations(false)
            .finish()
            .map_err(|error| failed("write", error))?;
        let written = self.out.write_all(&footer).and_then(|()| self.out.flush());
        written.map_err(|source| io_error("write", source))
    }

    fn position(&self) -> i64 {
        self.out.bytes_written() as i64
    }
}

/// Makes glibc keep the memory of pages for the pages after them, by letting go of a large piece that was never touched: it
/// gives back to the system what is larger than the largest of these. A page takes several pieces of a megabyte; to have
/// each of them zeroed anew took a fifth of the time.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(31 << 20)));
}

/// The outermost list that a leaf is in.
fn list_of(shard: &Shard, leaf: usize) -> Option<usize> {
    shard.leaves[leaf].outer.map(|(list, _)| list)
}
