//! How rows are put into files: plain JSON Lines, or the same lines in zstd frames.
//!
//! Decides names and bytes of the two files of rows. The rows, and so the header, are the same in each encoding.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use super::canonical;
use super::error::ManifestError;
use super::row::Row;

/// So many bytes are read or written at a time.
const BUFFER: usize = 256 << 10;

/// An encoding of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// `.jsonl`: one canonical row a line. The canonical form.
    #[default]
    JsonLines,
    /// `.jsonl.zst`: the same in independent zstd frames of about 1 MiB of rows each.
    JsonLinesZstd,
}

impl Encoding {
    /// Every encoding, the canonical one first.
    pub const ALL: [Self; 2] = [Self::JsonLines, Self::JsonLinesZstd];

    /// The ending of its files.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::JsonLines => ".jsonl",
            Self::JsonLinesZstd => ".jsonl.zst",
        }
    }

    /// The name of the file of such rows.
    pub(super) fn file_name<T: Row>(self) -> String {
        format!("{}{}", T::FILE, self.ending())
    }

    /// Fails if this build lacks it.
    pub(super) fn check(self) -> Result<(), ManifestError> {
        if self == Self::JsonLinesZstd && cfg!(not(feature = "zstd")) {
            return Err(ManifestError::NoZstd);
        }
        Ok(())
    }

    /// Opens a file of rows for reading its lines.
    pub(super) fn open(self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        let file = BufReader::with_capacity(BUFFER, File::open(path)?);
        match self {
            Self::JsonLines => Ok(Box::new(file)),
            Self::JsonLinesZstd => frames::open(file),
        }
    }

    /// Writes the rows to the file, and makes sure that they are on the disk.
    pub(super) fn write<T: Row>(self, rows: &[T], file: File) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(BUFFER, file);
        match self {
            Self::JsonLines => {
                let mut line = Vec::new();
                for row in rows {
                    line.clear();
                    append_line(row, &mut line)?;
                    out.write_all(&line)?;
                }
            }
            Self::JsonLinesZstd => frames::write(rows, &mut out)?,
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

fn append_line<T: Row>(row: &T, lines: &mut Vec<u8>) -> io::Result<()> {
    canonical::append(row, lines).map_err(io::Error::other)?;
    lines.push(b'\n');
    Ok(())
}

#[cfg(feature = "zstd")]
mod frames {
    use std::io::{self, BufRead, BufReader, Write};

    use zstd::bulk::Compressor;
    use zstd::stream::raw::CParameter;
    use zstd::stream::read::Decoder;

    use super::{BUFFER, Row, append_line};

    /// A frame ends with the first row that brings it to this many bytes, uncompressed.
    const FRAME: usize = 1 << 20;
    /// The size of files follows from it, never a digest.
    const LEVEL: i32 = 9;
    /// The largest window that is accepted, as a power of two: 8 MiB, which RFC 8878 recommends readers to support.
    const WINDOW: u32 = 23;

    pub(super) fn write<T: Row>(rows: &[T], out: &mut impl Write) -> io::Result<()> {
        let mut compressor = Compressor::new(LEVEL)?;
        compressor.set_parameter(CParameter::ChecksumFlag(true))?;
        let mut frame = Vec::new();
        for row in rows {
            append_line(row, &mut frame)?;
            if frame.len() >= FRAME {
                out.write_all(&compressor.compress(&frame)?)?;
                frame.clear();
            }
        }
        // Also where there are no rows at all: an empty file is not a zstd file.
        if !frame.is_empty() || rows.is_empty() {
            out.write_all(&compressor.compress(&frame)?)?;
        }
        Ok(())
    }

    pub(super) fn open(file: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
        let mut decoder = Decoder::with_buffer(file)?;
        decoder.window_log_max(WINDOW)?;
        Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)))
    }
}

#[cfg(not(feature = "zstd"))]
mod frames {
    use std::io::{self, BufRead, Write};

    use super::{ManifestError, Row};

    pub(super) fn write<T: Row>(_: &[T], _: &mut impl Write) -> io::Result<()> {
        Err(io::Error::other(ManifestError::NoZstd))
    }

    pub(super) fn open(_: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
        Err(io::Error::other(ManifestError::NoZstd))
    }
}
