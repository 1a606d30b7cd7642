//! The rows of a row group, judged.
//!
//! Decides in which order a row group is read: its keys first, and its contents only where the judge asks for them. Must not
//! write.

use super::cells::Cells;
use super::fates::{Contents, Fate, Fates};
use super::footer::{Shard, malformed};
use super::schema::Looked;
use crate::dataset::{DatasetError, Decision, Judge, Row, Value, Watch};

/// The most rows that are read at once.
const AT_ONCE: u64 = 8192;

/// So many values are told to the judge before they are judged: what it finds of them has to stay near until it has.
const SOON: usize = 256;

/// What becomes of a row group.
pub(super) struct Judged {
    /// The fates of rows: kept, or dropped.
    pub(super) rows: Fates,
    /// The fates of what was judged: rows, or items.
    pub(super) units: Fates,
    /// The contents that rows get.
    pub(super) contents: Contents,
}

impl Judged {
    /// Rows without items, each of which stays or goes.
    fn put(&mut self, stay: &[bool]) {
        for run in stay.chunk_by(|one, next| one == next) {
            let fate = if run[0] { Fate::Keep } else { Fate::Drop };
            self.units.push(fate, run.len() as u64);
            self.rows.push(fate, run.len() as u64);
        }
    }
}

/// Judges every row of a row group; `before` rows were in those before it.
pub(super) fn judge(
    shard: &Shard,
    looked: &[Looked],
    (group, before): (usize, u64),
    judge: &mut dyn Judge,
    watch: &dyn Watch,
) -> Result<Judged, DatasetError> {
    // Without keys there is nothing that could be told before the contents are there; nor which items there are.
    let items = looked.iter().any(|column| column.item);
    let keys = looked.iter().any(|column| !column.content && column.item == items);
    let contents = looked.iter().any(|column| column.content);
    let mut pass = Pass {
        judged: Judged { rows: Fates::default(), units: Fates::default(), contents: Contents::new() },
        whole: !keys || !contents,
        looked,
        before,
        judge,
        watch,
    };
    pass.over(shard, group, &Fates::default())?;
    if pass.judged.units.any(Fate::Read) {
        let known = std::mem::take(&mut pass.judged.units);
        pass.judged.rows = Fates::default();
        pass.whole = true;
        pass.over(shard, group, &known)?;
    }
    Ok(pass.judged)
}

/// One reading of a row group.
struct Pass<'a> {
    judged: Judged,
    /// Whether contents are read, too.
    whole: bool,
    looked: &'a [Looked],
    before: u64,
    judge: &'a mut dyn Judge,
    watch: &'a dyn Watch,
}

