//! Finds the bytes of a string that matter: its end, escapes, and what must not be in it.
//!
//! Decides which bytes of a block are escaped; it is what the speed of reading JSON hangs on, for text has an escape in
//! every line. The way to look at a block as a whole is that of simdjson ("Parsing Gigabytes of JSON per Second", 2019,
//! section 3.1.1). Must not decide what is valid.

use wide::u8x16;

/// So many bytes are looked at together.
pub(crate) const BLOCK: usize = 64;

/// As many bytes as any processor compares at once.
const QUARTER: usize = BLOCK / 4;

/// The bytes that are left, and spaces behind them.
pub(crate) fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// A bit for each byte of a block, the lowest for the first byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Quotation marks.
    pub(crate) quotes: u64,
    /// Backslashes.
    pub(crate) backslashes: u64,
    /// Bytes below the space.
    pub(crate) controls: u64,
}

/// The marks of a block.
#[inline]
pub(crate) fn of(block: &[u8; BLOCK]) -> Marks {
    // What is below the space is no more than the byte before the space.
    let last = u8x16::splat(b' ' - 1);
    Marks {
        quotes: each(block, |bytes| is(bytes, b'"')),
        backslashes: each(block, |bytes| is(bytes, b'\\')),
        controls: each(block, |bytes| bytes.min(last).cmp_eq(bytes)),
    }
}

/// The letters of a block that may stand behind a backslash; and those among them that four digits follow.
#[inline]
pub(crate) fn letters(block: &[u8; BLOCK]) -> (u64, u64) {
    let simple = each(block, |bytes| {
        let letter = |byte| is(bytes, byte);
        let marks = letter(b'"') | letter(b'\\') | letter(b'/');
        marks | letter(b'b') | letter(b'f') | letter(b'n') | letter(b'r') | letter(b't')
    });
    let unicode = each(block, |bytes| is(bytes, b'u'));
    (simple | unicode, unicode)
}

/// The bytes that have a backslash before them which has none itself. `carry` says whether the first one is, as the block
/// before it ended; and then whether the first one of the block behind it is.
#[inline]
pub(crate) fn escaped(backslashes: u64, carry: &mut bool) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let before = u64::from(*carry);
    // One that is escaped escapes nothing.
    let backslashes = backslashes & !before;
    let behind = backslashes << 1 | before;
    // Runs of backslashes that begin at odd places are carried through to behind their ends.
    let odd = backslashes & !EVEN & !behind;
    let (ends, over) = odd.overflowing_add(backslashes);
    *carry = over;
    (EVEN ^ ends << 1) & behind
}

#[inline]
fn is(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.cmp_eq(u8x16::splat(byte))
}

/// A bit for each byte for which all bits are set.
#[inline]
fn each(block: &[u8; BLOCK], set: impl Fn(u8x16) -> u8x16) -> u64 {
    let quarters = block.as_chunks().0.iter().map(|quarter| {
        // The upper half of the number is empty.
        set(u8x16::new(*quarter)).move_mask() as u16
    });
    quarters.enumerate().fold(0, |bits, (at, found)| bits | u64::from(found) << (QUARTER * at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
        block.iter().rev().fold(0, |bits, byte| bits << 1 | u64::from(is(*byte)))
    }

    fn one_by_one(block: &[u8; BLOCK]) -> (Marks, (u64, u64)) {
        let marks = Marks {
            quotes: bits(block, |byte| byte == b'"'),
            backslashes: bits(block, |byte| byte == b'\\'),
            controls: bits(block, |byte| byte < b' '),
        };
        let letters = bits(block, |byte| b"\"\\/bfnrtu".contains(&byte));
        (marks, (letters, bits(block, |byte| byte == b'u')))
    }

    proptest! {
        #[test]
        fn many_bytes_are_told_at_once(bytes in prop::collection::vec(any::<u8>(), BLOCK), mask: [bool; BLOCK]) {
            let mut block = padded(b"");
            for ((to, byte), keep) in block.iter_mut().zip(bytes).zip(mask) {
                *to = if keep { byte & 0x5f } else { byte };
            }
            prop_assert_eq!((of(&block), letters(&block)), one_by_one(&block));
        }

        #[test]
        fn what_is_escaped_is_told_across_blocks(text in "[\\\\a]{0,300}") {
            let mut expected = Vec::new();
            let mut escapes = false;
            for byte in text.bytes() {
                expected.push(escapes);
                escapes = byte == b'\\' && !escapes;
            }
            let (mut found, mut carry) = (Vec::new(), false);
            for piece in text.as_bytes().chunks(BLOCK) {
                let escaped = escaped(of(&padded(piece)).backslashes, &mut carry);
                found.extend((0..piece.len()).map(|at| escaped >> at & 1 == 1));
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn each_byte_is_told_in_each_place() {
        for byte in 0..=u8::MAX {
            for at in 0..BLOCK {
                let mut block = padded(b"");
                block[at] = byte;
                assert_eq!((of(&block), letters(&block)), one_by_one(&block), "{byte} at {at}");
            }
        }
    }
}
