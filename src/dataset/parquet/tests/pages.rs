//! Pages as other writers make them, and the crate's does not.

use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::SchemaDescriptor;

use super::*;

/// A shard of one column and one row group, whose pages have these values; it says that it has so many rows.
fn shard(pages: &[&[&str]], rows: i64) -> Made {
    let schema = parse_message_type("message shard { required binary id (STRING); }").unwrap();
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
    let mut out = TrackedWrite::new(Vec::new());
    std::io::Write::write_all(&mut out, b"PAR1").unwrap();
    for values in pages {
        let text = |value: &&str| [&(value.len() as u32).to_le_bytes()[..], value.as_bytes()].concat();
        let bytes = values.iter().map(text).collect::<Vec<_>>().concat();
        let size = bytes.len();
        let page = Page::DataPage {
            buf: bytes.into(),
            num_values: values.len() as u32,
            encoding: Encoding::PLAIN,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        SerializedPageWriter::new(&mut out).write_page(CompressedPage::new(page, size)).unwrap();
    }
    let length = out.bytes_written() as i64 - 4;
    let values = pages.iter().map(|values| values.len() as i64).sum();
    let column = ColumnChunkMetaData::builder(schema.column(0))
        .set_encodings(vec![Encoding::PLAIN])
        .set_num_values(values)
        .set_data_page_offset(4)
        .set_total_compressed_size(length)
        .set_total_uncompressed_size(length)
        .build()
        .unwrap();
    let group = RowGroupMetaData::builder(Arc::clone(&schema))
        .set_num_rows(rows)
        .set_total_byte_size(length)
        .add_column_metadata(column)
        .build()
        .unwrap();
    let meta = FileMetaData::new(1, rows, None, None, schema, None);
    let meta = ParquetMetaDataBuilder::new(meta).add_row_group(group).build();
    let mut bytes = out.into_inner().unwrap();
    ParquetMetaDataWriter::new(&mut bytes, &meta).finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.parquet"), &bytes).unwrap();
    Made { folder, bytes }
}

#[test]
fn a_page_without_values_does_not_end_a_column() {
    let made = shard(&[&["a", "b"], &[], &[], &["c"], &[]], 3);
    let id = columns(&[("id", Meaning::GitSha1)]);
    assert_eq!(seen(&made.path(), &id), ["a", "b", "c"]);
    let mut judge =
        |row: &Row<'_>| if shown(&row.values[0]) == "b" { Decision::Drop } else { Decision::Keep };
    let (out, tally) = made.filter(&id, &mut judge);
    assert_eq!((tally.written, rows(&out)), (2, vec!["{id: \"a\"}".to_owned(), "{id: \"c\"}".to_owned()]));
}

#[test]
fn a_column_has_as_many_rows_as_its_row_group() {
    for (rows, why) in [(1, "more rows"), (3, "fewer rows")] {
        let made = shard(&[&["a", "b"]], rows);
        let id = columns(&[("id", Meaning::GitSha1)]);
        let error = super::super::verify(&made.path(), &id, &mut |_: &Row<'_>| Decision::Keep, &());
        assert!(error.as_ref().is_err_and(|error| error.to_string().contains(why)), "{error:?}");
    }
}

#[test]
fn a_page_is_not_believed_that_has_more_values_than_it_has_bytes_for() {
    let schema = parse_message_type("message shard { required binary id; }").unwrap();
    let column = SchemaDescriptor::new(Arc::new(schema)).column(0);
    let dictionary = |num_values, buf: &[u8]| Page::DictionaryPage {
        buf: buf.to_vec().into(),
        num_values,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    let data = |encoding, buf: &[u8]| Page::DataPage {
        buf: buf.to_vec().into(),
        num_values: 2,
        encoding,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    let check = |page: &Page| super::super::sound::check(page, &column).is_ok();
    let text = [1, 0, 0, 0, b'a'];
    assert!(
        check(&dictionary(1, &text)) && !check(&dictionary(2, &text)) && !check(&dictionary(u32::MAX, &text))
    );
    assert!(check(&data(Encoding::PLAIN, &text)) && !check(&data(Encoding::PLAIN, &text[..4])));
    // Blocks of 128 numbers in 4 parts; 2 numbers, the first 0; or 3, or many.
    for encoding in [Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BINARY_PACKED] {
        assert!(check(&data(encoding, &[0x80, 1, 4, 2, 0])));
        assert!(!check(&data(encoding, &[0x80, 1, 4, 3, 0])));
        assert!(!check(&data(encoding, &[0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0x7f, 0])));
    }
    // Prefixes: 2 numbers, with a least difference and the widths of 4 parts; after them as many suffixes, or many.
    let prefixes = [0x80, 1, 4, 2, 0, 0, 0, 0, 0, 0];
    let suffixes = |count: &[u8]| [&prefixes[..], &[0x80, 1, 4], count, &[0]].concat();
    assert!(check(&data(Encoding::DELTA_BYTE_ARRAY, &suffixes(&[2]))));
    assert!(!check(&data(Encoding::DELTA_BYTE_ARRAY, &suffixes(&[0xff, 0xff, 0x7f]))));
}
