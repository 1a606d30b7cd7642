//! Ranges of lines on their way back through history.
//!
//! Decides how a range is cut by the hunks of a diff. Must not decide which versions are compared.

use std::ops::Range;

use super::change_index::PathNo;
use super::history::CommitNo;
use super::line_diff::Hunk;

/// Lines of the file asked about, and where they stand in the version at hand. Counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first line in the version at hand.
    pub here: u32,
    /// The first line in the file asked about.
    pub line: u32,
    /// How many lines.
    pub len: u32,
    /// What was done to them on the way.
    pub marks: Marks,
}

/// What commits that are looked through have done to lines. `git blame` keeps ranges apart that differ in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Marks {
    /// They were handed to an older line that they are like.
    pub guessed: bool,
    /// They are like nothing that was there before.
    pub stayed: bool,
}

/// Lines that a commit wrote. Counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    /// The first line in the file asked about.
    pub line: u32,
    /// How many lines.
    pub len: u32,
    /// The commit that wrote them.
    pub commit: CommitNo,
    /// The path at which it wrote them.
    pub path: PathNo,
    /// The first line in the version that it wrote.
    pub origin_line: u32,
    /// The parent that it was compared with first, and the path there, if there was any.
    pub previous: Option<(CommitNo, PathNo)>,
    /// What was done to them on the way.
    pub marks: Marks,
}

/// Ranges in order and without overlaps: what overlaps or touches becomes one.
#[must_use]
pub fn joined<T: Ord + Copy>(mut ranges: Vec<Range<T>>) -> Vec<Range<T>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, range| {
        let touch = next.start <= range.end;
        if touch {
            range.end = range.end.max(next.end);
        }
        touch
    });
    ranges
}

/// Joins spans that go on where another ends, in both versions. They come back sorted by `here`.
pub(super) fn coalesce(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    spans.dedup_by(|next, span| {
        let joined = span.here + span.len == next.here
            && span.line + span.len == next.line
            && span.marks == next.marks;
        if joined {
            span.len += next.len;
        }
        joined
    });
}

/// Cuts `spans` of the newer version along `hunks`: what is unchanged moves to `passed`, in the older
/// version's lines; what was changed is returned.
pub(super) fn cut(spans: &[Span], hunks: &[Hunk], passed: &mut Vec<Span>) -> Vec<Span> {
    let mut kept = Vec::new();
    for span in spans {
        let end = span.here + span.len;
        let mut at = span.here;
        // Spans may overlap (two children can ask for the same lines), so each looks for its own place.
        let mut next = hunks.partition_point(|hunk| hunk.new.end <= at);
        while at < end {
            let piece = |here, from: u32, to: u32| Span {
                here,
                line: span.line + (from - span.here),
                len: to - from,
                marks: span.marks,
            };
            match hunks.get(next) {
                Some(hunk) if hunk.new.start <= at => {
                    let stop = end.min(hunk.new.end);
                    if stop > at {
                        kept.push(piece(at, at, stop));
                        at = stop;
                    }
                    next += 1;
                }
                following => {
                    let stop = end.min(following.map_or(end, |hunk| hunk.new.start));
                    passed.push(piece(older(at, next, hunks), at, stop));
                    at = stop;
                }
            }
        }
    }
    kept
}

/// The line of the older version that is the unchanged line `at`, given the first hunk behind it.
fn older(at: u32, next: usize, hunks: &[Hunk]) -> u32 {
    match next.checked_sub(1).and_then(|before| hunks.get(before)) {
        Some(before) => before.old.end + (at - before.new.end),
        None => at,
    }
}

/// Sorts credits by line and joins those that go on in both versions, as `git blame` shows them.
pub(super) fn coalesce_credits(credits: &mut Vec<Credit>) {
    credits.sort_unstable_by_key(|credit| credit.line);
    credits.dedup_by(|next, credit| {
        let joined = credit.commit == next.commit
            && credit.path == next.path
            && credit.line + credit.len == next.line
            && credit.origin_line + credit.len == next.origin_line
            && credit.marks == next.marks;
        if joined {
            credit.len += next.len;
        }
        joined
    });
}

/// Of the credits of a file, those that are not among `others`, credits of the same file; both are in order, and
/// neither overlaps itself.
pub(super) fn apart(credits: Vec<Credit>, others: &[Credit]) -> Vec<Credit> {
    let is_there = |credit: &Credit| {
        let at = others.partition_point(|other| other.line + other.len <= credit.line);
        others.get(at).is_some_and(|other| {
            other.commit == credit.commit
                && other.path == credit.path
                && other.line <= credit.line
                && credit.line + credit.len <= other.line + other.len
        })
    };
    credits.into_iter().filter(|credit| !is_there(credit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(here: u32, line: u32, len: u32) -> Span {
        Span { here, line, len, marks: Marks::default() }
    }

    #[test]
    fn ranges_that_overlap_or_touch_become_one() {
        assert_eq!(joined(vec![8..9, 0..2, 5..6, 2..4, 1..2, 5..7, 5..6]), [0..4, 5..7, 8..9]);
        assert_eq!(joined(vec![0..9, 1..2, 3..4]), [Range { start: 0, end: 9 }]);
        assert_eq!(joined(Vec::<Range<u32>>::new()), []);
    }

    #[test]
    fn a_span_is_cut_at_the_edges_of_hunks() {
        // Lines 2 and 3 replaced line 2; line 6 is new.
        let hunks = [Hunk { old: 2..3, new: 2..4 }, Hunk { old: 5..5, new: 6..7 }];
        let mut passed = Vec::new();
        let kept = cut(&[span(0, 10, 9)], &hunks, &mut passed);
        assert_eq!(kept, [span(2, 12, 2), span(6, 16, 1)]);
        assert_eq!(passed, [span(0, 10, 2), span(3, 14, 2), span(5, 17, 2)]);
    }

    #[test]
    fn a_deletion_only_moves_what_follows() {
        let hunks = [Hunk { old: 1..4, new: 1..1 }];
        let mut passed = Vec::new();
        assert_eq!(cut(&[span(0, 0, 3)], &hunks, &mut passed), []);
        assert_eq!(passed, [span(0, 0, 1), span(4, 1, 2)]);
    }

    #[test]
    fn credits_that_others_hold_are_left_out() {
        let credit = |line, len, commit| Credit {
            line,
            len,
            commit,
            path: 0,
            origin_line: line,
            previous: None,
            marks: Marks::default(),
        };
        let others = [credit(0, 4, 1), credit(4, 4, 2)];
        let credits = vec![credit(0, 2, 1), credit(2, 3, 1), credit(5, 1, 2), credit(6, 2, 3)];
        assert_eq!(apart(credits, &others), [credit(2, 3, 1), credit(6, 2, 3)]);
    }

    #[test]
    fn overlapping_spans_are_cut_each_on_its_own() {
        let hunks = [Hunk { old: 0..0, new: 0..2 }];
        let mut passed = Vec::new();
        let kept = cut(&[span(0, 0, 4), span(1, 20, 2)], &hunks, &mut passed);
        assert_eq!(kept, [span(0, 0, 2), span(1, 20, 1)]);
        assert_eq!(passed, [span(0, 2, 2), span(0, 21, 1)]);
    }
}
