//! Commits that are looked through: which older line each line that they changed most likely was.
//!
//! Decides line by line within what a line diff left over, as `git blame --ignore-revs-file` does. Lines are
//! alike by the pairs of bytes that they share: first within the hunk, in order; then, for lines without a
//! match, anywhere in the older version. What is like nothing stays with the commit.
//! Cost: for each line of a hunk, the lines around its place on the other side; for each line without a match,
//! all older lines. Both within a budget.

use std::ops::Range;

use super::change_index::ChangeNo;
use super::line_diff::Hunk;
use super::spans::{Span, cut};
use super::walk::{Pending, Version, Walker};
use crate::repo::RepoError;

/// How far from its place in a hunk a line is looked for, in lines.
const REACH: u32 = 10;
/// Anywhere else a line must share so many pairs of bytes.
const ALIKE: u64 = 10;
/// Versions longer than this, in bytes, are not compared line by line.
const MAX_BYTES: usize = 16 << 20;
/// How many comparisons of lines a pair of versions is worth.
const BUDGET: u64 = 100_000_000;

/// The pairs of neighbouring bytes of a line, each with how often it occurs, sorted. Case and the kind of white
/// space do not count.
#[derive(Default)]
struct Pairs {
    counts: Vec<(u16, u32)>,
    total: u64,
}

impl Pairs {
    fn of(line: &[u8]) -> Self {
        let plain = |byte: &u8| match byte {
            b' ' | b'\t' | b'\n' | b'\r' => 0,
            byte => byte.to_ascii_lowercase(),
        };
        // There is white space before and behind every line.
        let with_ends = || std::iter::once(0).chain(line.iter().map(plain)).chain(std::iter::once(0));
        let pairs = with_ends().zip(with_ends().skip(1)).map(|(one, next)| u16::from_le_bytes([one, next]));
        let mut pairs: Vec<u16> = pairs.filter(|pair| *pair != 0).collect();
        pairs.sort_unstable();
        let mut counts: Vec<(u16, u32)> = Vec::new();
        for pair in &pairs {
            match counts.last_mut() {
                Some((last, count)) if last == pair => *count += 1,
                _ => counts.push((*pair, 1)),
            }
        }
        Self { counts, total: pairs.len() as u64 }
    }

    /// How many pairs both have.
    fn shared(&self, other: &Self) -> u64 {
        let (mut ours, mut theirs) = (self.counts.as_slice(), other.counts.as_slice());
        let mut shared = 0;
        while let ([(one, count), rest @ ..], [(other, times), more @ ..]) = (ours, theirs) {
            if one == other {
                shared += u64::from(*count.min(times));
            }
            if one <= other {
                ours = rest;
            }
            if other <= one {
                theirs = more;
            }
        }
        shared
    }

    /// Takes away what `other` has, too.
    fn subtract(&mut self, other: &Self) {
        for (pair, count) in &mut self.counts {
            if let Ok(at) = other.counts.binary_search_by_key(pair, |(pair, _)| *pair) {
                *count = count.saturating_sub(other.counts[at].1);
            }
        }
        self.counts.retain(|(_, count)| *count > 0);
        self.total = self.counts.iter().map(|(_, count)| u64::from(*count)).sum();
    }
}

/// What is known of a line of a hunk.
#[derive(Clone, Copy)]
enum Match {
    /// Nothing yet, or nothing any more.
    Open,
    /// Nothing in reach is like it.
    None,
    /// The older line that it is most like, the next best, and how sure that is.
    Best { line: u32, second: Option<u32>, sure: u64 },
}

/// Two versions of a file, compared line by line.
struct Comparison {
    old: Vec<Pairs>,
    new: Vec<Pairs>,
    budget: u64,
}

impl Comparison {
    fn new(old: &[u8], new: &[u8]) -> Self {
        let pairs = |bytes: &[u8]| {
            if bytes.len() > MAX_BYTES {
                return Vec::new();
            }
            bytes.split_inclusive(|byte| *byte == b'\n').map(Pairs::of).collect()
        };
        let (old, new) = (pairs(old), pairs(new));
        if old.is_empty() || new.is_empty() {
            return Self { old: Vec::new(), new: Vec::new(), budget: 0 };
        }
        Self { old, new, budget: BUDGET }
    }

