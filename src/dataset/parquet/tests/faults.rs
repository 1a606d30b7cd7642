//! What is damaged, hostile or of another form: each is told, and nothing panics.

use parquet::basic::Encoding;

use super::*;
use crate::dataset::{DatasetError, Watch};

const SCHEMA: &str =
    "message shard { required binary id (STRING); optional int64 size; required binary content; }";

fn made() -> Made {
    make(SCHEMA, groups())
}

fn groups() -> Vec<Vec<Chunk>> {
    let group = |from: i64| {
        vec![
            text((from..from + 8).map(|row| format!("id {row}"))),
            Chunk::Number((from..from + 4).collect(), vec![1, 0, 1, 0, 1, 0, 1, 0], vec![]),
            text((from..from + 8).map(|row| format!("content {row}"))),
        ]
    };
    vec![group(0), group(8)]
}

fn asked() -> Columns {
    columns(&[("id", Meaning::GitSha1), ("content", Meaning::Content)])
}

/// What filtering some bytes gives.
fn filtered(bytes: &[u8], columns: &Columns) -> Result<Vec<u8>, DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.parquet");
    std::fs::write(&path, bytes).unwrap();
    let mut judge = |row: &Row<'_>| match (&row.values[0], row.values.last()) {
        (Value::Bytes(b"id 3"), Some(Value::Unread)) => Decision::Read,
        (Value::Bytes(b"id 3"), _) => Decision::Drop,
        _ => Decision::Keep,
    };
    let mut out = Vec::new();
    super::super::filter(&path, columns, &mut judge, &(), &mut out).map(|_| out)
}

#[test]
fn a_file_that_was_cut_off_is_no_file() {
    let made = made();
    for length in (0..made.bytes.len()).step_by(7) {
        let error = filtered(&made.bytes[..length], &asked()).unwrap_err();
        assert!(matches!(error, DatasetError::Malformed { .. }), "{length}: {error}");
    }
}

