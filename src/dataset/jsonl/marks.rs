//! Finds the bytes of a string that matter: its end, escapes, and what must not be in it.
//!
//! Decides nothing; it is what the speed of reading JSON hangs on, for text has an escape in every line.

/// So many bytes are looked at together.
pub(crate) const BLOCK: usize = 64;

/// The bytes that are left, and spaces behind them.
pub(crate) fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// A bit for each byte that is a quotation mark, a backslash, or below the space; the lowest for the first byte.
#[inline]
pub(crate) fn of(block: &[u8; BLOCK]) -> u64 {
    // Without branches, so that the compiler takes many bytes at once.
    let mut found = [0_u8; BLOCK];
    for (found, byte) in found.iter_mut().zip(block) {
        *found = u8::from(*byte == b'"') | u8::from(*byte == b'\\') | u8::from(*byte < b' ');
    }
    let mut marks = 0;
    for (at, found) in found.as_chunks::<8>().0.iter().enumerate() {
        // Brings the lowest bit of each of the eight bytes into the highest byte, in order.
        let bits = u64::from_le_bytes(*found).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        marks |= bits << (8 * at);
    }
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(block: &[u8; BLOCK]) -> u64 {
        block
            .iter()
            .rev()
            .fold(0, |marks, byte| marks << 1 | u64::from(matches!(byte, b'"' | b'\\' | ..b' ')))
    }

    proptest! {
        #[test]
        fn many_marks_are_told_at_once(bytes in prop::collection::vec(any::<u8>(), BLOCK), mask: [bool; BLOCK]) {
            let mut block = padded(b"");
            for ((to, byte), keep) in block.iter_mut().zip(bytes).zip(mask) {
                *to = if keep { byte & 0x5f } else { byte };
            }
            prop_assert_eq!(of(&block), plain(&block));
        }
    }

    #[test]
    fn each_byte_is_told_in_each_place() {
        for byte in 0..=u8::MAX {
            let marked = byte == b'"' || byte == b'\\' || byte < b' ';
            for at in 0..BLOCK {
                let mut block = padded(b"");
                block[at] = byte;
                assert_eq!(of(&block), u64::from(marked) << at, "{byte} at {at}");
            }
        }
    }
}
