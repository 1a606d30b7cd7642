//! One file: its attribution, judged.
//!
//! Decides which of its lines are excluded, and whether the file is. Reads nothing.

use std::borrow::Cow;
use std::ops::Range;

use crate::attribution::Engine;
use crate::attribution::history::CommitNo;
use crate::manifest::Hashes;
use crate::policy::{Settings, Unit};
use crate::verdict::{Judge, Verdict};

use super::known::{Known, Piece};
use super::lfs::Pointer;
use super::people::People;

/// What is needed to judge a file.
pub struct Look<'a> {
    /// Who wrote what.
    pub engine: &'a Engine,
    /// Who is meant.
    pub judge: &'a Judge<'a>,
    /// Who had a part in which commit.
    pub people: &'a People,
    /// The verdict on every commit.
    pub commits: &'a [Verdict],
    /// How strictly.
    pub settings: &'a Settings,
}

/// Lines that are excluded, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedLines<'v> {
    /// The first line, counted from 0.
    pub line: u32,
    /// How many.
    pub len: u32,
    /// Where their bytes begin and end.
    pub bytes: Range<u32>,
    /// The commit that is credited with them.
    pub commit: CommitNo,
    /// Why. Mostly it is the verdict on the commit: there can be as many of these as lines.
    pub verdict: Cow<'v, Verdict>,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFindings<'v> {
    /// The keys of its content.
    pub hashes: Hashes,
    /// What it points at, if it is an LFS pointer.
    pub lfs: Option<Pointer>,
    /// The commit that brought this content to this path.
    pub introduced: CommitNo,
    /// How many lines it has; none if it is binary or a symbolic link.
    pub lines: u64,
    /// Which of them are excluded; lines with several credits may be there more than once.
    pub excluded: Vec<ExcludedLines<'v>>,
    /// How many different lines are excluded, and how many of them only because nobody knows whose they are.
    pub excluded_lines: u64,
    /// Of those, how many are unknown.
    pub unknown_lines: u64,
    /// Whether anything at all of it is excluded, and why.
    pub any: Verdict,
    /// Whether all of it is excluded by the policy's unit, and why.
    pub whole: Verdict,
}

impl Look<'_> {
    /// Judges what is known of the file at `path`.
    #[must_use]
    pub fn judge(&self, path: &[u8], known: &Known) -> FileFindings<'_> {
        let ruled = self.judge.path(path);
        let excluded = self.lines(path, &known.pieces);
        let mut people = Verdict::default();
        for (commit, then) in &known.changes {
            people.extend(&self.verdict(*commit, path, self.engine.path(*then)));
        }
        let (excluded_lines, unknown_lines) = count(known.lines, &excluded);
        let mut any = people.clone();
        excluded.iter().for_each(|lines| any.extend(&lines.verdict));
        let over = match self.settings.unit {
            Unit::File => true,
            Unit::Lines => false,
            // A quotient is rounded once, as the share in the policy was; a product would be rounded twice.
            Unit::Share(share) => excluded_lines as f64 / f64::from(known.lines) >= share,
        };
        let mut whole = if over { any.clone() } else { people };
        whole.extend(&ruled);
        any.extend(&ruled);
        FileFindings {
            hashes: known.hashes,
            lfs: known.lfs,
            introduced: known.introduced,
            lines: u64::from(known.lines),
            excluded,
            excluded_lines,
            unknown_lines,
            any,
            whole,
        }
    }

    fn lines(&self, path: &[u8], pieces: &[Piece]) -> Vec<ExcludedLines<'_>> {
        let mut excluded = Vec::new();
        for piece in pieces {
            let verdict = self.verdict(piece.commit, path, self.engine.path(piece.path));
            if verdict.is_excluded() {
                excluded.push(ExcludedLines {
                    line: piece.line,
                    len: piece.len,
                    bytes: piece.start..piece.end,
                    commit: piece.commit,
                    verdict,
                });
            }
        }
        excluded
    }

    fn verdict(&self, commit: CommitNo, now: &[u8], then: &[u8]) -> Cow<'_, Verdict> {
        self.people.lines(self.judge, self.commits, commit, now, then)
    }
}

/// How many different lines are excluded, and how many of those only for want of an author.
fn count(lines: u32, excluded: &[ExcludedLines<'_>]) -> (u64, u64) {
    if excluded.is_empty() {
        return (0, 0);
    }
    // 0: included, 1: unknown, 2: excluded.
    let mut state = vec![0_u8; lines as usize];
    for range in excluded {
        let value = if range.verdict.is_unknown() { 1 } else { 2 };
        let (start, end) = (range.line as usize, (range.line + range.len) as usize);
        for line in state.get_mut(start..end).unwrap_or_default() {
            *line = value.max(*line);
        }
    }
    let number = |value: u8| state.iter().filter(|line| **line >= value).count() as u64;
    let (unknown_or_excluded, known) = (number(1), number(2));
    (unknown_or_excluded, unknown_or_excluded - known)
}
