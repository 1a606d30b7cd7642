//! Rows that are read, and checked, by a thread of their own while those before them are used.
//!
//! Decides how far it may be ahead. What comes out is what went in, errors among it.

use std::sync::mpsc::{self, Receiver};
use std::thread::Scope;

/// So many rows go to the other thread at once.
const BATCH: usize = 256;
/// So many such batches wait at most.
const BATCHES: usize = 2;

/// Reads ahead in a thread.
pub(in crate::manifest) fn ahead<'s, R: Send + 's>(
    scope: &'s Scope<'s, '_>,
    mut rows: impl Iterator<Item = R> + Send + 's,
) -> Ahead<R> {
    let (send, batches) = mpsc::sync_channel(BATCHES);
    scope.spawn(move || {
        loop {
            let batch: Vec<R> = rows.by_ref().take(BATCH).collect();
            // Nobody wants more if it cannot be sent.
            if batch.is_empty() || send.send(batch).is_err() {
                break;
            }
        }
    });
    Ahead { batches, batch: Vec::new().into_iter() }
}

/// What was read ahead.
pub(in crate::manifest) struct Ahead<R> {
    batches: Receiver<Vec<R>>,
    batch: std::vec::IntoIter<R>,
}

impl<R> Iterator for Ahead<R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        self.batch.next().or_else(|| {
            // Where there is no other batch, the thread has ended; had it panicked, the scope passes that on.
            self.batch = self.batches.recv().ok()?.into_iter();
            self.batch.next()
        })
    }
}
