//! Names that differ in case only.
//!
//! Decides when two do. Readers of data sets differ in which of them they take for a name: DuckDB and Spark compare without
//! case, WebDataset and Hugging Face make lower case of them, others take each for itself.

use caseless::Caseless as _;

/// Whether two names are different, and the same without case.
pub(super) fn only(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return false;
    }
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    match (std::str::from_utf8(one), std::str::from_utf8(other)) {
        (Ok(one), Ok(other)) => one.chars().default_case_fold().eq(other.chars().default_case_fold()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_case_only() {
        for (one, other) in [("a", "A"), ("été", "ÉTÉ"), ("files", "file\u{17f}"), ("\u{212a}ey", "key")]
        {
            assert!(only(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
        for (one, other) in [("a", "a"), ("a", "b"), ("é", "e"), ("a", "a "), ("É", "É")] {
            assert!(!only(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
        assert!(!only(b"a\xff", b"A\xff") && !only(b"\xff", b"a"));
    }
}
