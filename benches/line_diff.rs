//! How long the line diff takes beside libgit2's: `cargo bench --bench line_diff`.
//!
//! Our side gets lines as numbers, as the walk over history has them: numbering is not measured. libgit2 gets
//! bytes, and hashes them each time.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use withhold::attribution::line_diff::{Hunk, LineDiff, Side};
use withhold::repo::xdiff;

const RUNS: usize = 5;

/// A version of a file: lines as numbers, and their text.
#[derive(Default)]
struct Version {
    ids: Vec<u32>,
    bytes: Vec<u8>,
    starts: Vec<u32>,
}

fn main() {
    let mut random = Random(1);
    let file: Vec<u32> =
        (0..4000).map(|line| if line % 3 == 0 { random.below(20) } else { 100 + line }).collect();
    let mut small = file.clone();
    small.splice(2000..2010, [7, 50_000, 50_001]);
    measure("4,000 lines, one place changed", &file, &small, 100);
    let mut many = file.clone();
    for place in (0..4000).step_by(100) {
        many[place] = 60_000 + place as u32;
        many.swap(place + 20, place + 30);
    }
    measure("4,000 lines, 120 places changed", &file, &many, 100);
    let large: Vec<u32> = (0..100_000).map(|_| random.below(30_000)).collect();
    let mut edited = large.clone();
    for _ in 0..10_000 {
        edited[random.below(100_000) as usize] = random.below(30_000);
    }
    measure("100,000 lines, 10,000 changed", &large, &edited, 1);
    let other: Vec<u32> = (0..100_000).map(|_| random.below(30_000)).collect();
    measure("100,000 lines with nothing in order", &large, &other, 1);
}

/// Prints the best of some runs of both, each `times` over.
fn measure(what: &str, old: &[u32], new: &[u32], times: u32) {
    let (old, new) = (version(old), version(new));
    let mut diff = LineDiff::new();
    let (mut hunks, mut theirs) = (Vec::new(), Vec::new());
    let ours = best(|| {
        for _ in 0..times {
            diff.hunks(black_box(old.side()), black_box(new.side()), &mut hunks);
        }
    });
    let libgit2 = best(|| {
        for _ in 0..times {
            theirs = xdiff::hunks(black_box(&old.bytes), black_box(&new.bytes), false).unwrap();
        }
    });
    let theirs: Vec<_> = theirs.into_iter().map(|[old, new]| Hunk { old, new }).collect();
    assert!(hunks == theirs, "{what}: the hunks are not libgit2's");
    let ratio = libgit2.as_secs_f64() / ours.as_secs_f64();
    println!("{what}: {:.2?}, libgit2 {:.2?} ({ratio:.1} times)", ours / times, libgit2 / times);
}

fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..RUNS).map(time).min().unwrap()
}

/// The file in which each id is a line of its own.
fn version(ids: &[u32]) -> Version {
    let mut version = Version { ids: ids.to_vec(), starts: vec![0], ..Version::default() };
    for id in ids {
        let line = format!("{}line {id} of a program that says {id}\n", "    ".repeat(*id as usize % 4));
        version.bytes.extend_from_slice(line.as_bytes());
        version.starts.push(u32::try_from(version.bytes.len()).unwrap());
    }
    version
}

impl Version {
    fn side(&self) -> Side<'_> {
        Side { ids: &self.ids, bytes: &self.bytes, starts: &self.starts }
    }
}

/// Numbers that are the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % limit
    }
}
