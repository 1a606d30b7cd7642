//! JSON Lines, plain or in gzip or zstd: a row is a line, and a line is an object.
//!
//! Decides what a row is. Rows that stay are byte for byte what they were, with the line ends that they had, in their order.
//! Frames of zstd and members of gzip of which nothing goes are copied as they stand.
//!
//! - A blank line is no row, as readers (Polars, DuckDB, Arrow) have it; it stays.
//! - A byte order mark, a list of rows instead of lines, two objects in a line, a name that is sought and stands twice or in
//!   other case, anything that is not JSON or not UTF-8: an error, wherever it is.
//! - A field that is not there is NULL; one that is a number, a truth value or an object is an error. Only people may be told
//!   by integers, the ids of their accounts.
//! - Half of a surrogate pair is an error where its string has to be read, for no bytes say what it says.
//! - If items of a list are judged, a row without any is itself judged, and the fields of items are NULL.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::ops::Range;

use memchr::memchr_iter;

use super::codec::frames::Frames;
use super::codec::recode::{Passage, recode};
use super::{Columns, DatasetError, Decision, Judge, Row, Tally, Watch};
use rows::{Fate, Rows};

mod fields;
mod marks;
mod names;
pub(super) mod rows;
mod skim;
#[cfg(test)]
mod tests;

/// No line may be longer: one is held whole.
const LONGEST: usize = 2 << 30;

/// Shows every row to the judge, and writes nothing. As written are counted those that would stay.
///
/// # Errors
/// It cannot be read, is damaged, has a row that is not what it has to be, or the judge stops it.
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

/// Shows the first rows with their contents, and says how many they were: items are counted each, as rows are.
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

/// The names of the fields in the first rows, as columns name them (`meta.repo`, `files[].path`), sorted. Fields whose own
/// name has a dot cannot be named so, and are left out.
///
/// # Errors
/// As [`verify`], as far as is read.
pub fn names(input: impl Read, rows: u64) -> Result<Vec<String>, DatasetError> {
    let mut found = BTreeSet::new();
    let mut all = Rows::new(&Columns::default())?;
    let mut frames = Frames::new(input, false)?;
    let mut read = 0;
    let mut name = |line: &[u8]| {
        if read == rows {
            return Err(DatasetError::Stopped { row: read });
        }
        read += 1;
        let fate = all.fate(line, &mut |_: &Row<'_>| Decision::Keep)?;
        let skimmed =
            skim::Skim::new(line).and_then(|mut skim| names::collect(line, &mut skim, "", 0, &mut found));
        skimmed.map_err(|fault| DatasetError::Malformed { row: Some(read), why: fault.why.into_owned() })?;
        Ok(fate)
    };
    lines(&mut frames, &(), LONGEST, |lines| lines.iter().map(|line| name(line)).collect())
        .or_else(|error| if matches!(error, DatasetError::Stopped { .. }) { Ok(0) } else { Err(error) })?;
    Ok(found.into_iter().collect())
}

fn walk<J: Judge + ?Sized>(
    passage: &mut impl Passage,
    columns: &Columns,
    judge: &mut J,
    watch: &dyn Watch,
    longest: usize,
) -> Result<Tally, DatasetError> {
    let mut rows = Rows::new(columns)?;
    let mut gone = 0;
    lines(passage, watch, longest, |lines| {
        let fates = rows.fates(lines, judge)?;
        gone += fates.iter().filter(|fate| **fate == Fate::Drop).count() as u64;
        Ok(fates)
    })?;
    Ok(Tally { read: rows.read, written: rows.read - gone })
}

/// So many lines are shown at once.
const AT_ONCE: usize = 256;

/// Asks of all lines that are not blank what becomes of them, some at a time, and says how many there were.
fn lines(
    passage: &mut impl Passage,
    watch: &dyn Watch,
    longest: usize,
    mut fates: impl FnMut(&[&[u8]]) -> Result<Vec<Fate>, DatasetError>,
) -> Result<u64, DatasetError> {
    let mut text = Vec::new();
    let (mut rows, mut searched, mut more) = (0, 0, true);
    while more {
        if watch.interrupted() {
            return Err(DatasetError::Interrupted);
        }
        more = passage.more(&mut text)?;
        if rows == 0 {
            not_another_form(&text)?;
        }
        let before = rows;
        // Up to `kept` all is passed on, up to `start` all is decided.
        let (mut kept, mut start) = (0, 0);
        loop {
            let found = whole(&text, start, searched, !more, longest);
            let Some(last) = found.last() else { break };
            let end = last.end;
            let shown: Vec<Range<usize>> =
                found.into_iter().filter(|line| !is_blank(&text[line.clone()])).collect();
            let lines: Vec<&[u8]> = shown.iter().map(|line| &text[line.clone()]).collect();
            rows += lines.len() as u64;
            for (line, fate) in shown.iter().zip(fates(&lines)?) {
                let new = match fate {
                    Fate::Keep => continue,
                    Fate::Drop => Vec::new(),
                    Fate::Replace(new) => new,
                };
                passage.keep(&text[kept..line.start])?;
                passage.replace(line.len(), &new)?;
                kept = line.end;
            }
            (start, searched) = (end, end);
        }
        passage.keep(&text[kept..start])?;
        watch.advance(passage.passed(), rows - before);
        text.drain(..start);
        searched = text.len();
        if searched > longest {
            let why = format!("its line is longer than {longest} bytes");
            return Err(DatasetError::Malformed { row: Some(rows + 1), why });
        }
    }
    Ok(rows)
}

/// The next lines that have an end, in a text of which there is none from `start` to `searched`. At the `end` of everything
/// a line needs none. Those behind one that is too long are not looked for.
fn whole(text: &[u8], mut start: usize, searched: usize, end: bool, longest: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut ends = memchr_iter(b'\n', &text[searched..]).map(|end| searched + end + 1);
    while lines.len() < AT_ONCE {
        let last = if end && start < text.len() { Some(text.len()) } else { None };
        match ends.next().or(last) {
            Some(end) if end - start <= longest => lines.push(std::mem::replace(&mut start, end)..end),
            _ => break,
        }
    }
    lines
}

/// Sees that a text does not begin as what is no text does. Files are told apart before they are read; what comes through a
/// pipe is not.
fn not_another_form(text: &[u8]) -> Result<(), DatasetError> {
    let form = match text {
        [b'P', b'A', b'R', b'1' | b'E', ..] => "Parquet",
        // No row begins so.
        [first, ..] if *first != b'{' && text.get(257..262) == Some(b"ustar") => "a tar archive",
        _ => return Ok(()),
    };
    let why = format!("it is {form}, and only JSON Lines are read from standard input: name the file itself");
    Err(DatasetError::Unsupported(why))
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}
