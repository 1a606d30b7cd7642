//! Reads a manifest's folder, and tells what is wrong with it.
//!
//! Decides which files are read: those with the fixed names, whatever the header says. Whether they are sound is
//! decided by the checks. A manifest that is not sound in every part is not read at all.

use std::fs::{self, File};
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::build::Manifest;
use super::check::{self, Problems, RowCheck};
use super::coverage::CoverageRow;
use super::digest::Digest;
use super::encode::Encoding;
use super::entry::Entry;
use super::error::{ManifestError, Problem};
use super::folder::HEADER_FILE;
use super::header::Header;
use super::lines::{Lines, MAX_LINE};
use super::row::Row;
use super::tree_hash;

/// What a manifest is found to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// The header, if it could be read.
    pub header: Option<Header>,
    /// The manifest's digest, if `manifest.json` could be read.
    pub digest: Option<Digest>,
    /// What is wrong, the first hundred problems; none means that the manifest is sound.
    pub problems: Vec<Problem>,
}

/// The most problems that [`validate`] tells.
const MOST_PROBLEMS: usize = 100;
/// Fewer rows are not worth a thread.
const FEW_ROWS: u64 = 4096;

/// Reads the manifest in the folder `path`. What is not sound in every part is refused.
///
/// # Errors
/// [`ManifestError::Io`] if there is no manifest, [`ManifestError::Invalid`] with the first thing that is wrong.
pub fn read(path: &Path) -> Result<Manifest, ManifestError> {
    let (header, _) = sound_header(path)?;
    let mut problems = Problems::with_limit(1);
    let (mut entries, mut coverage) = (Vec::new(), Vec::new());
    let _ = rows(path, &header, 1, keep_in(&mut entries), &mut problems);
    let _ = rows(path, &header, 1, keep_in(&mut coverage), &mut problems);
    match problems.into_found().pop() {
        None => Ok(Manifest::from_checked(header, entries, coverage)),
        problem => Err(ManifestError::invalid(problem)),
    }
}

fn keep_in<T>(kept: &mut Vec<T>) -> impl FnMut(T) -> ControlFlow<()> {
    |row| {
        kept.push(row);
        ControlFlow::Continue(())
    }
}

/// Tells what is wrong with the manifest in the folder `path`, in bounded memory.
#[must_use]
pub fn validate(path: &Path) -> Validation {
    let mut problems = Problems::with_limit(MOST_PROBLEMS);
    let (header, digest) = header(path, &mut problems).unzip();
    if let Some(header) = &header {
        let _ = rows(path, header, 1, |_: Entry| ControlFlow::Continue(()), &mut problems);
        let _ = rows(path, header, 1, |_: CoverageRow| ControlFlow::Continue(()), &mut problems);
    }
    Validation { header, digest, problems: problems.into_found() }
}

/// Reads the header of the manifest in `folder`, and its digest. What is not sound is refused.
///
/// # Errors
/// [`ManifestError::Io`] if there is no manifest, [`ManifestError::Invalid`] with the first thing that is wrong.
pub(super) fn sound_header(folder: &Path) -> Result<(Header, Digest), ManifestError> {
    let path = folder.join(HEADER_FILE);
    fs::metadata(&path).map_err(|source| ManifestError::Io { action: "read the manifest", path, source })?;
    let mut problems = Problems::with_limit(1);
    match (header(folder, &mut problems), problems.into_found().pop()) {
        (Some(found), None) => Ok(found),
        (_, problem) => Err(ManifestError::invalid(problem)),
    }
}

/// Reads the header of the manifest in `folder`, and its digest. Problems that leave it readable are added.
pub(super) fn header(folder: &Path, problems: &mut Problems) -> Option<(Header, Digest)> {
    let bytes = match read_header(&folder.join(HEADER_FILE)) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.add(HEADER_FILE, None, format!("cannot be read: {error}"));
            return None;
        }
    };
    let header = check::header(&bytes, HEADER_FILE, None, problems)?;
    Some((header, Digest::of(&bytes)))
}

