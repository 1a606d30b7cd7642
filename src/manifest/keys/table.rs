//! Sorted records of fixed width, found by the leading bits of their key.
//!
//! Decides how keys lie in memory. A key is the first 16 bytes of a cryptographic hash, so keys spread evenly, and where one
//! stands is nearly known from its first bits. Where somebody has made up keys that do not spread, they are searched by
//! halves. Must not know what stands behind a key.

use std::ops::Range;

use super::memory::Memory;

/// How many bytes of a hash are kept. To make content that has the first 128 bits of any of 2^27 given ones takes some 2^101
/// tries, which nobody can do, and that two of 2^40 share them by chance has a probability of 2^-49. Two contents that were
/// made to share them, which takes 2^64 tries, exclude, or cover, each other; whoever wrote both wanted it, and can have
/// the same of whole SHA-1s for less.
pub(super) const KEY: usize = 16;

/// A key.
pub(super) type Key = [u8; KEY];

/// There is a bucket for so many records: with records of 18 bytes, that makes 20 bytes a key.
const FULL: usize = 2;
/// The bytes of a number of a record.
const NUMBER: usize = size_of::<u32>();
/// More records than these in a bucket are searched by halves.
const FEW: usize = 4;

/// Records in ascending order. A record of W bytes begins with its key; its last P bytes are what is said of all that
/// stands before them, which no two records share; they are never all 0.
///
/// Keys are cut into ranges of the same size, the buckets, and for each it is known where its records begin. So a key is
/// found with two looks into memory, whatever the number of records: n records take W n + 2 n bytes.
#[derive(Debug, Default)]
pub(super) struct Table<const W: usize, const P: usize> {
    records: Memory,
    /// Where the records of each bucket begin, and at last where they end. Empty if there are none.
    begins: Memory,
}

/// Why there is no table of records.
#[derive(Debug)]
pub(super) enum Unfit<E> {
    /// They are not sorted, two speak of the same, or one says nothing.
    Damaged,
    /// They are more than can be numbered, or than there is memory for.
    TooMany,
    /// They cannot be read.
    Unread(E),
}

impl<const W: usize, const P: usize> Table<W, P> {
    /// Takes so many records, which `read` puts one behind the other.
    pub(super) fn read<E>(
        records: usize,
        read: impl FnOnce(&mut [[u8; W]]) -> Result<(), E>,
    ) -> Result<Self, Unfit<E>> {
        let all = u32::try_from(records).map_err(|_| Unfit::TooMany)?;
        let buckets = records.div_ceil(FULL);
        let begins = if all == 0 { 0 } else { (buckets + 1) * NUMBER };
        let memory = |bytes| Memory::of(bytes).map_err(|_| Unfit::TooMany);
        let mut table =
            Self { records: memory(records.checked_mul(W).ok_or(Unfit::TooMany)?)?, begins: memory(begins)? };
        read(table.records.pieces_mut()).map_err(Unfit::Unread)?;
        let begins = table.begins.pieces_mut::<NUMBER>();
        let mut last = None::<(u64, &[u8])>;
        for (end, record) in (1..=all).zip(table.records.pieces::<W>()) {
            let (about, said) = record.split_at(W - P);
            let first = first(record);
            // Eight bytes tell, but for keys that somebody has made up.
            let sorted = last.is_none_or(|last| last.0 < first || last.0 == first && last.1 < about);
            if !sorted || said.iter().all(|byte| *byte == 0) {
                return Err(Unfit::Damaged);
            }
            last = Some((first, about));
            // The last record of a bucket says where the next begins.
            begins[bucket(first, buckets) + 1] = end.to_ne_bytes();
        }
        // A bucket without records begins, and ends, where the one before it ends.
        let mut end = 0;
        for begin in begins {
            end = end.max(u32::from_ne_bytes(*begin));
            *begin = end.to_ne_bytes();
        }
        Ok(table)
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records.pieces::<W>().len()
    }

