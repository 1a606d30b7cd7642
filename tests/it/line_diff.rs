//! The line diff gives the hunks that git gives, for any two files.
//!
//! Held against libgit2 here and in [`large`], and against the program itself in [`against_git`].

use proptest::prelude::*;
use withhold::attribution::line_diff::{Hunk, LineDiff, Shortcuts, WhiteSpace};
use withhold::repo::xdiff;

use crate::support::lines::Numbers;

mod against_git;
mod files;
mod large;

use files::{CODE, DEEP, PLAIN, crowds, pair, periodic, runs};

/// Our hunks, with all buffers used before.
fn ours(diff: &mut LineDiff, old: &[u8], new: &[u8], space: WhiteSpace, ignore: bool) -> Vec<Hunk> {
    let mut numbers = Numbers::new(ignore.then_some(space));
    let (old, new) = (numbers.version(old), numbers.version(new));
    let mut hunks = vec![Hunk { old: 7..8, new: 9..9 }];
    diff.hunks(old.side(), new.side(), &mut hunks);
    hunks
}

/// Our hunks with libgit2's white space are libgit2's.
#[track_caller]
fn check(old: &[u8], new: &[u8], ignore: bool) -> Shortcuts {
    let mut diff = LineDiff::with_white_space(WhiteSpace::Libgit2);
    let found = ours(&mut diff, old, new, WhiteSpace::Libgit2, ignore);
    let shortcuts = diff.shortcuts();
    let theirs = xdiff::hunks(old, new, ignore).unwrap();
    let theirs: Vec<_> = theirs.into_iter().map(|[old, new]| Hunk { old, new }).collect();
    let show = |bytes: &[u8]| match bytes.len() {
        0..2000 => String::from_utf8_lossy(bytes).into_owned(),
        len => format!("{len} bytes"),
    };
    assert!(found == theirs, "old:\n{}new:\n{}", show(old), show(new));
    // Once more, with buffers that are not as new.
    assert_eq!(ours(&mut diff, new, new, WhiteSpace::Libgit2, ignore), []);
    assert!(
        ours(&mut diff, old, new, WhiteSpace::Libgit2, ignore) == theirs,
        "another answer the second time"
    );
    shortcuts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn few_different_lines((old, new) in pair(PLAIN, 2, 40), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn some_different_lines((old, new) in pair(PLAIN, 10, 100), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn indented_lines((old, new) in pair(CODE, CODE.len(), 60), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn blocks((old, new) in pair(CODE, 5, 60), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn blank_lines((old, new) in pair(CODE, 3, 90), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn deep_indentation((old, new) in pair(DEEP, DEEP.len(), 30), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn long_runs_of_one_line((old, new) in runs(), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn what_slides_far((old, new) in periodic(), ignore: bool) {
        check(&old, &new, ignore);
    }

    #[test]
    fn lines_set_aside((old, new) in crowds(), ignore: bool) {
        check(&old, &new, ignore);
    }
}

/// What libgit2 takes for white space, byte for byte: what `-w` ignores.
#[test]
fn every_byte_within_a_line() {
    for byte in 0..=255 {
        check(b"ab\n", &[b'a', byte, b'b', b'\n'], true);
        check(b"ab\n", &[b'a', b'b', b'\n', byte], true);
    }
}

/// And what it takes for a blank line: the group rests elsewhere if the line is one.
#[test]
fn every_byte_alone_on_a_line() {
    for byte in 0..=255 {
        let (old, new) = files::blank_or_not(byte);
        check(&old, &new, false);
    }
}
