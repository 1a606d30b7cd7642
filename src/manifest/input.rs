//! A manifest whose rows are taken one after the other.
//!
//! Decides nothing about what rows mean. Each that is given is sound; that they are all of them, and the very ones that the
//! header speaks of, is known at the end, and an error there is an error of the whole.

use std::fmt;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::check::{Problems, RowCheck};
use super::coverage::CoverageRow;
use super::digest::Digest;
use super::encode::{Encoding, RowWriter};
use super::entry::Entry;
use super::error::{ManifestError, Problem};
use super::folder::HEADER_FILE;
use super::header::Header;
use super::keys::Watch;
use super::lines::Lines;
use super::read;
use super::row::Row;
use super::stream::{self, Held};
use super::tree_hash::TreeHasher;

/// So many rows are read before anybody hears of it.
pub(super) const STEP: u64 = 4096;

/// How many threads may work, and who hears how far they are.
#[derive(Clone, Copy)]
pub struct Work<'w> {
    /// At least one.
    pub threads: usize,
    /// Hears of every row that is read, and can end it.
    pub watch: &'w dyn Watch,
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Work<'_> {
    /// Tells how many rows there are to be read.
    pub(super) fn begin<'i>(&self, inputs: impl IntoIterator<Item = &'i Input>) {
        let headers = inputs.into_iter().map(Input::header);
        let rows = headers.map(|header| header.entries.rows.saturating_add(header.coverage.rows));
        self.watch.begin(rows.fold(0, u64::saturating_add));
    }
}

/// A manifest, opened: its header was read and is sound.
#[derive(Debug)]
pub struct Input {
    /// What it is called.
    name: PathBuf,
    folder: PathBuf,
    header: Header,
    digest: Digest,
    /// Where a stream was put.
    _unpacked: Option<TempDir>,
}

impl Input {
    /// Opens the manifest in the folder `path`.
    ///
    /// # Errors
    /// There is none, or its header is not sound.
    pub fn open(path: &Path) -> Result<Self, ManifestError> {
        match read::sound_header(path) {
            Ok((header, digest)) => {
                Ok(Self { name: path.to_owned(), folder: path.to_owned(), header, digest, _unpacked: None })
            }
            // It tells the path itself.
            Err(error @ ManifestError::Io { .. }) => Err(error),
            Err(unsound) => Err(unsound.of(path)),
        }
    }

    /// Opens a manifest that comes as a stream, which is put on the system's disk for temporary files first.
    ///
    /// # Errors
    /// It cannot be put there, or its header is not sound.
    pub fn unpack(stream: impl BufRead) -> Result<Self, ManifestError> {
        let failed = |source| ManifestError::Io {
            action: "keep the manifest's stream in",
            path: std::env::temp_dir(),
            source,
        };
        let unpacked = tempfile::tempdir().map_err(failed)?;
        let folder = unpacked.path().to_owned();
        unpack(&mut Lines::new(stream), &folder).map_err(failed)??;
        let input = Self::open(&folder);
        let input =
            input.map_err(|error| if let ManifestError::One { why, .. } = error { *why } else { error })?;
        Ok(Self { name: PathBuf::from("-"), _unpacked: Some(unpacked), ..input })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Reads every row, and sees that they are those that the header speaks of.
    ///
    /// # Errors
    /// They are not; or somebody stops it.
    pub fn check(&self, work: Work<'_>) -> Result<(), ManifestError> {
        work.begin([self]);
        self.rows::<Entry>(work.watch).try_for_each(|row| row.map(drop))?;
        self.rows::<CoverageRow>(work.watch).try_for_each(|row| row.map(drop))
    }

    /// The folder that it is in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its rows of one kind.
    pub(super) fn rows<'i, T: Row>(&'i self, watch: &'i dyn Watch) -> Rows<'i, T> {
        Rows { input: self, watch, given: 0, state: State::Closed }
    }
}

/// Puts the lines of a stream into the files of a folder, as they are.
fn unpack(lines: &mut Lines<impl BufRead>, folder: &Path) -> io::Result<Result<(), ManifestError>> {
    let wrong = |line, what: &str| {
        let problem = Problem { file: stream::STREAM.to_owned(), line: Some(line), what: what.to_owned() };
        Ok(Err(ManifestError::invalid(Some(problem))))
    };
    let create = |name: &str| fs::File::create_new(folder.join(name));
    let mut entries =
        RowWriter::new::<Entry>(Encoding::JsonLines, create(&Encoding::JsonLines.file_name::<Entry>())?)?;
    let mut coverage = RowWriter::new::<CoverageRow>(
        Encoding::JsonLines,
        create(&Encoding::JsonLines.file_name::<CoverageRow>())?,
    )?;
    let (mut row, mut last) = (Vec::new(), None);
    loop {
        let next = match lines.next() {
            Ok(Some(line)) => stream::held(line).inspect(|(_, content)| {
                row.clear();
                row.extend_from_slice(content);
            }),
            Ok(None) => break,
            Err(what) => {
                let number = lines.number();
                return wrong(number, &what);
            }
        };
        let Some((held, _)) = next else {
            return wrong(lines.number(), "is neither a header nor an entry nor coverage");
        };
        match (last, held) {
            (None, Held::Header) => create(HEADER_FILE)?.write_all(&row)?,
            (None, _) => return wrong(lines.number(), "is not a header; the stream begins with one"),
            (Some(Held::Header | Held::Entry), Held::Entry) => entries.push(&mut row)?,
            (Some(_), Held::Coverage) => coverage.push(&mut row)?,
            (Some(_), Held::Header) => return wrong(lines.number(), "is a second header"),
            (Some(_), Held::Entry) => return wrong(lines.number(), "is an entry after the coverage"),
        }
        last = Some(held);
    }
    if last.is_none() {
        return wrong(1, "is empty");
    }
    entries.finish()?;
    coverage.finish()?;
    Ok(Ok(()))
}

/// The rows of one kind of a manifest, in their order.
pub(super) struct Rows<'i, T: Row> {
    input: &'i Input,
    watch: &'i dyn Watch,
    given: u64,
    state: State<'i, T>,
}

