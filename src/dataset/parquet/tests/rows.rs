//! Rows: which stay, and how.

use parquet::basic::Encoding;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{BloomFilterPosition, WriterVersion};

use super::*;
use crate::dataset::DatasetError;

const SCHEMA: &str = "message shard {
    required binary id (STRING); optional binary repo (STRING); optional int64 size; required binary content (STRING);
}";

/// So many row groups of so many rows: row 12 is `id 12`, of repo `r1` or none, and has `content 12`.
fn shard(groups: usize, rows: usize) -> Vec<Vec<Chunk>> {
    let group = |group: usize| {
        let all = move || group * rows..(group + 1) * rows;
        let defs: Vec<i16> = all().map(|row| i16::from(row % 3 != 0)).collect();
        let sizes = all().filter(|row| row % 3 != 0).map(|row| row as i64).collect();
        vec![
            text(all().map(|row| format!("id {row}"))),
            maybe(all().map(|row| (row % 5 != 0).then(|| format!("r{}", row / 10)))),
            Chunk::Number(sizes, defs, vec![]),
            text(all().map(|row| format!("content {row} {}", "x".repeat(row % 50)))),
        ]
    };
    (0..groups).map(group).collect()
}

fn id() -> Columns {
    columns(&[("id", Meaning::GitSha1)])
}

fn number(row: &Row<'_>) -> usize {
    shown(&row.values[0]).rsplit(' ').next().unwrap().parse().unwrap()
}

fn dropping(drop: impl Fn(usize) -> bool) -> impl FnMut(&Row<'_>) -> Decision {
    move |row| if drop(number(row)) { Decision::Drop } else { Decision::Keep }
}

#[test]
fn the_judge_sees_the_columns_asked_for_in_their_order() {
    let made = make(SCHEMA, shard(2, 3));
    let asked = columns(&[("repo", Meaning::Repo), ("content", Meaning::Content), ("id", Meaning::GitSha1)]);
    let lines = ["- ? id 0", "r0 ? id 1", "r0 ? id 2", "r0 ? id 3", "r0 ? id 4", "- ? id 5"];
    assert_eq!(seen(&made.path(), &asked), lines);
    assert_eq!(super::super::names(&made.path()).unwrap(), ["id", "repo", "size", "content"]);
}

#[test]
fn what_stays_is_as_it_was_and_in_order() {
    let made = make(SCHEMA, shard(4, 3000));
    type Drop = fn(usize) -> bool;
    let drops: [Drop; 5] =
        [|_| false, |row| row % 20 == 7, |row| row == 0, |row| row % 3000 == 2999, |row| row > 4];
    for drop in drops {
        let (out, tally) = made.filter(&id(), &mut dropping(drop));
        let kept: Vec<_> =
            made.rows().into_iter().enumerate().filter(|(row, _)| !drop(*row)).map(|(_, row)| row).collect();
        assert_eq!(tally, Tally { read: 12_000, written: kept.len() as u64 });
        assert_eq!(rows(&out), kept);
        assert_eq!(made.filter(&id(), &mut dropping(drop)).0, out, "two runs write the same bytes");
    }
}

#[test]
fn row_groups_without_a_loss_are_copied_byte_for_byte_and_empty_ones_left_out() {
    let made = make(SCHEMA, shard(4, 100));
    let (out, _) = made.filter(&id(), &mut dropping(|row| (100..200).contains(&row) || row == 250));
    let (old, new) = (open(&made.bytes), open(&out));
    let groups: Vec<_> =
        new.metadata().row_groups().iter().map(parquet::file::metadata::RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [100, 99, 100]);
    for (from, to) in [(0, 0), (3, 2)] {
        let pairs =
            old.metadata().row_group(from).columns().iter().zip(new.metadata().row_group(to).columns());
        for (from, to) in pairs {
            let part = |bytes: &[u8], (start, length): (u64, u64)| {
                bytes[start as usize..(start + length) as usize].to_vec()
            };
            assert_eq!(part(&made.bytes, from.byte_range()), part(&out, to.byte_range()));
            assert_eq!(from.statistics(), to.statistics());
            assert_eq!(from.page_encoding_stats(), to.page_encoding_stats());
        }
    }
}

#[test]
fn nothing_that_goes_is_anywhere_in_the_file() {
    let secret = "zzz-secret";
    let mut all = shard(1, 100);
    let with = |row: usize| if row == 50 { secret.to_owned() } else { format!("id {row}") };
    for column in [0, 3] {
        all[0][column] = text((0..100).map(with));
    }
    all[0][1] = maybe((0..100).map(|row| Some(with(row))));
    let plain = properties().set_compression(Compression::UNCOMPRESSED).set_bloom_filter_enabled(true);
    let made = make_with(SCHEMA, all, plain.build());
    let find = |bytes: &[u8]| memchr::memmem::find(bytes, secret.as_bytes()).is_some();
    assert!(find(&made.bytes));
    let mut judge =
        |row: &Row<'_>| if shown(&row.values[0]) == secret { Decision::Drop } else { Decision::Keep };
    let (out, tally) = made.filter(&id(), &mut judge);
    assert_eq!(tally.written, 99);
    assert!(!find(&out), "neither values nor statistics nor dictionaries");
}

