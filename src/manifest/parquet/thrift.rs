//! Thrift's compact protocol, as far as it must be looked at before the `parquet` crate does.
//!
//! Decides what a footer or the header of a page says that the crate would fall over, or take memory for by its word. Must
//! not take anything for granted: what it reads may be hostile.

/// Structs may nest as deep as this; the crate goes down by recursion.
const DEEPEST: usize = 16;
/// A schema has no more nodes than this: ours have 19, and nest three deep.
const MOST_NODES: u64 = 64;

/// Whether the bytes may be taken for a footer (a `FileMetaData`): whole, of few columns, not encrypted.
pub(super) fn is_footer(bytes: &[u8]) -> bool {
    let mut input = Input { rest: bytes };
    let fields = input.fields(0, &mut |input, id, kind| match (id, kind) {
        (2, LIST) => {
            let (size, kind) = input.clone().list()?;
            (size <= MOST_NODES && kind == STRUCT).then_some(())?;
            input.skip(LIST, 0)
        }
        // Encrypted, or a signed footer.
        (8, _) => None,
        _ => input.skip(kind, 0),
    });
    fields.is_some()
}

/// What the header of a page says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Its bytes in the file, without the header.
    pub(super) compressed: u64,
    /// Its bytes, decompressed.
    pub(super) size: u64,
    /// Its values, NULLs among them; of a dictionary its entries.
    pub(super) values: u64,
    pub(super) is_dictionary: bool,
    /// How its values are encoded.
    pub(super) encoding: u64,
}

/// The header of a page at the beginning of some bytes, with its length; `None` if it is cut off, or is none.
pub(super) fn page(bytes: &[u8]) -> Option<(u64, Page)> {
    const DATA: i64 = 0;
    const DICTIONARY: i64 = 2;
    const DATA_V2: i64 = 3;
    let mut input = Input { rest: bytes };
    let (mut kind, mut size, mut compressed, mut of_kind) = (None, None, None, None);
    input.fields(0, &mut |input, id, field| {
        match (id, field) {
            (1, I32) => kind = Some(input.number()?),
            (2, I32) => size = Some(u64::try_from(input.number()?).ok()?),
            (3, I32) => compressed = Some(u64::try_from(input.number()?).ok()?),
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
    let (values, encoding) = match (kind?, of_kind?) {
        (DATA, (5, numbers)) | (DICTIONARY, (7, numbers)) => (numbers[1]?, numbers[2]?),
        (DATA_V2, (8, numbers)) => {
            let levels = numbers[5]?.checked_add(numbers[6]?)?;
            (levels <= size && levels <= compressed && numbers[2]? <= numbers[1]?).then_some(())?;
            (numbers[1]?, numbers[4]?)
        }
        _ => return None,
    };
    let page = Page { compressed, size, values, is_dictionary: kind == Some(DICTIONARY), encoding };
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
const STRUCT: u8 = 12;

/// What is still to be read. Everything is none at its end.
#[derive(Clone)]
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
                    // A boolean is a byte here.
                    if matches!(kind, TRUE | FALSE) { self.pass(1)? } else { self.skip(kind, depth + 1)? }
                }
            }
            STRUCT => self.fields(depth + 1, &mut |input, _, kind| input.skip(kind, depth + 1))?,
            // Footers have no maps.
            _ => return None,
        }
        Some(())
    }

    fn pass(&mut self, length: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(length).ok()?..)?;
        Some(())
    }
}
