//! Giving lines their numbers: of a version that nothing is known of, and of one whose neighbour is at hand.

use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use foldhash::fast::RandomState;
use withhold::attribution::lines::Interner;

use super::support::versions;

const LINES: u32 = 4000;
const EXACT: &str = "white space counts";
const IGNORED: &str = "white space does not count";

#[divan::bench(args = [EXACT, IGNORED])]
fn alone(bencher: Bencher<'_, '_>, white_space: &str) {
    let bytes = Arc::new(versions(1, LINES).remove(0));
    let interner = || Interner::new(white_space == IGNORED, &RandomState::default());
    let size = BytesCount::new(bytes.len());
    bencher.counter(size).with_inputs(interner).bench_local_values(|mut interner| {
        let lines = interner.lines(bytes.clone(), None);
        (interner, lines)
    });
}

/// 200 versions, each beside the one before: what a walk along a file's history does.
#[divan::bench(args = [EXACT, IGNORED])]
fn with_a_neighbour(bencher: Bencher<'_, '_>, white_space: &str) {
    let versions: Vec<_> = versions(200, LINES).into_iter().map(Arc::new).collect();
    let size = BytesCount::new(versions.iter().map(|bytes| bytes.len()).sum::<usize>());
    let interner = || Interner::new(white_space == IGNORED, &RandomState::default());
    bencher.counter(size).with_inputs(interner).bench_local_values(|mut interner| {
        let mut neighbour = interner.lines(versions[0].clone(), None);
        for bytes in &versions[1..] {
            neighbour = interner.lines(bytes.clone(), Some(&neighbour));
        }
        (interner, neighbour)
    });
}
