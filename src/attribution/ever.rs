//! Which lines a path ever had, to tell early that none of its versions can have what is looked for.
//!
//! Decides only where nothing is to be found: a line is known by a hash here, and whatever may be there is
//! looked at.
//! Cost: for a path that is asked for often, all its versions are read once; 4 bytes for each different line
//! that it ever had.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::change_index::{ChangeIndex, PathNo};
use crate::repo::EntryKind;

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

/// Hashes of lines, sorted; none if nobody knows them.
pub(super) type LineSet = Option<Box<[u32]>>;

/// So many lines are kept, of 4 bytes each.
const MOST_LINES: usize = 24 << 20;

impl Ever {
    pub(super) fn new(index: &ChangeIndex) -> Self {
        Self { paths: index.paths().iter().map(|_| Path::default()).collect(), lines: AtomicUsize::new(0) }
    }

    /// The lines of a path, once it was asked for so often that knowing them pays; `read` hashes the lines of
    /// the blobs given.
    pub(super) fn of<E>(
        &self,
        index: &ChangeIndex,
        path: PathNo,
        read: impl FnOnce(&[crate::repo::ObjectId]) -> Result<Vec<u32>, E>,
    ) -> Result<Option<&[u32]>, E> {
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
            let file = |number: &u32| {
                let slot = index.change(*number).new;
                matches!(slot.kind(), Some(EntryKind::File | EntryKind::Symlink))
                    .then(|| index.blob(slot.blob()))
            };
            let blobs: Vec<_> = changes.iter().filter_map(file).collect();
            let mut lines = read(&blobs)?;
            lines.sort_unstable();
            lines.dedup();
            self.lines.fetch_add(lines.len(), Ordering::Relaxed);
            Some(lines.into_boxed_slice())
        };
        Ok(this.lines.get_or_init(|| lines).as_deref())
    }
}