impl Pass<'_> {
    /// Reads all rows, or those among them whose fate is not known yet.
    fn over(&mut self, shard: &Shard, group: usize, known: &Fates) -> Result<(), DatasetError> {
        let again = known.any(Fate::Read);
        let rows = u64::try_from(shard.meta.row_group(group).num_rows()).unwrap_or(0);
        let mut cells = Vec::new();
        for column in self.looked {
            let open = self.whole || !column.content;
            cells.push(if open { Some(Cells::open(shard, group, *column)?) } else { None });
        }
        let mut fates = known.each();
        let mut stretches = Stretches::new(known, rows, self.looked.iter().any(|column| column.item));
        let mut at = 0;
        while let Some((fate, mut left)) = stretches.next() {
            if let Some(fate) = fate {
                for cells in cells.iter_mut().flatten() {
                    cells.skip(usize::try_from(left).unwrap_or(usize::MAX))?;
                }
                let passed = usize::try_from(left).unwrap_or(usize::MAX);
                let _ = fates.by_ref().take(passed).count();
                self.judged.units.push(fate, left);
                self.judged.rows.push(of_row(fate), left);
                at += left;
                continue;
            }
            while left > 0 {
                if self.watch.interrupted() {
                    return Err(DatasetError::Interrupted);
                }
                let portion = cells.iter().flatten().map(|cells| cells.portion(left.min(AT_ONCE))).min();
                let portion = portion.unwrap_or(left.min(AT_ONCE));
                for cells in cells.iter_mut().flatten() {
                    cells.read(usize::try_from(portion).unwrap_or(usize::MAX))?;
                }
                self.batch(&cells, at, again.then_some(&mut fates))?;
                if !again {
                    self.watch.advance(0, portion);
                }
                (at, left) = (at + portion, left - portion);
            }
        }
        cells.iter_mut().flatten().try_for_each(Cells::end)
    }

    /// Judges the rows that were just read; `known` are the fates of all that was judged before.
    fn batch(
        &mut self,
        cells: &[Option<Cells<'_>>],
        at: u64,
        mut known: Option<&mut super::fates::Each<'_>>,
    ) -> Result<(), DatasetError> {
        let items: Vec<Vec<Option<&[u8]>>> =
            cells.iter().map(|cells| cells.as_ref().map(Cells::items).unwrap_or_default()).collect();
        let (mut of_rows, mut of_items) = (Vec::new(), None);
        let mut columns = Vec::with_capacity(cells.len());
        for ((cells, items), looked) in cells.iter().zip(&items).zip(self.looked) {
            let mut starts = Vec::new();
            let values = cells.as_ref().map(|cells| cells.values(items, &mut starts));
            if values.is_some() && looked.item {
                let same = of_items.get_or_insert_with(|| (starts.clone(), values.as_ref().map(Vec::len)));
                if *same != (starts, values.as_ref().map(Vec::len)) {
                    return Err(malformed("the columns of a list have different items"));
                }
            } else if values.is_some() {
                of_rows = starts;
            }
            columns.push((values, looked.item));
        }
        let rows = of_items.as_ref().map_or(of_rows.len(), |(starts, _)| starts.len());
        let mut seen = vec![Value::Unread; columns.len()];
        let mut row = 0;
        'rows: while row < rows {
            let units = match &of_items {
                None => row..row + 1,
                Some((starts, all)) => {
                    starts[row]..starts.get(row + 1).copied().or(*all).unwrap_or(starts[row])
                }
            };
            let mut stays = false;
            let mut unread = false;
            for unit in units {
                if unit % SOON == 0 {
                    self.coming(&columns, unit, of_items.is_some());
                    if of_items.is_none()
                        && known.is_none()
                        && let Some(stay) = self.judge.at_once()
                    {
                        self.judged.put(stay);
                        row += stay.len();
                        continue 'rows;
                    }
                }
                let fate = match known.as_mut().map(Iterator::next) {
                    Some(None) => return Err(malformed("it changed while it was read")),
                    Some(Some(fate)) if fate != Fate::Read => fate,
                    _ => {
                        for (seen, (values, item)) in seen.iter_mut().zip(&columns) {
                            let value = values.as_ref().map(|values| values[if *item { unit } else { row }]);
                            *seen = value.unwrap_or(Value::Unread);
                        }
                        self.fate(
                            Row { values: &seen, at: Some(unit % SOON) },
                            self.before + at + row as u64 + 1,
                        )?
                    }
                };
                stays |= fate != Fate::Drop;
                unread |= fate == Fate::Read;
                self.judged.units.push(fate, 1);
            }
            let fate = if unread {
                Fate::Read
            } else if stays {
                Fate::Keep
            } else {
                Fate::Drop
            };
            self.judged.rows.push(fate, 1);
            row += 1;
        }
        Ok(())
    }

    /// Tells the judge which rows, or items, come from one on.
    fn coming(&mut self, columns: &[(Option<Vec<Value<'_>>>, bool)], from: usize, items: bool) {
        let soon = columns.iter().map(|(all, item)| match all {
            Some(all) if *item == items => &all[from.min(all.len())..(from + SOON).min(all.len())],
            _ => &[][..],
        });
        self.judge.coming(&soon.collect::<Vec<_>>());
    }

    /// Judges one row or item; the number of its row is for errors.
    fn fate(&mut self, seen: Row<'_>, row: u64) -> Result<Fate, DatasetError> {
        match self.judge.judge(&seen) {
            Decision::Keep => Ok(Fate::Keep),
            Decision::Drop => Ok(Fate::Drop),
            Decision::Read if self.whole => Err(DatasetError::Bug("a row was to be read that had been read")),
            Decision::Read => Ok(Fate::Read),
            Decision::Stop => Err(DatasetError::Stopped { row }),
            Decision::Replace(content) => self.replace(seen.values, &content),
        }
    }

    fn replace(&mut self, values: &[Value<'_>], content: &[u8]) -> Result<Fate, DatasetError> {
        let first = self.looked.iter().position(|looked| looked.content);
        match first.and_then(|first| values.get(first)) {
            Some(Value::Bytes(_)) => self.judged.contents.put(content),
            _ => Err(DatasetError::Bug("a content was to be replaced that is not there or was not read")),
        }
    }
}

/// What an item's fate is to its row.
fn of_row(fate: Fate) -> Fate {
    if fate == Fate::Drop { Fate::Drop } else { Fate::Keep }
}

/// Rows that are read, and rows that are passed because their fate is known.
struct Stretches(std::vec::IntoIter<(Option<Fate>, u64)>);

impl Stretches {
    /// To pass fewer rows than these saves nothing.
    const WORTH: u64 = 64;

    fn new(known: &Fates, rows: u64, items: bool) -> Self {
        let mut all: Vec<(Option<Fate>, u64)> = Vec::new();
        // The fates of items do not tell where rows begin.
        if items || !known.any(Fate::Read) {
            return Self(vec![(None, rows)].into_iter());
        }
        for (fate, count) in known.runs() {
            let passed = matches!(fate, Fate::Keep | Fate::Drop) && count >= Self::WORTH;
            match all.last_mut() {
                Some((None, many)) if !passed => *many += count,
                _ => all.push((passed.then_some(fate), count)),
            }
        }
        Self(all.into_iter())
    }

    fn next(&mut self) -> Option<(Option<Fate>, u64)> {
        self.0.next()
    }
}
