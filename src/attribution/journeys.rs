//! Where the lines of versions went that were walked before, so that a later walk that comes to such a version need
//! not go their way again.
//!
//! Decides which lines end where they ended then. Most do: where a line goes depends on itself alone, as long as it
//! stands in its place in an older version. Lines that no parent has in their place are looked for as they stand
//! together, so a part of them may fare otherwise than all: only the same lines, with the same bytes, end as they
//! did; any others are looked for anew, by the walk, from where they were looked for. Must not look for anything.
//! Cost: what a journey says of the lines that come; no version is compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::change_index::ChangeNo;
use super::lines::Lines;
use super::spans::{Credit, Marks, Span};
use crate::repo::cache::Cache;

/// Bytes of journeys in a generation; two are kept.
const BUDGET: usize = 8 << 20;

/// Lines whose way hangs together: no parent of a version had them in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bundle {
    /// The first line in the file asked about.
    pub(super) line: u32,
    /// How many lines.
    pub(super) len: u32,
    /// The change that made the version.
    pub(super) number: ChangeNo,
    /// The first line in that version.
    pub(super) here: u32,
    /// Whether a commit was looked through there, or behind it: then other lines of the walk can matter, too.
    pub(super) looked_through: bool,
}

impl Bundle {
    fn end(&self) -> u32 {
        self.line + self.len
    }
}

/// The bundles of a walk: those that lines came to first. What becomes of a bundle's lines later is part of its fate.
#[derive(Debug, Default)]
pub(super) struct Bundles(BTreeMap<u32, Bundle>);

impl Bundles {
    /// Takes note that the lines of a span hang together from the version on that `number` made.
    pub(super) fn note(&mut self, number: ChangeNo, span: &Span, looked_through: bool) {
        let Span { here, line, len, .. } = *span;
        self.add(Bundle { line, len, number, here, looked_through });
    }

    /// Adds a bundle, unless its lines are in one that they came to before.
    fn add(&mut self, bundle: Bundle) {
        // Ranges of lines are cut and never joined: one lies in a bundle wholly or not at all.
        let before = self.0.range_mut(..=bundle.line).next_back().map(|(_, before)| before);
        match before.filter(|before| bundle.line < before.end()) {
            Some(before) => before.looked_through |= bundle.looked_through,
            None => {
                self.0.insert(bundle.line, bundle);
            }
        }
    }

    fn into_sorted(self) -> Vec<Bundle> {
        self.0.into_values().collect()
    }
}

/// Where the lines of a version went.
#[derive(Debug)]
pub(super) struct Journey {
    /// Every line once, in order.
    credits: Vec<Credit>,
    /// In order; none overlaps another.
    bundles: Vec<Bundle>,
    /// The version's lines; none if nothing was looked for.
    text: Option<Arc<Lines>>,
}

/// What becomes of lines that come to a version whose journey is known.
#[derive(Debug, Default)]
pub(super) struct Onward {
    /// Lines that end as they did.
    pub(super) credits: Vec<Credit>,
    /// Lines to be looked for, by the change that made the version in which they are not in their place.
    pub(super) changed: Vec<(ChangeNo, Span)>,
}

impl Journey {
    pub(super) fn new(credits: Vec<Credit>, bundles: Bundles, text: Option<Arc<Lines>>) -> Self {
        Self { credits, bundles: bundles.into_sorted(), text }
    }

