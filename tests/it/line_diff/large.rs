//! Files so large that the search for the shortest diff is given up.

use withhold::attribution::line_diff::Shortcuts;

use super::check;
use super::files::{Large, Random};

/// Searches that are cut short at the limit of their cost, in files of some thousand lines.
#[test]
fn costly_files() {
    let mut limit = 0;
    for seed in 0..60 {
        let mut random = Random::new(seed + 1000);
        let symbols = 20 + random.below(400);
        let lines = 500 + random.below(2500) as usize;
        let noise = [random.below(60), random.below(60)];
        let large = Large { seed, lines, run: 1 + random.below(4), noise, symbols };
        let (old, new) = large.files();
        limit += check(&old, &new, false).limit;
    }
    assert!(limit > 100, "{limit}");
}

/// Searches that are cut short at long runs, which takes 65,533 lines that are not set aside.
#[test]
fn costly_files_with_long_runs() {
    let mut fired = Shortcuts::default();
    for seed in 0..12 {
        let mut random = Random::new(seed + 2000);
        let lines = 33_000 + random.below(8000) as usize;
        // Every third has so few runs that most searches end at the limit.
        let (noise, run) =
            if seed % 3 == 0 { (40, 6 + random.below(5)) } else { (12, 12 + random.below(30)) };
        let noise = [random.below(noise), random.below(noise)];
        let (old, new) = Large { seed, lines, run, noise, symbols: 3000 }.files();
        let shortcuts = check(&old, &new, false);
        println!("{seed} {lines} {noise:?} {run}: {shortcuts:?}");
        fired.long_run += shortcuts.long_run;
        fired.limit += shortcuts.limit;
    }
    assert!(fired.long_run > 10 && fired.limit > 10, "{fired:?}");
}

/// The limit of the cost doubles at 65,536, with 3 more than the lines that are not set aside.
#[test]
fn the_limit_grows_with_the_lines() {
    for lines in 65_530..65_536_u64 {
        // All lines are in both files; they are in no order, and none is at both ends.
        let mut random = Random::new(7);
        let old: Vec<u64> = (0..lines / 2).collect();
        let mut new: Vec<u64> = (0..lines - lines / 2).map(|line| line % (lines / 2)).collect();
        for at in 0..300 {
            let far = random.below(2000) as usize;
            new.swap(at * 100, at * 100 + far);
        }
        new.reverse();
        new.rotate_left(1);
        let text = |lines: &[u64]| lines.iter().map(|line| format!("{line:x}\n")).collect::<String>();
        check(text(&old).as_bytes(), text(&new).as_bytes(), false);
    }
}

/// In a file of a million lines a line is crowded when the other has 1,024 like it, not only at 2,048.
#[test]
fn a_crowd_has_a_limit() {
    for equals in [1023, 1024, 1025, 2047, 2048] {
        let many = "\n".repeat(1 << 20);
        let crowd = "c\n".repeat(equals - 1);
        let head = format!("{many}{crowd}");
        let lonely = |name: &str| (0..8).map(|line| format!("{name}{line}\n")).collect::<String>();
        let side = |name: &str| {
            let (above, below) = (lonely(name), lonely(&format!("{name}{name}")));
            format!("{head}{above}c\n{below}")
        };
        check(side("o").as_bytes(), side("n").as_bytes(), false);
    }
}