    /// The records with that key.
    pub(super) fn get(&self, key: &Key) -> &[[u8; W]] {
        self.find(&self.bucket(key), key)
    }

    /// The records with each of these keys. It takes less time than to ask for each, as the looks into memory overlap.
    pub(super) fn each(&self, keys: &[Key]) -> impl Iterator<Item = &[[u8; W]]> {
        let buckets: Vec<Range<usize>> = keys.iter().map(|key| self.bucket(key)).collect();
        let records = self.records.pieces::<W>();
        // Nothing hangs on what is seen here, so that nothing has to wait for it; and then it is near.
        let near = |bucket: &Range<usize>| {
            let [first, last] = [bucket.start, bucket.end.saturating_sub(1)].map(|at| records.get(at));
            first.map_or(0, |record| record[0]) ^ last.map_or(0, |record| record[W - 1])
        };
        std::hint::black_box(buckets.iter().fold(0, |all, bucket| all ^ near(bucket)));
        buckets.into_iter().zip(keys).map(|(bucket, key)| self.find(&bucket, key))
    }

    /// The records with that key, among those of its bucket.
    fn find(&self, bucket: &Range<usize>, key: &Key) -> &[[u8; W]] {
        let records = &self.records.pieces()[bucket.clone()];
        let asked = first(key);
        let before = match records.len().checked_sub(1) {
            // As many are looked at each time: a guess at where to end would be wrong too often.
            Some(last) if last < FEW => {
                (0..FEW).map(|at| usize::from((at <= last) & (first(&records[at.min(last)]) < asked))).sum()
            }
            _ => records.partition_point(|record| first(record) < asked),
        };
        let mut found = &records[before..];
        // Eight bytes tell, but for keys that somebody has made up.
        if found.first().is_some_and(|record| first(record) == asked && !is_of(record, key)) {
            found = &found[found.partition_point(|record| record[..KEY] < key[..])..];
        }
        // Where records differ in nothing but their keys, there is one of each.
        let most = if W - P == KEY { found.len().min(1) } else { found.len() };
        &found[..found[..most].iter().take_while(|record| is_of(record, key)).count()]
    }

    /// Where the records are among which a key would stand.
    fn bucket(&self, key: &Key) -> Range<usize> {
        let begins = self.begins.pieces::<NUMBER>();
        let Some(buckets) = begins.len().checked_sub(1) else { return 0..0 };
        let bucket = bucket(first(key), buckets);
        let [from, to] = [begins[bucket], begins[bucket + 1]].map(|begin| u32::from_ne_bytes(begin) as usize);
        from..to
    }
}

/// The bucket, of so many, of keys that begin with these bits.
fn bucket(first: u64, buckets: usize) -> usize {
    // Less than the number of buckets, as the first factor is less than 2^64.
    ((u128::from(first) * buckets as u128) >> 64) as usize
}

fn is_of<const W: usize>(record: &[u8; W], key: &Key) -> bool {
    record.first_chunk() == Some(key)
}