    /// Leads a span, which stands in this version, as far as its way is known. `text` is the file that it is of; the
    /// bundles that it takes with it are noted in `bundles`.
    pub(super) fn lead(&self, span: &Span, text: Option<&Lines>, bundles: &mut Bundles, onward: &mut Onward) {
        let (mut at, end) = (span.here, span.here + span.len);
        let first = self.bundles.partition_point(|bundle| bundle.end() <= at);
        for bundle in self.bundles[first..].iter().take_while(|bundle| bundle.line < end) {
            let (from, until) = (bundle.line.max(at), bundle.end().min(end));
            self.end(span, at, from, &mut onward.credits);
            let line = span.line + (from - span.here);
            let is_all = until - from == bundle.len && !bundle.looked_through;
            if is_all && self.same_bytes(bundle, text, line) {
                self.end(span, from, until, &mut onward.credits);
                bundles.add(Bundle { line, ..*bundle });
            } else {
                let here = bundle.here + (from - bundle.line);
                let part = Span { here, line, len: until - from, marks: Marks::default() };
                onward.changed.push((bundle.number, part));
            }
            at = until;
        }
        self.end(span, at, end, &mut onward.credits);
    }

    /// Lines of this version, from one up to another, end where they ended.
    fn end(&self, span: &Span, from: u32, until: u32, credits: &mut Vec<Credit>) {
        let first = self.credits.partition_point(|credit| credit.line + credit.len <= from);
        let there = self.credits[first..].iter().take_while(|credit| credit.line < until && from < until);
        credits.extend(there.map(|credit| {
            let start = credit.line.max(from);
            Credit {
                line: span.line + (start - span.here),
                len: (credit.line + credit.len).min(until) - start,
                origin_line: credit.origin_line + (start - credit.line),
                ..*credit
            }
        }));
    }

    /// Whether the lines of a file from `line` on are, byte for byte, those of a bundle.
    fn same_bytes(&self, bundle: &Bundle, text: Option<&Lines>, line: u32) -> bool {
        let (Some(known), Some(text)) = (self.text.as_deref(), text) else { return false };
        let there = known.text(bundle.line, bundle.len);
        there.is_some() && there == text.text(line, bundle.len)
    }

    fn memory(&self) -> usize {
        let text = self.text.as_deref().map_or(0, Lines::memory);
        size_of_val(self.credits.as_slice()) + size_of_val(self.bundles.as_slice()) + text
    }
}

/// The journeys that one worker remembers, by the change that made the version; none if it is not to remember any.
pub(super) struct Journeys(Option<Cache<ChangeNo, Arc<Journey>, RandomState>>);

impl Journeys {
    /// None are remembered.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Those of the last versions are.
    pub(super) fn kept() -> Self {
        Self(Some(Cache::new(BUDGET)))
    }

