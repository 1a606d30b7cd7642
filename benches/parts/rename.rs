//! Judging renames: counting a file's spans, and finding the most similar of 200 files.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use withhold::attribution::similarity::{MAX_SCORE, SpanCounts};

use super::support::versions;

const LINES: u32 = 1000;

#[divan::bench]
fn count_spans(bencher: Bencher<'_, '_>) {
    let bytes = versions(1, LINES).remove(0);
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| SpanCounts::of(divan::black_box(&bytes)));
}

#[divan::bench]
fn most_similar_of_200(bencher: Bencher<'_, '_>) {
    let spans: Vec<_> = versions(201, LINES).iter().map(|bytes| SpanCounts::of(bytes)).collect();
    let (new, sources) = spans.split_last().unwrap();
    let best = || sources.iter().map(|source| new.score(source)).max();
    assert!(best() > Some(MAX_SCORE / 2) && best() < Some(MAX_SCORE));
    bencher.counter(ItemsCount::new(sources.len())).bench_local(best);
}
