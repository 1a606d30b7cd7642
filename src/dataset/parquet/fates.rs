//! What becomes of the rows of a row group.
//!
//! Decides how decisions are kept until the row group is written: in runs, as neighbours mostly share a fate. Must not judge.

use std::io::{Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use super::footer::io_error;
use crate::dataset::DatasetError;

/// As many bytes of new contents are kept in memory; more go into a file without a name.
const IN_MEMORY: usize = 32 << 20;

/// What becomes of a row, or of an item of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Drop,
    /// Its contents must be read first.
    Read,
    /// It stays with a new content, which lies there among the new ones.
    Replace {
        start: u64,
        length: usize,
    },
}

/// Fates in the order of rows, those alike together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fates {
    runs: Vec<(Fate, u64)>,
}

impl Fates {
    pub(super) fn push(&mut self, fate: Fate, count: u64) {
        match self.runs.last_mut() {
            Some((last, many)) if *last == fate && !matches!(fate, Fate::Replace { .. }) => *many += count,
            _ if count > 0 => self.runs.push((fate, count)),
            _ => {}
        }
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = (Fate, u64)> {
        self.runs.iter().copied()
    }

    /// Whether all have this fate; of none, all have.
    pub(super) fn all(&self, fate: Fate) -> bool {
        self.runs.iter().all(|run| run.0 == fate)
    }

    pub(super) fn any(&self, fate: Fate) -> bool {
        self.runs.iter().any(|run| run.0 == fate)
    }

    pub(super) fn each(&self) -> Each<'_> {
        Each { runs: self.runs.iter(), fate: Fate::Keep, left: 0 }
    }
}

/// Fates one by one.
pub(super) struct Each<'a> {
    runs: std::slice::Iter<'a, (Fate, u64)>,
    fate: Fate,
    left: u64,
}

impl Iterator for Each<'_> {
    type Item = Fate;

    fn next(&mut self) -> Option<Fate> {
        while self.left == 0 {
            (self.fate, self.left) = *self.runs.next()?;
        }
        self.left -= 1;
        Some(self.fate)
    }
}

/// New contents of rows.
pub(super) struct Contents {
    store: SpooledTempFile,
    end: u64,
}

impl Contents {
    pub(super) fn new() -> Self {
        Self { store: SpooledTempFile::new(IN_MEMORY), end: 0 }
    }

    pub(super) fn put(&mut self, content: &[u8]) -> Result<Fate, DatasetError> {
        let start = self.end;
        let mut write = || {
            self.store.seek(SeekFrom::Start(start))?;
            self.store.write_all(content)
        };
        write().map_err(|source| io_error("write", source))?;
        self.end += content.len() as u64;
        Ok(Fate::Replace { start, length: content.len() })
    }

    pub(super) fn get(&mut self, start: u64, length: usize) -> Result<Vec<u8>, DatasetError> {
        let mut content = vec![0; length];
        let mut read = || {
            self.store.seek(SeekFrom::Start(start))?;
            self.store.read_exact(&mut content)
        };
        read().map_err(|source| io_error("read", source))?;
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_with_one_fate_are_one_run() {
        let mut fates = Fates::default();
        for (fate, count) in [(Fate::Keep, 2), (Fate::Keep, 1), (Fate::Drop, 0), (Fate::Drop, 2)] {
            fates.push(fate, count);
        }
        assert_eq!(fates.runs().collect::<Vec<_>>(), [(Fate::Keep, 3), (Fate::Drop, 2)]);
        let each = [Fate::Keep, Fate::Keep, Fate::Keep, Fate::Drop, Fate::Drop];
        assert_eq!(fates.each().collect::<Vec<_>>(), each);
        assert!(!fates.all(Fate::Keep) && fates.any(Fate::Drop) && !fates.any(Fate::Read));
    }

    #[test]
    fn new_contents_come_back_even_from_the_disk() {
        let mut contents = Contents::new();
        let large = vec![b'x'; IN_MEMORY];
        let fates = [&b"one"[..], b"", &large, b"two"].map(|content| contents.put(content).unwrap());
        let Fate::Replace { start, length } = fates[3] else { panic!() };
        assert_eq!(contents.get(start, length).unwrap(), b"two");
        let Fate::Replace { start, length } = fates[1] else { panic!() };
        assert_eq!(contents.get(start, length).unwrap(), b"");
        assert!(contents.get(large.len() as u64, 100).is_err());
    }
}
