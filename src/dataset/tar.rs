//! Tar archives (WebDataset), plain or in gzip or zstd.
//!
//! Decides what a row is. If columns name nothing but `path` and `content`, each regular file of the archive is a row of its
//! own. Otherwise a row is a sample, as WebDataset has it: the files that follow one another and share their name up to the
//! first dot of its last part. Then a column is what follows that dot, and means the bytes of that file (`py`); `__key__` is
//! what they share; `json.repo` is a field of the file `json`.
//!
//! Rows that go are left out with all their headers; all else is byte for byte what it was. Links, sparse files and devices
//! are errors: what they mean lies elsewhere, or in a form that is not read here. So is an archive without its end mark: it
//! may be cut off. Nothing is ever unpacked to the disk.

use std::io::{Read, Write};

use super::codec::frames::Frames;
use super::codec::recode::{Passage, recode};
use super::{Columns, DatasetError, Judge, Row, Tally, Watch};
use members::{Kind, Member, Members};
use samples::Samples;

mod members;
mod pax;
mod samples;
#[cfg(test)]
mod tests;

/// No row may be longer: one is held whole.
const LONGEST: usize = 2 << 30;

/// Shows every row to the judge, and writes nothing. As written are counted those that would stay.
///
/// # Errors
/// It cannot be read, is damaged, has something that is no file or folder, or the judge stops it.
pub fn verify<J: Judge + ?Sized>(
    input: impl Read,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
) -> Result<Tally, DatasetError> {
    walk(&mut Frames::new(input, false)?, columns, judge, watch, LONGEST)
}

/// Writes the rows that stay, in the codec and the frames in which they came.
///
/// # Errors
/// As [`verify`]; or it cannot be written. What is written by then is to be thrown away.
pub fn filter<J: Judge + ?Sized>(
    input: impl Read,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
    out: impl Write,
) -> Result<Tally, DatasetError> {
    recode(input, out, |shard| walk(shard, columns, judge, watch, LONGEST))
}

/// Shows the first rows with their contents, and says how many they were.
///
/// # Errors
/// As [`verify`], as far as is read.
pub fn sample(
    input: impl Read,
    columns: &Columns,
    most: u64,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<u64, DatasetError> {
    super::row::sampled(most, see, |judge| {
        walk(&mut Frames::new(input, false)?, columns, judge, &(), LONGEST)
    })
}

fn walk<J: Judge + ?Sized>(
    passage: &mut impl Passage,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
    longest: usize,
) -> Result<Tally, DatasetError> {
    let mut samples = Samples::new(columns)?;
    let mut members = Members::new(passage, longest);
    // Those of the row at hand, and what stands between them.
    let mut row: Vec<Member> = Vec::new();
    let mut tally = Tally::default();
    loop {
        if watch.interrupted() {
            return Err(DatasetError::Interrupted);
        }
        let member = members.next(tally.read + 1)?;
        let first = row.iter().find(|member| member.kind == Kind::File);
        let ends = match (&member, first) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(member), Some(first)) => {
                member.kind == Kind::File && !samples.together(&first.name, &member.name)
            }
        };
        if ends {
            tally.read += 1;
            tally.written += u64::from(samples.decide(tally.read, &row, &mut members, judge)?);
            watch.advance(members.passed(), 1);
            row.clear();
        }
        match member {
            Some(member) => row.push(member),
            None => break,
        }
    }
    for member in row {
        members.keep(member.whole)?;
    }
    members.rest()?;
    watch.advance(members.passed(), 0);
    Ok(tally)
}
