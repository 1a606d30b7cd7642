//! Files so large that the search for the shortest diff is cut short.

use std::ops::Range;

use super::check;
use super::files::{Costly, Random, numbered};

/// Searches that end at the limit of their cost, in files of some thousand lines.
#[test]
fn costly_files() {
    let mut limit = 0;
    for seed in 0..30 {
        let mut random = Random::new(seed + 1000);
        let symbols = [3, 10, 100, 400][random.below(4) as usize];
        let lines = 500 + random.below(1500) as usize;
        let noise = [random.below(60), random.below(60)];
        let (old, new) = Costly { seed, lines, run: 1..2 + random.below(8), noise, symbols }.files();
        limit += check(&old, &new, false).limit;
    }
    assert!(limit > 50, "{limit}");
}

/// Searches that end at long runs, and those that end at a higher limit: that takes 65,533 lines that are not
/// set aside.
#[test]
fn costly_files_with_long_runs() {
    let fired = |seed: u64, run: Range<u64>, noise: [u64; 2], symbols: u64| {
        let (old, new) = Costly { seed, lines: 32_800, run, noise, symbols }.files();
        let fired = check(&old, &new, false);
        (fired.long_run, fired.limit)
    };
    assert!(fired(1, 18..24, [12, 12], 10).0 > 20);
    assert!(fired(2, 18..24, [6, 6], 30).0 > 20);
    assert!(fired(3, 18..24, [12, 3], 10).0 > 20);
    assert!(fired(4, 18..24, [30, 30], 30).1 > 20);
    // Of several points at which to divide, some are equally good, and some are just not good enough.
    assert!(fired(2, 1..60, [2, 30], 10).0 > 5);
    assert!(fired(5, 1..60, [2, 30], 10).0 > 5);
}

/// Where the search has come to the end of one file, a long run is no reason to divide.
#[test]
fn the_end_of_a_file_is_no_place_to_divide() {
    for (seed, lines, symbols, reversed) in
        [(1, 800, 10, false), (3, 800, 10, false), (6, 1000, 5, true), (7, 1000, 5, true)]
    {
        let (old, mut new) = Costly { seed, lines, run: 21..40, noise: [16, 16], symbols }.lines();
        let mut random = Random::new(seed + 99);
        new.extend((0..66_000).map(|_| random.below(symbols)));
        new.push((old[old.len() - 1] + 1) % symbols);
        check_lines(old, new, reversed);
    }
}

/// The limit of the cost doubles at 65,536, which is 3 more than the lines that are not set aside.
#[test]
fn the_limit_grows_with_the_lines() {
    for lines in [65_532, 65_533] {
        // Every line is in both files, none is there often, and the first and the last lines differ: all stay.
        let old: Vec<u64> = (0..lines / 2).collect();
        let mut new: Vec<u64> = (0..lines - lines / 2).map(|line| line % (lines / 2)).collect();
        let mut random = Random::new(3);
        for at in 0..new.len() - 40 {
            new.swap(at, at + random.below(40) as usize);
        }
        new.swap(0, 50);
        new.swap(lines as usize / 2 - 1, lines as usize / 2 - 50);
        assert!(check(&numbered(&old), &numbered(&new), false).limit > 20);
    }
}

/// A part of a box that was searched once is searched to the end, without shortcuts. That shows when the cost
/// of a part is beyond 512, which takes 262,141 lines, and when a run looks long enough from within the part.
#[test]
fn parts_are_searched_to_the_end() {
    // Divided where forward and backward meet: in a forward half of a step, and in a backward one.
    check_zones(&[501, 500, 500, 500], &[500, 500, 500], false);
    check_zones(&[500, 500, 500, 500], &[500, 500, 500], false);
    for reversed in [false, true] {
        // At the limit, and at a long run.
        check_zones(&[700, 3000], &[500], reversed);
        check_zones(&[600, 300, 1500], &[500, 3000], reversed);
    }
}

/// Checks files in which zones without order are kept apart by runs that both have. For an odd number of
/// lines in a zone the new file has one more.
fn check_zones(zones: &[u64], runs: &[u64], reversed: bool) {
    let mut random = Random::new(1);
    let mut noise = |lines: u64| (0..lines).map(|_| random.below(10)).collect::<Vec<_>>();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for (zone, run) in zones.iter().zip([0].iter().chain(runs)) {
        let run = noise(*run);
        old.extend_from_slice(&run);
        new.extend_from_slice(&run);
        old.extend(noise(zone / 2 * 2));
        new.extend(noise(*zone));
    }
    // And as many lines as it takes, which are no common tail.
    for (side, last) in [(&mut old, 0), (&mut new, 1)] {
        side.extend((0..131_000).map(|line| 100 + line % 30_000));
        side.push(last);
    }
    check_lines(old, new, reversed);
}

fn check_lines(mut old: Vec<u64>, mut new: Vec<u64>, reversed: bool) {
    if reversed {
        old.reverse();
        new.reverse();
    }
    check(&numbered(&old), &numbered(&new), false);
}

/// In a file of a million lines a line is crowded when the other has 1,024 like it, not only at 2,048.
#[test]
fn a_crowd_has_a_limit() {
    for equals in [1023, 1024] {
        let head = "\n".repeat(1 << 20) + &"c\n".repeat(equals - 1);
        let lonely = |name: &str| (0..8).map(|line| format!("{name}{line}\n")).collect::<String>();
        let side = |name: &str| {
            let (above, below) = (lonely(name), lonely(&format!("{name}{name}")));
            format!("{head}{above}c\n{below}")
        };
        check(side("o").as_bytes(), side("n").as_bytes(), false);
    }
}
