//! Pairs of files on which a line diff has many answers, of which only git's is right.

use std::ops::Range;

use proptest::prelude::*;

/// Lines that are much alike.
pub(super) const PLAIN: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
/// Lines as in a program.
pub(super) const CODE: &[&str] = &[
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
pub(super) const DEEP: &[&str] = &["", "x", "W", "WW", "Wx", "WWx", "V x", "Tx", "T", "  y"];

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
pub(super) fn pair(
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

/// Two files of long runs of one line, which are rarely short.
pub(super) fn runs() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let piece = (0..5_usize, prop_oneof![3 => 1..4_usize, 1 => 15..30_usize]);
    let file = || prop::collection::vec(piece.clone(), 0..12);
    (file(), file(), any::<bool>(), 0..4_usize).prop_map(|(old, new, like, first)| {
        let text = |pieces: &[(usize, usize)]| {
            let lines =
                pieces.iter().map(|(symbol, count)| format!("{}\n", CODE[first + symbol]).repeat(*count));
            lines.collect::<String>().into_bytes()
        };
        // Alike: some pieces more or less in the middle.
        let kept = old.len() / 2;
        let alike = [&old[..kept], &new[..new.len().min(2)], &old[kept..]].concat();
        (text(&old), text(if like { &alike } else { &new }))
    })
}

/// A block again and again, and then once more or less, so that what is changed can slide far.
pub(super) fn periodic() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let block = prop::collection::vec(0..CODE.len(), 1..50);
    let odd = prop::collection::vec((0..1000_usize, 0..CODE.len()), 0..3);
    (block, 1..8_usize, 1..8_usize, odd.clone(), odd, 0..9_usize).prop_map(
        |(block, old, new, odd_old, odd_new, cut)| {
            let text = |count: usize, odd: &[(usize, usize)]| {
                let mut lines = block.repeat(count);
                lines.truncate(lines.len().saturating_sub(cut));
                for (at, line) in odd {
                    lines.insert(at % (lines.len() + 1), *line);
                }
                lines.iter().map(|line| format!("{}\n", CODE[*line])).collect::<String>().into_bytes()
            };
            (text(old, &odd_old), text(new, &odd_new))
        },
    )
}

/// Files in which most lines are found nowhere else and few lines are everywhere, with some in between.
pub(super) fn crowds() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let file = || (0..400_usize, 1..12_u64, 0..6_u64, prop_oneof![Just(0), Just(2), Just(30)], 1..4_u64);
    (file(), file(), any::<u64>(), 0..60_usize, 0..60_usize).prop_map(|(old, new, seed, head, tail)| {
        let mut random = Random::new(seed);
        let mut text =
            |name: &str, (lines, lonely, crowded, ordinary, symbols): (usize, u64, u64, u64, u64)| {
                // Head and tail count, though they are skipped.
                let edge = |name: &str, lines: usize| -> String {
                    (0..lines).map(|line| format!("{name}{}\n", line % 9)).collect()
                };
                let mut text = edge("c", head);
                for line in 0..lines {
                    // Of a thousand, `ordinary` lines are neither.
                    let kind = random.below(10 * (lonely + crowded));
                    if random.below(1000) < ordinary {
                        text += &format!("o{}\n", random.below(40));
                    } else if kind < 10 * lonely {
                        text += &format!("{name}{line}\n");
                    } else {
                        text += &format!("c{}\n", random.below(symbols));
                    }
                }
                (text + &edge("t", tail)).into_bytes()
            };
        (text("old", old), text("new", new))
    })
}

/// Numbers for large files, which need not shrink.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}

/// How two files are made of runs of lines that both have, with lines of their own in between. With few
/// different lines, most of these are found in the other file as well, and there are many ways to match them.
#[derive(Debug, Clone)]
pub(super) struct Costly {
    pub(super) seed: u64,
    /// At least so many lines.
    pub(super) lines: usize,
    /// So many lines are common at once.
    pub(super) run: Range<u64>,
    /// And then each side has up to so many of its own.
    pub(super) noise: [u64; 2],
    /// So many are different.
    pub(super) symbols: u64,
}

impl Costly {
    pub(super) fn files(&self) -> (Vec<u8>, Vec<u8>) {
        let (old, new) = self.lines();
        (numbered(&old), numbered(&new))
    }

    pub(super) fn lines(&self) -> (Vec<u64>, Vec<u64>) {
        let mut random = Random::new(self.seed);
        let (mut old, mut new) = (Vec::new(), Vec::new());
        while old.len().min(new.len()) < self.lines {
            for (file, most) in [(&mut old, self.noise[0]), (&mut new, self.noise[1])] {
                for _ in 0..random.below(most + 1) {
                    file.push(random.below(self.symbols));
                }
            }
            for _ in 0..self.run.start + random.below(self.run.end - self.run.start) {
                let line = random.below(self.symbols);
                old.push(line);
                new.push(line);
            }
        }
        (old, new)
    }
}

/// A line for each number.
pub(super) fn numbered(lines: &[u64]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line:x}\n").into_bytes()).collect()
}

/// Whether a line of this byte alone is blank decides where a block rests that came once more.
pub(super) fn blank_or_not(byte: u8) -> (Vec<u8>, Vec<u8>) {
    let line = [byte, b'\n'];
    let block = b"\tq\nx {\n\tq\n";
    let old = [&line, &line, &line, &block[..]].concat();
    let new = [&old, &block[..]].concat();
    (old, new)
}