#[test]
fn the_footer_keeps_the_schema_and_metadata_and_points_to_nothing_of_the_old_file() {
    let properties =
        properties().set_bloom_filter_enabled(true).set_bloom_filter_position(BloomFilterPosition::End);
    let made = make_with(SCHEMA, shard(3, 100), properties.build());
    let (old, (out, _)) = (open(&made.bytes), made.filter(&id(), &mut dropping(|row| row == 150)));
    let new = open(&out);
    let (old, new) = (old.metadata(), new.metadata());
    assert_eq!(old.file_metadata().schema(), new.file_metadata().schema());
    assert_eq!(old.file_metadata().key_value_metadata(), new.file_metadata().key_value_metadata());
    assert_eq!(new.file_metadata().num_rows(), 299);
    assert!(new.file_metadata().created_by().unwrap().starts_with("withhold version "));
    for group in new.row_groups() {
        for chunk in group.columns() {
            assert_eq!((chunk.bloom_filter_offset(), chunk.bloom_filter_length()), (None, None));
            assert_eq!((chunk.column_index_offset(), chunk.offset_index_offset()), (None, None));
            assert!(chunk.statistics().is_some());
        }
    }
}

#[test]
fn row_groups_are_sorted_as_they_were_but_by_what_was_changed() {
    let by = |column_idx| SortingColumn { column_idx, descending: true, nulls_first: false };
    let sorted = properties().set_sorting_columns(Some(vec![by(2), by(3), by(0)])).build();
    let made = make_with(SCHEMA, shard(3, 10), sorted);
    let asked = columns(&[("id", Meaning::GitSha1), ("content", Meaning::Content)]);
    let mut judge = |row: &Row<'_>| match (number_of(row), row.values[1]) {
        (15, _) => Decision::Drop,
        (25, Value::Unread) => Decision::Read,
        (25, _) => Decision::Replace(b"new".to_vec()),
        _ => Decision::Keep,
    };
    let new = open(&made.filter(&asked, &mut judge).0);
    let found: Vec<_> =
        new.metadata().row_groups().iter().map(|group| group.sorting_columns().cloned()).collect();
    let whole = Some(vec![by(2), by(3), by(0)]);
    assert_eq!(found, [whole.clone(), whole, Some(vec![by(2)])]);
}

#[test]
fn a_column_is_written_again_as_it_was_encoded() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ];
    let encodings = [
        (true, Encoding::PLAIN),
        (false, Encoding::PLAIN),
        (false, Encoding::DELTA_BYTE_ARRAY),
        (false, Encoding::DELTA_LENGTH_BYTE_ARRAY),
    ];
    for (codec, (dictionary, encoding)) in codecs.into_iter().zip(encodings.into_iter().cycle()) {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let path = |name: &str| parquet::schema::types::ColumnPath::new(vec![name.to_owned()]);
            let properties = properties()
                .set_writer_version(version)
                .set_compression(codec)
                .set_dictionary_enabled(dictionary)
                .set_column_encoding(path("id"), encoding)
                .set_column_encoding(path("size"), Encoding::DELTA_BINARY_PACKED);
            let made = make_with(SCHEMA, shard(1, 500), properties.build());
            let (out, _) = made.filter(&id(), &mut dropping(|row| row % 20 == 7));
            let (old, new) = (open(&made.bytes), open(&out));
            let pairs = old.metadata().row_group(0).columns().iter();
            for (old, new) in pairs.zip(new.metadata().row_group(0).columns()) {
                assert_eq!(old.compression_codec(), new.compression_codec());
                let encodings = |chunk: &parquet::file::metadata::ColumnChunkMetaData| {
                    let pages = chunk.page_encoding_stats_mask().copied();
                    (chunk.encodings().collect::<Vec<_>>(), pages)
                };
                assert_eq!(encodings(old), encodings(new), "{}", old.column_path());
            }
            assert_eq!(rows(&out).len(), 475);
        }
    }
}

