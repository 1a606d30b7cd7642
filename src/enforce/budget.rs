//! Work that has only so much time: a server does not wait for a hook for ever.
//!
//! Decides when it is over. Over is not done: whoever is told so refuses.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::attribution::{Phase, Progress};

/// Somebody's progress, until the time is over.
pub struct Budget<'p> {
    progress: &'p dyn Progress,
    until: Option<Instant>,
    over: AtomicBool,
}

impl<'p> Budget<'p> {
    /// From now on, for so long; without an end if nothing is said.
    #[must_use]
    pub fn new(progress: &'p dyn Progress, time: Option<Duration>) -> Self {
        let until = time.and_then(|time| Instant::now().checked_add(time));
        Self { progress, until, over: AtomicBool::new(false) }
    }

    /// Whether the work was stopped because its time was over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

impl Progress for Budget<'_> {
    fn begin(&self, phase: Phase, total: Option<u64>) {
        self.progress.begin(phase, total);
    }

    fn advance(&self, steps: u64) {
        self.progress.advance(steps);
    }

    fn interrupted(&self) -> bool {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            self.over.store(true, Ordering::Relaxed);
            return true;
        }
        self.progress.interrupted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::progress::Silent;

    #[test]
    fn time_that_is_over_stops_the_work_and_is_told_from_an_interrupt() {
        let over = Budget::new(&Silent, Some(Duration::ZERO));
        assert!(over.check().is_err() && over.is_over());
        for time in [None, Some(Duration::from_secs(3600)), Some(Duration::MAX)] {
            let enough = Budget::new(&Silent, time);
            assert!(enough.check().is_ok() && !enough.is_over());
        }
    }
}
