//! What is damaged, hostile or of another form: each is told, and nothing panics.

use super::*;
use crate::dataset::{DatasetError, Watch};

const SCHEMA: &str =
    "message shard { required binary id (STRING); optional int64 size; required binary content; }";

fn made() -> Made {
    let group = |from: i64| {
        vec![
            text((from..from + 8).map(|row| format!("id {row}"))),
            Chunk::Number((from..from + 4).collect(), vec![1, 0, 1, 0, 1, 0, 1, 0], vec![]),
            text((from..from + 8).map(|row| format!("content {row}"))),
        ]
    };
    make(SCHEMA, vec![group(0), group(8)])
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
    for length in 0..made.bytes.len() {
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

/// Each byte of a small file, turned: an error, or what came out before.
#[test]
fn no_turned_byte_makes_a_panic_or_another_result() {
    let made = made();
    let whole = filtered(&made.bytes, &asked()).unwrap();
    let mut different = 0;
    for at in 0..made.bytes.len() {
        for turn in [0x01, 0x80] {
            let mut bytes = made.bytes.clone();
            bytes[at] ^= turn;
            let result = std::panic::catch_unwind(|| filtered(&bytes, &asked()));
            let result = result.unwrap_or_else(|_| panic!("byte {at} turned by {turn:#x}"));
            different += usize::from(result.is_ok_and(|out| out != whole));
        }
    }
    println!("{different} of {} gave something else", 2 * made.bytes.len());
}