    /// Whether one more comparison may be made.
    fn may(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }

    /// The older line of each new line of a hunk, where one in the hunk is like it. The order of the lines is kept:
    /// the surest match is taken first, and parts what is before it from what is behind it.
    ///
    /// Each match uses up what the older line shares with it.
    fn within(&mut self, hunk: &Hunk) -> Vec<Option<u32>> {
        let mut matches = vec![Match::Open; hunk.new.len()];
        let mut found = vec![None; hunk.new.len()];
        if hunk.old.is_empty() || hunk.new.is_empty() || self.old.is_empty() {
            return found;
        }
        let (old_len, new_len) = (hunk.old.len() as u64, hunk.new.len() as u64);
        let reach = REACH.min(hunk.old.end - hunk.old.start - 1);
        // New lines further apart than this are never held against the same older line.
        let apart = (((2 * u64::from(reach) + 1) * new_len - 1) / old_len) as usize;
        // The older line at the same share of the hunk's length.
        let place = |at: usize| hunk.old.start + ((2 * at as u64 + 1) * old_len / (2 * new_len)) as u32;

        // Parts of the hunk, the next one last: older lines, and new lines counted from the hunk's first.
        let mut parts = vec![(hunk.old.clone(), 0..hunk.new.len())];
        while let Some((old, new)) = parts.pop() {
            let mut surest: Option<(usize, u32, u64)> = None;
            for at in new.clone() {
                if let Match::Open = matches[at] {
                    matches[at] = self.best(hunk.new.start as usize + at, place(at), reach, &old);
                }
                if let Match::Best { line, sure, .. } = matches[at]
                    && surest.is_none_or(|(_, _, before)| sure > before)
                {
                    surest = Some((at, line, sure));
                }
            }
            self.budget = self.budget.saturating_sub(new.len() as u64 / 64);
            let Some((at, line, _)) = surest.filter(|_| self.budget > 0) else { continue };
            found[at] = Some(line);
            self.old[line as usize].subtract(&self.new[hunk.new.start as usize + at]);
            // What would cross this match, or shares its older line, is open again.
            let near = new.start.max(at.saturating_sub(apart))..new.end.min(at + apart + 1);
            for other in near {
                if let Match::Best { line: best, second, .. } = matches[other] {
                    let crosses = |theirs: u32| match other.cmp(&at) {
                        std::cmp::Ordering::Less => theirs >= line,
                        std::cmp::Ordering::Equal => false,
                        std::cmp::Ordering::Greater => theirs <= line,
                    };
                    if crosses(best) || second.is_some_and(crosses) {
                        matches[other] = Match::Open;
                    }
                }
            }
            parts.push((line..old.end, at + 1..new.end));
            parts.push((old.start..line + 1, new.start..at));
        }
        found
    }

    /// What the new line `at` is most like, among the lines of `old` within `reach` of its `place`.
    fn best(&mut self, at: usize, place: u32, reach: u32, old: &Range<u32>) -> Match {
        let (mut best, mut second) = ((0, None), (0, None));
        for line in old.start.max(place.saturating_sub(reach))..old.end.min(place + reach + 1) {
            if !self.may() {
                return Match::None;
            }
            // Of equals, the nearest.
            let nearness = 1000 - u64::from(line.abs_diff(place));
            let alike = self.new[at].shared(&self.old[line as usize]) * nearness;
            if alike > best.0 {
                second = best;
                best = (alike, Some(line));
            } else if alike > second.0 {
                second = (alike, Some(line));
            }
        }
        match best {
            (alike, Some(line)) => Match::Best { line, second: second.1, sure: 2 * alike - second.0 },
            (_, None) => Match::None,
        }
    }

