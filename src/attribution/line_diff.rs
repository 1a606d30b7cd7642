//! The line diff between two versions, with the hunks that `git blame` works with.
//!
//! Decides what is compared at all: git trims the common tail of both files before it compares them, and
//! without that the hunks differ now and then. A common head is never trimmed here, because the counts of
//! lines and the sliding of groups depend on it.
//! Cost: hashing of all lines that are left, and O(ND) of them in the worst case.

use crate::repo::RepoError;
use crate::repo::xdiff::{Hunk, hunks};

/// The tail is compared in blocks of so many bytes.
const BLOCK: usize = 1024;

/// The hunks between two versions of a file.
///
/// # Errors
/// A version is too large to be compared.
pub(super) fn diff(old: &[u8], new: &[u8], ignore_whitespace: bool) -> Result<Vec<Hunk>, RepoError> {
    let tail = common_tail(old, new);
    hunks(&old[..old.len() - tail], &new[..new.len() - tail], ignore_whitespace)
}

/// How many bytes at the end git leaves out: whole blocks that are equal, less the part of a line that the
/// first of them begins with.
fn common_tail(old: &[u8], new: &[u8]) -> usize {
    let blocks =
        old.rchunks_exact(BLOCK).zip(new.rchunks_exact(BLOCK)).take_while(|(old, new)| old == new).count();
    let trimmed = blocks * BLOCK;
    let tail = &old[old.len() - trimmed..];
    match tail.iter().position(|byte| *byte == b'\n') {
        Some(end) => trimmed - (end + 1),
        None => 0,
    }
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
}
