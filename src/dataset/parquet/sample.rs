//! Rows from all over a shard.
//!
//! Decides which rows stand for all. Must not decide what they prove.

use super::cells::Cells;
use super::footer::{Shard, malformed};
use super::schema::Looked;
use crate::dataset::{DatasetError, Row, Value};

/// So many row groups are looked into, and so many places of each.
const GROUPS: usize = 5;
const PLACES: usize = 3;

/// Shows rows, or items, contents included: from the beginning, the middle and the end of row groups spread over the shard.
pub(super) fn rows(
    shard: &Shard,
    looked: &[Looked],
    most: usize,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<(), DatasetError> {
    let filled: Vec<usize> =
        (0..shard.groups().len()).filter(|at| shard.groups()[*at].num_rows() > 0).collect();
    let mut left = most;
    let groups = spread(filled.len(), GROUPS);
    for (at, group) in groups.iter().enumerate() {
        // What one group could not give, those after it may.
        let share = left.div_ceil(groups.len() - at);
        left -= group_rows(shard, looked, filled[*group], share, see)?;
    }
    Ok(())
}

/// So many of all at most, as far from each other as can be: the first and the last among them.
fn spread(all: usize, most: usize) -> Vec<usize> {
    let count = all.min(most);
    (0..count).map(|at| if count == 1 { 0 } else { at * (all - 1) / (count - 1) }).collect()
}

/// Shows rows of one row group. How many it showed.
fn group_rows(
    shard: &Shard,
    looked: &[Looked],
    group: usize,
    most: usize,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<usize, DatasetError> {
    let open = |column: &Looked| Cells::open(shard, group, *column);
    let mut cells: Vec<Cells<'_>> = looked.iter().map(open).collect::<Result<_, _>>()?;
    let rows = usize::try_from(shard.groups()[group].num_rows()).unwrap_or(usize::MAX);
    let places = spread(rows, PLACES);
    let (mut shown, mut at) = (0, 0);
    for (number, place) in places.iter().enumerate() {
        let share = (most - shown).div_ceil(places.len() - number);
        // Rows before the next place, and before the end.
        let end = places.get(number + 1).copied().unwrap_or(rows);
        let start = (*place).min(rows.saturating_sub(share)).max(at);
        cells.iter_mut().try_for_each(|cells| cells.skip(start - at))?;
        at = start;
        let mut left = share;
        while left > 0 && at < end {
            let wanted = left.min(end - at) as u64;
            let portion = cells.iter().map(|cells| cells.portion(wanted)).min().unwrap_or(wanted);
            let portion = usize::try_from(portion).unwrap_or(usize::MAX);
            cells.iter_mut().try_for_each(|cells| cells.read(portion))?;
            let seen = show(&cells, looked, left, see)?;
            (at, left, shown) = (at + portion, left - seen, shown + seen);
        }
    }
    Ok(shown)
}

/// Shows what was just read. How much of it.
fn show(
    cells: &[Cells<'_>],
    looked: &[Looked],
    most: usize,
    see: &mut dyn FnMut(&Row<'_>),
) -> Result<usize, DatasetError> {
    let items: Vec<_> = cells.iter().map(Cells::items).collect();
    let mut starts = Vec::new();
    let mut item_starts = None;
    let mut columns = Vec::with_capacity(cells.len());
    for ((cells, items), looked) in cells.iter().zip(&items).zip(looked) {
        let values = cells.values(items, &mut starts);
        if looked.item {
            item_starts = Some((starts.clone(), values.len()));
        }
        columns.push((values, looked.item));
    }
    let units = item_starts.as_ref().map_or(starts.len(), |(_, units)| *units);
    let mut row = 0;
    for unit in 0..units.min(most) {
        row = match &item_starts {
            None => unit,
            Some((starts, _)) if starts.get(row + 1) == Some(&unit) => row + 1,
            Some(_) => row,
        };
        let values: Option<Vec<Value<'_>>> = columns
            .iter()
            .map(|(values, item)| values.get(if *item { unit } else { row }).copied())
            .collect();
        let values = values.ok_or_else(|| malformed("the columns of a list have different items"))?;
        see(&Row::new(&values));
    }
    Ok(units.min(most))
}
