//! A manifest, written row by row.
//!
//! Decides where rows go, and takes down what the header says of them: how many, of which units, and their tree hash. Nothing is
//! put in its place, and nothing goes out on a stream, before every row was taken and found sound.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use super::build::{check, checked, unfit};
use super::canonical;
use super::coverage::CoverageRow;
use super::encode::{Encoding, RowWriter};
use super::entry::Entry;
use super::error::ManifestError;
use super::folder::Unfinished;
use super::header::{Header, RowSet};
use super::input::{STEP, Work};
use super::lines::MAX_LINE;
use super::row::Row;
use super::stream;
use super::tree_hash;
use super::union::Sink;

/// Where a manifest goes.
pub enum Output<'o> {
    /// To a folder, its rows encoded so.
    Folder(&'o Path, Encoding),
    /// To a stream.
    Stream(&'o mut dyn Write),
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path, encoding) => f.debug_tuple("Folder").field(path).field(encoding).finish(),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// A manifest that is being written.
pub(super) enum Put<'o> {
    Folder(Unfinished, Encoding),
    Stream { out: &'o mut dyn Write, folder: PathBuf, files: Vec<File> },
}

impl<'o> Put<'o> {
    pub(super) fn begin(output: Output<'o>) -> Result<Self, ManifestError> {
        match output {
            Output::Folder(path, encoding) => {
                encoding.check()?;
                Ok(Self::Folder(Unfinished::begin(path)?, encoding))
            }
            Output::Stream(out) => Ok(Self::Stream { out, folder: std::env::temp_dir(), files: Vec::new() }),
        }
    }

    /// Where temporary files go.
    pub(super) fn folder(&self) -> PathBuf {
        match self {
            Self::Folder(unfinished, _) => unfinished.parent().to_owned(),
            Self::Stream { folder, .. } => folder.clone(),
        }
    }

    fn failed(&self, source: io::Error) -> ManifestError {
        match self {
            Self::Folder(unfinished, _) => unfinished.failed(source),
            Self::Stream { folder, .. } => {
                ManifestError::Io { action: "keep rows in", path: folder.clone(), source }
            }
        }
    }

    /// Writes the rows of one kind, which `fill` gives in order, and notes them in the header. Entries come first.
    pub(super) fn rows<T: Row>(
        &mut self,
        header: &mut Header,
        work: Work<'_>,
        fill: impl FnOnce(&mut Sink<'_, T>) -> Result<(), ManifestError>,
    ) -> Result<(), ManifestError> {
        let (file, encoding) = match self {
            Self::Folder(unfinished, encoding) => (unfinished.create(&encoding.file_name::<T>()), *encoding),
            Self::Stream { folder, files, .. } => {
                let file = tempfile::tempfile_in(&*folder).and_then(|file| {
                    files.push(file.try_clone()?);
                    Ok(file)
                });
                (file, Encoding::JsonLines)
            }
        };
        let mut out =
            file.and_then(|file| RowWriter::new::<T>(encoding, file)).map_err(|error| self.failed(error))?;
        let mut counts: BTreeMap<_, u64> = T::UNITS.iter().map(|&unit| (unit, 0)).collect();
        let (mut rows, mut line) = (0, Vec::new());
        let (filled, tree_hash) = tree_hash::beside(work.threads, |tree| {
            fill(&mut |row| {
                // Every row that was read is sound; one that is not was made of several.
                check(&row, header.purposes)
                    .map_err(|_| ManifestError::Contradiction { content: row.content() })?;
                line.clear();
                canonical::append(&row, &mut line)?;
                if line.len() > MAX_LINE {
                    return Err(unfit(&row, "it is longer than 16 MiB"));
                }
                rows += 1;
                if rows % STEP == 0 && work.watch.interrupted() {
                    return Err(ManifestError::Interrupted);
                }
                *counts.entry(row.unit()).or_default() += 1;
                tree.push(&line);
                out.push(&mut line).map_err(|error| self.failed(error))
            })
        });
        filled?;
        out.finish().map_err(|error| self.failed(error))?;
        let order = T::ORDER.iter().map(|&field| field.to_owned()).collect();
        T::declare(header, RowSet { file: T::FILE.to_owned(), rows, order, tree_hash }, counts);
        Ok(())
    }

    /// Ends it with its header, and a signature of that if there is one, and puts it in its place.
    pub(super) fn finish(self, header: &Header, signature: Option<&[u8]>) -> Result<(), ManifestError> {
        let bytes = checked(header)?;
        match self {
            Self::Folder(unfinished, _) => {
                if let Some(signature) = signature {
                    unfinished.add(super::folder::SIGNATURE_FILE, signature)?;
                }
                unfinished.finish(&bytes)
            }
            Self::Stream { out, folder, files } => {
                let failed =
                    |source| ManifestError::Io { action: "keep rows in", path: folder.clone(), source };
                let mut read = Vec::new();
                for mut file in files {
                    file.rewind().map_err(failed)?;
                    read.push(BufReader::new(file));
                }
                let (Some(coverage), Some(entries)) = (read.pop(), read.pop()) else {
                    return Err(ManifestError::Unfit { what: "its rows were not written".to_owned() });
                };
                stream::write_files(&bytes, entries, coverage, out)
            }
        }
    }
}

/// Writes a manifest of rows that two functions give.
pub(super) fn put(
    mut put: Put<'_>,
    mut header: Header,
    work: Work<'_>,
    entries: impl FnOnce(&mut Sink<'_, Entry>) -> Result<(), ManifestError>,
    coverage: impl FnOnce(&mut Sink<'_, CoverageRow>) -> Result<(), ManifestError>,
    signature: impl FnOnce(&Header) -> Result<Option<Vec<u8>>, ManifestError>,
) -> Result<Header, ManifestError> {
    put.rows(&mut header, work, entries)?;
    put.rows(&mut header, work, coverage)?;
    let signature = signature(&header)?;
    put.finish(&header, signature.as_deref())?;
    Ok(header)
}
