//! Flat columns of texts, however they are encoded, read and passed in any portions.

use parquet::basic::Encoding;
use parquet::file::properties::WriterVersion;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::dataset::parquet::cells::Cells;
use crate::dataset::parquet::footer::Shard;
use crate::dataset::parquet::schema::Looked;

/// How a column is written.
#[derive(Debug, Clone)]
struct How {
    /// How large a dictionary may get; none without one.
    dictionary: Option<usize>,
    otherwise: bool,
    version: WriterVersion,
    rows_a_page: usize,
}

fn how() -> impl Strategy<Value = How> {
    let version = prop_oneof![Just(WriterVersion::PARQUET_1_0), Just(WriterVersion::PARQUET_2_0)];
    let dictionary = option::of(prop_oneof![Just(1_usize), Just(60), Just(1 << 20)]);
    (dictionary, any::<bool>(), version, 1..40_usize).prop_map(
        |(dictionary, otherwise, version, rows_a_page)| How { dictionary, otherwise, version, rows_a_page },
    )
}

impl How {
    fn properties(&self) -> WriterProperties {
        // What follows once a dictionary is full.
        let encoding = if self.otherwise { Encoding::DELTA_BYTE_ARRAY } else { Encoding::PLAIN };
        properties()
            .set_dictionary_enabled(self.dictionary.is_some())
            .set_dictionary_page_size_limit(self.dictionary.unwrap_or(1))
            .set_encoding(encoding)
            .set_writer_version(self.version)
            .set_data_page_row_count_limit(self.rows_a_page)
            .set_write_batch_size(self.rows_a_page)
            .build()
    }
}

/// Values as they are read when so many are read, passed, read, passed and so on; those that are passed are told as `None`.
fn read(made: &Made, portions: &[usize]) -> Vec<Option<Option<Vec<u8>>>> {
    let shard = Shard::open(&made.path()).unwrap();
    let mut cells = Cells::open(&shard, 0, Looked { leaf: 0, content: false, item: false }).unwrap();
    let mut left = usize::try_from(shard.groups()[0].num_rows()).unwrap();
    let (mut values, mut passes) = (Vec::new(), false);
    for portion in portions.iter().copied().chain([left]) {
        let mut portion = portion.min(left);
        left -= portion;
        if passes {
            cells.skip(portion).unwrap();
            values.extend(std::iter::repeat_n(None, portion));
            portion = 0;
        }
        passes = !passes;
        while portion > 0 {
            let here = usize::try_from(cells.portion(portion as u64)).unwrap();
            cells.read(here).unwrap();
            let read = cells.values(&[], &mut Vec::new());
            values.extend(read.into_iter().map(|value| match value {
                Value::Null => Some(None),
                Value::Bytes(bytes) => Some(Some(bytes.to_vec())),
                other => panic!("{other:?}"),
            }));
            portion -= here;
        }
    }
    if left == 0 {
        cells.end().unwrap();
    }
    values
}

fn holds(made: &Made, portions: &[usize], expected: &[Option<Vec<u8>>]) -> Result<(), TestCaseError> {
    let found = read(made, portions);
    prop_assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        prop_assert!(found.as_ref().is_none_or(|found| found == expected), "{at}: {found:?} {expected:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn texts_are_what_was_written(
        values in vec(vec(97..100_u8, 0..5), 1..150), portions in vec(0..40_usize, 0..12), how in how(),
    ) {
        let made = make_with("message s { required binary id (UTF8); }", vec![vec![text(&values)]], how.properties());
        let expected: Vec<_> = values.into_iter().map(Some).collect();
        holds(&made, &portions, &expected)?;
    }

    #[test]
    fn texts_that_may_be_missing_are_what_was_written(
        values in vec(option::weighted(0.7, vec(97..100_u8, 0..5)), 1..150),
        portions in vec(0..40_usize, 0..12),
        how in how(),
    ) {
        let made = make_with(
            "message s { optional binary id (UTF8); }", vec![vec![maybe(values.clone())]], how.properties(),
        );
        holds(&made, &portions, &values)?;
    }

    #[test]
    fn bytes_in_a_group_that_may_be_missing_are_what_was_written(
        rows in vec((0..3_i16, any::<[u8; 3]>()), 1..150), portions in vec(0..40_usize, 0..12), how in how(),
    ) {
        let expected: Vec<_> = rows.iter().map(|(def, bytes)| (*def == 2).then(|| bytes.to_vec())).collect();
        let (defs, values) = (rows.iter().map(|row| row.0).collect(), expected.iter().flatten().cloned().collect());
        let how = How { otherwise: false, ..how };
        let made = make_with(
            "message s { optional group g { optional fixed_len_byte_array(3) id; } }",
            vec![vec![Chunk::Fixed(values, defs, vec![])]],
            how.properties(),
        );
        holds(&made, &portions, &expected)?;
    }
}

#[test]
fn a_page_encoded_otherwise_is_read_by_other_means_from_where_reading_had_come_to() {
    let values: Vec<String> = (0..200).map(|at| format!("{at:03}")).collect();
    let how =
        How { dictionary: Some(60), otherwise: true, version: WriterVersion::PARQUET_2_0, rows_a_page: 20 };
    let made =
        make_with("message s { required binary id (UTF8); }", vec![vec![text(&values)]], how.properties());
    let encodings: Vec<_> = open(&made.bytes).metadata().row_group(0).column(0).encodings().collect();
    assert!(encodings.contains(&Encoding::RLE_DICTIONARY) && encodings.contains(&Encoding::DELTA_BYTE_ARRAY));
    let expected: Vec<_> = values.iter().map(|value| Some(Some(value.clone().into_bytes()))).collect();
    assert_eq!(read(&made, &[]), expected);
    assert_eq!(read(&made, &[15, 90])[105..], expected[105..]);
}
