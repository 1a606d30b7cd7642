//! What two versions have in common at their ends.
//!
//! Decides what is compared at all. git trims the common tail of both files before it compares them, and
//! without that the hunks differ now and then. A common head is never trimmed, because the counts of lines
//! and the sliding of groups depend on it: it is only skipped by the search.
//! Cost: one comparison of memory.

use std::ops::Range;

/// The tail is compared in blocks of so many bytes.
const BLOCK: usize = 1024;
/// Ids are compared so many at a time.
const IDS: usize = 64;

/// How many bytes at the end git leaves out: whole blocks that are equal, less the part of a line that the
/// first of them begins with.
#[must_use]
pub fn common_tail(old: &[u8], new: &[u8]) -> usize {
    let blocks =
        old.rchunks_exact(BLOCK).zip(new.rchunks_exact(BLOCK)).take_while(|(old, new)| old == new).count();
    let trimmed = blocks * BLOCK;
    let tail = &old[old.len() - trimmed..];
    match tail.iter().position(|byte| *byte == b'\n') {
        Some(end) => trimmed - (end + 1),
        None => 0,
    }
}

/// The lines of each side between the equal ones at the head and the equal ones at the tail.
pub(super) fn middles(old: &[u32], new: &[u32]) -> [Range<usize>; 2] {
    let head = same_head(old, new);
    let tail = same_tail(&old[head..], &new[head..]);
    [head..old.len() - tail, head..new.len() - tail]
}

/// How many ids are equal at the head.
pub(super) fn same_head(old: &[u32], new: &[u32]) -> usize {
    let chunks = old.chunks_exact(IDS).zip(new.chunks_exact(IDS)).take_while(|(old, new)| old == new).count();
    let skipped = chunks * IDS;
    skipped + old[skipped..].iter().zip(&new[skipped..]).take_while(|(old, new)| old == new).count()
}

/// How many ids are equal at the tail.
pub(super) fn same_tail(old: &[u32], new: &[u32]) -> usize {
    let chunks =
        old.rchunks_exact(IDS).zip(new.rchunks_exact(IDS)).take_while(|(old, new)| old == new).count();
    let skipped = chunks * IDS;
    let (old, new) = (&old[..old.len() - skipped], &new[..new.len() - skipped]);
    skipped + old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_trimmed_by_blocks_back_to_a_line() {
        let line = [b'x'; 99].iter().chain(b"\n").copied().collect::<Vec<_>>();
        let tail = line.repeat(30);
        let (old, new) = ([b"a\n", &*tail].concat(), [b"b\n", &*tail].concat());
        // Two blocks of 1,024 bytes are equal; their first 48 bytes end a line.
        assert_eq!(common_tail(&old, &new), 2048 - 48);
        assert_eq!(common_tail(b"short\n", b"short\n"), 0);
        assert_eq!(common_tail(&[b'x'; 5000], &[b'x'; 5000]), 0, "no line ends in the tail");
    }

    #[test]
    fn middles_lie_between_what_is_equal() {
        assert_eq!(middles(&[1, 2, 3, 9], &[1, 5, 9]), [1..3, 1..2]);
        assert_eq!(middles(&[1, 2], &[1, 2]), [2..2, 2..2]);
        assert_eq!(middles(&[], &[1]), [0..0, 0..1]);
        // What the head has taken, the tail does not take again.
        assert_eq!(middles(&[7, 7], &[7, 7, 7]), [2..2, 2..3]);
    }

    #[test]
    fn middles_are_found_at_any_distance() {
        for len in [0, 1, 63, 64, 65, 127, 128, 300] {
            let old: Vec<u32> = (0..len).collect();
            for at in 0..len {
                let mut new = old.clone();
                new[at as usize] = 1000;
                let at = at as usize;
                assert_eq!(middles(&old, &new), [at..at + 1, at..at + 1]);
            }
        }
    }
}
