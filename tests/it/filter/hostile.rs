//! Parquet that lies, or that cannot be read here: each ends with 5, and says why.

use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArray, ByteArrayType};
use ::parquet::file::metadata::{
    FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter, RowGroupMetaData,
};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;

use super::*;

/// A file with one row group of two ids, uncompressed; its footer is made anew with what is changed in it. `rows` is how many
/// the file says to have; by default as many as its row groups say.
fn made(place: &Place, change: impl Fn(RowGroupMetaData) -> RowGroupMetaData, rows: Option<i64>) -> String {
    let schema = Arc::new(parse_message_type("message shard { required binary id (STRING); }").unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::UNCOMPRESSED).build();
    let path = place.at("data.parquet");
    let file = fs::File::create(&path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids: Vec<ByteArray> =
        ["bob-0", "bob-1"].map(|path| ByteArray::from(place.row(path)["id"].as_str().unwrap())).to_vec();
    column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let meta = SerializedFileReader::new(fs::File::open(&path).unwrap()).unwrap().metadata().clone();
    let length = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap()) as usize;
    bytes.truncate(bytes.len() - 8 - length);
    let of = meta.file_metadata();
    let of = FileMetaData::new(of.version(), 0, None, None, of.schema_descr_ptr(), None);
    let groups: Vec<_> = meta.row_groups().iter().cloned().map(change).collect();
    let sum = groups.iter().map(RowGroupMetaData::num_rows).sum();
    let meta = ParquetMetaDataBuilder::new(of).set_row_groups(groups).build();
    let begin = bytes.len();
    ParquetMetaDataWriter::new(&mut bytes, &meta).finish().unwrap();
    if let Some(rows) = rows {
        // Field 3, a number; behind it field 4, a list.
        let field = |rows: i64| [&[0x16][..], &zigzag(rows), &[0x19]].concat();
        let mut footer = bytes.split_off(begin);
        let at = memchr::memmem::find(&footer, &field(sum)).unwrap();
        footer.splice(at..at + field(sum).len(), field(rows));
        footer.truncate(footer.len() - 8);
        bytes.extend(&footer);
        bytes.extend(u32::try_from(footer.len()).unwrap().to_le_bytes());
        bytes.extend(b"PAR1");
    }
    fs::write(&path, bytes).unwrap();
    place.arg("data.parquet")
}

/// A number as Thrift's compact protocol spells it.
fn zigzag(number: i64) -> Vec<u8> {
    let mut left = ((number << 1) ^ (number >> 63)).cast_unsigned();
    let mut bytes = Vec::new();
    while left >= 0x80 {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes
}

/// How each command ends, with what is said; nothing is written.
#[track_caller]
fn refused(place: &Place, data: &str, said: &str) {
    let out = place.arg("clean.parquet");
    let key = ["--key", "id=git_sha1"];
    ended(&place.run("verify", &[&[data][..], &key].concat()), 5, said);
    ended(&place.run("filter", &[&[data, "-o", &out][..], &key].concat()), 5, said);
    assert!(!place.at("clean.parquet").exists());
}

#[test]
fn a_footer_that_is_made_anew_and_lies_about_nothing_is_read() {
    let place = Place::new();
    let data = made(&place, |group| group, None);
    ended(&place.run("verify", &[&data, "--key", "id=git_sha1"]), 0, "");
}

#[test]
fn a_footer_that_claims_more_rows_than_there_are_is_not_believed() {
    let place = Place::new();
    let claims =
        |rows: i64| move |group: RowGroupMetaData| group.into_builder().set_num_rows(rows).build().unwrap();
    for rows in [i64::MAX, 1 << 40, 3, 1, 0, -1] {
        // The file, its row group, or both.
        refused(
            &place,
            &made(&place, |group| group, Some(rows)),
            "its row groups have other rows than itself",
        );
        refused(&place, &made(&place, claims(rows), Some(2)), "it is damaged");
        refused(&place, &made(&place, claims(rows), None), "it is damaged");
    }
}

#[test]
fn a_codec_that_is_not_known_is_refused() {
    let place = Place::new();
    let data = made(
        &place,
        |group| {
            let mut builder = group.clone().into_builder();
            let lzo = |column: &::parquet::file::metadata::ColumnChunkMetaData| {
                column.clone().into_builder().set_compression(Compression::LZO).build().unwrap()
            };
            builder = builder.set_column_metadata(group.columns().iter().map(lzo).collect());
            builder.build().unwrap()
        },
        None,
    );
    refused(&place, &data, "LZO");
}

/// As DuckDB and PyArrow write them (encrypted/make.py): the one with its footer, the other with a column alone.
#[test]
fn encrypted_files_are_refused() {
    let place = Place::new();
    let files = [
        ("duckdb", &include_bytes!("encrypted/duckdb.parquet")[..]),
        ("pyarrow", include_bytes!("encrypted/pyarrow.parquet")),
    ];
    for (name, bytes) in files {
        let name = format!("{name}.parquet");
        fs::write(place.at(&name), bytes).unwrap();
        refused(&place, &place.arg(&name), "it is encrypted; decrypt it first");
    }
}
