//! The values of a flat column of texts, where they lie in its pages.
//!
//! Decides that for the two encodings that nearly all keys are in, plain and by dictionary: then no value is copied, nor
//! counted by whoever holds it. Pages in any other are for the crate's own reader. Must not judge.

use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use super::hybrid::Hybrid;
use crate::dataset::Value;

/// So many rows are passed at once.
const AT_ONCE: usize = 8192;

/// Reads a flat column.
pub(super) struct Texts {
    pages: Box<dyn PageReader>,
    /// The level at which a value is there.
    defined: i16,
    /// How long each value is, if all are as long.
    fixed: Option<usize>,
    dictionary: Option<(Page, Vec<Span>)>,
    open: Open,
    /// The pages that have values that were read; the last one is open.
    held: Vec<Page>,
    /// What was read.
    read: Vec<Place>,
    /// For each of the rows at hand, whether it has a value.
    there: Vec<bool>,
}

/// From where to where in a page.
type Span = (u32, u32);

/// Where a value lies.
#[derive(Debug, Clone, Copy)]
enum Place {
    Null,
    Dictionary(Span),
    /// In one of the pages held.
    Page(u32, Span),
}

/// What is left of the page that is open.
struct Open {
    rows: usize,
    /// Nothing, if every value is there.
    levels: Option<Hybrid>,
    values: Values,
}

enum Values {
    /// From a byte on.
    Plain(usize),
    /// As places in the dictionary.
    Places(Hybrid),
}

impl Texts {
    /// Reads these pages of a column, if it can be one that is read here.
    pub(super) fn new(
        pages: Box<dyn PageReader>,
        column: &ColumnDescriptor,
    ) -> std::result::Result<Self, Box<dyn PageReader>> {
        let fixed = match column.physical_type() {
            Physical::BYTE_ARRAY => None,
            Physical::FIXED_LEN_BYTE_ARRAY => usize::try_from(column.type_length()).ok(),
            _ => return Err(pages),
        };
        if column.max_rep_level() > 0 {
            return Err(pages);
        }
        Ok(Self {
            pages,
            defined: column.max_def_level(),
            fixed,
            dictionary: None,
            open: Open { rows: 0, levels: None, values: Values::Plain(0) },
            held: Vec::new(),
            read: Vec::new(),
            there: Vec::new(),
        })
    }

    /// Reads so many rows, or all that there are; those before are let go. How many it has read; none if a page is encoded
    /// in another way, and then all is to be read by other means.
    pub(super) fn rows(&mut self, rows: usize) -> Result<Option<usize>> {
        self.read.clear();
        self.held.drain(..self.held.len().saturating_sub(1));
        while self.read.len() < rows {
            if self.open.rows == 0 {
                match self.pages.get_next_page()? {
                    None => break,
                    Some(page) => match self.page(page)? {
                        Some(()) => continue,
                        None => return Ok(None),
                    },
                }
            }
            let count = self.open.rows.min(rows - self.read.len());
            self.some(count).ok_or_else(broken)?;
            self.open.rows -= count;
        }
        Ok(Some(self.read.len()))
    }

    /// Passes so many rows, as [`Self::rows`] reads them.
    pub(super) fn skip(&mut self, rows: usize) -> Result<Option<usize>> {
        let mut left = rows;
        while left > 0 {
            if self.open.rows == 0
                && let Some(next) = self.pages.peek_next_page()?
                && !next.is_dict
                && let Some(here) = next.num_levels
                && here <= left
            {
                self.pages.skip_next_page()?;
                left -= here;
                continue;
            }
            // In portions: who says how many rows there are is the file.
            match self.rows(left.min(AT_ONCE))? {
                None => return Ok(None),
                Some(0) => break,
                Some(passed) => left -= passed,
            }
        }
        self.read.clear();
        Ok(Some(rows - left))
    }

