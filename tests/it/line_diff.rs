//! The line diff gives the hunks that git gives: any two files, against libgit2 and against `git diff`.

use proptest::prelude::*;
use withhold::attribution::line_diff::{Hunk, LineDiff, Shortcuts, WhiteSpace};
use withhold::repo::xdiff;

use crate::support::lines::Numbers;

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

/// Lines that are much alike.
const PLAIN: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
/// Lines as in a program.
const CODE: &[&str] = &[
    "",
    "}",
    "    x",
    "  }",
    "  y {",
    "    z",
    "f {",
    "  ",
    "\tx",
    " \tx",
    "x\r",
    "\r",
    "    y {",
    "\t}",
    "\x0c",
    "\x0b \x0c",
    " \x0cx",
    "\u{85}",
    "   \r x",
];
/// Lines that many columns of white space begin.
const DEEP: &[&str] = &["", "x", "W", "WW", "Wx", "WWx", "V x", "Tx", "T", "  y"];

/// What one edit does to the lines before it.
#[derive(Debug, Clone)]
enum Edit {
    Remove { at: usize, count: usize },
    Insert { at: usize, lines: Vec<usize> },
    Copy { at: usize, count: usize, to: usize },
    Move { at: usize, count: usize, to: usize },
}

fn edits(lines: usize, most: usize) -> impl Strategy<Value = Vec<Edit>> {
    let at = 0..1000_usize;
    let edit = prop_oneof![
        (at.clone(), 1..most).prop_map(|(at, count)| Edit::Remove { at, count }),
        (at.clone(), prop::collection::vec(0..lines, 1..most))
            .prop_map(|(at, lines)| Edit::Insert { at, lines }),
        (at.clone(), 1..most, at.clone()).prop_map(|(at, count, to)| Edit::Copy { at, count, to }),
        (at.clone(), 1..most, at).prop_map(|(at, count, to)| Edit::Move { at, count, to }),
    ];
    prop::collection::vec(edit, 0..8)
}

fn apply(edits: &[Edit], lines: &mut Vec<usize>) {
    let place = |at: usize, len: usize| at % (len + 1);
    for edit in edits {
        match edit {
            Edit::Insert { at, lines: new } => {
                let at = place(*at, lines.len());
                lines.splice(at..at, new.iter().copied());
            }
            Edit::Remove { at, count } => {
                let at = place(*at, lines.len());
                lines.drain(at..lines.len().min(at + count));
            }
            Edit::Copy { at, count, to } | Edit::Move { at, count, to } => {
                let at = place(*at, lines.len());
                let end = lines.len().min(at + count);
                let piece = match edit {
                    Edit::Copy { .. } => lines[at..end].to_vec(),
                    _ => lines.drain(at..end).collect(),
                };
                let to = place(*to, lines.len());
                lines.splice(to..to, piece);
            }
        }
    }
}

/// Two files over `table`: one is the other after some edits, or has nothing to do with it.
fn pair(
    table: &'static [&'static str],
    symbols: usize,
    most: usize,
) -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let lines = move |most| prop::collection::vec(0..symbols, 0..most);
    let other = prop_oneof![
        3 => edits(symbols, most / 4 + 2).prop_map(Ok),
        1 => lines(most).prop_map(Err),
    ];
    // One in some lines is found nowhere else.
    let unique = prop::collection::vec(0..1000_usize, 0..4);
    (lines(most), other, unique.clone(), unique, any::<[bool; 4]>()).prop_map(
        move |(old, other, lonely_old, lonely_new, [open_old, open_new, crlf, swap])| {
            let mut new = old.clone();
            match other {
                Ok(edits) => apply(&edits, &mut new),
                Err(lines) => new = lines,
            }
            let text = |lines: &[usize], lonely: &[usize], name: &str, open: bool| {
                let mut lines: Vec<String> = lines.iter().map(|line| spelt(table[*line])).collect();
                for (number, at) in lonely.iter().enumerate() {
                    lines.insert(at % (lines.len() + 1), format!("  {name}{number}"));
                }
                let text = lines.iter().map(|line| format!("{line}{}", if crlf { "\r\n" } else { "\n" }));
                let mut text = text.collect::<String>().into_bytes();
                if open {
                    text.pop();
                }
                text
            };
            let old = text(&old, &lonely_old, "old", open_old);
            let new = text(&new, &lonely_new, "new", open_new);
            if swap { (new, old) } else { (old, new) }
        },
    )
}

/// `W` stands for 100 spaces, `V` for 199 and `T` for 25 tabs.
fn spelt(line: &str) -> String {
    line.replace('W', &" ".repeat(100)).replace('V', &" ".repeat(199)).replace('T', &"\t".repeat(25))
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
}
