//! Shares numbered pieces of work between threads, and takes the results in their order.
//!
//! Decides nothing about the work. With one thread nothing is spawned.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Does pieces `0..count` with up to `threads` workers, and hands every result to `take` in the order of
/// the pieces, on the calling thread.
///
/// # Errors
/// The first error met; the pieces not yet begun are then left undone.
pub(crate) fn in_order<W, T: Send, E: Send>(
    threads: usize,
    count: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    if threads <= 1 || count <= 1 {
        let mut state = worker();
        return (0..count).try_for_each(|piece| take(piece, work(&mut state, piece)?));
    }
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..threads.min(count) {
            let send = send.clone();
            let (worker, work, next, stop) = (&worker, &work, &next, &stop);
            scope.spawn(move || {
                let mut state = worker();
                while !stop.load(Ordering::Relaxed) {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    if piece >= count {
                        return;
                    }
                    let result = work(&mut state, piece);
                    if result.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    if send.send((piece, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (piece, result) in receive {
            let result = result.and_then(|result| {
                waiting.insert(piece, result);
                while let Some(ready) = waiting.remove(&due) {
                    take(due, ready)?;
                    due += 1;
                }
                Ok(())
            });
            if let Err(error) = result {
                stop.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        // A thread that ends without a word has panicked: `scope` passes that on, and nothing is returned.
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::RepoError;

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            in_order(
                threads,
                100,
                || (),
                |(), piece| Ok::<_, RepoError>(piece * 2),
                |at, result| {
                    seen.push((at, result));
                    Ok(())
                },
            )
            .unwrap();
            assert_eq!(seen, (0..100).map(|at| (at, at * 2)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_error_ends_all() {
        for threads in [1, 3] {
            let work = |(): &mut (), piece| if piece == 50 { Err(RepoError::Interrupted) } else { Ok(()) };
            let result = in_order(threads, 100, || (), work, |_, ()| Ok(()));
            assert!(matches!(result, Err(RepoError::Interrupted)));
        }
    }

    #[test]
    fn a_result_that_is_refused_ends_all() {
        for threads in [1, 3] {
            let mut taken = 0;
            let result = in_order(
                threads,
                9,
                || (),
                |(), piece| Ok(piece),
                |at, _| {
                    taken += 1;
                    if at == 4 { Err(RepoError::Interrupted) } else { Ok(()) }
                },
            );
            assert!(matches!(result, Err(RepoError::Interrupted)));
            assert_eq!(taken, 5, "nothing is taken behind the one that was refused");
        }
    }

    #[test]
    fn no_work_and_more_threads_than_work() {
        for count in [0, 1, 2] {
            let mut taken = Vec::new();
            let take = |at, ()| -> Result<(), RepoError> {
                taken.push(at);
                Ok(())
            };
            in_order(8, count, || (), |(), _| Ok(()), take).unwrap();
            assert_eq!(taken, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_thread_that_panics_is_not_taken_for_one_that_is_done() {
        let work =
            |(): &mut (), piece| if piece == 5 { panic!("at {piece}") } else { Ok::<_, RepoError>(()) };
        let _ = in_order(3, 9, || (), work, |_, ()| Ok(()));
    }
}
