//! Row groups of which few rows go: pages between them are copied as they stand.

use parquet::basic::Encoding;
use parquet::file::properties::WriterVersion;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;
use crate::dataset::parquet::footer::Shard;
use crate::dataset::parquet::spans;
use crate::pages::Span;

const SCHEMA: &str = "message shard {
    required binary id (STRING); optional int64 size; optional binary lang (STRING); required binary content (STRING);
    optional group topics (LIST) { repeated group list { optional binary element (STRING); } }
}";

/// What tells a row from all others, whatever stands before and behind it.
fn told(row: usize) -> String {
    format!("<{row:03}>")
}

/// So many rows; of every value that is not that of many others, what tells its row is a part.
fn shard(rows: usize) -> Vec<Chunk> {
    let all = move || 0..rows;
    let levels = all().map(|row| if row % 4 == 0 { (0, 0) } else { (3, 0) }).collect::<Vec<_>>();
    let topics: Vec<String> = all().filter(|row| row % 4 != 0).map(told).collect();
    vec![
        text(all().map(|row| format!("id {}", told(row)))),
        Chunk::Number(
            all().filter(|row| row % 3 != 0).map(|row| row as i64).collect(),
            all().map(|row| i16::from(row % 3 != 0)).collect(),
            vec![],
        ),
        maybe(all().map(|row| (row % 5 != 0).then_some("rust"))),
        text(all().map(|row| format!("{} {}", told(row), "x".repeat(row % 50)))),
        nested(&topics.iter().map(String::as_str).collect::<Vec<_>>(), &levels),
    ]
}

/// How a shard is written: rows a page, whether with dictionaries, and the version of its pages.
fn how(rows_a_page: usize, dictionary: bool, version: WriterVersion, packed: bool) -> WriterProperties {
    let compression = if packed { Compression::SNAPPY } else { Compression::UNCOMPRESSED };
    properties()
        .set_compression(compression)
        .set_encoding(Encoding::PLAIN)
        .set_writer_version(version)
        .set_dictionary_enabled(dictionary)
        .set_dictionary_page_size_limit(200)
        .set_data_page_row_count_limit(rows_a_page)
        .set_write_batch_size(rows_a_page)
        .build()
}

fn number(row: &Row<'_>) -> usize {
    shown(&row.values[0])[4..7].parse().unwrap()
}

fn spans_of(bytes: &[u8], leaf: usize) -> Vec<Span> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    std::fs::write(&path, bytes).unwrap();
    let shard = Shard::open(&path).unwrap();
    spans::of(&shard.file, shard.groups()[0].column(leaf)).unwrap()
}

/// The bytes of each page of a column.
fn pages(bytes: &[u8], leaf: usize) -> Vec<Vec<u8>> {
    let page = |span: &Span| bytes[span.start as usize..(span.start + span.length()) as usize].to_vec();
    spans_of(bytes, leaf).iter().map(page).collect()
}

#[test]
fn pages_between_the_rows_that_go_are_copied_as_they_stand() {
    let made = make_with(SCHEMA, vec![shard(100)], how(10, false, WriterVersion::PARQUET_1_0, true));
    let mut judge = |row: &Row<'_>| {
        if matches!(number(row), 34 | 45 | 99) { Decision::Drop } else { Decision::Keep }
    };
    let (out, _) = made.filter(&columns(&[("id", Meaning::GitSha1)]), &mut judge);
    for leaf in [0, 1, 3] {
        let (old, new) = (pages(&made.bytes, leaf), pages(&out, leaf));
        assert_eq!((old.len(), new.len()), (10, 9), "the two that are written again are one");
        assert_eq!((&new[..3], &new[4..8]), (&old[..3], &old[5..9]));
    }
    let chunk = open(&out);
    let chunk = chunk.metadata().row_group(0).column(3).clone();
    assert_eq!((chunk.num_values(), chunk.statistics()), (97, None));
    let spans = spans_of(&out, 3);
    let sum = |size: fn(&Span) -> u64| spans.iter().map(size).sum::<u64>() as i64;
    assert_eq!(chunk.compressed_size(), sum(Span::length));
    assert_eq!(chunk.uncompressed_size(), sum(|span| span.header + span.page.uncompressed));
}

#[test]
fn of_a_page_of_which_all_goes_nothing_is_written() {
    let made = make_with(SCHEMA, vec![shard(100)], how(10, true, WriterVersion::PARQUET_2_0, true));
    let mut judge =
        |row: &Row<'_>| if (50..60).contains(&number(row)) { Decision::Drop } else { Decision::Keep };
    let (out, tally) = made.filter(&columns(&[("id", Meaning::GitSha1)]), &mut judge);
    assert_eq!((tally.written, rows(&out).len()), (90, 90));
    let (old, new) = (pages(&made.bytes, 3), pages(&out, 3));
    assert_eq!(new[new.len() - 4..], old[old.len() - 4..]);
}

proptest! {
    #[test]
    fn what_stays_is_what_was_and_what_goes_is_nowhere(
        all in 1..200_usize,
        go in btree_set(0..200_usize, 0..12),
        rows_a_page in 1..40_usize,
        (dictionary, second, packed) in any::<(bool, bool, bool)>(),
    ) {
        let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let made = make_with(SCHEMA, vec![shard(all)], how(rows_a_page, dictionary, version, packed));
        let mut judge = |row: &Row<'_>| if go.contains(&number(row)) { Decision::Drop } else { Decision::Keep };
        let (out, _) = made.filter(&columns(&[("id", Meaning::GitSha1)]), &mut judge);
        let kept = made.rows().into_iter().enumerate().filter(|(row, _)| !go.contains(row)).map(|(_, row)| row);
        prop_assert_eq!(rows(&out), kept.collect::<Vec<_>>());
        for gone in go.iter().filter(|_| !packed) {
            let told = told(*gone);
            prop_assert!(memchr::memmem::find(&out, told.as_bytes()).is_none(), "{told}");
        }
    }

    #[test]
    fn new_contents_find_their_rows(replaced in vec(any::<bool>(), 1..120), rows_a_page in 1..40_usize) {
        let made = make_with(
            SCHEMA, vec![shard(replaced.len())], how(rows_a_page, false, WriterVersion::PARQUET_1_0, true),
        );
        let asked = columns(&[("id", Meaning::GitSha1), ("content", Meaning::Content)]);
        let mut judge = |row: &Row<'_>| match (replaced[number(row)], row.values[1]) {
            (false, _) => Decision::Keep,
            (true, Value::Unread) => Decision::Read,
            (true, _) => Decision::Replace(format!("new {}", number(row)).into_bytes()),
        };
        let (out, _) = made.filter(&asked, &mut judge);
        for (row, (old, new)) in made.rows().iter().zip(rows(&out)).enumerate() {
            prop_assert_eq!(new.contains(&format!("\"new {row}\"")), replaced[row], "{}", new);
            prop_assert_eq!(&new == old, !replaced[row]);
        }
    }
}
