//! From folders of manifests to keys: out of what was kept from before, or by reading every row.
//!
//! Decides what is kept and when it still holds. A header binds its rows by their number and tree hash; so what was once
//! made of the sound rows of a header is true as long as the header is the same, byte for byte, and the rows need not be
//! read again. That they are still there, and as long as they were, is seen each time; rows of which bytes were exchanged
//! for others since are not, and the manifest is used by what was made of them when they were sound. `validate` reads the
//! rows whatever is kept.
//!
//! Whoever can write to the folder of what is kept can make keys up. So only files are taken that belong to the user who
//! runs this and that nobody else may write.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::collect::Collector;
use super::file::{self, Id, Unfit};
use super::kept;
use super::{HashKind, KeysError, Source, Tables, Wanted, Watch};
use crate::manifest::check::Problems;
use crate::manifest::coverage::CoverageRow;
use crate::manifest::entry::Entry;
use crate::manifest::error::ManifestError;
use crate::manifest::read;
use crate::manifest::row::Row;

/// So many rows are read before anybody hears of it.
const STEP: u64 = 4096;

/// The headers of the manifests in these folders.
pub(super) fn sources(manifests: &[PathBuf]) -> Result<Vec<Source>, KeysError> {
    if manifests.is_empty() {
        return Err(KeysError::None);
    }
    manifests.iter().map(|path| source(path)).collect()
}

fn source(path: &Path) -> Result<Source, KeysError> {
    match read::sound_header(path) {
        Ok((header, digest)) => Ok(Source { path: path.to_path_buf(), header, digest }),
        Err(ManifestError::Io { action, path, source }) => Err(KeysError::Io { action, path, source }),
        Err(source) => Err(KeysError::Manifest { path: path.to_path_buf(), source }),
    }
}

fn unsound(path: &Path, problem: Option<crate::manifest::Problem>) -> KeysError {
    KeysError::Manifest { path: path.to_path_buf(), source: ManifestError::invalid(problem) }
}

/// The keys of these manifests.
pub(super) fn tables(
    sources: &[Source],
    wanted: &Wanted,
    cache: Option<&Path>,
    threads: usize,
    watch: &dyn Watch,
) -> Result<Tables, KeysError> {
    let sources = &distinct(sources)?;
    let id = id(sources, wanted);
    let temporary = std::env::temp_dir();
    let folder = cache.unwrap_or(&temporary);
    let failed = |action| move |source| KeysError::Io { action, path: folder.to_path_buf(), source };
    let Some(cache) = cache else {
        let mut file = tempfile::tempfile_in(folder).map_err(failed("make a file in"))?;
        compile(sources, wanted, folder, threads, watch, &id, &mut file)?;
        return load(&mut file, &id, folder);
    };
    fs::create_dir_all(cache).map_err(failed("make the folder"))?;
    let place = kept::place(cache, &id);
    // What cannot be used is made anew, whatever is wrong with it.
    if let Some(tables) = kept::trusted(&place).and_then(|mut file| file::read(&mut file, &id).ok()) {
        return Ok(tables);
    }
    let mut file = tempfile::NamedTempFile::new_in(cache).map_err(failed("make a file in"))?;
    compile(sources, wanted, folder, threads, watch, &id, file.as_file_mut())?;
    let tables = load(file.as_file_mut(), &id, folder)?;
    kept::keep(file, &place).map_err(failed("put a file into its place in"))?;
    Ok(tables)
}

/// What tells these keys from any others: the manifests, in any order and each once, with the lengths of their rows; what is
/// wanted; and which version of this program has found them sound.
fn id(sources: &Distinct<'_>, wanted: &Wanted) -> Id {
    let kinds = HashKind::ALL.map(|kind| wanted.hashes.contains(&kind));
    let mut id = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
    for asked in kinds.into_iter().chain([wanted.commits, wanted.lines, wanted.names]) {
        id.update([b' ', u8::from(asked)]);
    }
    id.update([wanted.paths as u8]);
    for (digest, lengths) in sources.keys() {
        id.update(digest);
        lengths.iter().for_each(|length| id.update(length.to_le_bytes()));
    }
    id.finalize().into()
}

