//! Reads a manifest's folder, and tells what is wrong with it.
//!
//! Decides which files are read: those with the fixed names, whatever the header says. Whether they are sound is
//! decided by the checks. A manifest that is not sound in every part is not read at all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

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

/// Reads the manifest in the folder `path`. What is not sound in every part is refused.
///
/// # Errors
/// [`ManifestError::Io`] if there is no manifest, [`ManifestError::Invalid`] with the first thing that is wrong.
pub fn read(path: &Path) -> Result<Manifest, ManifestError> {
    let header_file = path.join(HEADER_FILE);
    fs::metadata(&header_file).map_err(|source| ManifestError::Io {
        action: "read the manifest",
        path: header_file,
        source,
    })?;
    let mut problems = Problems::with_limit(1);
    let read = walk(path, true, &mut problems);
    match (problems.into_found().pop(), read) {
        (None, Some((header, _, entries, coverage))) => Ok(Manifest::from_checked(header, entries, coverage)),
        (problem, _) => Err(ManifestError::invalid(problem)),
    }
}

/// Tells what is wrong with the manifest in the folder `path`, in bounded memory.
#[must_use]
pub fn validate(path: &Path) -> Validation {
    let mut problems = Problems::with_limit(MOST_PROBLEMS);
    let (header, digest) =
        walk(path, false, &mut problems).map(|(header, digest, ..)| (header, digest)).unzip();
    Validation { header, digest, problems: problems.into_found() }
}

type Parts = (Header, Digest, Vec<Entry>, Vec<CoverageRow>);

fn walk(folder: &Path, keep: bool, problems: &mut Problems) -> Option<Parts> {
    let bytes = match read_header(&folder.join(HEADER_FILE)) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.add(HEADER_FILE, None, format!("cannot be read: {error}"));
            return None;
        }
    };
    let header = check::header(&bytes, HEADER_FILE, None, problems)?;
    let entries = rows(folder, &header, keep, problems);
    let coverage = rows(folder, &header, keep, problems);
    Some((header, Digest::of(&bytes), entries, coverage))
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

fn rows<T: Row>(folder: &Path, header: &Header, keep: bool, problems: &mut Problems) -> Vec<T> {
    if problems.is_full() {
        return Vec::new();
    }
    let there: Vec<Encoding> = Encoding::ALL
        .into_iter()
        .filter(|encoding| folder.join(encoding.file_name::<T>()).symlink_metadata().is_ok())
        .collect();
    let &[encoding] = there.as_slice() else {
        let found = if there.is_empty() { "no file" } else { "more than one file" };
        problems.add(
            T::FILE,
            None,
            format!("{found} of that name with .jsonl or .jsonl.zst; exactly one is needed"),
        );
        return Vec::new();
    };
    let file = encoding.file_name::<T>();
    let path = folder.join(&file);
    let input = match regular(&path).and_then(|()| encoding.open(&path)) {
        Ok(input) => input,
        Err(error) => {
            problems.add(&file, None, format!("cannot be read: {error}"));
            return Vec::new();
        }
    };
    let mut check = RowCheck::<T>::new(header, keep);
    let mut lines = Lines::new(input);
    while !problems.is_full() && !check.is_over() {
        let taken = match lines.next() {
            Ok(Some(line)) => check.take(line),
            Ok(None) => break,
            Err(what) => {
                problems.add(&file, Some(lines.number()), what);
                return Vec::new();
            }
        };
        if let Err(what) = taken {
            problems.add(&file, Some(lines.number()), what);
        }
    }
    check.finish(|what| problems.add(&file, None, what))
}

#[cfg(test)]
mod tests;
