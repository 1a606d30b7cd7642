//! Dictionaries with values that no row uses: they are written again without them.

use std::collections::BTreeSet;
use std::io::Write;

use parquet::basic::{Encoding, GzipLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::SchemaDescriptor;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

/// A row group of one column: the values of its dictionary, and pages of places in it. `None` is NULL.
#[derive(Debug, Clone)]
struct Group {
    dictionary: Vec<String>,
    pages: Vec<Vec<Option<u8>>>,
    /// Pages of the second version.
    second: bool,
}

/// Numbers of up to eight bits in RLE, each a run of its own.
fn runs(numbers: impl Iterator<Item = u8>) -> Vec<u8> {
    numbers.flat_map(|number| [2, number]).collect()
}

fn plain(values: &[String]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| [&(value.len() as u32).to_le_bytes()[..], value.as_bytes()].concat())
        .collect()
}

/// A page and how long it is once unpacked.
fn packed(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    (packer.finish().unwrap(), bytes.len())
}

fn data(places: &[Option<u8>], second: bool) -> CompressedPage {
    let levels = runs(places.iter().map(|place| u8::from(place.is_some())));
    let values = [&[8][..], &runs(places.iter().flatten().copied())].concat();
    let num_values = places.len() as u32;
    if second {
        let (values, length) = packed(&values);
        let page = Page::DataPageV2 {
            buf: [&levels[..], &values].concat().into(),
            num_values,
            encoding: Encoding::RLE_DICTIONARY,
            num_nulls: places.iter().filter(|place| place.is_none()).count() as u32,
            num_rows: num_values,
            def_levels_byte_len: levels.len() as u32,
            rep_levels_byte_len: 0,
            is_compressed: true,
            statistics: None,
        };
        return CompressedPage::new(page, levels.len() + length);
    }
    let (buf, length) = packed(&[&(levels.len() as u32).to_le_bytes()[..], &levels, &values].concat());
    let page = Page::DataPage {
        buf: buf.into(),
        num_values,
        encoding: Encoding::RLE_DICTIONARY,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    CompressedPage::new(page, length)
}

/// A shard with one column, `id`, whose row groups are these.
fn shard(groups: &[Group]) -> Made {
    let schema = parse_message_type("message shard { optional binary id (STRING); }").unwrap();
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
    let mut out = TrackedWrite::new(Vec::new());
    out.write_all(b"PAR1").unwrap();
    let (mut metas, mut all) = (Vec::new(), 0);
    for group in groups {
        let start = out.bytes_written() as i64;
        let (buf, length) = packed(&plain(&group.dictionary));
        let num_values = group.dictionary.len() as u32;
        let page =
            Page::DictionaryPage { buf: buf.into(), num_values, encoding: Encoding::PLAIN, is_sorted: false };
        SerializedPageWriter::new(&mut out).write_page(CompressedPage::new(page, length)).unwrap();
        let first = out.bytes_written() as i64;
        for places in &group.pages {
            SerializedPageWriter::new(&mut out).write_page(data(places, group.second)).unwrap();
        }
        let length = out.bytes_written() as i64 - start;
        let rows = group.pages.iter().map(|places| places.len() as i64).sum();
        all += rows;
        let column = ColumnChunkMetaData::builder(schema.column(0))
            .set_compression(Compression::GZIP(GzipLevel::default()))
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE_DICTIONARY])
            .set_num_values(rows)
            .set_dictionary_page_offset(Some(start))
            .set_data_page_offset(first)
            .set_total_compressed_size(length)
            .set_total_uncompressed_size(length)
            .build()
            .unwrap();
        let meta = RowGroupMetaData::builder(Arc::clone(&schema)).set_num_rows(rows);
        metas.push(meta.set_total_byte_size(length).add_column_metadata(column).build().unwrap());
    }
    let meta = FileMetaData::new(1, all, None, None, schema, None);
    let meta = ParquetMetaDataBuilder::new(meta).set_row_groups(metas).build();
    let mut bytes = out.into_inner().unwrap();
    ParquetMetaDataWriter::new(&mut bytes, &meta).finish().unwrap();
    held(bytes)
}

fn held(bytes: Vec<u8>) -> Made {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.parquet"), &bytes).unwrap();
    Made { folder, bytes }
}

/// The file, and behind it every page of it, unpacked.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let file = open(bytes);
    let mut all = bytes.to_vec();
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group).unwrap();
        for column in 0..group.num_columns() {
            let mut pages = group.get_column_page_reader(column).unwrap();
            while let Some(page) = pages.get_next_page().unwrap() {
                all.extend_from_slice(page.buffer());
            }
        }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(&unpacked(bytes), text.as_bytes()).is_some()
}

/// Filters the column `id`: rows with this value go.
fn without(made: &Made, gone: &str) -> Vec<u8> {
    let mut judge =
        |row: &Row<'_>| if shown(&row.values[0]) == gone { Decision::Drop } else { Decision::Keep };
    made.filter(&columns(&[("id", Meaning::GitSha1)]), &mut judge).0
}

fn group(dictionary: &[&str], pages: &[&[Option<u8>]]) -> Group {
    let dictionary = dictionary.iter().map(|value| (*value).to_owned()).collect();
    Group { dictionary, pages: pages.iter().map(|places| places.to_vec()).collect(), second: false }
}