/// Manifests, each once, by the digests of their headers and the lengths of their files of rows.
type Distinct<'s> = BTreeMap<(&'s [u8; 32], [u64; 2]), &'s Source>;

fn distinct(sources: &[Source]) -> Result<Distinct<'_>, KeysError> {
    let known = |source| {
        let lengths = lengths(source).map_err(|problem| unsound(&source.path, Some(problem)))?;
        Ok(((source.digest.as_bytes(), lengths), source))
    };
    sources.iter().map(known).collect()
}

fn lengths(source: &Source) -> Result<[u64; 2], crate::manifest::Problem> {
    Ok([read::rows_length::<Entry>(&source.path)?, read::rows_length::<CoverageRow>(&source.path)?])
}

/// Reads back what was just written: what a disk has not kept is found out.
fn load(file: &mut File, id: &Id, folder: &Path) -> Result<Tables, KeysError> {
    file::read(file, id).map_err(|unfit| {
        let source = match unfit {
            Unfit::TooMany => return KeysError::TooMany,
            Unfit::Damaged => io::Error::other("it does not give back what was written"),
            Unfit::Io(error) => error,
        };
        KeysError::Io { action: "read back the keys in", path: folder.to_path_buf(), source }
    })
}

/// Reads all rows, and writes their keys to `file`.
fn compile(
    sources: &Distinct<'_>,
    wanted: &Wanted,
    folder: &Path,
    threads: usize,
    watch: &dyn Watch,
    id: &Id,
    file: &mut File,
) -> Result<(), KeysError> {
    let failed = |action| move |source| KeysError::Io { action, path: folder.to_path_buf(), source };
    watch.begin(sources.values().map(|source| rows_of(source)).fold(0, u64::saturating_add));
    let mut collector = Collector::new(wanted, folder);
    for source in sources.values() {
        collector.begin(source.header.purposes);
        collect(source, threads, watch, |row| collector.entry(row))
            .and_then(|()| collect(source, threads, watch, |row| collector.coverage(row)))
            .map_err(|why| match why {
                Why::Unsound(problem) => unsound(&source.path, problem),
                Why::Disk(error) => failed("keep keys in")(error),
                Why::Interrupted => KeysError::Interrupted,
            })?;
    }
    match file::write(collector, id, file, || watch.interrupted()) {
        Ok(ControlFlow::Continue(())) => Ok(()),
        Ok(ControlFlow::Break(())) => Err(KeysError::Interrupted),
        Err(error) => Err(failed("keep keys in")(error)),
    }
}

fn rows_of(source: &Source) -> u64 {
    source.header.entries.rows.saturating_add(source.header.coverage.rows)
}

/// Why rows were not collected.
enum Why {
    Unsound(Option<crate::manifest::Problem>),
    Disk(io::Error),
    Interrupted,
}

/// Hands on every row of one set. It was all of them only if nothing went wrong.
fn collect<T: Row>(
    source: &Source,
    threads: usize,
    watch: &dyn Watch,
    mut take: impl FnMut(&T) -> io::Result<()>,
) -> Result<(), Why> {
    let mut problems = Problems::with_limit(1);
    let (mut rows, mut why) = (0, None);
    let sink = |row: T| {
        rows += 1;
        if rows % STEP == 0 {
            watch.advance(STEP);
            if watch.interrupted() {
                why = Some(Why::Interrupted);
                return ControlFlow::Break(());
            }
        }
        match take(&row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                why = Some(Why::Disk(error));
                ControlFlow::Break(())
            }
        }
    };
    let flow = read::rows(&source.path, &source.header, threads, sink, &mut problems);
    watch.advance(rows % STEP);
    match (flow, problems.into_found().pop()) {
        (ControlFlow::Continue(()), None) => Ok(()),
        (ControlFlow::Break(()), _) => Err(why.unwrap_or(Why::Interrupted)),
        (ControlFlow::Continue(()), problem) => Err(Why::Unsound(problem)),
    }
}
