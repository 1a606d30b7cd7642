//! The pages of a column of a row group, as a reader of values takes them.
//!
//! Decides how many rows are read at once, so that memory is bounded by pages, whatever the rows weigh. Must not know what
//! the values mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::column::page::{Page, PageReader};
use parquet::errors::Result;
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;

use super::footer::{Shard, guarded, malformed};
use super::{sound, spans};
use crate::dataset::DatasetError;
use crate::pages::{Look, Pages, Span};

/// As many bytes are aimed at for what is read at once.
const AIM: u64 = 4 << 20;

/// How far a column of a row group has been read.
pub(super) struct Progress {
    /// Values, NULLs among them, in the pages that were opened or passed.
    opened: Arc<AtomicU64>,
    /// Rows that were read or passed.
    rows: u64,
    /// Whether a row has one value.
    flat: bool,
    /// The most rows to read at once where a row may have several values.
    most: u64,
    /// The rows that there are.
    all: u64,
}

impl Progress {
    /// How many rows to read at once, of so many that are wanted: no more than the page has that is open, as a page is in
    /// memory as a whole. After its last, one row opens the next.
    pub(super) fn portion(&self, wanted: u64) -> u64 {
        let left = if self.flat {
            self.opened.load(Ordering::Relaxed).saturating_sub(self.rows).max(1)
        } else {
            self.most
        };
        wanted.min(left)
    }

    pub(super) fn done(&mut self, rows: u64) {
        self.rows += rows;
    }

    /// Rows that were read or passed.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows that are still to come.
    pub(super) fn left(&self) -> u64 {
        self.all - self.rows
    }
}

/// A column of a row group that was opened.
pub(super) struct Opened {
    pub(super) pages: Box<dyn PageReader>,
    pub(super) progress: Progress,
    /// Where the pages lie.
    pub(super) spans: Vec<Span>,
}

/// Opens a column of a row group.
pub(super) fn open(shard: &Shard, group: usize, leaf: usize) -> std::result::Result<Opened, DatasetError> {
    let group = shard.meta.row_group(group);
    let chunk = group.column(leaf);
    let all =
        u64::try_from(group.num_rows()).map_err(|_| malformed("a row group has fewer rows than none"))?;
    let spans = spans::of(&shard.file, chunk)?;
    let opened = Arc::new(AtomicU64::new(0));
    let column = chunk.column_descr_ptr();
    let flat = column.max_rep_level() == 0;
    let pages = guarded(|| {
        let inner = SerializedPageReader::new(Arc::clone(&shard.file), chunk, usize::try_from(all)?, None)?;
        Ok(Pages::new(inner, Count { column, opened: Arc::clone(&opened) }))
    })?;
    let weight = u64::try_from(chunk.uncompressed_size()).unwrap_or(u64::MAX) / all.max(1);
    let most = (AIM / weight.max(1)).max(1);
    Ok(Opened { pages: Box::new(pages), progress: Progress { opened, rows: 0, flat, most, all }, spans })
}

/// Sees that pages are sound, and counts the values of those that were opened or passed.
struct Count {
    column: ColumnDescPtr,
    opened: Arc<AtomicU64>,
}

impl Look for Count {
    fn page(&mut self, page: &Page) -> Result<()> {
        sound::check(page, &self.column)?;
        if page.is_data_page() {
            self.skipped(u64::from(page.num_values()));
        }
        Ok(())
    }

    fn skipped(&mut self, values: u64) {
        self.opened.fetch_add(values, Ordering::Relaxed);
    }
}
