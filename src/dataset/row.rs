//! A row, as a judge sees it, and what the judge says of it.
//!
//! Decides what passes between those who read rows and those who judge them. Must know neither formats nor manifests.

/// What a row has in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// NULL; or the row has no such field.
    Null,
    /// It was not read: contents are, once a judge asks for them by [`Decision::Read`].
    Unread,
    /// What stands there: text in UTF-8, or bytes as they are.
    Bytes(&'a [u8]),
    /// What stands there, one by one; `None` is NULL.
    List(&'a [Option<&'a [u8]>]),
}

/// A row, or an item of a row's list.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The values of the columns that were asked for, in their order.
    pub values: &'a [Value<'a>],
    /// Its place among those of which the judge was last told that they come, if it was; see [`Judge::coming`].
    pub at: Option<usize>,
}

impl<'a> Row<'a> {
    /// One of which nobody was told.
    #[must_use]
    pub fn new(values: &'a [Value<'a>]) -> Self {
        Self { values, at: None }
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It stays as it is.
    Keep,
    /// It goes.
    Drop,
    /// It stays, and this takes the place of its content (that of the first column that means content).
    Replace(Vec<u8>),
    /// It cannot be told before the contents are read: the row is shown again, with them. Said of a row whose contents
    /// were read, it is a bug.
    Read,
    /// Nothing goes on: the judge knows why.
    Stop,
}

/// Says what becomes of each row. It sees rows in their order, but for those that it wants to see again, which come after
/// some that follow them.
pub trait Judge {
    /// What becomes of a row.
    fn judge(&mut self, row: &Row<'_>) -> Decision;

    /// The values of each column in rows that come next; none of columns that are not known beforehand. Whoever looks them up
    /// somewhere large does better with many at once. A row that is judged then says by [`Row::at`] which of these it is.
    fn coming(&mut self, _columns: &[&[Value<'_>]]) {}

    /// Whether each of the rows of which it was last told that they come stays; then they have been judged, and are not shown
    /// any more. None if what becomes of them cannot be told by that alone. It is for rows that nobody has judged yet.
    fn at_once(&mut self) -> Option<&[bool]> {
        None
    }
}

impl<F: FnMut(&Row<'_>) -> Decision> Judge for F {
    fn judge(&mut self, row: &Row<'_>) -> Decision {
        self(row)
    }
}

/// What was read and written of a shard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read. An item of a list is none.
    pub read: u64,
    /// Rows written.
    pub written: u64,
}

/// Hears how far it is, and can end it.
pub trait Watch: Sync {
    /// So many more bytes of the input, and rows, are done.
    fn advance(&self, bytes: u64, rows: u64);

    /// Whether somebody wants it to end now.
    fn interrupted(&self) -> bool;
}

/// Nobody watches.
impl Watch for () {
    fn advance(&self, _: u64, _: u64) {}

    fn interrupted(&self) -> bool {
        false
    }
}

/// Shows the first rows with their contents by means of `walk`, and says how many they were.
pub(super) fn sampled(
    most: u64,
    see: &mut dyn FnMut(&Row<'_>),
    walk: impl FnOnce(&mut dyn Judge) -> Result<Tally, super::DatasetError>,
) -> Result<u64, super::DatasetError> {
    if most == 0 {
        return Ok(0);
    }
    let mut seen = 0;
    let mut judge = |row: &Row<'_>| {
        if row.values.contains(&Value::Unread) {
            return Decision::Read;
        }
        see(row);
        seen += 1;
        if seen == most { Decision::Stop } else { Decision::Keep }
    };
    match walk(&mut judge) {
        Ok(_) | Err(super::DatasetError::Stopped { .. }) => Ok(seen),
        Err(error) => Err(error),
    }
}
