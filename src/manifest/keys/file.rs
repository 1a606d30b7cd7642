//! The file in which keys are kept, sorted and ready to be asked.
//!
//! Decides whether a file is whole and of the very manifests at hand: whatever else is found is as good as nothing. All of
//! it is read and held against checksums before a single key is asked for. They tell what a disk has done; against whoever
//! can write to the file no digest in it would help.
//!
//! Layout: magic; the records of each section, sorted; then, for each section, the number of its records and the XXH3-128 of
//! their bytes; the id of what the keys are of; and the SHA-256 of magic, numbers, checksums and id.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use sha2::{Digest as _, Sha256};
use twox_hash::XxHash3_128;

use super::Tables;
use super::collect::Collector;
use super::sort::Sorter;
use super::table::{self, Table};

/// Changes with every change of what is written.
const MAGIC: &[u8; 16] = b"withhold keys 4\n";
/// Hashes of files, commits, names, ranges of lines.
const SECTIONS: usize = 6;
/// The number of records and their checksum.
const ABOUT: usize = 8 + 16;
/// What stands behind the sections.
const END: usize = SECTIONS * ABOUT + 32 + 32;
/// So many bytes are read or written at once.
const BUFFER: usize = 256 << 10;

/// Tells what keys are of: which manifests, and what is wanted of them.
pub(super) type Id = [u8; 32];

/// Writes what was collected, unless somebody has `interrupted` it.
pub(super) fn write(
    collected: Collector<'_>,
    id: &Id,
    file: &mut File,
    interrupted: impl Fn() -> bool,
) -> io::Result<ControlFlow<()>> {
    let mut out =
        Writer { file, records: 0, checksum: XxHash3_128::new(), bytes: Vec::new(), end: Vec::new() };
    out.file.write_all(MAGIC)?;
    let Collector { blobs, commits, names, ranges, .. } = collected;
    for sorter in blobs.into_iter().chain([commits, names]) {
        if out.section(sorter, &interrupted)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    if out.section(ranges, &interrupted)?.is_break() {
        return Ok(ControlFlow::Break(()));
    }
    let Writer { mut end, .. } = out;
    end.extend_from_slice(id);
    let digest = Sha256::new_with_prefix(MAGIC).chain_update(&end).finalize();
    end.extend_from_slice(&digest);
    file.write_all(&end)?;
    Ok(ControlFlow::Continue(()))
}

/// Sections being written.
struct Writer<'f> {
    file: &'f mut File,
    /// Of the section at hand: how many records there are, their checksum, and what is neither summed nor written yet.
    records: u64,
    checksum: XxHash3_128,
    bytes: Vec<u8>,
    /// What will stand behind the sections.
    end: Vec<u8>,
}

impl Writer<'_> {
    fn section<const W: usize, const P: usize>(
        &mut self,
        sorter: Sorter<'_, W, P>,
        interrupted: &impl Fn() -> bool,
    ) -> io::Result<ControlFlow<()>> {
        let mut stopped = false;
        let written = sorter.finish(|record| {
            self.records += 1;
            self.bytes.extend_from_slice(record);
            if self.bytes.len() < BUFFER {
                return Ok(());
            }
            stopped = interrupted();
            if stopped { Err(io::ErrorKind::Interrupted.into()) } else { self.flush() }
        });
        if stopped {
            return Ok(ControlFlow::Break(()));
        }
        written?;
        self.flush()?;
        self.end.extend_from_slice(&std::mem::take(&mut self.records).to_le_bytes());
        let checksum = std::mem::replace(&mut self.checksum, XxHash3_128::new());
        self.end.extend_from_slice(&checksum.finish_128().to_le_bytes());
        Ok(ControlFlow::Continue(()))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.checksum.write(&self.bytes);
        self.file.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

/// Why there are no keys to be had of a file.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It is damaged, of other manifests, or no such file at all.
    Damaged,
    /// The system said no.
    Io(io::Error),
    /// There are more keys than can be held.
    TooMany,
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged,
            _ => Self::Io(error),
        }
    }
}

/// Reads the keys, if they are of `id`.
pub(super) fn read(file: &mut File, id: &Id) -> Result<Tables, Unfit> {
    let length = file.seek(SeekFrom::End(0))?;
    let sections = length.checked_sub((MAGIC.len() + END) as u64).ok_or(Unfit::Damaged)?;
    let (mut magic, mut end) = ([0; MAGIC.len()], [0; END]);
    file.seek(SeekFrom::Start(length - END as u64))?;
    file.read_exact(&mut end)?;
    file.rewind()?;
    file.read_exact(&mut magic)?;
    let (said, digest) = end.split_at(END - 32);
    let (abouts, said_id) = said.split_at(SECTIONS * ABOUT);
    let is = Sha256::new_with_prefix(magic).chain_update(said).finalize();
    if magic != *MAGIC || is[..] != *digest || said_id != id {
        return Err(Unfit::Damaged);
    }
    let mut reader = Reader { file, left: sections, abouts: abouts.chunks_exact(ABOUT) };
    let tables = Tables {
        blobs: [reader.table()?, reader.table()?, reader.table()?],
        commits: reader.table()?,
        names: reader.table()?,
        ranges: reader.table()?,
    };
    if reader.left > 0 { Err(Unfit::Damaged) } else { Ok(tables) }
}

/// Sections being read.
struct Reader<'f> {
    file: &'f mut File,
    /// So many bytes of sections are not read yet.
    left: u64,
    abouts: std::slice::ChunksExact<'f, u8>,
}

impl Reader<'_> {
    fn table<const W: usize, const P: usize>(&mut self) -> Result<Table<W, P>, Unfit> {
        let about = self.abouts.next().ok_or(Unfit::Damaged)?;
        let (count, checksum) = about.split_first_chunk().ok_or(Unfit::Damaged)?;
        let count = u64::from_le_bytes(*count);
        // No more than there is in the file is ever asked for.
        let bytes = count.checked_mul(W as u64).filter(|bytes| *bytes <= self.left).ok_or(Unfit::Damaged)?;
        self.left -= bytes;
        let count = usize::try_from(count).map_err(|_| Unfit::TooMany)?;
        let table = Table::read(count, |records| {
            let mut sum = XxHash3_128::new();
            for piece in records.as_flattened_mut().chunks_mut(BUFFER) {
                self.file.read_exact(piece)?;
                sum.write(piece);
            }
            if sum.finish_128().to_le_bytes()[..] == *checksum { Ok(()) } else { Err(Unfit::Damaged) }
        });
        table.map_err(|error| match error {
            table::Unfit::Damaged => Unfit::Damaged,
            table::Unfit::TooMany => Unfit::TooMany,
            table::Unfit::Unread(error) => error,
        })
    }
}