/// The first bits of a record or key, in its order.
fn first<const W: usize>(record: &[u8; W]) -> u64 {
    const { assert!(W >= KEY) };
    let mut first = [0; 8];
    first.copy_from_slice(&record[..8]);
    u64::from_be_bytes(first)
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
        let spread = (vec(any::<u8>(), KEY), 1..4_u8).prop_map(|(key, last)| record(&key, last));
        let close = (0..60_u8, 1..4_u8).prop_map(|(byte, last)| {
            let mut record = record(&[7; KEY], last);
            record[KEY - 1] = byte;
            record
        });
        btree_set(prop_oneof![spread, close], 0..200)
    }

    fn table<const P: usize>(records: &[Record]) -> Option<Table<{ KEY + 1 }, P>> {
        let put = |room: &mut [Record]| {
            room.copy_from_slice(records);
            Ok::<_, ()>(())
        };
        match Table::read(records.len(), put) {
            Ok(table) => Some(table),
            Err(Unfit::Damaged) => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let table = table::<1>(&[]).unwrap();
        assert_eq!((table.len(), table.get(&[0; KEY]).len(), table.get(&[255; KEY]).len()), (0, 0, 0));
        assert_eq!(table.each(&[[7; KEY]; 3]).map(<[Record]>::len).collect::<Vec<_>>(), [0; 3]);
        assert_eq!(Table::<{ KEY + 2 }, 2>::default().get(&[0; KEY]).len(), 0);
    }

    #[test]
    fn what_is_not_sorted_is_refused() {
        assert!(table::<1>(&[record(b"a", 1), record(b"b", 1)]).is_some());
        assert!(table::<1>(&[record(b"b", 1), record(b"a", 1)]).is_none());
        assert!(table::<1>(&[record(b"a", 1), record(b"a", 2)]).is_none(), "two say something of it");
        assert!(table::<1>(&[record(b"a", 0)]).is_none(), "nothing is said of it");
    }

    #[test]
    fn a_record_of_18_bytes_takes_20() {
        for count in [1, 1000, 65_537] {
            let put = |room: &mut [[u8; KEY + 2]]| {
                for (number, record) in (1_u32..).zip(room) {
                    record[..4].copy_from_slice(&number.to_be_bytes());
                    record[KEY + 1] = 1;
                }
                Ok::<_, ()>(())
            };
            let table = Table::<{ KEY + 2 }, 2>::read(count, put).unwrap();
            let bytes = table.records.pieces::<1>().len() + table.begins.pieces::<1>().len();
            assert_eq!(bytes, count * 20 + if count % 2 == 0 { 4 } else { 6 }, "{count}");
        }
    }

    #[test]
    fn keys_at_both_ends_are_found() {
        for count in [1_u8, 30, 200] {
            // All of them are in the last bucket, or in the first.
            for byte in [0, u8::MAX] {
                let records: Vec<_> =
                    (0..count).map(|at| record(&[[byte; KEY - 1].as_slice(), &[at]].concat(), 1)).collect();
                let table = table::<1>(&records).unwrap();
                for record in &records {
                    assert_eq!(table.get(&key(record)), [*record]);
                }
                assert_eq!(table.get(&[7; KEY]).len(), 0);
            }
            let last = table::<1>(&[record(&[u8::MAX; KEY], 1)]).unwrap();
            assert_eq!((last.get(&[u8::MAX; KEY]).len(), last.get(&[254; KEY]).len()), (1, 0));
        }
    }

    proptest! {
        #[test]
        fn a_table_has_what_was_put_in_and_nothing_else(records in records(), others in records()) {
            let all: Vec<Record> = records.iter().copied().collect();
            let mut once = all.clone();
            once.dedup_by_key(|record| key(record));
            let table = table::<1>(&once).unwrap();
            prop_assert_eq!(table.len(), once.len());
            let keys: Vec<Key> = others.iter().chain(&records).map(key).collect();
            for (asked, found) in keys.iter().zip(table.each(&keys)) {
                prop_assert_eq!(found, table.get(asked));
            }
            for asked in records.iter().chain(&others) {
                let expected: Vec<_> = once.iter().filter(|record| key(record) == key(asked)).copied().collect();
                prop_assert_eq!(table.get(&key(asked)), &expected[..]);
            }
        }

        #[test]
        fn several_records_of_one_key_stand_together(records in records(), others in records()) {
            let wide = |record: &Record| {
                let mut wide = [1; KEY + 2];
                wide[..=KEY].copy_from_slice(record);
                wide
            };
            let all: Vec<_> = records.iter().map(wide).collect();
            let put = |room: &mut [[u8; KEY + 2]]| {
                room.copy_from_slice(&all);
                Ok::<_, ()>(())
            };
            let table = Table::<{ KEY + 2 }, 1>::read(all.len(), put).unwrap();
            for asked in records.iter().chain(&others) {
                let expected: Vec<_> = all.iter().filter(|record| record[..KEY] == asked[..KEY]).copied().collect();
                prop_assert_eq!(table.get(&key(asked)), &expected[..]);
            }
        }
    }
}
