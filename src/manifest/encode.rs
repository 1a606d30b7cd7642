//! How rows are put into files.

/// An encoding of rows; the rows, and so the header, are the same in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// `.jsonl`: one canonical row a line. The canonical form.
    #[default]
    JsonLines,
    /// `.jsonl.zst`: the same in independent zstd frames of about 1 MiB of rows each.
    JsonLinesZstd,
}
