//! Which lines a path ever had, and since when, to tell early that a version of it cannot have what is looked for.
//!
//! Decides only where nothing is to be found: a line is known by a hash here, and whatever may be there is
//! looked at.
//! Cost: for a path that is asked for often, all its versions are read once; 8 bytes for each different line
//! that it ever had.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::change_index::{ChangeIndex, PathNo};
use super::history::CommitNo;
use crate::repo::{EntryKind, ObjectId};

/// The line sets of all paths; they are made as they are asked for.
#[derive(Debug, Default)]
pub(super) struct Ever {
    paths: Vec<Path>,
    lines: AtomicUsize,
}

#[derive(Debug, Default)]
struct Path {
    asked: AtomicU32,
    lines: OnceLock<LineSet>,
}

/// The lines of a path; none if nobody knows them.
type LineSet = Option<Box<[Since]>>;

/// The hash of a line, and the lowest number of a commit that has it at the path. Sorted, each hash once.
pub(super) type Since = (u32, CommitNo);

/// So many lines are kept, of 8 bytes each.
const MOST_LINES: usize = 12 << 20;

impl Ever {
    pub(super) fn new(index: &ChangeIndex) -> Self {
        Self { paths: index.paths().iter().map(|_| Path::default()).collect(), lines: AtomicUsize::new(0) }
    }

    /// The lines of a path, once it was asked for so often that knowing them pays; `read` hashes the lines of
    /// the blobs given, which come in the order of their commits, and gives each hash once, sorted.
    pub(super) fn of<E>(
        &self,
        index: &ChangeIndex,
        path: PathNo,
        read: impl FnOnce(&[(CommitNo, ObjectId)]) -> Result<Vec<Since>, E>,
    ) -> Result<Option<&[Since]>, E> {
        let Some(this) = self.paths.get(path as usize) else { return Ok(None) };
        if let Some(lines) = this.lines.get() {
            return Ok(lines.as_deref());
        }
        let changes = index.of_path(path);
        if (this.asked.fetch_add(1, Ordering::Relaxed) as usize) < 2 + changes.len() / 8 {
            return Ok(None);
        }
        let lines = if self.lines.load(Ordering::Relaxed) > MOST_LINES {
            None
        } else {
            let version = |number: &u32| {
                let change = index.change(*number);
                matches!(change.new.kind(), Some(EntryKind::File | EntryKind::Symlink))
                    .then(|| (change.commit, index.blob(change.new.blob())))
            };
            let mut versions: Vec<_> = changes.iter().filter_map(version).collect();
            versions.sort_unstable();
            let lines = read(&versions)?;
            self.lines.fetch_add(lines.len(), Ordering::Relaxed);
            Some(lines.into_boxed_slice())
        };
        Ok(this.lines.get_or_init(|| lines).as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_path_is_nothing_that_is_known() {
        let ever = Ever::new(&ChangeIndex::default());
        let read = |_: &[(CommitNo, ObjectId)]| -> Result<Vec<Since>, ()> { Err(()) };
        assert_eq!(ever.of(&ChangeIndex::default(), 3, read), Ok(None));
    }
}
