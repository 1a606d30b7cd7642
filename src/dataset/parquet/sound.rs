//! Pages that the crate can decode without falling over.
//!
//! Decides whether what a page says of its length is so, where the crate would take memory for it by its word, or panic.
//! Must not decode values.

use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::Page;
use parquet::errors::Result;
use parquet::schema::types::ColumnDescriptor;

use crate::pages::{less, text, values};

/// Sees that a page, decompressed, has as much as it says.
pub(super) fn check(page: &Page, column: &ColumnDescriptor) -> Result<()> {
    let fits = values(page, column).and_then(|bytes| {
        if page.is_data_page() {
            data(bytes, page.encoding(), page.num_values(), column)
        } else {
            dictionary(bytes, page.num_values(), column)
        }
    });
    fits.ok_or_else(less)
}

fn dictionary(bytes: &[u8], values: u32, column: &ColumnDescriptor) -> Option<()> {
    let values = u64::from(values);
    let width = match column.physical_type() {
        Physical::BYTE_ARRAY => return (0..values).try_fold(bytes, |rest, _| text(rest)).map(drop),
        Physical::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.type_length()).ok()?.max(1),
        Physical::INT32 | Physical::FLOAT => 4,
        Physical::INT96 => 12,
        Physical::INT64 | Physical::DOUBLE => 8,
        Physical::BOOLEAN => 1,
    };
    (values.checked_mul(width)? <= bytes.len() as u64).then_some(())
}

fn data(bytes: &[u8], encoding: Encoding, values: u32, column: &ColumnDescriptor) -> Option<()> {
    match encoding {
        Encoding::PLAIN if column.physical_type() == Physical::BYTE_ARRAY => {
            // NULLs have no value, so that there may be fewer; those that are there are whole.
            let mut rest = bytes;
            for _ in 0..values {
                if rest.is_empty() {
                    break;
                }
                rest = text(rest)?;
            }
            Some(())
        }
        Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY => {
            delta(bytes, values, false).map(drop)
        }
        Encoding::DELTA_BYTE_ARRAY => delta(delta(bytes, values, true)?, values, false).map(drop),
        _ => Some(()),
    }
}

/// What comes after numbers in DELTA_BINARY_PACKED, if there are no more of them than values. `whole`: whether they are
/// walked over.
fn delta(mut bytes: &[u8], values: u32, whole: bool) -> Option<&[u8]> {
    let block = varint(&mut bytes)?;
    let minis = varint(&mut bytes)?;
    let count = varint(&mut bytes)?;
    varint(&mut bytes)?;
    let per_mini = block.checked_div(minis)?;
    (count <= u64::from(values) && per_mini > 0 && block <= 1 << 24).then_some(())?;
    let mut left = if whole { count.saturating_sub(1) } else { 0 };
    while left > 0 {
        varint(&mut bytes)?;
        let (widths, rest) = bytes.split_at_checked(usize::try_from(minis).ok()?)?;
        bytes = rest;
        for width in widths {
            if left == 0 {
                break;
            }
            bytes = bytes.get(usize::try_from(per_mini * u64::from(*width) / 8).ok()?..)?;
            left = left.saturating_sub(per_mini);
        }
    }
    Some(bytes)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
