use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{BrotliLevel, Compression};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::samples::{any_manifest, coverage_row, entry, hashes, manifest, parts};
use super::super::{
    CoverageRow, Encoding, Entry, Manifest, Profile, canonical, read, row::Row, validate,
    write as write_manifest,
};
use super::*;

/// The lines that a file of rows is.
fn lines<T: Row>(path: &Path) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    io::Read::read_to_end(&mut Reader::open::<T>(path)?, &mut lines)?;
    Ok(lines)
}

fn canonical<T: Row>(rows: &[T]) -> Vec<u8> {
    rows.iter().flat_map(|row| [canonical::row(row).unwrap(), b"\n".to_vec()].concat()).collect()
}

fn write<T: Row>(rows: &[T], path: &Path, groups_of: usize) -> io::Result<()> {
    let mut writer = Writer::new::<T>(File::create(path)?)?;
    writer.group_rows = groups_of;
    rows.iter().try_for_each(|row| writer.push(&canonical::row(row).unwrap()))?;
    writer.finish()
}

fn comes_back<T: Row>(rows: &[T], groups_of: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    write(rows, &path, groups_of).unwrap();
    let found = lines::<T>(&path).unwrap();
    assert_eq!(String::from_utf8(found).unwrap(), String::from_utf8(canonical(rows)).unwrap());
}

/// A manifest's folder in Parquet.
fn folder(manifest: &Manifest) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_manifest(manifest, folder.path(), Encoding::Parquet).unwrap();
    folder
}

proptest! {
    #[test]
    fn rows_come_back_as_their_canonical_bytes(
        entries in vec(entry(), 0..40),
        coverage in vec(coverage_row(), 0..40),
        groups_of in 1..50_usize,
    ) {
        comes_back(&entries, groups_of);
        comes_back(&coverage, groups_of);
    }

    #[test]
    fn any_text_and_number_comes_back(text: String, size in 0..=super::super::row::MAX_NUMBER) {
        let entry = Entry { size: Some(size), rule: Some(text.into()), ..super::super::samples::lines(0, 1, 1) };
        comes_back(&[entry], 1);
    }

}

proptest! {
    // Each writes and syncs six files.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_manifest_comes_back_with_its_header(manifest in any_manifest()) {
        let (one, other) = (folder(&manifest), folder(&manifest));
        prop_assert_eq!(&read(one.path()).unwrap(), &manifest);
        prop_assert_eq!(validate(one.path()).problems, []);
        for name in ["manifest.json", "entries.parquet", "coverage.parquet"] {
            let bytes = |folder: &tempfile::TempDir| fs::read(folder.path().join(name)).unwrap();
            prop_assert_eq!(bytes(&one), bytes(&other), "the same rows give the same bytes");
        }
    }
}

#[test]
fn rows_that_fill_many_pages_come_back() {
    let row = |number: u64| CoverageRow::lfs([(number % 251) as u8; 32], number);
    comes_back(&(0..10_000).map(row).collect::<Vec<_>>(), 4_000);
}

#[test]
fn long_texts_make_small_pages() {
    let text = |number: usize| "x".repeat(if number.is_multiple_of(5) { 3 << 20 } else { 100_000 + number });
    let row = |number| Entry { rule: Some(text(number).into()), ..super::super::samples::lines(0, 1, 1) };
    comes_back(&(0..40).map(row).collect::<Vec<_>>(), 1000);
}

#[test]
fn every_field_has_a_column() {
    fn names<T: Row>() -> Vec<String> {
        columns(&schema::<T>().unwrap()).unwrap().into_iter().map(|(name, _)| name).collect()
    }
    assert_eq!(names::<Entry>(), Entry::ORDER);
    let coverage = names::<CoverageRow>();
    assert!(CoverageRow::ORDER.iter().all(|field| coverage.iter().any(|name| name == field)));
    assert_eq!(coverage.len(), CoverageRow::ORDER.len() + ["object_format", "complete"].len());
}

#[test]
fn a_file_that_is_cut_off_is_an_error() {
    let rows = manifest(Profile::Audit);
    let folder = folder(&rows);
    let path = folder.path().join("entries.parquet");
    let whole = fs::read(&path).unwrap();
    for end in (0..whole.len()).step_by(5).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..end]).unwrap();
        assert!(read(folder.path()).is_err(), "cut at {end}");
    }
}

