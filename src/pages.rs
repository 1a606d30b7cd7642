//! The pages of a column in Parquet, before the `parquet` crate decodes them.
//!
//! Decides where they lie, as far as their headers tell; and that those without values do not pass, which the crate takes for
//! the end of a column. Must not decide what may be in them, nor how an error is told: whoever reads them does.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::iter;
use std::ops::Range;

use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::schema::types::ColumnDescriptor;

use crate::thrift;

/// A header is looked for in so many bytes, and in more if it does not end there: it may have statistics.
const HEADERS: [u64; 3] = [256, 8 << 10, 256 << 10];

/// The bytes of the length before a text, or levels.
const LENGTH: usize = size_of::<u32>();

/// Where a column of a row group begins, and how long it is.
pub(crate) fn range(chunk: &ColumnChunkMetaData) -> Option<(u64, u64)> {
    let data = u64::try_from(chunk.data_page_offset()).ok()?;
    let start = match chunk.dictionary_page_offset() {
        Some(offset) => u64::try_from(offset).ok().filter(|start| *start < data)?,
        None => data,
    };
    let length = u64::try_from(chunk.compressed_size()).ok()?;
    (data - start < length).then_some((start, length))
}

/// A page: its header, and its bytes behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Where its header begins.
    pub(crate) start: u64,
    /// The length of the header.
    pub(crate) header: u64,
    pub(crate) page: thrift::Page,
}

impl Span {
    /// The length of the header and the page.
    pub(crate) fn length(&self) -> u64 {
        self.header + self.page.compressed
    }
}

/// Every page of a column of a row group, one after another, up to the first that cannot be. No header is longer than
/// `longest`.
pub(crate) fn spans(
    file: &File,
    chunk: &ColumnChunkMetaData,
    longest: u64,
) -> io::Result<impl Iterator<Item = io::Result<Span>>> {
    let (mut start, mut left) = range(chunk).ok_or_else(|| malformed("a part of it lies outside of it"))?;
    Ok(iter::from_fn(move || {
        (left > 0).then(|| {
            let span = span(file, start, left, longest);
            let length = span.as_ref().map_or(left, Span::length);
            start += length;
            left -= length;
            span
        })
    }))
}

/// The page that begins at `start`, of a column of which so many bytes are left.
fn span(mut file: &File, start: u64, left: u64, longest: u64) -> io::Result<Span> {
    for most in HEADERS.into_iter().chain([longest]) {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(most.min(left)).read_to_end(&mut bytes)?;
        if let Some((header, page)) = thrift::page(&bytes) {
            let fits = header.checked_add(page.compressed).is_some_and(|length| length <= left);
            let span = fits.then_some(Span { start, header, page });
            return span.ok_or_else(|| malformed("a page is longer than its column"));
        }
    }
    Err(malformed("the header of a page cannot be read"))
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// What comes after a text, or levels, with its length before it.
pub(crate) fn text(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.get(usize::try_from(u32::from_le_bytes(*length)).ok()?..)
}

/// The values of a page that was decompressed: of a dictionary all that it has, else what comes after its levels.
pub(crate) fn values<'p>(page: &'p Page, column: &ColumnDescriptor) -> Option<&'p [u8]> {
    page.buffer().get(definitions(page, column)?.end..)
}

/// Where the definition levels of a page that was decompressed lie; what comes after them are its values. They are in RLE,
/// as all but the oldest writers have them.
pub(crate) fn definitions(page: &Page, column: &ColumnDescriptor) -> Option<Range<usize>> {
    let bytes = &page.buffer()[..];
    match page {
        Page::DictionaryPage { .. } => Some(0..0),
        Page::DataPage { .. } => {
            let levels = |from: usize, most: i16| {
                let rest = bytes.get(from..)?;
                let end = if most > 0 { bytes.len() - text(rest)?.len() } else { from };
                Some(from + if most > 0 { LENGTH } else { 0 }..end)
            };
            levels(levels(0, column.max_rep_level())?.end, column.max_def_level())
        }
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
            let from = usize::try_from(*rep_levels_byte_len).ok()?;
            let to = from.checked_add(usize::try_from(*def_levels_byte_len).ok()?)?;
            (to <= bytes.len()).then_some(from..to)
        }
    }
}

/// That a page has fewer bytes than it must have. It quotes nothing: what is in the page may be what goes.
pub(crate) fn less() -> ParquetError {
    ParquetError::General("a page has less than it says".to_owned())
}

/// Looks at the pages that pass.
pub(crate) trait Look: Send {
    /// One is going to be decoded.
    ///
    /// # Errors
    /// It must not be.
    fn page(&mut self, page: &Page) -> Result<()>;

    /// One with so many values is passed over.
    fn skipped(&mut self, _values: u64) {}
}

/// The pages of a column, each looked at. Those without values, which Arrow writes at times, do not pass.
pub(crate) struct Pages<P, L> {
    inner: P,
    look: L,
}

