//! Sorts records, and unites those that say something of the same.

use std::io;

/// Records of W bytes, of which the last P say something of what stands before them: bits, of which any counts.
pub(super) struct Sorter<const W: usize, const P: usize> {
    records: Vec<[u8; W]>,
}

impl<const W: usize, const P: usize> Sorter<W, P> {
    pub(super) fn new() -> Self {
        Self { records: Vec::new() }
    }

    pub(super) fn push(&mut self, record: [u8; W]) -> io::Result<()> {
        match self.records.last_mut() {
            Some(last) if last[..W - P] == record[..W - P] => unite::<W, P>(last, &record),
            _ => self.records.push(record),
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Vec<[u8; W]> {
        self.records.sort_unstable();
        self.records.dedup_by(|next, last| {
            let same = last[..W - P] == next[..W - P];
            if same {
                unite::<W, P>(last, next);
            }
            same
        });
        self.records
    }
}

fn unite<const W: usize, const P: usize>(record: &mut [u8; W], other: &[u8; W]) {
    for (byte, more) in record[W - P..].iter_mut().zip(&other[W - P..]) {
        *byte |= more;
    }
}
