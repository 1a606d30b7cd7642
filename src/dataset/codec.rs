//! The codecs that shards of text are packed in: none, gzip or zstd.
//!
//! Decides which one it is by the bytes themselves: names lie. What is written again is written in the codec in which it
//! came, and split into frames (zstd) or members (gzip) as it was.

use super::DatasetError;

pub(crate) mod encoder;
pub(crate) mod frames;
pub(crate) mod recode;

/// How text is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Not at all.
    Plain,
    /// Members of gzip.
    Gzip,
    /// Frames of zstd.
    Zstd,
}

impl Codec {
    /// The codec of what begins with these bytes; four are enough.
    #[must_use]
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or one to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

pub(super) fn cannot_read(source: std::io::Error) -> DatasetError {
    DatasetError::Io { action: "read".to_owned(), source }
}

pub(super) fn cannot_write(source: std::io::Error) -> DatasetError {
    DatasetError::Io { action: "write".to_owned(), source }
}

pub(super) fn damaged(why: &dyn std::fmt::Display) -> DatasetError {
    DatasetError::Malformed { row: None, why: why.to_string() }
}

#[cfg(not(feature = "zstd"))]
pub(super) fn without_zstd() -> DatasetError {
    DatasetError::Unsupported("it is packed with zstd, which this program was built without".to_owned())
}