    /// The older line that the new line `at` is most like, anywhere; of equals the nearest by number.
    fn anywhere(&mut self, at: u32) -> Option<u32> {
        let (mut best, mut found) = (ALIKE, None::<u32>);
        for line in 0..self.old.len() {
            let (ours, theirs) = (self.new.get(at as usize)?, self.old.get(line)?);
            if ours.total.min(theirs.total) < best {
                continue;
            }
            let alike = ours.shared(theirs);
            let line = line as u32;
            let nearer = found.is_none_or(|found| found.abs_diff(at) >= line.abs_diff(at));
            if alike > best || alike == best && nearer {
                (best, found) = (alike, Some(line));
            }
            if !self.may() {
                return None;
            }
        }
        found
    }
}

/// Which older line each of the `wanted` lines of the newer version is taken for. They lie in `hunks`, and come
/// back in their order.
fn guess(old: &[u8], new: &[u8], hunks: &[Hunk], wanted: &[Span]) -> Vec<(u32, Option<u32>)> {
    let mut comparison = Comparison::new(old, new);
    let mut lines: Vec<u32> = wanted.iter().flat_map(|span| span.here..span.here + span.len).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut guesses = Vec::with_capacity(lines.len());
    let mut lines = lines.into_iter().peekable();
    for hunk in hunks {
        // Also where nothing is wanted: what is matched there is used up.
        let within = comparison.within(hunk);
        while let Some(line) = lines.next_if(|line| *line < hunk.new.end) {
            let at = line.checked_sub(hunk.new.start).and_then(|at| within.get(at as usize));
            let old = at.copied().flatten().or_else(|| comparison.anywhere(line));
            guesses.push((line, old));
        }
    }
    guesses
}

impl Walker<'_> {
    /// Guesses where the lines came from that a commit to be looked through changed. Those that a
    /// parent's version has something like wait there in `pending`; the rest comes back.
    pub(super) fn guessed(
        &mut self,
        number: ChangeNo,
        versions: &[Version],
        mut spans: Vec<Span>,
        pending: &mut Pending,
    ) -> Result<Vec<Span>, RepoError> {
        let index = self.ground.index;
        let mut hunks = Vec::new();
        for version in versions {
            if spans.is_empty() {
                break;
            }
            let (new, old) = (index.change(number).new.blob(), version.2.blob());
            self.diff(old, new, &mut hunks)?;
            let new = self.blobs.content(index.blob(new))?;
            let old = self.blobs.content(index.blob(old))?;
            let mut passed = Vec::new();
            let changed = cut(&spans, &hunks, &mut passed);
            let guesses = guess(&old, &new, &hunks, &changed);
            spans = Vec::new();
            for span in changed {
                part(span, &guesses, &mut passed, &mut spans);
            }
            if !passed.is_empty() {
                let (commit, path, _) = *version;
                self.pass(pending, commit, path, &passed)?;
            }
        }
        Ok(spans)
    }
}

/// Parts a span into ranges that go on together: to the lines they are taken for, or staying where they are.
fn part(span: Span, guesses: &[(u32, Option<u32>)], passed: &mut Vec<Span>, stayed: &mut Vec<Span>) {
    let mut run: Option<(bool, Span)> = None;
    for at in 0..span.len {
        let new = span.here + at;
        let guess = guesses.binary_search_by_key(&new, |(line, _)| *line).ok();
        let old = guess.and_then(|guess| guesses[guess].1);
        let (goes, here) = (old.is_some(), old.unwrap_or(new));
        match &mut run {
            Some((same, run)) if *same == goes && run.here + run.len == here => run.len += 1,
            _ => {
                let mut marks = span.marks;
                if goes {
                    marks.guessed = true;
                } else {
                    marks.stayed = true;
                }
                let next = Span { here, line: span.line + at, len: 1, marks };
                if let Some((goes, done)) = run.replace((goes, next)) {
                    if goes { passed.push(done) } else { stayed.push(done) }
                }
            }
        }
    }
    if let Some((goes, done)) = run {
        if goes { passed.push(done) } else { stayed.push(done) }
    }
}