#[test]
fn contents_are_read_only_where_the_judge_asks_and_can_be_replaced() {
    let made = make(SCHEMA, shard(3, 1000));
    let asked = columns(&[("id", Meaning::GitSha1), ("content", Meaning::Content)]);
    let mut read = Vec::new();
    let mut judge = |row: &Row<'_>| match (number_of(row), row.values[1]) {
        (1200 | 1201 | 1900, Value::Unread) => Decision::Read,
        (1200, Value::Bytes(_)) => Decision::Drop,
        (at, Value::Bytes(content)) => {
            read.push(at);
            assert!(content.starts_with(format!("content {at} ").as_bytes()));
            Decision::Replace(format!("new {at}").into_bytes())
        }
        (7, _) => Decision::Drop,
        _ => Decision::Keep,
    };
    let (out, tally) = made.filter(&asked, &mut judge);
    assert_eq!((tally.written, &read[..]), (2998, &[1201, 1900][..]));
    let (old, new) = (made.rows(), rows(&out));
    let change = |at: usize, row: String| match at {
        1201 | 1900 => format!("{}\"new {at}\"}}", &row[..row.find("\"content ").unwrap()]),
        _ => row,
    };
    let expected: Vec<_> = old
        .into_iter()
        .enumerate()
        .filter(|(at, _)| ![7, 1200].contains(at))
        .map(|(at, row)| change(at, row))
        .collect();
    assert_eq!(new, expected);
}

fn number_of(row: &Row<'_>) -> usize {
    shown(&row.values[0]).trim_start_matches("id ").parse().unwrap()
}

#[test]
fn a_judge_without_keys_gets_the_contents_at_once() {
    let made = make(SCHEMA, shard(1, 3));
    let asked = columns(&[("content", Meaning::Content)]);
    assert_eq!(seen(&made.path(), &asked), ["content 0 ", "content 1 x", "content 2 xx"]);
}

#[test]
fn a_judge_can_stop_it_and_must_not_ask_twice() {
    let made = make(SCHEMA, shard(2, 100));
    let mut stop = |row: &Row<'_>| if number(row) == 123 { Decision::Stop } else { Decision::Keep };
    let stopped = super::super::verify(&made.path(), &id(), &mut stop, &());
    assert!(matches!(stopped, Err(DatasetError::Stopped { row: 124 })), "{stopped:?}");
    for columns in [id(), columns(&[("id", Meaning::GitSha1), ("content", Meaning::Content)])] {
        let again = super::super::verify(&made.path(), &columns, &mut |_: &Row<'_>| Decision::Read, &());
        assert!(matches!(again, Err(DatasetError::Bug(_))), "{again:?}");
    }
    let mut replace = |_: &Row<'_>| Decision::Replace(vec![]);
    let replaced = super::super::verify(&made.path(), &id(), &mut replace, &());
    assert!(matches!(replaced, Err(DatasetError::Bug(_))), "{replaced:?}");
}

#[test]
fn bytes_of_fixed_length_are_keys_too() {
    let schema = "message shard { required fixed_len_byte_array(20) id; }";
    let ids: Vec<Vec<u8>> = (0..10_u8).map(|row| vec![row; 20]).collect();
    let made = make(schema, vec![vec![Chunk::Fixed(ids, vec![], vec![])]]);
    let mut judge = |row: &Row<'_>| match row.values[0] {
        Value::Bytes(id) if id == [3; 20] => Decision::Drop,
        _ => Decision::Keep,
    };
    let (out, tally) = made.filter(&id(), &mut judge);
    assert_eq!((tally.written, rows(&out).len()), (9, 9));
}

#[test]
fn a_sample_is_of_the_whole_shard_with_contents() {
    let made = make(SCHEMA, shard(20, 100));
    let asked = columns(&[("id", Meaning::GitSha1), ("content", Meaning::Content)]);
    let mut lines = Vec::new();
    super::super::sample(&made.path(), &asked, 30, &mut |row| lines.push(line(row))).unwrap();
    assert_eq!(lines.len(), 30);
    assert!(lines[0].starts_with("id 0 content 0 ") && lines[29].starts_with("id 1999 content 1999 "));
    // Five row groups of the twenty, the first and the last among them, and of each its beginning, its middle and its end.
    let number = |line: &String| line.split(' ').nth(1).unwrap().parse::<u32>().unwrap();
    let groups: Vec<u32> = lines.iter().map(|line| number(line) / 100).collect();
    assert_eq!(groups, [0, 4, 9, 14, 19].map(|group| [group; 6]).concat());
    let places: Vec<u32> = lines.iter().map(|line| number(line) % 100).collect();
    assert_eq!(places, [[0, 1, 49, 50, 98, 99]; 5].concat());
    let mut all = Vec::new();
    super::super::sample(&made.path(), &asked, 10_000, &mut |row| all.push(line(row))).unwrap();
    // Of these every row, and once.
    assert_eq!(all.len(), 500);
    assert!(all.is_sorted_by_key(number) && all.windows(2).all(|two| two[0] != two[1]));
}
