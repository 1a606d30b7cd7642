//! Comparing the trees of 200 commits, each with its parent's: a thousand files in 40 folders, two changed.

use divan::Bencher;
use divan::counter::ItemsCount;
use withhold::attribution::tree_diff::Trees;
use withhold::repo::Objects;

use super::support::HISTORY;

/// With nothing at hand at the beginning: the trees are read from the pack, too.
#[divan::bench]
fn with_reading(bencher: Bencher<'_, '_>) {
    let objects = || HISTORY.repository.objects();
    bencher.counter(ItemsCount::new(HISTORY.trees.len())).with_inputs(objects).bench_local_values(
        |objects| {
            let found = differences(&objects);
            (objects, found)
        },
    );
}

/// With all trees at hand.
#[divan::bench]
fn alone(bencher: Bencher<'_, '_>) {
    let objects = HISTORY.repository.objects();
    // 1,001 files came with the first commit, and two changed in each of the others.
    assert_eq!(differences(&objects), 1001 + 2 * (HISTORY.trees.len() - 1));
    bencher.counter(ItemsCount::new(HISTORY.trees.len())).bench_local(|| differences(&objects));
}

fn differences(objects: &Objects) -> usize {
    let mut trees = Trees::new(objects);
    let mut found = 0;
    for (at, tree) in HISTORY.trees.iter().enumerate() {
        let mut count = |_: withhold::attribution::tree_diff::Difference<'_>| {
            found += 1;
            Ok(())
        };
        trees.diff(HISTORY.trees.get(at + 1).copied(), Some(*tree), &mut count).unwrap();
    }
    found
}