    /// What was read.
    pub(super) fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.read.iter().map(|place| {
            let (page, (from, to)) = match *place {
                Place::Null => return Value::Null,
                Place::Dictionary(span) => (self.dictionary.as_ref().map(|dictionary| &dictionary.0), span),
                Place::Page(page, span) => (self.held.get(page as usize), span),
            };
            // It was seen to lie within its page.
            let value = page.and_then(|page| page.buffer().get(from as usize..to as usize));
            Value::Bytes(value.unwrap_or_default())
        })
    }

    /// Opens a page. None if it is encoded otherwise.
    fn page(&mut self, page: Page) -> Result<Option<()>> {
        let known = match &page {
            Page::DictionaryPage { encoding, num_values, .. } => {
                if !matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY) {
                    return Ok(None);
                }
                let spans = self.dictionary_spans(page.buffer(), *num_values).ok_or_else(broken)?;
                self.dictionary = Some((page, spans));
                return Ok(Some(()));
            }
            Page::DataPage { def_level_encoding, .. } => {
                self.defined == 0 || *def_level_encoding == Encoding::RLE
            }
            Page::DataPageV2 { .. } => true,
        };
        let plain = match page.encoding() {
            Encoding::PLAIN => true,
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => false,
            _ => return Ok(None),
        };
        if !known {
            return Ok(None);
        }
        self.open = self.opened(&page, plain).ok_or_else(broken)?;
        self.held.push(page);
        Ok(Some(()))
    }

    fn dictionary_spans(&self, bytes: &[u8], count: u32) -> Option<Vec<Span>> {
        let mut at = 0;
        (0..count).map(|_| plain(self.fixed, bytes, &mut at)).collect()
    }

    fn opened(&self, page: &Page, plain: bool) -> Option<Open> {
        let bytes = page.buffer();
        let (levels, values) = match page {
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                let from = usize::try_from(*rep_levels_byte_len).ok()?;
                let to = from.checked_add(usize::try_from(*def_levels_byte_len).ok()?)?;
                (from..to, to)
            }
            _ if self.defined > 0 => {
                let length = usize::try_from(u32::from_le_bytes(*bytes.first_chunk()?)).ok()?;
                let to = length.checked_add(4)?;
                (4..to, to)
            }
            _ => (0..0, 0),
        };
        bytes.get(levels.clone())?;
        let width = i16::BITS - self.defined.leading_zeros();
        let levels =
            if self.defined > 0 { Some(Hybrid::new(levels, u8::try_from(width).ok()?)?) } else { None };
        let values = if plain {
            Values::Plain(values)
        } else if let Some(width) = bytes.get(values) {
            Values::Places(Hybrid::new(values + 1..bytes.len(), *width)?)
        } else {
            // There is no value in it.
            Values::Places(Hybrid::new(values..values, 0)?)
        };
        Some(Open { rows: usize::try_from(page.num_values()).ok()?, levels, values })
    }

    /// Reads so many rows of the page that is open. None if it has less.
    fn some(&mut self, count: usize) -> Option<()> {
        let page = u32::try_from(self.held.len().checked_sub(1)?).ok()?;
        let bytes = self.held.last()?.buffer();
        self.there.clear();
        match &mut self.open.levels {
            None => self.there.resize(count, true),
            Some(levels) => {
                let (there, defined) = (&mut self.there, i64::from(self.defined));
                levels.each(bytes, count, |level| there.push(i64::from(level) == defined))?;
            }
        }
        match &mut self.open.values {
            Values::Plain(at) => {
                let mut at = std::mem::take(at);
                for there in &self.there {
                    self.read.push(if *there {
                        Place::Page(page, plain(self.fixed, bytes, &mut at)?)
                    } else {
                        Place::Null
                    });
                }
                self.open.values = Values::Plain(at);
            }
            Values::Places(places) => {
                let spans = self.dictionary.as_ref().map_or(&[][..], |dictionary| &dictionary.1);
                let values = self.there.iter().filter(|there| **there).count();
                let (read, mut there) = (&mut self.read, self.there.iter());
                let mut known = true;
                places.each(bytes, values, |place| {
                    // Those that are not there stand before the next that is.
                    let nulls = there.by_ref().take_while(|there| !**there).count();
                    read.extend(std::iter::repeat_n(Place::Null, nulls));
                    let span = usize::try_from(place).ok().and_then(|place| spans.get(place));
                    known &= span.is_some();
                    read.push(span.map_or(Place::Null, |span| Place::Dictionary(*span)));
                })?;
                read.extend(there.map(|_| Place::Null));
                known.then_some(())?;
            }
        }
        Some(())
    }
}

/// The value that begins at a byte, in plain encoding.
fn plain(fixed: Option<usize>, bytes: &[u8], at: &mut usize) -> Option<Span> {
    let (from, length) = match fixed {
        Some(length) => (*at, length),
        None => {
            let length = bytes.get(*at..)?.first_chunk()?;
            (*at + length.len(), usize::try_from(u32::from_le_bytes(*length)).ok()?)
        }
    };
    let to = from.checked_add(length).filter(|to| *to <= bytes.len())?;
    *at = to;
    Some((u32::try_from(from).ok()?, u32::try_from(to).ok()?))
}

fn broken() -> ParquetError {
    // It quotes nothing: what is in the page may be what goes.
    ParquetError::General("a page has less than it says".to_owned())
}
