//! The line diff and `git diff` itself, with the tail trimmed as git trims it.

use proptest::prelude::*;
use withhold::attribution::line_diff::{Hunk, LineDiff, WhiteSpace, common_tail};

use super::files::{CODE, blank_or_not, pair, periodic, runs};
use super::ours;
use crate::support::Repo;

type Pair = (Vec<u8>, Vec<u8>);

/// The hunks of each pair, all from one `git diff` of two folders.
fn gits(pairs: &[Pair], ignore: bool) -> Vec<Vec<Hunk>> {
    let folder = Repo::nothing("files");
    for side in ["old", "new"] {
        std::fs::create_dir(folder.path().join(side)).unwrap();
    }
    for (number, (old, new)) in pairs.iter().enumerate() {
        std::fs::write(folder.path().join(format!("old/{number}")), old).unwrap();
        std::fs::write(folder.path().join(format!("new/{number}")), new).unwrap();
    }
    let mut command = folder.command("git");
    command.args(["diff", "--no-index", "--text", "--no-renames", "-U0"]).args(ignore.then_some("-w"));
    let output = command.args(["old", "new"]).output().unwrap();
    assert!(output.status.code().unwrap() < 2, "{}", String::from_utf8_lossy(&output.stderr));
    let mut hunks = vec![Vec::new(); pairs.len()];
    let mut file = 0;
    for line in output.stdout.split(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            let number = line.rsplit(|byte| *byte == b'/').next().unwrap();
            file = std::str::from_utf8(number).unwrap().parse().unwrap();
        } else if let Some(header) = line.strip_prefix(b"@@ -") {
            let end = header.iter().position(|byte| *byte == b'@').unwrap();
            hunks[file].push(hunk(std::str::from_utf8(&header[..end]).unwrap()));
        }
    }
    hunks
}

/// `1,2 +3,4 `: a count of 1 is left out, and where there are no lines the one before is named.
fn hunk(header: &str) -> Hunk {
    let (old, new) = header.trim_end().split_once(" +").unwrap();
    let range = |text: &str| {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        let (start, count): (u32, u32) = (start.parse().unwrap(), count.parse().unwrap());
        let start = if count == 0 { start } else { start - 1 };
        start..start + count
    };
    Hunk { old: range(old), new: range(new) }
}

#[track_caller]
fn check(pairs: &[Pair], ignore: bool) {
    let mut diff = LineDiff::new();
    for ((old, new), gits) in pairs.iter().zip(gits(pairs, ignore)) {
        let tail = common_tail(old, new);
        let (shown_old, shown_new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
        let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
        let ours = ours(&mut diff, old, new, WhiteSpace::Git, ignore);
        assert_eq!(ours, gits, "old:\n{shown_old}new:\n{shown_new}");
    }
}

/// With a tail that is long enough to be trimmed, about.
fn with_tail(pair: impl Strategy<Value = Pair>) -> impl Strategy<Value = Pair> {
    let tail = prop_oneof![Just(0), 900..1100_usize, 2000..3000_usize];
    (pair, tail, 0..CODE.len(), any::<bool>()).prop_map(|((mut old, mut new), len, first, open)| {
        let lines = (first..).map(|line| CODE[line % CODE.len()]).flat_map(|line| [line, "\n"]);
        let tail: Vec<u8> = lines.flat_map(str::bytes).take(len).collect();
        let end: &[u8] = if open { b"" } else { b"\n" };
        for side in [&mut old, &mut new] {
            side.extend_from_slice(&tail);
            side.extend_from_slice(end);
        }
        (old, new)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_files(
        plain in prop::collection::vec(with_tail(pair(CODE, CODE.len(), 60)), 40),
        blocks in prop::collection::vec(with_tail(pair(CODE, 6, 60)), 40),
        far in prop::collection::vec(with_tail(periodic()), 20),
        runs in prop::collection::vec(with_tail(runs()), 20),
        ignore: bool,
    ) {
        check(&[plain, blocks, far, runs].concat(), ignore);
    }
}

#[test]
fn every_byte_within_a_line() {
    let pairs: Vec<Pair> = (0..=255).map(|byte| (b"ab\n".to_vec(), vec![b'a', byte, b'b', b'\n'])).collect();
    check(&pairs, true);
}

#[test]
fn every_byte_alone_on_a_line() {
    let pairs: Vec<Pair> = (0..=255).map(blank_or_not).collect();
    let gits = gits(&pairs, false);
    let blank: Vec<u8> =
        (0..=255).filter(|byte| gits[usize::from(*byte)] == gits[usize::from(b' ')]).collect();
    // An empty line instead of one that holds an LF: that is another file altogether.
    assert_eq!(blank.into_iter().filter(|byte| *byte != b'\n').collect::<Vec<_>>(), b"\t\r ");
    check(&pairs, false);
}