    /// Whether any are remembered.
    pub(super) fn are_kept(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn get(&mut self, number: ChangeNo) -> Option<Arc<Journey>> {
        self.0.as_mut()?.get(&number).cloned()
    }

    pub(super) fn learn(&mut self, number: ChangeNo, journey: Journey) {
        let memory = journey.memory();
        if let Some(kept) = &mut self.0 {
            kept.insert(number, Arc::new(journey), memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDED: u32 = 3;
    const MOVED: u32 = 5;

    fn span(here: u32, line: u32, len: u32) -> Span {
        Span { here, line, len, marks: Marks::default() }
    }

    fn credit(line: u32, len: u32, commit: u32, origin_line: u32) -> Credit {
        Credit { line, len, commit, path: 0, origin_line, previous: None, marks: Marks::default() }
    }

    /// The lines of a text, cut at LF.
    fn text(text: &str) -> Arc<Lines> {
        let mut starts: Vec<u32> = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at as u32 + 1));
        let ids = vec![0; starts.len() - 1];
        Arc::new(Lines { bytes: Arc::new(text.into()), starts, ids })
    }

    /// Of eight lines the first two were added by commit 3; then four were brought by change 5, where they stood from
    /// line 40 on, of which the first two were found elsewhere; two more were added by commit 3.
    fn journey(looked_through: bool) -> Journey {
        let mut bundles = Bundles::default();
        bundles.note(MOVED, &span(40, 2, 4), looked_through);
        let credits =
            vec![credit(0, 2, ADDED, 10), credit(2, 2, 1, 0), credit(4, 2, 2, 42), credit(6, 2, ADDED, 14)];
        Journey::new(credits, bundles, Some(text("0\n1\n2\n3\n4\n5\n6\n7\n")))
    }

    fn lead(journey: &Journey, span: Span, file: &str) -> (Vec<Credit>, Vec<(ChangeNo, Span)>, Vec<Bundle>) {
        let (mut bundles, mut onward) = (Bundles::default(), Onward::default());
        journey.lead(&span, Some(&text(file)), &mut bundles, &mut onward);
        (onward.credits, onward.changed, bundles.into_sorted())
    }

    #[test]
    fn lines_that_were_looked_for_together_end_together() {
        let (credits, changed, bundles) = lead(&journey(false), span(1, 0, 6), "1\n2\n3\n4\n5\n6\n");
        let expected =
            [credit(0, 1, ADDED, 11), credit(1, 2, 1, 0), credit(3, 2, 2, 42), credit(5, 1, ADDED, 14)];
        assert_eq!(credits, expected);
        assert_eq!(changed, []);
        // Whoever comes to the newer version is told the same.
        let bundle = Bundle { line: 1, len: 4, number: MOVED, here: 40, looked_through: false };
        assert_eq!(bundles, [bundle]);
    }

    #[test]
    fn a_part_of_them_is_looked_for_anew() {
        let (credits, changed, bundles) = lead(&journey(false), span(0, 0, 5), "0\n1\n2\n3\n4\n");
        assert_eq!(credits, [credit(0, 2, ADDED, 10)], "no line twice, and none that is empty");
        assert_eq!(changed, [(MOVED, span(40, 2, 3))]);
        assert_eq!(bundles, []);
        let (credits, changed, _) = lead(&journey(false), span(4, 7, 3), "\n\n\n\n\n\n\n4\n5\n6\n");
        assert_eq!(credits, [credit(9, 1, ADDED, 14)]);
        assert_eq!(changed, [(MOVED, span(42, 7, 2))]);
        let (credits, changed, _) = lead(&journey(false), span(3, 0, 2), "3\n4\n");
        assert_eq!((credits, changed), (vec![], vec![(MOVED, span(41, 0, 2))]));
        // The file has them all, but they did not come together.
        let (_, changed, _) = lead(&journey(false), span(0, 0, 5), "0\n1\n2\n3\n4\n5\n6\n7\n");
        assert_eq!(changed, [(MOVED, span(40, 2, 3))]);
    }

    #[test]
    fn so_are_lines_with_other_bytes_and_those_of_commits_that_are_looked_through() {
        let whole = vec![(MOVED, span(40, 0, 4))];
        assert_eq!(lead(&journey(false), span(2, 0, 4), "2\n3\n 4\n5\n").1, whole);
        assert_eq!(lead(&journey(true), span(2, 0, 4), "2\n3\n4\n5\n").1, whole);
        assert_eq!(lead(&journey(false), span(2, 0, 4), "2\n3\n4\n5\n").1, []);
    }

    #[test]
    fn lines_are_in_the_bundle_that_they_came_to_first() {
        let mut bundles = Bundles::default();
        bundles.note(MOVED, &span(40, 2, 4), false);
        bundles.note(ADDED, &span(7, 3, 2), true);
        bundles.note(ADDED, &span(9, 6, 1), false);
        let first = Bundle { line: 2, len: 4, number: MOVED, here: 40, looked_through: true };
        let other = Bundle { line: 6, len: 1, number: ADDED, here: 9, looked_through: false };
        assert_eq!(bundles.into_sorted(), [first, other]);
    }

    #[test]
    fn none_is_kept_unless_asked_for() {
        for (mut journeys, kept) in [(Journeys::none(), false), (Journeys::kept(), true)] {
            journeys.learn(9, journey(false));
            assert_eq!(
                (journeys.are_kept(), journeys.get(9).is_some(), journeys.get(8).is_some()),
                (kept, kept, false)
            );
        }
    }
}