/// Written by pyarrow 26: three row groups of four rows, each of which has the whole dictionary of `colour`, a dictionary
/// column of Arrow's. Row 5 alone is `withdrawn`; `id` is the number of the row.
const CATEGORIES: &[u8] = include_bytes!("categories.parquet");

#[test]
fn of_the_categories_of_other_row_groups_nothing_is_left() {
    let made = held(CATEGORIES.to_vec());
    assert!(holds(&made.bytes, "withdrawn"));
    let out = without(&made, "5");
    let mut kept = made.rows();
    assert!(kept.remove(5).contains("withdrawn"));
    assert_eq!(rows(&out), kept);
    assert!(!holds(&out, "withdrawn"));
    // Where nothing goes it is the same: what is unused may be what somebody else took out.
    assert!(!holds(&out_of_two(&made), "green"));
}

/// The shard without the rows that are green or withdrawn, filtered twice, the second time without a loss.
fn out_of_two(made: &Made) -> Vec<u8> {
    let mut judge = |row: &Row<'_>| {
        if ["1", "4", "5"].contains(&&*shown(&row.values[0])) { Decision::Drop } else { Decision::Keep }
    };
    let (out, _) = made.filter(&columns(&[("id", Meaning::GitSha1)]), &mut judge);
    without(&held(out), "none")
}

#[test]
fn a_value_that_no_row_uses_is_not_copied_even_where_nothing_goes() {
    for second in [false, true] {
        let mut unused = group(&["aa", "secret", "bb"], &[&[Some(0), None, Some(2)], &[Some(2)]]);
        unused.second = second;
        let made = shard(&[unused]);
        assert!(holds(&made.bytes, "secret"));
        let out = without(&made, "none");
        assert_eq!(rows(&out), made.rows());
        assert!(!holds(&out, "secret"));
    }
}

#[test]
fn a_column_whose_dictionary_is_used_is_copied() {
    for second in [false, true] {
        let mut used = group(&["aa", "bb"], &[&[Some(0), None], &[], &[Some(1), Some(0)]]);
        used.second = second;
        let made = shard(&[used.clone()]);
        assert_eq!(body(&without(&made, "none")), body(&made.bytes));
    }
    let lists =
        "message shard { optional group id (LIST) { repeated group list { optional binary element; } } }";
    let levels = [(3, 0), (3, 1), (2, 1), (0, 0), (1, 0), (3, 0), (3, 0)];
    let made = make(lists, vec![vec![nested(&["a", "b", "a", "a"], &levels)]]);
    assert!(open(&made.bytes).metadata().row_group(0).column(0).dictionary_page_offset().is_some());
    assert_eq!(body(&without(&made, "none")), body(&made.bytes));
}

/// The bytes of the first column of the first row group.
fn body(bytes: &[u8]) -> Vec<u8> {
    let (start, length) = open(bytes).metadata().row_group(0).column(0).byte_range();
    bytes[start as usize..(start + length) as usize].to_vec()
}

#[test]
fn a_dictionary_of_which_it_cannot_be_told_is_not_copied() {
    // No page uses it; it has bytes and says that it has no value.
    let made = shard(&[group(&["secret"], &[&[None, None]])]);
    assert!(!holds(&without(&made, "none"), "secret"));
    // A place that is in no dictionary is an error, also in a column that is not looked at.
    let made = shard(&[group(&["aa", "bb"], &[&[Some(0), Some(9), Some(1)]])]);
    let asked = columns(&[("id", Meaning::GitSha1)]);
    let error =
        super::super::filter(&made.path(), &asked, &mut |_: &Row<'_>| Decision::Keep, &(), Vec::new());
    assert!(error.is_err());
}

fn any_group() -> impl Strategy<Value = Group> {
    let place = option::weighted(0.8, 0..6_u8);
    (vec(vec(place, 1..8), 1..4), 0..3_usize, any::<bool>()).prop_map(|(pages, more, second)| {
        let last = pages.iter().flatten().flatten().copied().max().map_or(0, |last| usize::from(last) + 1);
        let dictionary = (0..last + more).map(|value| format!("value {value}")).collect();
        Group { dictionary, pages, second }
    })
}

proptest! {
    #[test]
    fn a_dictionary_has_the_values_of_its_rows_and_no_others(groups in vec(any_group(), 1..4), gone in 0..6_u8) {
        let gone = format!("value {gone}");
        let made = shard(&groups);
        let out = without(&made, &gone);
        let kept: Vec<_> = made.rows().into_iter().filter(|row| !row.contains(&gone)).collect();
        prop_assert_eq!(rows(&out), kept);
        let file = open(&out);
        for group in 0..file.num_row_groups() {
            let group = file.get_row_group(group).unwrap();
            let used: BTreeSet<String> = group.get_row_iter(None).unwrap()
                .filter_map(|row| Some(row.unwrap().to_string().split_once('"')?.1.trim_end_matches("\"}").to_owned()))
                .collect();
            let mut pages = group.get_column_page_reader(0).unwrap();
            while let Some(page) = pages.get_next_page().unwrap() {
                if page.is_dictionary_page() {
                    let (mut bytes, mut values) = (&page.buffer()[..], BTreeSet::new());
                    while let Some((length, rest)) = bytes.split_first_chunk() {
                        let (value, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
                        values.insert(String::from_utf8(value.to_vec()).unwrap());
                        bytes = rest;
                    }
                    prop_assert_eq!(&values, &used);
                }
            }
        }
    }
}
