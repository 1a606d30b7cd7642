//! A manifest of 20,000 excluded contents and 100,000 that were looked at: made canonical, and written.

use divan::Bencher;
use divan::counter::ItemsCount;
use withhold::manifest::{
    CoverageRow, Digest, Encoding, Entry, Hashes, HeaderParts, ListOrigin, ListRef, Manifest, Profile, Tool,
    write, write_stream,
};
use withhold::policy::{Purposes, time};

use super::support::line;

const EXCLUDED: u32 = 20_000;
const LOOKED_AT: u32 = 100_000;
const ROWS: u32 = EXCLUDED + LOOKED_AT;

/// Sorted, checked, counted, and hashed.
#[divan::bench(sample_count = 10)]
fn build(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(rows)
        .bench_local_values(|(entries, coverage)| manifest(entries, coverage));
}

/// Into a folder, on the disk that temporary files are on.
#[divan::bench(sample_count = 10)]
fn write_folder(bencher: Bencher<'_, '_>) {
    let (entries, coverage) = rows();
    let manifest = manifest(entries, coverage);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("manifest");
    bencher
        .counter(ItemsCount::new(ROWS))
        .bench_local(|| write(&manifest, &out, Encoding::JsonLines).unwrap());
}

/// The bytes alone.
#[divan::bench(sample_count = 10)]
fn write_nowhere(bencher: Bencher<'_, '_>) {
    let (entries, coverage) = rows();
    let manifest = manifest(entries, coverage);
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| write_stream(&manifest, std::io::sink()).unwrap());
}

fn rows() -> (Vec<Entry>, Vec<CoverageRow>) {
    let hashes = |number| Hashes::of_blob(line(number).as_bytes());
    let entries = (0..EXCLUDED).map(|number| Entry::blob(&hashes(number), Purposes::ALL)).collect();
    (entries, (0..LOOKED_AT).map(|number| CoverageRow::blob(&hashes(number))).collect())
}

fn manifest(entries: Vec<Entry>, coverage: Vec<CoverageRow>) -> Manifest {
    let parts = HeaderParts {
        tool: Tool { name: "withhold".into(), version: "0".into() },
        created_at: time::parse("2026-01-31T12:00:00Z").unwrap(),
        not_before: None,
        not_after: None,
        lists: vec![ListRef {
            name: "bench".into(),
            serial: 1,
            digest: Digest::of(b"list"),
            origin: ListOrigin::Given,
        }],
        policy_digest: Digest::of(b"policy"),
        purposes: Purposes::ALL,
        previous: None,
        merged_from: Vec::new(),
    };
    Manifest::build(parts, entries, coverage, Profile::Keys, 1).unwrap()
}
