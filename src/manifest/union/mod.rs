//! The rows of many manifests in one order, each once.
//!
//! Decides how rows that are sorted in each manifest come together: the rows of all, in their order, brought into their one
//! form. In memory are a page or frame of each manifest that is open, a handful of rows of it, and those rows that have to be
//! looked at together ([`window`]); no more than [`AT_ONCE`] manifests are open at once, however many there are.

pub(super) mod ahead;
pub(super) mod window;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::marker::PhantomData;
use std::path::Path;
use std::thread;

use super::canonical;
use super::encode::{Encoding, RowWriter};
use super::error::ManifestError;
use super::input::{Input, Work};
use super::lines::Lines;
use super::row::Row;
use window::{Limits, Settle, Window};

/// So many manifests are open at once; more are united in rounds, by way of temporary files.
const AT_ONCE: usize = 64;

/// Takes a row.
pub(super) type Sink<'s, T> = dyn FnMut(T) -> Result<(), ManifestError> + 's;

/// Unites the rows of manifests, within limits.
pub(super) struct Unite<'u> {
    pub(super) inputs: &'u [Input],
    pub(super) limits: Limits,
    pub(super) work: Work<'u>,
    /// Where temporary files go.
    pub(super) folder: &'u Path,
    /// So many are open at once.
    pub(super) at_once: usize,
}

impl<'u> Unite<'u> {
    pub(super) fn new(inputs: &'u [Input], limits: Limits, work: Work<'u>, folder: &'u Path) -> Self {
        Self { inputs, limits, work, folder, at_once: AT_ONCE }
    }

    /// Gives every row to `sink`, in order. They are all of them only if this returns well.
    pub(super) fn each<T: Settle>(&self, sink: &mut Sink<'_, T>) -> Result<(), ManifestError> {
        let rows =
            |inputs: &'u [Input]| inputs.iter().map(|input| input.rows::<T>(self.work.watch)).collect();
        if self.inputs.len() <= self.at_once {
            return self.together(rows(self.inputs), sink);
        }
        // Rows that were united, of this many rounds. Those of one round become one of the next when they are many.
        let mut rounds: Vec<Vec<Stored<T>>> = Vec::new();
        for some in self.inputs.chunks(self.at_once) {
            let mut stored = Stored::of(self.folder, |sink| self.together(rows(some), sink))?;
            for round in 0.. {
                if rounds.len() == round {
                    rounds.push(Vec::new());
                }
                rounds[round].push(stored);
                if rounds[round].len() < self.at_once {
                    break;
                }
                let full = std::mem::take(&mut rounds[round]);
                stored = Stored::of(self.folder, |sink| self.together(full, sink))?;
            }
        }
        self.together(rounds.into_iter().flatten().collect(), sink)
    }

    fn together<T: Settle, I>(&self, inputs: Vec<I>, sink: &mut Sink<'_, T>) -> Result<(), ManifestError>
    where
        I: Iterator<Item = Result<T, ManifestError>> + Send,
    {
        if self.work.threads < 2 {
            return Window::new(Union::new(inputs), self.limits).try_for_each(|row| sink(row?));
        }
        thread::scope(|scope| {
            let inputs = inputs.into_iter().map(|rows| ahead::ahead(scope, rows)).collect();
            Window::new(Union::new(inputs), self.limits).try_for_each(|row| sink(row?))
        })
    }
}

/// Rows of several sorted inputs in order, each once. After an error there is no more.
pub(super) struct Union<T, I> {
    inputs: Vec<I>,
    /// The next row of each input that has one.
    heads: BinaryHeap<Reverse<(T, usize)>>,
    begun: bool,
}

impl<T: Ord, I: Iterator<Item = Result<T, ManifestError>>> Union<T, I> {
    pub(super) fn new(inputs: Vec<I>) -> Self {
        Self { heads: BinaryHeap::with_capacity(inputs.len()), inputs, begun: false }
    }

    fn advance(&mut self, input: usize) -> Result<(), ManifestError> {
        if let Some(row) = self.inputs[input].next() {
            self.heads.push(Reverse((row?, input)));
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Option<T>, ManifestError> {
        if !self.begun {
            self.begun = true;
            (0..self.inputs.len()).try_for_each(|input| self.advance(input))?;
        }
        let Some(Reverse((row, input))) = self.heads.pop() else { return Ok(None) };
        self.advance(input)?;
        while let Some(Reverse((same, input))) = self.heads.peek()
            && *same == row
        {
            let input = *input;
            self.heads.pop();
            self.advance(input)?;
        }
        Ok(Some(row))
    }
}

impl<T: Ord, I: Iterator<Item = Result<T, ManifestError>>> Iterator for Union<T, I> {
    type Item = Result<T, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.heads.clear();
        }
        step.transpose()
    }
}

/// Rows that were united, in a temporary file without a name.
struct Stored<T> {
    lines: Lines<BufReader<File>>,
    folder: std::path::PathBuf,
    rows: PhantomData<fn() -> T>,
}

impl<T: Row> Stored<T> {
    fn of(
        folder: &Path,
        fill: impl FnOnce(&mut Sink<'_, T>) -> Result<(), ManifestError>,
    ) -> Result<Self, ManifestError> {
        let failed = |source| failed(folder, source);
        let mut file = tempfile::tempfile_in(folder).map_err(failed)?;
        let mut writer = file
            .try_clone()
            .and_then(|file| RowWriter::new::<T>(Encoding::JsonLines, file))
            .map_err(failed)?;
        let mut line = Vec::new();
        fill(&mut |row| {
            line.clear();
            canonical::append(&row, &mut line)?;
            writer.push(&mut line).map_err(failed)
        })?;
        writer.finish().map_err(failed)?;
        file.rewind().map_err(failed)?;
        Ok(Self { lines: Lines::new(BufReader::new(file)), folder: folder.to_owned(), rows: PhantomData })
    }
}

impl<T: Row> Iterator for Stored<T> {
    type Item = Result<T, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next().map_err(io::Error::other).transpose()?;
        let row = line.and_then(|line| Ok(serde_json::from_slice(line)?));
        Some(row.map_err(|error| failed(&self.folder, error)))
    }
}

fn failed(folder: &Path, source: io::Error) -> ManifestError {
    ManifestError::Io { action: "keep rows in", path: folder.to_owned(), source }
}

#[cfg(test)]
mod tests;
