//! Sorted records of fixed width, found by the leading bits of their key.
//!
//! Decides how keys lie in memory: W bytes a record, and at most two bytes a record to find it by. A key is the first
//! 20 bytes of a cryptographic hash, so keys spread evenly, and a bucket holds two to four of them, mostly in one cache line. Where somebody has made
//! up keys that do not, a bucket is searched by halves all the same.
//! Must not know what stands behind a key.

use std::cmp::Ordering;
use std::ops::Range;

/// How many bytes of a hash are kept: all of a SHA-1. Of a SHA-256 the first 160 bits: to make content that has those of
/// another, given content takes some 2^160 tries, which nobody can do; and two contents that share them exclude, or cover,
/// each other only if whoever wrote both wanted it.
pub(super) const KEY: usize = 20;

/// A key.
pub(super) type Key = [u8; KEY];

/// The smallest number of records that share a bucket on average.
const LOAD: usize = 2;
/// A bucket with more records is searched by halves.
const MANY: usize = 16;

/// Records in ascending order. A record of W bytes begins with its key; its last P bytes are what is said of all that
/// stands before them, which no two records share.
#[derive(Debug, Clone)]
pub(super) struct Table<const W: usize, const P: usize> {
    records: Vec<[u8; W]>,
    /// Where each bucket begins; and where the last one ends.
    starts: Vec<u32>,
    /// A bucket's number is what is left of a key's first 64 bits when so many are shifted out.
    shift: u32,
}

impl<const W: usize, const P: usize> Default for Table<W, P> {
    fn default() -> Self {
        Self { records: Vec::new(), starts: vec![0, 0], shift: u64::BITS }
    }
}

impl<const W: usize, const P: usize> Table<W, P> {
    /// Takes records that are sorted; `None` if they are not, if one is there twice, or if there are 2^32 or more.
    pub(super) fn new(records: Vec<[u8; W]>) -> Option<Self> {
        let count = u32::try_from(records.len()).ok()?;
        let bits = (records.len() / LOAD).checked_ilog2().unwrap_or(0);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut last: Option<&[u8]> = None;
        for (at, record) in (0..count).zip(&records) {
            let said_of = Some(&record[..W - P]);
            if last >= said_of {
                return None;
            }
            last = said_of;
            while starts.len() <= bucket(record, shift) {
                starts.push(at);
            }
        }
        starts.resize((1 << bits) + 1, count);
        Some(Self { records, starts, shift })
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The records with that key.
    pub(super) fn get(&self, key: &Key) -> &[[u8; W]] {
        let bucket = bucket(key, self.shift);
        let Range { start, end } = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        let records = &self.records[start..end];
        // Few records are faster looked through than halved.
        let first = if records.len() <= MANY {
            records.iter().take_while(|record| less(record, key)).count()
        } else {
            records.partition_point(|record| less(record, key))
        };
        let count = records[first..].iter().take_while(|record| record[..KEY] == key[..]).count();
        &records[first..first + count]
    }
}

/// Whether a record is before all those with the key. Eight bytes tell, but for keys that somebody has made up.
fn less<const W: usize>(record: &[u8; W], key: &Key) -> bool {
    match first(record).cmp(&first(key)) {
        Ordering::Equal => record[8..KEY] < key[8..],
        order => order.is_lt(),
    }
}

fn first<const W: usize>(record: &[u8; W]) -> u64 {
    const { assert!(W >= KEY) };
    let mut first = [0; 8];
    first.copy_from_slice(&record[..8]);
    u64::from_be_bytes(first)
}

fn bucket<const W: usize>(record: &[u8; W], shift: u32) -> usize {
    // As many bits as there are buckets, of which there are fewer than records.
    first(record).checked_shr(shift).unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    type Record = [u8; KEY + 1];

    fn record(first: &[u8], last: u8) -> Record {
        let mut record = [0; KEY + 1];
        record[..first.len()].copy_from_slice(first);
        record[KEY] = last;
        record
    }

    fn key(record: &Record) -> Key {
        record[..KEY].try_into().unwrap()
    }

    /// Keys that spread, and keys that differ in their last bytes only.
    fn records() -> impl Strategy<Value = BTreeSet<Record>> {
        let spread = (vec(any::<u8>(), KEY), 0..3_u8).prop_map(|(key, last)| record(&key, last));
        let close = (0..4_u8, 0..3_u8).prop_map(|(byte, last)| {
            let mut record = record(&[7; KEY], last);
            record[KEY - 1] = byte;
            record
        });
        btree_set(prop_oneof![spread, close], 0..200)
    }

    #[test]
    fn an_empty_table_has_nothing() {
        for table in [Table::<22, 2>::default(), Table::<22, 2>::new(Vec::new()).unwrap()] {
            assert_eq!((table.len(), table.get(&[0; KEY]).len(), table.get(&[255; KEY]).len()), (0, 0, 0));
        }
    }

    #[test]
    fn what_is_not_sorted_is_refused() {
        assert!(Table::<21, 1>::new(vec![record(b"a", 0), record(b"b", 0)]).is_some());
        assert!(Table::<21, 1>::new(vec![record(b"b", 0), record(b"a", 0)]).is_none());
        assert!(
            Table::<21, 1>::new(vec![record(b"a", 0), record(b"a", 1)]).is_none(),
            "two say something of it"
        );
        assert!(
            Table::<21, 0>::new(vec![record(b"a", 0), record(b"a", 1)]).is_some(),
            "more than the key is the same"
        );
    }

    #[test]
    fn the_index_takes_two_bytes_a_record_at_most() {
        for count in [1_u32, 7, 8, 1000, 4096, 65_537] {
            let spread = |at: u32| record(&(u32::MAX / count * at).to_be_bytes(), 0);
            let table = Table::<21, 0>::new((0..count).map(spread).collect()).unwrap();
            assert!((table.starts.len() - 1) * 4 <= (table.len() * 2).max(4), "{count}");
            assert!((0..count).all(|at| table.get(&key(&spread(at))) == [spread(at)]), "{count}");
        }
    }

    proptest! {
        #[test]
        fn a_table_has_what_was_put_in_and_nothing_else(records in records(), others in records()) {
            let table = Table::<21, 0>::new(records.iter().copied().collect()).unwrap();
            for asked in records.iter().chain(&others) {
                let expected: Vec<_> = records.iter().filter(|record| key(record) == key(asked)).copied().collect();
                prop_assert_eq!(table.get(&key(asked)), &expected[..]);
            }
        }
    }
}
