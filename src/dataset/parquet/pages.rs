//! The pages of a column of a row group, as a reader of values takes them.
//!
//! Decides how many rows are read at once, so that memory is bounded by pages, whatever the rows weigh. Must not know what
//! the values mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::Result;
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;

use super::footer::{Shard, guarded, malformed};
use super::{sound, spans};
use crate::dataset::DatasetError;

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

/// Opens a column of a row group.
pub(super) fn open(
    shard: &Shard,
    group: usize,
    leaf: usize,
) -> std::result::Result<(Box<dyn PageReader>, Progress), DatasetError> {
    let group = shard.meta.row_group(group);
    let chunk = group.column(leaf);
    let all =
        u64::try_from(group.num_rows()).map_err(|_| malformed("a row group has fewer rows than none"))?;
    spans::of(&shard.file, chunk)?;
    let opened = Arc::new(AtomicU64::new(0));
    let column = chunk.column_descr_ptr();
    let flat = column.max_rep_level() == 0;
    let pages = guarded(|| {
        let inner = SerializedPageReader::new(Arc::clone(&shard.file), chunk, usize::try_from(all)?, None)?;
        Ok(Pages { inner, column, opened: Arc::clone(&opened) })
    })?;
    let weight = u64::try_from(chunk.uncompressed_size()).unwrap_or(u64::MAX) / all.max(1);
    let most = (AIM / weight.max(1)).max(1);
    Ok((Box::new(pages), Progress { opened, rows: 0, flat, most, all }))
}

/// Looks at the pages that pass, and counts their values. Pages without values, which Arrow writes at times, do not pass:
/// the crate takes one for the end of the column.
struct Pages<P> {
    inner: P,
    column: ColumnDescPtr,
    opened: Arc<AtomicU64>,
}

impl<P: PageReader> Pages<P> {
    fn pass_empty(&mut self) -> Result<()> {
        while self.inner.peek_next_page()?.is_some_and(|page| !page.is_dict && page.num_levels == Some(0)) {
            self.inner.skip_next_page()?;
        }
        Ok(())
    }
}

impl<P: PageReader> PageReader for Pages<P> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.pass_empty()?;
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            sound::check(page, &self.column)?;
            let values = if page.is_data_page() { u64::from(page.num_values()) } else { 0 };
            self.opened.fetch_add(values, Ordering::Relaxed);
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pass_empty()?;
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let values = self.peek_next_page()?.and_then(|page| page.num_levels).unwrap_or(0);
        self.opened.fetch_add(values as u64, Ordering::Relaxed);
        self.inner.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.inner.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = self.inner.take_deferred_dictionary()?;
        page.as_ref().map_or(Ok(()), |page| sound::check(page, &self.column))?;
        Ok(page)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pass_empty()?;
        self.inner.at_record_boundary()
    }
}

impl<P: PageReader> Iterator for Pages<P> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
