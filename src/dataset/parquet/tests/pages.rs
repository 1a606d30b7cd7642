//! Pages as other writers make them, and the crate's does not.

use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::SchemaDescriptor;

use super::*;

/// A shard of one column and one row group, whose pages have these values.
fn shard(pages: &[&[&str]]) -> Made {
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
    let rows = pages.iter().map(|values| values.len() as i64).sum();
    let column = ColumnChunkMetaData::builder(schema.column(0))
        .set_encodings(vec![Encoding::PLAIN])
        .set_num_values(rows)
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
    let made = shard(&[&["a", "b"], &[], &[], &["c"], &[]]);
    let id = columns(&[("id", Meaning::GitSha1)]);
    assert_eq!(seen(&made.path(), &id), ["a", "b", "c"]);
    let mut judge =
        |row: &Row<'_>| if shown(&row.values[0]) == "b" { Decision::Drop } else { Decision::Keep };
    let (out, tally) = made.filter(&id, &mut judge);
    assert_eq!((tally.written, rows(&out)), (2, vec!["{id: \"a\"}".to_owned(), "{id: \"c\"}".to_owned()]));
}