impl<P: PageReader, L: Look> Pages<P, L> {
    pub(crate) fn new(inner: P, look: L) -> Self {
        Self { inner, look }
    }

    fn pass_empty(&mut self) -> Result<()> {
        while self.inner.peek_next_page()?.is_some_and(|page| !page.is_dict && page.num_levels == Some(0)) {
            self.inner.skip_next_page()?;
        }
        Ok(())
    }

    fn looked_at(&mut self, page: Option<Page>) -> Result<Option<Page>> {
        page.as_ref().map_or(Ok(()), |page| self.look.page(page))?;
        Ok(page)
    }
}

impl<P: PageReader, L: Look> PageReader for Pages<P, L> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.pass_empty()?;
        let page = self.inner.get_next_page()?;
        self.looked_at(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pass_empty()?;
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let values = self.peek_next_page()?.and_then(|page| page.num_levels).unwrap_or(0);
        self.look.skipped(values as u64);
        self.inner.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.inner.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = self.inner.take_deferred_dictionary()?;
        self.looked_at(page)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pass_empty()?;
        self.inner.at_record_boundary()
    }
}

impl<P: PageReader, L: Look> Iterator for Pages<P, L> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::Write;
    use std::sync::Arc;

    use parquet::basic::Encoding;
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::*;

    fn schema(column: &str) -> SchemaDescriptor {
        let schema = parse_message_type(&format!("message rows {{ {column}; }}")).unwrap();
        SchemaDescriptor::new(Arc::new(schema))
    }

    /// A column whose dictionary and data begin at these places, and that is so long.
    fn chunk(dictionary: Option<i64>, data: i64, length: i64) -> ColumnChunkMetaData {
        ColumnChunkMetaData::builder(schema("required binary id").column(0))
            .set_dictionary_page_offset(dictionary)
            .set_data_page_offset(data)
            .set_total_compressed_size(length)
            .build()
            .unwrap()
    }

    #[test]
    fn a_column_begins_with_its_dictionary_and_ends_after_its_data_begins() {
        for (dictionary, data, length, found) in [
            (None, 4, 10, Some((4, 10))),
            (Some(4), 9, 10, Some((4, 10))),
            (Some(4), 13, 10, Some((4, 10))),
            (Some(4), 14, 10, None),
            (Some(4), 4, 10, None),
            (Some(5), 4, 10, None),
            (Some(-1), 4, 10, None),
            (None, -4, 10, None),
            (None, 4, -10, None),
            (None, 4, 0, None),
        ] {
            assert_eq!(range(&chunk(dictionary, data, length)), found, "{dictionary:?} {data} {length}");
        }
    }

    /// The header of a data page with so many bytes and values, in Thrift.
    fn header(bytes: u8, values: u8) -> Vec<u8> {
        let zigzag = |number: u8| number * 2;
        // Its kind, both sizes; in field 5 the number of values and three encodings.
        let sizes = [0x15, 0, 0x15, zigzag(bytes), 0x15, zigzag(bytes)];
        [&sizes[..], &[0x2c, 0x15, zigzag(values), 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]].concat()
    }

    /// The pages that are found in these bytes, or why not: how long they are, and how many values they have.
    fn found(bytes: &[u8], longest: u64) -> Vec<std::result::Result<(u64, u64), String>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let chunk = chunk(None, 0, bytes.len() as i64);
        let spans = spans(&file, &chunk, longest).unwrap();
        let told = |span: Span| (span.length(), span.page.values);
        // Whoever goes on after an error gets nothing more.
        spans.map(|span| span.map(told).map_err(|error| error.to_string())).collect()
    }

    #[test]
    fn pages_lie_one_after_another_up_to_the_first_that_cannot_be() {
        let page = |values| [header(3, values), vec![7; 3]].concat();
        let length = page(1).len() as u64;
        let two = [page(2), page(1)].concat();
        assert_eq!(found(&two, 1 << 20), [Ok((length, 2)), Ok((length, 1))]);
        let longer = || Err("a page is longer than its column".to_owned());
        assert_eq!(found(&two[..two.len() - 1], 1 << 20), [Ok((length, 2)), longer()]);
        let none = || Err("the header of a page cannot be read".to_owned());
        assert_eq!(found(&[page(2), vec![0xff; 600]].concat(), 1 << 20), [Ok((length, 2)), none()]);
    }

    #[test]
    fn a_long_header_is_read_as_far_as_one_may_be_long() {
        // Statistics: field 5 of the data page's header, whose field 1 is so many bytes.
        let long = |bytes: usize| {
            let mut header = header(3, 2);
            header.truncate(header.len() - 2);
            let length = [(bytes & 0x7f | 0x80) as u8, (bytes >> 7 & 0x7f | 0x80) as u8, (bytes >> 14) as u8];
            [&header[..], &[0x1c, 0x18], &length, &vec![b'x'; bytes], &[0, 0, 0], &[7; 3]].concat()
        };
        for bytes in [10, 1000, 100_000, 400_000] {
            let page = long(bytes);
            assert_eq!(found(&page, 1 << 20), [Ok((page.len() as u64, 2))], "{bytes}");
        }
        assert!(found(&long(400_000), 300_000)[0].is_err());
    }

    fn data(values: &[u8], num_values: u32) -> Page {
        Page::DataPage {
            buf: values.to_vec().into(),
            num_values,
            encoding: Encoding::PLAIN,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        }
    }

    #[test]
    fn values_come_after_the_levels() {
        let found = |page: &Page, column: &str| {
            values(page, &schema(column).column(0)).map(|values| String::from_utf8(values.to_vec()).unwrap())
        };
        let page = data(b"\x02\0\0\0__\x01\0\0\0_abc", 3);
        assert_eq!(found(&page, "repeated binary id").as_deref(), Some("abc"));
        assert_eq!(found(&page, "optional binary id").as_deref(), Some("\x01\0\0\0_abc"));
        assert_eq!(found(&data(b"abc", 3), "required binary id").as_deref(), Some("abc"));
        assert_eq!(found(&data(b"\x04\0\0\0abc", 3), "optional binary id"), None);
        assert_eq!(found(&data(b"\x04\0\0", 3), "optional binary id"), None);
        let second = |def_levels_byte_len, rep_levels_byte_len| Page::DataPageV2 {
            buf: b"___abc".to_vec().into(),
            num_values: 3,
            encoding: Encoding::PLAIN,
            num_nulls: 0,
            num_rows: 3,
            def_levels_byte_len,
            rep_levels_byte_len,
            is_compressed: false,
            statistics: None,
        };
        assert_eq!(found(&second(1, 2), "optional binary id").as_deref(), Some("abc"));
        assert_eq!(found(&second(1, u32::MAX), "optional binary id"), None);
        let dictionary = Page::DictionaryPage {
            buf: b"abc".to_vec().into(),
            num_values: 3,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        assert_eq!(found(&dictionary, "optional binary id").as_deref(), Some("abc"));
    }

    /// Pages that are there already, as the crate's reader gives them.
    struct Ready(VecDeque<Page>);

    impl PageReader for Ready {
        fn get_next_page(&mut self) -> Result<Option<Page>> {
            Ok(self.0.pop_front())
        }

        fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
            Ok(self.0.front().map(|page| PageMetadata {
                num_rows: None,
                num_levels: page.is_data_page().then(|| page.num_values() as usize),
                is_dict: page.is_dictionary_page(),
            }))
        }

        fn skip_next_page(&mut self) -> Result<()> {
            self.0.pop_front();
            Ok(())
        }
    }

    impl Iterator for Ready {
        type Item = Result<Page>;

        fn next(&mut self) -> Option<Self::Item> {
            self.get_next_page().transpose()
        }
    }

    /// Notes what it sees, and stops a page of 13 values.
    #[derive(Default)]
    struct Notes {
        seen: Vec<u32>,
        skipped: Vec<u64>,
    }

    impl Look for Notes {
        fn page(&mut self, page: &Page) -> Result<()> {
            self.seen.push(page.num_values());
            if page.num_values() == 13 { Err(less()) } else { Ok(()) }
        }

        fn skipped(&mut self, values: u64) {
            self.skipped.push(values);
        }
    }

    fn pages(values: &[u32]) -> Pages<Ready, Notes> {
        Pages::new(Ready(values.iter().map(|&values| data(b"", values)).collect()), Notes::default())
    }

    #[test]
    fn pages_without_values_do_not_pass_however_they_are_asked_for() {
        let of = |page: Option<Page>| page.map(|page| page.num_values());
        let next = |pages: &mut Pages<_, _>| of(pages.next().transpose().unwrap());
        let mut read = pages(&[0, 2, 0, 0, 3, 0]);
        assert_eq!((next(&mut read), next(&mut read), next(&mut read)), (Some(2), Some(3), None));
        assert_eq!(read.look.seen, [2, 3]);
        let mut peeked = pages(&[0, 2]);
        assert_eq!(peeked.peek_next_page().unwrap().and_then(|page| page.num_levels), Some(2));
        let mut skipped = pages(&[0, 2, 0, 3]);
        skipped.skip_next_page().unwrap();
        assert_eq!((next(&mut skipped), &skipped.look.skipped[..]), (Some(3), &[2][..]));
        // What comes after the last page is the end of a record, too.
        assert!(pages(&[0, 0]).at_record_boundary().unwrap());
    }

    #[test]
    fn a_page_that_is_refused_does_not_pass() {
        let mut pages = pages(&[2, 13]);
        assert!(pages.next().unwrap().is_ok());
        assert!(pages.next().unwrap().is_err_and(|error| error.to_string().contains("less than it says")));
    }
}
