//! What can be done with a shard, whatever its form.
//!
//! Decides which module does it. Must not look into a shard.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::shards::Form;
use super::{Columns, DatasetError, Judge, Row, Tally, Watch, files, jsonl, tar};

/// So many rows of JSON Lines are looked at for the names of their fields.
const ROWS_FOR_NAMES: u64 = 100;

/// The names of a shard's columns.
///
/// # Errors
/// It cannot be read.
pub fn names(form: Form, path: &Path) -> Result<Vec<String>, DatasetError> {
    match form {
        #[cfg(feature = "parquet")]
        Form::Parquet => super::parquet::names(path),
        #[cfg(not(feature = "parquet"))]
        Form::Parquet => Err(without_parquet()),
        Form::JsonLines => jsonl::names(open(path)?, ROWS_FOR_NAMES),
        Form::Tar | Form::Files => Ok(files::NAMES.map(str::to_owned).to_vec()),
    }
}

/// Shows some rows with their contents, at most so many.
///
/// # Errors
/// It cannot be read.
pub fn sample(
    form: Form,
    path: &Path,
    columns: &Columns,
    most: u32,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<(), DatasetError> {
    match form {
        #[cfg(feature = "parquet")]
        Form::Parquet => super::parquet::sample(path, columns, most as usize, see),
        #[cfg(not(feature = "parquet"))]
        Form::Parquet => Err(without_parquet()),
        Form::JsonLines => jsonl::sample(open(path)?, columns, most.into(), see).map(drop),
        Form::Tar => tar::sample(open(path)?, columns, most.into(), see).map(drop),
        Form::Files => files::sample(path, columns, most.into(), see).map(drop),
    }
}

/// Shows every row to the judge, and writes nothing.
///
/// # Errors
/// It cannot be read, or the judge stops it.
pub fn verify(
    form: Form,
    path: &Path,
    columns: &Columns,
    judge: &mut dyn Judge,
    watch: &dyn Watch,
) -> Result<Tally, DatasetError> {
    match form {
        #[cfg(feature = "parquet")]
        Form::Parquet => super::parquet::verify(path, columns, judge, watch),
        #[cfg(not(feature = "parquet"))]
        Form::Parquet => Err(without_parquet()),
        Form::JsonLines => jsonl::verify(open(path)?, columns, judge, watch),
        Form::Tar => tar::verify(open(path)?, columns, judge, watch),
        Form::Files => files::verify(path, columns, judge, watch),
    }
}

/// Writes the rows that stay, in the form in which they came; but for folders of files, which [`files::filter`] writes.
///
/// # Errors
/// It cannot be read or written, or the judge stops it.
pub fn filter(
    form: Form,
    path: &Path,
    columns: &Columns,
    judge: &mut dyn Judge,
    watch: &dyn Watch,
    out: impl Write + Send,
) -> Result<Tally, DatasetError> {
    match form {
        #[cfg(feature = "parquet")]
        Form::Parquet => super::parquet::filter(path, columns, judge, watch, out),
        #[cfg(not(feature = "parquet"))]
        Form::Parquet => Err(without_parquet()),
        Form::JsonLines => jsonl::filter(open(path)?, columns, judge, watch, out),
        Form::Tar => tar::filter(open(path)?, columns, judge, watch, out),
        Form::Files => Err(DatasetError::Unsupported("a folder of files is written to a folder".to_owned())),
    }
}

fn open(path: &Path) -> Result<File, DatasetError> {
    File::open(path)
        .map_err(|source| DatasetError::Io { action: format!("open `{}`", path.display()), source })
}

#[cfg(not(feature = "parquet"))]
fn without_parquet() -> DatasetError {
    DatasetError::Unsupported("it is Parquet, which this program was built without".to_owned())
}