#[test]
fn shards_without_rows_stay_readable() {
    let empty = || vec![text([""; 0]), Chunk::Number(vec![], vec![], vec![]), text([""; 0])];
    for groups in [vec![], vec![empty()], vec![empty(), empty()]] {
        let made = make(SCHEMA, groups);
        let (out, tally) = made.filter(&asked(), &mut |_: &Row<'_>| Decision::Drop);
        assert_eq!(tally, Tally::default());
        assert_eq!(open(&out).metadata().file_metadata().num_rows(), 0);
        super::super::sample(&made.path(), &asked(), 10, &mut |_| panic!("there is none")).unwrap();
    }
    // All rows of a shard go.
    let (out, tally) = made().filter(&asked(), &mut |_: &Row<'_>| Decision::Drop);
    assert_eq!((tally.written, rows(&out).len()), (0, 0));
}

#[test]
fn encrypted_files_are_refused() {
    let made = made();
    let mut encrypted = made.bytes.clone();
    let end = encrypted.len();
    encrypted[end - 4..].copy_from_slice(b"PARE");
    let error = filtered(&encrypted, &asked()).unwrap_err();
    assert!(matches!(error, DatasetError::Unsupported(_)) && error.to_string().contains("encrypted"));
    // A footer in the clear, but for field 8: the algorithm (a union; its first member is AES_GCM_V1, an empty struct).
    let length = u32::from_le_bytes(made.bytes[end - 8..end - 4].try_into().unwrap()) as usize;
    let mut footer = made.bytes[end - 8 - length..end - 8].to_vec();
    assert_eq!(footer.pop(), Some(0), "the end of the struct");
    // The last field may be 7 or less: its id is written in full.
    footer.extend([0x0c, 16, 0x1c, 0, 0, 0]);
    let mut bytes = made.bytes[..end - 8 - length].to_vec();
    bytes.extend(&footer);
    bytes.extend((footer.len() as u32).to_le_bytes());
    bytes.extend(b"PAR1");
    let error = filtered(&bytes, &asked()).unwrap_err();
    assert!(matches!(error, DatasetError::Unsupported(_)), "{error}");
}

#[test]
fn columns_that_are_not_there_or_of_another_type_are_told() {
    let made = made();
    let told =
        |name: &str, meaning| filtered(&made.bytes, &columns(&[(name, meaning)])).unwrap_err().to_string();
    assert_eq!(
        told("contents", Meaning::Content),
        "column `contents` is not there; did you mean `content`? (there are: id, size, content)"
    );
    assert_eq!(told("size", Meaning::Sha1), "column `size` is of type INT64, and should be text or bytes");
}

struct Interrupts;

impl Watch for Interrupts {
    fn advance(&self, _: u64, _: u64) {}

    fn interrupted(&self) -> bool {
        true
    }
}

#[test]
fn it_ends_when_somebody_wants_it_to() {
    let ended =
        super::super::verify(&made().path(), &asked(), &mut |_: &Row<'_>| Decision::Keep, &Interrupts);
    assert!(matches!(ended, Err(DatasetError::Interrupted)));
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = super::super::names(&folder.path().join("none")).unwrap_err();
    assert!(
        matches!(error, DatasetError::Io { .. }) && error.to_string().starts_with("cannot open it"),
        "{error}"
    );
}

struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told() {
    let mut judge = |_: &Row<'_>| Decision::Keep;
    let error = super::super::filter(&made().path(), &asked(), &mut judge, &(), Full).unwrap_err();
    assert!(
        matches!(error, DatasetError::Io { .. }) && error.to_string().starts_with("cannot write it"),
        "{error}"
    );
}

/// Each byte of a small file, turned. Without checksums of pages a value can come out as another one.
#[test]
fn no_turned_byte_makes_a_panic() {
    let made = made();
    for at in 0..made.bytes.len() {
        {
            let turn = [0x01, 0x80][at % 2];
            let mut bytes = made.bytes.clone();
            bytes[at] ^= turn;
            let result = std::panic::catch_unwind(|| filtered(&bytes, &asked()));
            assert!(result.is_ok(), "byte {at} turned by {turn:#x}");
        }
    }
}

/// The shard with a checksum in the header of each page; the crate's writer makes none.
fn with_checksums(made: &Made) -> Vec<u8> {
    use parquet::file::metadata::{ParquetMetaDataBuilder, ParquetMetaDataWriter};
    let shard = super::super::footer::Shard::open(&made.path()).unwrap();
    let mut out = b"PAR1".to_vec();
    let mut groups = Vec::new();
    for group in shard.groups() {
        let mut columns = Vec::new();
        for chunk in group.columns() {
            let start = out.len();
            for span in super::super::spans::of(&shard.file, chunk).unwrap() {
                let at = span.start as usize;
                let header = &made.bytes[at..at + span.header as usize];
                let body = &made.bytes[at + span.header as usize..at + span.length() as usize];
                // Fields 1 to 3 are numbers; after them the checksum takes its place as number 4.
                let mut behind = 0;
                for _ in 0..3 {
                    behind += 1 + header[behind + 1..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
                }
                out.extend(&header[..behind]);
                let crc = i64::from(crc32fast::hash(body) as i32);
                let mut zigzag = ((crc << 1) ^ (crc >> 63)) as u64;
                out.push(0x15);
                while zigzag >= 0x80 {
                    out.push(zigzag as u8 | 0x80);
                    zigzag >>= 7;
                }
                out.push(zigzag as u8);
                out.push(header[behind] - 0x10);
                out.extend(&header[behind + 1..]);
                out.extend(body);
            }
            assert_eq!(chunk.dictionary_page_offset(), None, "made without dictionaries");
            let (start, length) = (start as i64, (out.len() - start) as i64);
            let chunk = chunk.clone().into_builder().set_data_page_offset(start);
            columns.push(chunk.set_total_compressed_size(length).build().unwrap());
        }
        groups.push(group.clone().into_builder().set_column_metadata(columns).build().unwrap());
    }
    let meta = ParquetMetaDataBuilder::new(shard.meta.file_metadata().clone());
    let meta = meta.set_row_groups(groups).build();
    ParquetMetaDataWriter::new(&mut out, &meta).finish().unwrap();
    out
}

#[test]
fn a_page_that_is_not_what_its_checksum_says_is_neither_read_nor_copied() {
    let plain = properties().set_dictionary_enabled(false).set_compression(Compression::UNCOMPRESSED);
    let made = make_with(SCHEMA, groups(), plain.build());
    let checked = with_checksums(&made);
    let out = filtered(&checked, &asked()).unwrap();
    assert_eq!(rows(&out).len(), 15);
    // The first row group is written again, the second copied; both have a key that is read and a content that is not.
    for text in ["id 2", "content 2", "id 12", "content 12"] {
        let at = memchr::memmem::find(&checked, text.as_bytes()).unwrap();
        let mut turned = checked.clone();
        turned[at] ^= 1;
        let error = filtered(&turned, &asked()).unwrap_err().to_string();
        assert!(error.contains("hecksum"), "{text}: {error}");
    }
}

#[test]
fn numbers_that_a_page_or_footer_lies_about_are_not_believed() {
    // A dictionary of two thousand million values, in a page of a few bytes; and as many numbers of a delta encoding.
    for (dictionary, encoding) in [(true, Encoding::PLAIN), (false, Encoding::DELTA_LENGTH_BYTE_ARRAY)] {
        let schema = "message shard { required binary id; }";
        let plain =
            properties().set_compression(Compression::UNCOMPRESSED).set_dictionary_enabled(dictionary);
        let made = make_with(schema, vec![vec![text(["a"; 64])]], plain.set_encoding(encoding).build());
        let id = columns(&[("id", Meaning::GitSha1)]);
        let (mut panicked, mut refused) = (0, 0);
        // Each byte of the pages becomes the beginning of a large number.
        for at in 4..made.bytes.len() / 2 {
            let mut bytes = made.bytes.clone();
            bytes[at..at + 5].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
            match std::panic::catch_unwind(|| filtered(&bytes, &id)) {
                Err(_) => panicked += 1,
                Ok(result) => refused += usize::from(result.is_err()),
            }
        }
        assert!(panicked == 0 && refused > 10, "{panicked} {refused}");
    }
}

#[test]
fn a_schema_that_is_too_deep_is_refused() {
    let deep = |depth: usize| {
        let groups = "optional group g { ".repeat(depth);
        format!("message shard {{ {groups} optional binary id; {} }}", "} ".repeat(depth))
    };
    assert_eq!(
        make(&deep(40), vec![])
            .filter(&columns(&[(&format!("{}id", "g.".repeat(40)), Meaning::Path)]), &mut |_: &Row<'_>| {
                Decision::Keep
            })
            .1
            .read,
        0
    );
    let error = super::super::names(&make(&deep(80), vec![]).path()).unwrap_err();
    assert!(error.to_string().contains("its footer cannot be read"), "{error}");
}
