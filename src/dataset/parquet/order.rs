//! How the rows of a row group that was written are sorted.
//!
//! Decides how far what its footer said of that still holds. Must not sort, nor look whether it was so.

use parquet::file::metadata::SortingColumn;

use super::fates::Fate;
use super::footer::Shard;
use super::group::Judged;
use super::schema::Looked;

/// The columns by which a row group is sorted without the rows that go, up to the first whose values are not what they were:
/// rows in an order are in it without some of them, too.
pub(super) fn of(
    shard: &Shard,
    group: usize,
    looked: &[Looked],
    judged: &Judged,
) -> Option<Vec<SortingColumn>> {
    let replaced = judged.units.runs().any(|(fate, _)| matches!(fate, Fate::Replace { .. }));
    let whole = judged.units.all(Fate::Keep);
    let holds = |column: &&SortingColumn| {
        let leaf = usize::try_from(column.column_idx).ok();
        leaf.and_then(|leaf| Some((leaf, shard.leaves.get(leaf)?))).is_some_and(|(leaf, described)| {
            let content = looked.iter().any(|looked| looked.content && looked.leaf == leaf);
            // A list may have lost items.
            whole || described.outer.is_none() && !(replaced && content)
        })
    };
    let columns: Vec<_> =
        shard.meta.row_group(group).sorting_columns()?.iter().take_while(holds).cloned().collect();
    (!columns.is_empty()).then_some(columns)
}
