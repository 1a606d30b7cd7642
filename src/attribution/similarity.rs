//! How alike two files are, as git's rename detection counts it.
//!
//! Decides the score alone. A file is taken as a bag of spans, cut after each LF and after 64 bytes; a span
//! is known by a hash below 107,927, and the score is the share of bytes in spans that both have.
//! The hash is git's, because its collisions are part of the score.

/// The score of two equal files.
pub const MAX_SCORE: u64 = 60_000;

const BUCKETS: u32 = 107_927;
const LONGEST: u32 = 64;

/// How many bytes a file has in each kind of span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanCounts {
    size: u64,
    /// Sorted by hash, each hash once.
    counts: Box<[(u32, u32)]>,
}

impl SpanCounts {
    /// Counts a file's spans. In text, the CR of CRLF does not count.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let text = !super::text::is_binary(bytes);
        let mut spans: Vec<(u32, u32)> = Vec::new();
        let (mut low, mut high, mut length) = (0_u32, 0_u32, 0_u32);
        let end = |low: u32, high: u32| low.wrapping_add(high.wrapping_mul(0x61)) % BUCKETS;
        for (at, byte) in bytes.iter().enumerate() {
            if text && *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            // Two words turned left together by seven bits, the byte added to the lower.
            let carry = low >> 25;
            low = ((low << 7) ^ (high >> 25)).wrapping_add(u32::from(*byte));
            high = (high << 7) ^ carry;
            length += 1;
            if length == LONGEST || *byte == b'\n' {
                spans.push((end(low, high), length));
                (low, high, length) = (0, 0, 0);
            }
        }
        if length > 0 {
            spans.push((end(low, high), length));
        }
        spans.sort_unstable();
        spans.dedup_by(|next, span| {
            let same = next.0 == span.0;
            if same {
                span.1 = span.1.saturating_add(next.1);
            }
            same
        });
        Self { size: bytes.len() as u64, counts: spans.into() }
    }

    /// The score of `source` as the origin of `self`, of at most [`MAX_SCORE`].
    #[must_use]
    pub fn score(&self, source: &Self) -> u64 {
        if self.size == 0 {
            return 0;
        }
        let (mut copied, mut rest) = (0, &*source.counts);
        for (hash, count) in &self.counts {
            let skip = rest.iter().position(|(other, _)| other >= hash).unwrap_or(rest.len());
            rest = &rest[skip..];
            if let Some((other, there)) = rest.first()
                && other == hash
            {
                copied += u64::from(*count.min(there));
            }
        }
        copied * MAX_SCORE / self.size.max(source.size)
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.counts.len() * 8 + 32
    }
}

/// Whether files of these sizes can reach `minimum` at all.
pub(super) fn sizes_allow(one: u64, other: u64, minimum: u64) -> bool {
    let larger = one.max(other);
    let apart = larger - one.min(other);
    larger.saturating_mul(MAX_SCORE - minimum) >= apart.saturating_mul(MAX_SCORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(old: &[u8], new: &[u8]) -> u64 {
        SpanCounts::of(new).score(&SpanCounts::of(old))
    }

    #[test]
    fn equal_files_have_the_full_score_and_strangers_none() {
        assert_eq!(score(b"one\ntwo\n", b"one\ntwo\n"), MAX_SCORE);
        assert_eq!(score(b"one\ntwo\n", b"two\none\n"), MAX_SCORE, "the order of lines does not count");
        assert_eq!(score(b"abc\n", b"xyz\n"), 0);
        assert_eq!(score(b"a\n", b""), 0);
    }

    #[test]
    fn the_score_is_bytes_in_common_over_the_larger_size() {
        assert_eq!(score(b"aaaa\nbbbb\n", b"aaaa\ncccc\n"), MAX_SCORE / 2);
        assert_eq!(score(b"aaaa\n", b"aaaa\nbbbbbbbbb\n"), MAX_SCORE / 3);
    }

    #[test]
    fn the_cr_of_crlf_counts_only_in_what_is_not_text() {
        // The sizes differ by two bytes, so 8 of 10 bytes are in common.
        assert_eq!(score(b"aaa\nbbb\n", b"aaa\r\nbbb\r\n"), MAX_SCORE * 8 / 10);
        assert_eq!(score(b"aaa\nb\0b\n", b"aaa\r\nb\0b\r\n"), 0);
    }

    #[test]
    fn sizes_too_far_apart_are_not_compared() {
        assert!(sizes_allow(50, 100, MAX_SCORE / 2));
        assert!(!sizes_allow(49, 100, MAX_SCORE / 2));
    }
}
