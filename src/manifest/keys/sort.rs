//! Sorts any number of records in little memory, and unites those that say something of the same.
//!
//! Decides nothing about what records mean. Records that do not fit are sorted in runs, which are kept in one temporary
//! file without a name and merged in the end, so that keys that somebody has made up take no more memory than others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// So many bytes of records are sorted in memory.
const ROOM: usize = 8 << 20;
/// So many bytes of runs are read ahead, shared by all of them.
const READ_AHEAD: usize = 8 << 20;

/// Records of W bytes, of which the last P say something of what stands before them: bits, of which any counts.
pub(super) struct Sorter<'f, const W: usize, const P: usize> {
    /// Where the temporary file is made.
    folder: &'f Path,
    /// So many records are sorted in memory.
    room: usize,
    records: Vec<[u8; W]>,
    file: Option<File>,
    /// How many records each run has; they lie one after the other.
    runs: Vec<usize>,
}

impl<'f, const W: usize, const P: usize> Sorter<'f, W, P> {
    /// A sorter without records; what does not fit into memory goes to the disk that `folder` is on.
    pub(super) fn new(folder: &'f Path) -> Self {
        Self { folder, room: ROOM / W, records: Vec::new(), file: None, runs: Vec::new() }
    }

    /// Takes a record.
    pub(super) fn push(&mut self, record: [u8; W]) -> io::Result<()> {
        // Rows of one file version follow one another: most are united right here.
        if let Some(last) = self.records.last_mut()
            && same::<W, P>(last, &record)
        {
            unite::<W, P>(last, &record);
            return Ok(());
        }
        if self.records.len() >= self.room {
            self.spill()?;
        }
        self.records.push(record);
        Ok(())
    }

    /// Gives the records in ascending order, no two of which say something of the same.
    pub(super) fn finish(mut self, mut each: impl FnMut(&[u8; W]) -> io::Result<()>) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            self.sort();
            return self.records.iter().try_for_each(each);
        };
        self.sort();
        let memory = Run { file: &file, at: 0, left: 0, records: self.records, next: 0, ahead: 0 };
        let ahead = (READ_AHEAD / W / self.runs.len()).max(1);
        let mut at = 0;
        let mut runs = vec![memory];
        for &count in &self.runs {
            runs.push(Run { file: &file, at, left: count, records: Vec::new(), next: 0, ahead });
            at += (count * W) as u64;
        }
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next()?.map(|record| Reverse((record, number))));
        }
        let mut united: Option<[u8; W]> = None;
        while let Some(mut head) = heads.peek_mut() {
            let Reverse((record, number)) = *head;
            match runs[number].next()? {
                Some(next) => *head = Reverse((next, number)),
                None => drop(PeekMut::pop(head)),
            }
            match &mut united {
                Some(last) if same::<W, P>(last, &record) => unite::<W, P>(last, &record),
                _ => united.replace(record).iter().try_for_each(&mut each)?,
            }
        }
        united.iter().try_for_each(each)
    }

    /// Sorts what is in memory.
    fn sort(&mut self) {
        self.records.sort_unstable();
        self.records.dedup_by(|next, last| {
            let same = same::<W, P>(last, next);
            if same {
                unite::<W, P>(last, next);
            }
            same
        });
    }

    /// Puts what is in memory into the file, as a run.
    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile_in(self.folder)?),
        };
        file.write_all(self.records.as_flattened())?;
        self.runs.push(self.records.len());
        self.records.clear();
        Ok(())
    }
}

fn same<const W: usize, const P: usize>(a: &[u8; W], b: &[u8; W]) -> bool {
    a[..W - P] == b[..W - P]
}

fn unite<const W: usize, const P: usize>(record: &mut [u8; W], other: &[u8; W]) {
    for (byte, more) in record[W - P..].iter_mut().zip(&other[W - P..]) {
        *byte |= more;
    }
}

/// A run being read.
struct Run<'f, const W: usize> {
    file: &'f File,
    /// Where the records begin that are not read yet, and how many those are.
    at: u64,
    left: usize,
    records: Vec<[u8; W]>,
    /// The first of `records` that was not given yet.
    next: usize,
    /// So many are read at once.
    ahead: usize,
}

impl<const W: usize> Run<'_, W> {
    fn next(&mut self) -> io::Result<Option<[u8; W]>> {
        if self.next == self.records.len() && self.left > 0 {
            let count = self.left.min(self.ahead);
            self.records.resize(count, [0; W]);
            self.file.seek(SeekFrom::Start(self.at))?;
            self.file.read_exact(self.records.as_flattened_mut())?;
            self.at += (count * W) as u64;
            self.left -= count;
            self.next = 0;
        }
        let record = self.records.get(self.next).copied();
        self.next += usize::from(record.is_some());
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn sorted(records: &[[u8; 3]], room: usize) -> Vec<[u8; 3]> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::<3, 1>::new(folder.path());
        sorter.room = room;
        records.iter().for_each(|record| sorter.push(*record).unwrap());
        let mut all = Vec::new();
        let keep = |record: &[u8; 3]| {
            all.push(*record);
            Ok(())
        };
        sorter.finish(keep).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays behind");
        all
    }

    proptest! {
        #[test]
        fn records_are_sorted_and_united_whether_they_fit_or_not(
            records in vec((0..3_u8, any::<u8>(), 0..8_u8).prop_map(|(a, b, said)| [a, b, 1 << said]), 0..300),
            room in 1..400_usize,
        ) {
            let mut expected = BTreeMap::new();
            for [a, b, said] in &records {
                *expected.entry([*a, *b]).or_insert(0) |= said;
            }
            let expected: Vec<_> = expected.into_iter().map(|([a, b], said)| [a, b, said]).collect();
            prop_assert_eq!(sorted(&records, room), expected);
        }
    }

    #[test]
    fn a_disk_that_gives_nothing_back_is_an_error() {
        let mut sorter = Sorter::<3, 1>::new(Path::new("/nonexistent"));
        sorter.room = 1;
        sorter.push([0; 3]).unwrap();
        assert!(sorter.push([1; 3]).is_err());
    }
}
