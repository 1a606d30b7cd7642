//! Sorted records of fixed width, found by the leading bits of their key.
//!
//! Decides how keys lie in memory. A key is the first 20 bytes of a cryptographic hash, so keys spread evenly, and where one
//! stands can be computed, nearly. Where somebody has made up keys that do not spread, they are searched by halves.
//! Must not know what stands behind a key.

use std::cmp::Ordering;

/// How many bytes of a hash are kept: all of a SHA-1. Of a SHA-256 the first 160 bits: to make content that has those of
/// another, given content takes some 2^160 tries, which nobody can do; and two contents that share them exclude, or cover,
/// each other only if whoever wrote both wanted it.
pub(super) const KEY: usize = 20;

/// A key.
pub(super) type Key = [u8; KEY];

/// Eleven slots of twelve hold a record: with 22 bytes a record, 24 bytes a key.
const FULL: usize = 11;
/// A record further from its place than this many slots is searched by halves.
const NEAR: usize = 24;

/// Records in ascending order. A record of W bytes begins with its key; its last P bytes are what is said of all that
/// stands before them, which no two records share; they are never all 0.
///
/// A record stands in the slot where its key would stand if keys were spread quite evenly, or, if there is another one, as
/// near behind it as there is room. A slot without a record has the key of the next one, and nothing is said of it. So a
/// key is found with one look into memory, mostly, and keys stay sorted from slot to slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Table<const W: usize, const P: usize> {
    slots: Vec<[u8; W]>,
    records: usize,
}

impl<const W: usize, const P: usize> Table<W, P> {
    /// Takes so many records, which `read` puts one behind the other. `None` if they are not sorted, if two speak of the
    /// same, or if one says nothing.
    pub(super) fn read<E>(
        records: usize,
        read: impl FnOnce(&mut [[u8; W]]) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        let mut slots = vec![[0; W]; records + records.div_ceil(FULL)];
        // They are read to the end, and moved from there, each no further than to where it was.
        let start = slots.len() - records;
        read(&mut slots[start..])?;
        let (mut free, mut last) = (0, None);
        for from in start..slots.len() {
            let record = slots[from];
            if last.is_some_and(|last: [u8; W]| last[..W - P] >= record[..W - P]) || is_free::<W, P>(&record)
            {
                return Ok(None);
            }
            last = Some(record);
            let to = place(&record, slots.len()).max(free).min(from);
            slots[free..to].fill(nothing_of::<W, P>(record));
            slots[to] = record;
            free = to + 1;
        }
        slots[free..].fill(nothing_of::<W, P>([u8::MAX; W]));
        Ok(Some(Self { slots, records }))
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records
    }

    /// Looks at where a key would stand, so that it is near when it is asked for: of many keys, one behind the other, the
    /// looks into memory overlap. What is given means nothing.
    pub(super) fn near(&self, key: &Key) -> u8 {
        self.slots.get(place(key, self.slots.len())).map_or(0, |slot| slot[0])
    }

    /// The records with that key.
    pub(super) fn get(&self, key: &Key) -> &[[u8; W]] {
        let start = place(key, self.slots.len());
        let (before, behind) = self.slots.split_at(start);
        // At the very end there may be no room behind; then it is before.
        let before_it = before.iter().rev().take(NEAR).take_while(|record| !less(record, key)).count();
        let first = if before_it == NEAR {
            before.partition_point(|record| less(record, key))
        } else if before_it > 0 {
            start - before_it
        } else {
            let near = behind.iter().take(NEAR).take_while(|record| less(record, key)).count();
            start + if near < NEAR { near } else { behind.partition_point(|record| less(record, key)) }
        };
        let found = &self.slots[first..];
        let free = found.iter().take_while(|record| is_of(record, key) && is_free::<W, P>(record)).count();
        let found = &found[free..];
        let count = found.iter().take_while(|record| is_of(record, key) && !is_free::<W, P>(record)).count();
        &found[..count]
    }
}

/// Where a key would stand among so many slots.
fn place<const W: usize>(record: &[u8; W], slots: usize) -> usize {
    // Less than the number of slots, as the first factor is less than 2^64.
    ((u128::from(first(record)) * slots as u128) >> 64) as usize
}

/// Whether a record is before all those with the key. Eight bytes tell, but for keys that somebody has made up.
fn less<const W: usize>(record: &[u8; W], key: &Key) -> bool {
    match first(record).cmp(&first(key)) {
        Ordering::Equal => record[8..KEY] < key[8..],
        order => order.is_lt(),
    }
}

fn is_of<const W: usize>(record: &[u8; W], key: &Key) -> bool {
    record[..KEY] == key[..]
}

fn is_free<const W: usize, const P: usize>(record: &[u8; W]) -> bool {
    record[W - P..].iter().all(|&byte| byte == 0)
}

fn nothing_of<const W: usize, const P: usize>(mut record: [u8; W]) -> [u8; W] {
    record[W - P..].fill(0);
    record
}

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

    fn table<const P: usize>(records: &[Record]) -> Option<Table<21, P>> {
        let put = |room: &mut [Record]| {
            room.copy_from_slice(records);
            Ok::<_, ()>(())
        };
        Table::read(records.len(), put).unwrap()
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let table = table::<1>(&[]).unwrap();
        assert_eq!((table.len(), table.get(&[0; KEY]).len(), table.get(&[255; KEY]).len()), (0, 0, 0));
        assert_eq!(Table::<22, 2>::default().get(&[0; KEY]).len(), 0);
    }

    #[test]
    fn what_is_not_sorted_is_refused() {
        assert!(table::<1>(&[record(b"a", 1), record(b"b", 1)]).is_some());
        assert!(table::<1>(&[record(b"b", 1), record(b"a", 1)]).is_none());
        assert!(table::<1>(&[record(b"a", 1), record(b"a", 2)]).is_none(), "two say something of it");
        assert!(table::<1>(&[record(b"a", 0)]).is_none(), "nothing is said of it");
    }

    #[test]
    fn a_record_of_22_bytes_takes_24() {
        for count in [11, 1000, 65_537] {
            let put = |room: &mut [[u8; 22]]| {
                for (number, record) in (1_u32..).zip(room) {
                    record[..4].copy_from_slice(&number.to_be_bytes());
                    record[21] = 1;
                }
                Ok::<_, ()>(())
            };
            let table = Table::<22, 2>::read(count, put).unwrap().unwrap();
            assert_eq!(table.slots.len() * 22, (count * 24).next_multiple_of(22), "{count}");
        }
    }

    #[test]
    fn keys_at_both_ends_are_found() {
        for count in [1_u8, 30, 200] {
            // All of them want the last slot, or the first.
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
            prop_assert!(table.slots.is_sorted_by_key(key));
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
            let table = Table::<22, 1>::read(all.len(), put).unwrap().unwrap();
            for asked in records.iter().chain(&others) {
                let expected: Vec<_> = all.iter().filter(|record| record[..KEY] == asked[..KEY]).copied().collect();
                prop_assert_eq!(table.get(&key(asked)), &expected[..]);
            }
        }
    }
}
