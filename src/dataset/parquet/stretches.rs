//! Which pages of a column are copied as they stand where other rows of its row group go.
//!
//! Decides that, and whether it is worth it: a column of which most has to be written again anyway is better written as one.
//! Pages by a dictionary are always written again, as the dictionary has what goes, too. Must neither read nor write.

use super::fates::{Fate, Fates};
use crate::pages::Span;

/// A part of a flat column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stretch {
    /// A page of which every row stays.
    AsItStands(Span),
    /// So many rows, of pages of which some may go.
    Again(u64),
}

/// The parts of a flat column with these pages, if at least half of its bytes can be copied. There is a fate for each row.
pub(super) fn of(pages: &[Span], fates: &Fates) -> Option<Vec<Stretch>> {
    let mut stretches = Vec::new();
    let (mut copied, mut all) = (0, 0);
    let mut runs = fates.runs();
    // Of the run at hand: its fate, and how many rows are left of it.
    let (mut fate, mut left) = (Fate::Keep, 0);
    for span in pages {
        all += span.length();
        if span.page.is_dictionary {
            continue;
        }
        let (mut rows, mut stays) = (span.page.values, !span.page.needs_dictionary);
        while rows > 0 {
            if left == 0 {
                (fate, left) = runs.next()?;
                continue;
            }
            let here = rows.min(left);
            stays &= fate == Fate::Keep;
            (rows, left) = (rows - here, left - here);
        }
        match stretches.last_mut() {
            // A page without rows is not needed.
            _ if span.page.values == 0 => {}
            _ if stays => {
                copied += span.length();
                stretches.push(Stretch::AsItStands(*span));
            }
            Some(Stretch::Again(rows)) => *rows += span.page.values,
            _ => stretches.push(Stretch::Again(span.page.values)),
        }
    }
    (copied * 2 >= all && copied > 0).then_some(stretches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thrift::Page;

    /// Pages of so many rows, ten bytes each; the first one is a dictionary, and the second one needs it, if `dictionary`.
    fn pages(rows: &[u64], dictionary: bool) -> Vec<Span> {
        let page = |(at, values): (usize, &u64)| Page {
            compressed: 10,
            values: *values,
            is_dictionary: dictionary && at == 0,
            needs_dictionary: dictionary && at == 1,
            ..Page::default()
        };
        rows.iter().enumerate().map(|at| Span { start: 0, header: 0, page: page(at) }).collect()
    }

    fn fates(runs: &[(Fate, u64)]) -> Fates {
        let mut fates = Fates::default();
        runs.iter().for_each(|(fate, count)| fates.push(*fate, *count));
        fates
    }

    fn shown(stretches: Option<Vec<Stretch>>) -> Option<Vec<String>> {
        let shown = |stretch| match stretch {
            Stretch::AsItStands(span) => format!("copy {}", span.page.values),
            Stretch::Again(rows) => format!("again {rows}"),
        };
        stretches.map(|all| all.into_iter().map(shown).collect())
    }

    #[test]
    fn pages_of_which_all_stays_are_copied() {
        let fates = fates(&[(Fate::Keep, 7), (Fate::Drop, 1), (Fate::Keep, 12)]);
        let found = shown(of(&pages(&[5, 5, 0, 4, 6], false), &fates));
        assert_eq!(found.unwrap(), ["copy 5", "again 5", "copy 4", "copy 6"]);
    }

    #[test]
    fn what_is_written_again_is_written_as_one() {
        let replaced = Fate::Replace { start: 0, length: 1 };
        let fates = fates(&[(Fate::Keep, 4), (Fate::Drop, 2), (replaced, 1), (Fate::Keep, 23)]);
        let found = shown(of(&pages(&[5, 5, 5, 5, 10], false), &fates));
        assert_eq!(found.unwrap(), ["again 10", "copy 5", "copy 5", "copy 10"]);
    }

    #[test]
    fn what_needs_a_dictionary_is_never_copied() {
        let fates = fates(&[(Fate::Keep, 20)]);
        let found = shown(of(&pages(&[0, 5, 5, 5, 5], true), &fates));
        assert_eq!(found.unwrap(), ["again 5", "copy 5", "copy 5", "copy 5"]);
    }

    #[test]
    fn what_is_mostly_written_again_is_written_as_one() {
        let fates = fates(&[(Fate::Drop, 11), (Fate::Keep, 4)]);
        assert!(of(&pages(&[5, 5, 5], false), &fates).is_none());
        assert!(of(&pages(&[], false), &Fates::default()).is_none());
        assert!(of(&pages(&[5, 5, 5, 1], false), &fates).is_none(), "there are more rows than fates");
    }
}
