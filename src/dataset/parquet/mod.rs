//! Shards in Parquet.
//!
//! Decides how a shard is read, judged and written again: keys before contents, row group by row group, those that nobody
//! touches copied as they stand, as far as they hold nothing but their rows. Must not decide what goes.

mod cells;
mod dictionary;
mod fates;
mod footer;
mod group;
mod hybrid;
mod numbers;
mod order;
mod output;
mod pages;
mod rewrite;
mod sample;
mod schema;
mod settings;
mod sound;
mod spans;
mod stretches;
mod texts;

use std::io::Write;
use std::path::Path;

use super::{Columns, DatasetError, Judge, Row, Tally, Watch};
use crate::pages::range;
use footer::Shard;
use output::Output;
use schema::Looked;

/// The names of a shard's columns, as [`super::Column`] has them; of a list of plain values it is the list's.
///
/// # Errors
/// The file is no Parquet that can be read here.
pub fn names(input: &Path) -> Result<Vec<String>, DatasetError> {
    Ok(Shard::open(input)?.leaves.into_iter().map(|leaf| leaf.name).collect())
}

/// Shows rows (or items) from all over a shard, at most so many, contents included.
///
/// # Errors
/// The file or a column cannot be read.
pub fn sample(
    input: &Path,
    columns: &Columns,
    most: usize,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<(), DatasetError> {
    let shard = Shard::open(input)?;
    let looked = look(&shard, columns)?;
    sample::rows(&shard, &looked, most, see)
}

/// Shows every row to a judge, and writes nothing.
///
/// # Errors
/// The file or a column cannot be read; the judge or somebody else stops it.
pub fn verify(
    input: &Path,
    columns: &Columns,
    judge: &mut dyn Judge,
    watch: &dyn Watch,
) -> Result<Tally, DatasetError> {
    each_group(&Shard::open(input)?, columns, judge, watch, &mut |shard, group, _, _| {
        let group = shard.meta.row_group(group);
        watch.advance(group.columns().iter().filter_map(range).map(|range| range.1).sum(), 0);
        Ok(0)
    })
}

/// Shows every row to a judge, and writes those that stay: in their order, as they were encoded. Of row groups that stay
/// whole, columns are copied byte for byte, unless their dictionary has values that no row uses.
///
/// What is written is whole only when this returns well.
///
/// # Errors
/// The file or a column cannot be read, or nothing can be written; the judge or somebody else stops it.
pub fn filter(
    input: &Path,
    columns: &Columns,
    judge: &mut dyn Judge,
    watch: &dyn Watch,
    out: impl Write + Send,
) -> Result<Tally, DatasetError> {
    let shard = Shard::open(input)?;
    look(&shard, columns)?;
    let mut output = Output::new(&shard, out, watch)?;
    let tally = each_group(&shard, columns, judge, watch, &mut |_, group, looked, judged| {
        output.group(group, looked, judged)
    })?;
    output.finish()?;
    Ok(tally)
}

fn look(shard: &Shard, columns: &Columns) -> Result<Vec<Looked>, DatasetError> {
    schema::look(&shard.leaves, shard.meta.file_metadata().schema_descr(), columns)
}

/// What is done with a row group that was judged. The rows that were written.
type Then<'a> = dyn FnMut(&Shard, usize, &[Looked], group::Judged) -> Result<u64, DatasetError> + 'a;

fn each_group(
    shard: &Shard,
    columns: &Columns,
    judge: &mut dyn Judge,
    watch: &dyn Watch,
    then: &mut Then<'_>,
) -> Result<Tally, DatasetError> {
    let looked = look(shard, columns)?;
    if looked.is_empty() {
        return Err(DatasetError::Bug("a data set is judged by its columns"));
    }
    let mut tally = Tally::default();
    for (at, meta) in shard.groups().iter().enumerate() {
        if watch.interrupted() {
            return Err(DatasetError::Interrupted);
        }
        if meta.num_rows() == 0 {
            continue;
        }
        let judged = group::judge(shard, &looked, (at, tally.read), judge, watch)?;
        tally.read += u64::try_from(meta.num_rows()).unwrap_or(0);
        tally.written += then(shard, at, &looked, judged)?;
    }
    Ok(tally)
}

#[cfg(test)]
mod tests;