enum State<'i, T: Row> {
    /// Not opened yet.
    Closed,
    Open {
        file: String,
        lines: Lines<Box<dyn BufRead + Send>>,
        check: Box<RowCheck<'i, T>>,
        tree: TreeHasher,
    },
    Over,
}

impl<T: Row> Rows<'_, T> {
    fn step(&mut self) -> Result<Option<T>, ManifestError> {
        if let State::Closed = self.state {
            let (file, input) = read::open_rows::<T>(self.input.folder())
                .map_err(|problem| ManifestError::invalid(Some(problem)))?;
            let check = Box::new(RowCheck::new(&self.input.header));
            self.state = State::Open { file, lines: Lines::new(input), check, tree: TreeHasher::default() };
        }
        let State::Open { file, lines, check, tree } = &mut self.state else { return Ok(None) };
        while !check.is_over() {
            let wrong = |line, what| {
                let problem = Problem { file: file.clone(), line: Some(line), what };
                ManifestError::invalid(Some(problem))
            };
            let taken = match lines.next() {
                Ok(Some(line)) => {
                    tree.push(line);
                    check.take(line)
                }
                Ok(None) => break,
                Err(what) => return Err(wrong(lines.number(), what)),
            };
            match taken {
                Ok(Some(row)) => return Ok(Some(row)),
                Ok(None) => {}
                Err(what) => return Err(wrong(lines.number(), what)),
            }
        }
        let State::Open { file, check, tree, .. } = std::mem::replace(&mut self.state, State::Over) else {
            return Ok(None);
        };
        let mut problems = Problems::with_limit(1);
        let last = check.finish(tree.finish(), |what| problems.add(&file, None, what));
        match problems.into_found().pop() {
            None => Ok(last),
            problem => Err(ManifestError::invalid(problem)),
        }
    }
}

impl<T: Row> Iterator for Rows<'_, T> {
    type Item = Result<T, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if !matches!(step, Ok(Some(_))) {
            self.state = State::Over;
            self.watch.advance(std::mem::take(&mut self.given) % STEP);
            return step.map_err(|error| error.of(&self.input.name)).transpose();
        }
        self.given += 1;
        if self.given.is_multiple_of(STEP) {
            self.watch.advance(STEP);
            if self.watch.interrupted() {
                self.state = State::Over;
                return Some(Err(ManifestError::Interrupted));
            }
        }
        step.transpose()
    }
}
