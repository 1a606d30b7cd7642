//! Thrift's compact protocol, as far as files in Parquet must be looked at before the `parquet` crate does.
//!
//! Decides what a footer says that the crate passes over or would fall over: that columns are encrypted, and how deep the
//! schema is; and what the header of a page says. Must not take anything for granted: what it reads may be hostile.

/// A footer may nest as deep as this. Schemas of data sets nest three or four deep; the crate goes down by recursion.
const DEEPEST: usize = 64;

/// What a footer says of itself before it is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Footer {
    /// Columns are encrypted, or the footer is signed.
    pub(crate) encrypted: bool,
    /// The nodes of the schema.
    pub(crate) nodes: u64,
}

/// Looks through a footer (a `FileMetaData`); none if it is not one.
pub(crate) fn footer(bytes: &[u8]) -> Option<Footer> {
    let mut input = Input { rest: bytes };
    let (mut encrypted, mut nodes) = (false, 0);
    input.fields(0, &mut |input, id, kind| match (id, kind) {
        (2, LIST) => {
            nodes = schema(input)?;
            Some(())
        }
        (8, _) => {
            encrypted = true;
            input.skip(kind, 0)
        }
        _ => input.skip(kind, 0),
    })?;
    Some(Footer { encrypted, nodes })
}

/// Walks over a list of `SchemaElement`, which has a tree's nodes in pre-order, and sees that it is not too deep. How many
/// they are.
fn schema(input: &mut Input<'_>) -> Option<u64> {
    let (size, kind) = input.list()?;
    (kind == STRUCT).then_some(())?;
    // How many children are still to come, on each level.
    let mut open: Vec<u64> = Vec::new();
    for at in 0..size {
        let mut children = 0;
        input.fields(0, &mut |input, id, kind| match (id, kind) {
            (5, I32) => {
                children = input.number()?;
                Some(())
            }
            _ => input.skip(kind, 0),
        })?;
        match open.last_mut() {
            Some(left) => *left = left.checked_sub(1)?,
            None => (at == 0).then_some(())?,
        }
        open.push(u64::try_from(children).ok()?);
        (open.len() <= DEEPEST).then_some(())?;
        while open.last() == Some(&0) && open.len() > 1 {
            open.pop();
        }
    }
    Some(size)
}

/// What the header of a page says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its bytes in the file, without the header.
    pub(crate) compressed: u64,
    /// So many once they are unpacked.
    pub(crate) uncompressed: u64,
    /// The checksum of these bytes, if it has one.
    pub(crate) crc: Option<u32>,
    /// Its values, NULLs among them; of a dictionary none.
    pub(crate) values: u64,
    pub(crate) is_dictionary: bool,
    /// The values of a dictionary.
    pub(crate) entries: u64,
    /// Whether its values are numbers in the dictionary.
    pub(crate) needs_dictionary: bool,
}

/// The header of a page at the beginning of some bytes, with its length; none if it is cut off, or is none.
pub(crate) fn page(bytes: &[u8]) -> Option<(u64, Page)> {
    const DATA: i64 = 0;
    const INDEX: i64 = 1;
    const DICTIONARY: i64 = 2;
    const DATA_V2: i64 = 3;
    let mut input = Input { rest: bytes };
    let mut page = Page::default();
    let (mut kind, mut size, mut compressed) = (None, None, None);
    // Which of the headers of its kinds it has, with the number of values, the encoding, and the lengths of levels.
    let mut of_kind = None;
    input.fields(0, &mut |input, id, field| {
        match (id, field) {
            (1, I32) => kind = Some(input.number()?),
            (2, I32) => size = Some(u64::try_from(input.number()?).ok()?),
            (3, I32) => compressed = Some(u64::try_from(input.number()?).ok()?),
            (4, I32) => page.crc = Some((input.number()? & 0xffff_ffff) as u32),
            (5 | 7 | 8, STRUCT) => {
                let mut numbers = [None; 7];
                input.fields(1, &mut |input, id, field| match (usize::try_from(id), field) {
                    (Ok(at @ 1..=6), I32) => {
                        numbers[at] = Some(u64::try_from(input.number()?).ok()?);
                        Some(())
                    }
                    _ => input.skip(field, 1),
                })?;
                of_kind = Some((id, numbers));
            }
            _ => input.skip(field, 0)?,
        }
        Some(())
    })?;
    let (size, compressed) = (size?, compressed?);
    let most = u64::from(i32::MAX.unsigned_abs());
    (size <= most && compressed <= most).then_some(())?;
    (page.compressed, page.uncompressed) = (compressed, size);
    let encoding = match (kind?, of_kind) {
        (DATA, Some((5, numbers))) => {
            page.values = numbers[1]?;
            numbers[2]?
        }
        (DICTIONARY, Some((7, numbers))) => {
            page.is_dictionary = true;
            page.entries = numbers[1]?;
            0
        }
        (DATA_V2, Some((8, numbers))) => {
            page.values = numbers[1]?;
            let levels = numbers[5]?.checked_add(numbers[6]?)?;
            (levels <= size && levels <= compressed && numbers[2]? <= page.values).then_some(())?;
            numbers[4]?
        }
        (INDEX, _) => 0,
        _ => return None,
    };
    // PLAIN_DICTIONARY and RLE_DICTIONARY.
    page.needs_dictionary = matches!(encoding, 2 | 8);
    Some(((bytes.len() - input.rest.len()) as u64, page))
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// What is still to be read. Everything is none at its end.
struct Input<'a> {
    rest: &'a [u8],
}

impl Input<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A number in zigzag.
    fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let size = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        // An item is a byte at least.
        (size <= self.rest.len() as u64).then_some((size, head & 15))
    }

    /// Every field of a struct: its id and its kind. `each` reads its value.
    fn fields(&mut self, depth: usize, each: &mut dyn FnMut(&mut Self, i16, u8) -> Option<()>) -> Option<()> {
        (depth <= DEEPEST).then_some(())?;
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            if head & 15 == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.number()?).ok()?,
                delta => id.checked_add(i16::from(delta))?,
            };
            each(self, id, head & 15)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        (depth <= DEEPEST).then_some(())?;
        match kind {
            TRUE | FALSE => {}
            BYTE => drop(self.byte()?),
            I16 | I32 | I64 => drop(self.varint()?),
            DOUBLE => self.pass(8)?,
            BINARY => {
                let length = self.varint()?;
                self.pass(length)?;
            }
            LIST | SET => {
                let (size, kind) = self.list()?;
                for _ in 0..size {
                    self.skip_item(kind, depth + 1)?;
                }
            }
            MAP => {
                let size = self.varint()?;
                let kinds = if size == 0 { 0 } else { self.byte()? };
                for _ in 0..size {
                    self.skip_item(kinds >> 4, depth + 1)?;
                    self.skip_item(kinds & 15, depth + 1)?;
                }
            }
            STRUCT => self.fields(depth + 1, &mut |input, _, kind| input.skip(kind, depth + 1))?,
            _ => return None,
        }
        Some(())
    }

    /// An item of a list or a map: a boolean is a byte there.
    fn skip_item(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, TRUE | FALSE) { self.pass(1) } else { self.skip(kind, depth) }
    }

    fn pass(&mut self, length: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(length).ok()?..)?;
        Some(())
    }
}
