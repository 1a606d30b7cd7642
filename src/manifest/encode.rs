//! How rows are put into files: plain JSON Lines, the same lines in zstd frames, or Parquet.
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
    /// `.parquet`: a column for each field, for query engines.
    Parquet,
}

impl Encoding {
    /// Every encoding, the canonical one first.
    pub const ALL: [Self; 3] = [Self::JsonLines, Self::JsonLinesZstd, Self::Parquet];

    /// The ending of its files.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::JsonLines => ".jsonl",
            Self::JsonLinesZstd => ".jsonl.zst",
            Self::Parquet => ".parquet",
        }
    }

    /// The name of the file of such rows.
    pub(super) fn file_name<T: Row>(self) -> String {
        format!("{}{}", T::FILE, self.ending())
    }

    /// Fails if this build lacks it.
    pub(super) fn check(self) -> Result<(), ManifestError> {
        match self {
            Self::JsonLinesZstd if cfg!(not(feature = "zstd")) => Err(ManifestError::NoZstd),
            Self::Parquet if cfg!(not(feature = "parquet")) => Err(ManifestError::NoParquet),
            _ => Ok(()),
        }
    }

    /// Opens a file of rows for reading its lines; of Parquet, the lines that its rows are in JSON Lines.
    pub(super) fn open<T: Row>(self, path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
        let file = || File::open(path).map(|file| BufReader::with_capacity(BUFFER, file));
        match self {
            Self::JsonLines => Ok(Box::new(file()?)),
            Self::JsonLinesZstd => frames::open(file()?),
            Self::Parquet => table::open::<T>(path),
        }
    }

    /// Writes the rows to the file, and makes sure that they are on the disk.
    pub(super) fn write<T: Row>(self, rows: &[T], file: File) -> io::Result<()> {
        let mut out = RowWriter::new::<T>(self, file)?;
        let mut line = Vec::new();
        for row in rows {
            line.clear();
            canonical::append(row, &mut line).map_err(io::Error::other)?;
            out.push(&mut line)?;
        }
        out.finish()
    }
}

/// Writes a file of rows, one row after the other.
pub(super) struct RowWriter(Form);

enum Form {
    Lines(BufWriter<File>),
    Frames(frames::Writer),
    Table(Box<table::Writer>),
}

impl RowWriter {
    pub(super) fn new<T: Row>(encoding: Encoding, file: File) -> io::Result<Self> {
        Ok(Self(match encoding {
            Encoding::JsonLines => Form::Lines(BufWriter::with_capacity(BUFFER, file)),
            Encoding::JsonLinesZstd => Form::Frames(frames::Writer::new(file)?),
            Encoding::Parquet => Form::Table(Box::new(table::Writer::new::<T>(file)?)),
        }))
    }

    /// Takes the next row's canonical bytes, behind which it puts a line end.
    pub(super) fn push(&mut self, row: &mut Vec<u8>) -> io::Result<()> {
        if let Form::Table(out) = &mut self.0 {
            return out.push(row);
        }
        row.push(b'\n');
        match &mut self.0 {
            Form::Lines(out) => out.write_all(row),
            Form::Frames(out) => out.push(row),
            Form::Table(_) => Ok(()),
        }
    }

    /// Ends the file, and makes sure that it is on the disk.
    pub(super) fn finish(self) -> io::Result<()> {
        match self.0 {
            Form::Lines(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all(),
            Form::Frames(out) => out.finish(),
            Form::Table(out) => out.finish(),
        }
    }
}

#[cfg(feature = "zstd")]
mod frames {
    use std::fs::File;
    use std::io::{self, BufRead, BufReader, BufWriter, Write};

    use zstd::bulk::Compressor;
    use zstd::stream::raw::CParameter;
    use zstd::stream::read::Decoder;

    use super::BUFFER;

    /// A frame ends with the first row that brings it to this many bytes, uncompressed.
    const FRAME: usize = 1 << 20;
    /// The size of files follows from it, never a digest.
    const LEVEL: i32 = 9;
    /// The largest window that is accepted, as a power of two: 8 MiB, which RFC 8878 recommends readers to support.
    const WINDOW: u32 = 23;

    pub(super) struct Writer {
        out: BufWriter<File>,
        compressor: Compressor<'static>,
        frame: Vec<u8>,
        is_empty: bool,
    }

    impl Writer {
        pub(super) fn new(file: File) -> io::Result<Self> {
            let mut compressor = Compressor::new(LEVEL)?;
            compressor.set_parameter(CParameter::ChecksumFlag(true))?;
            let out = BufWriter::with_capacity(BUFFER, file);
            Ok(Self { out, compressor, frame: Vec::new(), is_empty: true })
        }

        pub(super) fn push(&mut self, line: &[u8]) -> io::Result<()> {
            self.frame.extend_from_slice(line);
            if self.frame.len() >= FRAME { self.end_frame() } else { Ok(()) }
        }

        fn end_frame(&mut self) -> io::Result<()> {
            self.is_empty = false;
            self.out.write_all(&self.compressor.compress(&self.frame)?)?;
            self.frame.clear();
            Ok(())
        }

        pub(super) fn finish(mut self) -> io::Result<()> {
            // Also where there are no rows at all: an empty file is not a zstd file.
            if !self.frame.is_empty() || self.is_empty {
                self.end_frame()?;
            }
            self.out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
        }
    }

    pub(super) fn open(file: impl BufRead + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
        let mut decoder = Decoder::with_buffer(file)?;
        decoder.window_log_max(WINDOW)?;
        Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)))
    }
}

#[cfg(not(feature = "zstd"))]
mod frames {
    use std::fs::File;
    use std::io::{self, BufRead};

    use super::ManifestError;

    pub(super) enum Writer {}

    impl Writer {
        pub(super) fn new(_: File) -> io::Result<Self> {
            Err(io::Error::other(ManifestError::NoZstd))
        }

        pub(super) fn push(&mut self, _: &[u8]) -> io::Result<()> {
            match *self {}
        }

        pub(super) fn finish(self) -> io::Result<()> {
            match self {}
        }
    }

    pub(super) fn open(_: impl BufRead + 'static) -> io::Result<Box<dyn BufRead + Send>> {
        Err(io::Error::other(ManifestError::NoZstd))
    }
}

#[cfg(feature = "parquet")]
mod table {
    use std::io::{self, BufRead};
    use std::path::Path;

    use super::Row;
    use crate::manifest::parquet::Reader;
    pub(super) use crate::manifest::parquet::Writer;

    pub(super) fn open<T: Row>(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
        Ok(Box::new(Reader::open::<T>(path)?))
    }
}

#[cfg(not(feature = "parquet"))]
mod table {
    use std::fs::File;
    use std::io::{self, BufRead};
    use std::path::Path;

    use super::{ManifestError, Row};

    pub(super) enum Writer {}

    impl Writer {
        pub(super) fn new<T: Row>(_: File) -> io::Result<Self> {
            Err(io::Error::other(ManifestError::NoParquet))
        }

        pub(super) fn push(&mut self, _: &[u8]) -> io::Result<()> {
            match *self {}
        }

        pub(super) fn finish(self) -> io::Result<()> {
            match self {}
        }
    }

    pub(super) fn open<T: Row>(_: &Path) -> io::Result<Box<dyn BufRead + Send>> {
        Err(io::Error::other(ManifestError::NoParquet))
    }
}
