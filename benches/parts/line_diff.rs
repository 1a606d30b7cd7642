//! The line diff beside libgit2's.
//!
//! Our side gets lines as numbers, as the walk over history has them: numbering is measured in `lines`. libgit2
//! gets bytes, and hashes them each time. Hunks that are not libgit2's end the run.

use divan::{Bencher, black_box};
use withhold::attribution::line_diff::{Hunk, LineDiff, Side};
use withhold::repo::xdiff;

use super::support::{Random, line};

const CASES: [&str; 4] = [
    "4,000 lines, one place changed",
    "4,000 lines, 120 places changed",
    "100,000 lines, 10,000 changed",
    "100,000 lines, nothing in order",
];

#[divan::bench(args = CASES)]
fn ours(bencher: Bencher<'_, '_>, case: &str) {
    let [old, new] = sides(case);
    let (mut diff, mut hunks) = (LineDiff::new(), Vec::new());
    diff.hunks(old.side(), new.side(), &mut hunks);
    let theirs = xdiff::hunks(&old.bytes, &new.bytes, false).unwrap();
    let theirs: Vec<_> = theirs.into_iter().map(|[old, new]| Hunk { old, new }).collect();
    assert!(hunks == theirs, "{case}: the hunks are not libgit2's");
    bencher.bench_local(|| diff.hunks(black_box(old.side()), black_box(new.side()), &mut hunks));
}

#[divan::bench(args = CASES, sample_count = 10)]
fn libgit2(bencher: Bencher<'_, '_>, case: &str) {
    let [old, new] = sides(case);
    bencher.bench_local(|| xdiff::hunks(black_box(&old.bytes), black_box(&new.bytes), false));
}

fn sides(case: &str) -> [Version; 2] {
    let mut random = Random(1);
    let some: Vec<u32> =
        (0..4000).map(|line| if line % 3 == 0 { random.below(20) } else { 100 + line }).collect();
    let mut many = || (0..100_000).map(|_| random.below(30_000)).collect::<Vec<u32>>();
    let (old, new) = match CASES.iter().position(|one| *one == case).unwrap() {
        0 => {
            let mut new = some.clone();
            new.splice(2000..2010, [7, 50_000, 50_001]);
            (some, new)
        }
        1 => {
            let mut new = some.clone();
            for place in (0..4000).step_by(100) {
                new[place] = 60_000 + place as u32;
                new.swap(place + 20, place + 30);
            }
            (some, new)
        }
        2 => {
            let old = many();
            let mut new = old.clone();
            for _ in 0..10_000 {
                new[random.below(100_000) as usize] = random.below(30_000);
            }
            (old, new)
        }
        _ => (many(), many()),
    };
    [Version::of(old), Version::of(new)]
}

/// A version of a file: lines as numbers, and their text.
struct Version {
    ids: Vec<u32>,
    bytes: Vec<u8>,
    starts: Vec<u32>,
}

impl Version {
    /// The file in which each id is a line of its own.
    fn of(ids: Vec<u32>) -> Self {
        let (mut bytes, mut starts) = (Vec::new(), vec![0]);
        for id in &ids {
            bytes.extend_from_slice(line(*id).as_bytes());
            starts.push(u32::try_from(bytes.len()).unwrap());
        }
        Self { ids, bytes, starts }
    }

    fn side(&self) -> Side<'_> {
        Side { ids: &self.ids, bytes: &self.bytes, starts: &self.starts }
    }
}