fn read_header(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    regular(path)?;
    File::open(path)?.take(MAX_LINE as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_LINE {
        return Err(io::Error::other("it is longer than 16 MiB"));
    }
    Ok(bytes)
}

/// Fails for what could block or never end: pipes, devices, folders. Links are followed, as download caches use them.
fn regular(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Reads one set of rows of the manifest in `folder` and hands on each that is sound, in order, until the sink breaks off,
/// which is given back. What was handed on is a whole set only if no problem is added. With more than one thread, another
/// one takes the tree hash.
pub(super) fn rows<T: Row>(
    folder: &Path,
    header: &Header,
    threads: usize,
    mut sink: impl FnMut(T) -> ControlFlow<()>,
    problems: &mut Problems,
) -> ControlFlow<()> {
    if problems.is_full() {
        return ControlFlow::Continue(());
    }
    let (file, input) = match open_rows::<T>(folder) {
        Ok(opened) => opened,
        Err(Problem { file, line, what }) => {
            problems.add(&file, line, what);
            return ControlFlow::Continue(());
        }
    };
    let threads = if T::declared(header).0.rows < FEW_ROWS { 1 } else { threads };
    let mut check = RowCheck::<T>::new(header);
    let mut lines = Lines::new(input);
    let tree_hash = tree_hash::beside(threads, |tree| {
        while !problems.is_full() && !check.is_over() {
            let taken = match lines.next() {
                Ok(Some(line)) => {
                    tree.push(line);
                    check.take(line)
                }
                Ok(None) => break,
                Err(what) => {
                    problems.add(&file, Some(lines.number()), what);
                    return ControlFlow::Continue(false);
                }
            };
            match taken {
                Ok(Some(row)) => sink(row)?,
                Ok(None) => {}
                Err(what) => problems.add(&file, Some(lines.number()), what),
            }
        }
        ControlFlow::Continue(true)
    });
    match tree_hash {
        (ControlFlow::Break(()), _) => ControlFlow::Break(()),
        // It cannot be read on, which has been told.
        (ControlFlow::Continue(false), _) => ControlFlow::Continue(()),
        (ControlFlow::Continue(true), tree_hash) => {
            let last = check.finish(tree_hash, |what| problems.add(&file, None, what));
            last.map_or(ControlFlow::Continue(()), sink)
        }
    }
}

/// Opens the one file of such rows in `folder`; also gives its name.
pub(super) fn open_rows<T: Row>(folder: &Path) -> Result<(String, Box<dyn BufRead + Send>), Problem> {
    let (encoding, file, path) = find_rows::<T>(folder)?;
    match encoding.open::<T>(&path) {
        Ok(input) => Ok((file, input)),
        Err(error) => Err(unreadable(&file, &error)),
    }
}

/// How long the file of a set of rows is, in bytes.
pub(super) fn rows_length<T: Row>(folder: &Path) -> Result<u64, Problem> {
    let (_, file, path) = find_rows::<T>(folder)?;
    fs::metadata(path).map(|found| found.len()).map_err(|error| unreadable(&file, &error))
}

fn unreadable(file: &str, error: &io::Error) -> Problem {
    Problem { file: file.to_owned(), line: None, what: format!("cannot be read: {error}") }
}

/// The one file of a set of rows, with its name.
fn find_rows<T: Row>(folder: &Path) -> Result<(Encoding, String, PathBuf), Problem> {
    let there: Vec<Encoding> = Encoding::ALL
        .into_iter()
        .filter(|encoding| folder.join(encoding.file_name::<T>()).symlink_metadata().is_ok())
        .collect();
    let &[encoding] = there.as_slice() else {
        let found = if there.is_empty() { "no file" } else { "more than one file" };
        let what = format!("{found} of that name with .jsonl, .jsonl.zst or .parquet; exactly one is needed");
        return Err(Problem { file: T::FILE.to_owned(), line: None, what });
    };
    let file = encoding.file_name::<T>();
    let path = folder.join(&file);
    regular(&path).map_err(|error| unreadable(&file, &error))?;
    Ok((encoding, file, path))
}

#[cfg(test)]
mod tests;
