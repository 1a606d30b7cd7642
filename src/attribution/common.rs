//! How far two contents are the same.
//!
//! Decides nothing. Cost: the bytes that are equal, at the speed of memory.

/// Compared at once.
const BLOCK: usize = 64;

/// How many bytes at the head are equal.
pub(super) fn equal_head(one: &[u8], other: &[u8]) -> usize {
    let (blocks, others) = (one.as_chunks::<BLOCK>().0, other.as_chunks::<BLOCK>().0);
    let whole = blocks.iter().zip(others).take_while(|(one, other)| same(one, other)).count() * BLOCK;
    let rest = one[whole..].iter().zip(&other[whole..]);
    whole + rest.take_while(|(one, other)| one == other).count()
}

/// How many bytes at the tail are equal.
pub(super) fn equal_tail(one: &[u8], other: &[u8]) -> usize {
    let (blocks, others) = (one.as_rchunks::<BLOCK>().1, other.as_rchunks::<BLOCK>().1);
    let equal = blocks.iter().rev().zip(others.iter().rev()).take_while(|(one, other)| same(one, other));
    let whole = equal.count() * BLOCK;
    let rest = one[..one.len() - whole].iter().rev().zip(other[..other.len() - whole].iter().rev());
    whole + rest.take_while(|(one, other)| one == other).count()
}

/// Whether two blocks are equal, without a branch in between.
fn same(one: &[u8; BLOCK], other: &[u8; BLOCK]) -> bool {
    one.iter().zip(other).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_difference_are_found_wherever_they_are() {
        let base: Vec<u8> = (0..200).collect();
        for at in 0..base.len() {
            let mut other = base.clone();
            other[at] ^= 1;
            assert_eq!((equal_head(&base, &other), equal_tail(&base, &other)), (at, base.len() - at - 1));
        }
        assert_eq!((equal_head(&base, &base), equal_tail(&base, &base)), (200, 200));
        assert_eq!((equal_head(&base, &base[..130]), equal_tail(&base, &base[70..])), (130, 130));
        assert_eq!((equal_head(b"", &base), equal_tail(&base, b"")), (0, 0));
    }
}