/// Whatever is turned over: the rows are the same, or it is an error.
#[test]
fn a_damaged_file_is_never_other_rows() {
    let rows = manifest(Profile::Audit);
    let folder = folder(&rows);
    for name in ["entries.parquet", "coverage.parquet"] {
        let path = folder.path().join(name);
        let whole = fs::read(&path).unwrap();
        let mut refused = 0;
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(&path, &damaged).unwrap();
            match read(folder.path()) {
                Ok(found) => assert_eq!(found, rows, "{name}, byte {at}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > whole.len() / 7 / 3, "{refused} of {}", whole.len());
        fs::write(&path, &whole).unwrap();
    }
}

/// Writes entries by a schema of somebody else: every text is `text`, every list has one.
fn foreign(
    schema: &str,
    properties: WriterProperties,
    text: &str,
) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entries.parquet");
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = File::create(&path).unwrap();
    let mut out = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    let mut group = out.next_row_group().unwrap();
    while let Some(mut column) = group.next_column().unwrap() {
        use parquet::column::writer::ColumnWriter;
        match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(_) => {
                let described = column.typed::<ByteArrayType>().get_descriptor().clone();
                let value = [ByteArray::from(text.as_bytes().to_vec())];
                let is_list = described.max_rep_level() > 0;
                let def = described.max_def_level();
                // Where an item of the list may be NULL, it is.
                let def = if is_list && def == 3 { 2 } else { def };
                let values = &value[..usize::from(def == described.max_def_level())];
                column.typed::<ByteArrayType>().write_batch(values, Some(&[def]), Some(&[0])).unwrap();
            }
            ColumnWriter::Int64ColumnWriter(out) => drop(out.write_batch(&[-1], Some(&[1]), None).unwrap()),
            _ => panic!("no other type is written here"),
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    out.close().unwrap();
    (folder, path)
}

fn refused(schema: &str, properties: WriterProperties, because: &str) {
    let (_folder, path) = foreign(schema, properties, "x");
    let error = lines::<Entry>(&path).unwrap_err().to_string();
    assert!(error.contains(because), "{error}");
}

#[test]
fn other_columns_are_refused() {
    let none = WriterProperties::new;
    let without = |line: &str| ENTRIES.replace(&format!("  optional {line};\n"), "");
    refused(&without("int64 size"), none(), "no column `size`");
    let text = ENTRIES.replace("int64 size", "binary size (STRING)");
    refused(&text, none(), "no column `size` of the type");
    let more =
        ENTRIES.replace("message entries {\n", "message entries {\n  optional binary more (STRING);\n");
    refused(&more, none(), "columns that rows of a manifest have not");
    let pair = "message entries {\n  optional group pair { optional binary a; optional binary b; }\n";
    refused(
        &ENTRIES.replace("message entries {\n", pair),
        none(),
        "columns that rows of a manifest have not",
    );
    let null = ENTRIES.replace("required binary element", "optional binary element");
    let null = null.replace("required group purposes", "optional group purposes");
    refused(&null, none(), "`purposes` has a NULL in its list");
}

#[test]
fn what_could_take_memory_without_a_bound_is_refused() {
    let brotli = Compression::BROTLI(BrotliLevel::default());
    refused(ENTRIES, WriterProperties::builder().set_compression(brotli).build(), "use zstd or snappy");
    let (_folder, path) = foreign(ENTRIES, WriterProperties::new(), &"x".repeat(33 << 20));
    assert!(lines::<Entry>(&path).unwrap_err().to_string().contains("larger than 32 MiB"));
    // Two texts are in pages that are small enough, and in a row that is too long.
    let (_folder, path) = foreign(ENTRIES, WriterProperties::new(), &"x".repeat(9 << 20));
    assert!(lines::<Entry>(&path).unwrap_err().to_string().contains("longer than 16 MiB"));
    let nodes: String = (0..70).map(|at| format!("optional binary c{at};")).collect();
    refused(&format!("message entries {{ {nodes} }}"), WriterProperties::new(), "cannot be read");
}

#[test]
fn values_that_no_field_can_have_are_refused() {
    let (folder, path) = foreign(ENTRIES, WriterProperties::new(), "x");
    // It can be read, and is no row.
    assert!(String::from_utf8(lines::<Entry>(&path).unwrap()).unwrap().contains("\"size\":-1,"));
    let good = self::folder(&manifest(Profile::Keys));
    fs::copy(path, good.path().join("entries.parquet")).unwrap();
    assert!(
        read(good.path()).unwrap_err().to_string().contains("entries.parquet:1: is not a row of entries")
    );
    drop(folder);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let rows = vec![CoverageRow::blob(&hashes(1))];
    assert!(Encoding::Parquet.write(&rows, full()).is_err());
    let many: Vec<_> = (0..20_000).map(|size| CoverageRow::lfs([7; 32], size)).collect();
    assert!(Encoding::Parquet.write(&many, full()).is_err());
}

#[test]
fn a_row_that_has_no_column_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new::<Entry>(File::create(folder.path().join("x")).unwrap()).unwrap();
    for line in ["{\"more\":1}", "{\"purposes\":[],\"size\":\"x\",\"unit\":\"blob\"}", "{\"size\":1}", "[]"] {
        assert!(writer.push(line.as_bytes()).is_err(), "{line}");
    }
}

#[test]
fn a_manifest_without_rows_comes_back() {
    let empty = Manifest::build(parts(), Vec::new(), Vec::new(), Profile::Keys, 1).unwrap();
    assert_eq!(read(folder(&empty).path()).unwrap(), empty);
}

#[test]
fn the_page_has_the_schema() {
    let page = include_str!("../../../docs/manifest-format.md");
    assert!(page.contains(ENTRIES) && page.contains(COVERAGE));
}
