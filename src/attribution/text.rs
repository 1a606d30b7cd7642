//! Contents as text: what is one, and how many lines it has.
//!
//! Decides as git does.

/// Whether git takes the content for binary: a NUL among its first 8,000 bytes.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(8_000).any(|byte| *byte == 0)
}

/// How many lines there are; the last may lack its LF.
#[must_use]
pub fn line_count(bytes: &[u8]) -> u32 {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    let open = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
    u32::try_from(ends + open).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_with_and_without_a_last_lf() {
        assert_eq!([b"".as_slice(), b"a", b"a\n", b"a\nb", b"\n\n"].map(line_count), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn a_nul_makes_it_binary_only_near_the_beginning() {
        let mut bytes = vec![b'a'; 9_000];
        bytes[8_000] = 0;
        assert!(!is_binary(&bytes));
        bytes[7_999] = 0;
        assert!(is_binary(&bytes));
    }
}
