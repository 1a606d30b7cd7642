//! Progress on a terminal.
//!
//! Decides how it looks: a bar with a rate and an end in sight, on standard error. Must not decide when to
//! stop: it passes that on.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::attribution::{Phase, Progress};

/// A bar, or nothing at all.
pub struct Bar<'i> {
    bar: ProgressBar,
    interrupted: &'i AtomicBool,
}

impl<'i> Bar<'i> {
    /// A bar that is `visible` or not, and that passes on whether somebody has `interrupted` the work.
    #[must_use]
    pub fn new(visible: bool, interrupted: &'i AtomicBool) -> Self {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bar: ProgressBar::with_draw_target(None, target), interrupted }
    }

    /// Begins a bar of so many rows.
    pub fn rows(&self, what: &'static str, rows: u64) {
        self.start("{msg:17} {wide_bar} {human_pos}/{human_len} {rate:>10} {eta:>4}", Some(rows));
        self.bar.set_message(what);
    }

    /// Begins a bar of so many bytes.
    pub fn bytes(&self, bytes: u64) {
        let template = "{msg:17} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec:>12} {eta:>4}";
        self.start(template, Some(bytes));
    }

    /// Says something beside the bar.
    pub fn say(&self, text: &str) {
        if !self.bar.is_hidden() {
            self.bar.set_message(text.to_owned());
        }
    }

    fn start(&self, template: &str, total: Option<u64>) {
        // A template of our own cannot be wrong; if it were, the plain bar does as well.
        if let Ok(style) = ProgressStyle::with_template(template) {
            let rate = |state: &ProgressState, text: &mut dyn Write| {
                // A bar that cannot be drawn is no reason to stop.
                let _ = write!(text, "{:.0}/s", state.per_sec());
            };
            self.bar.set_style(style.with_key("rate", rate));
        }
        self.bar.reset();
        self.bar.set_length(total.unwrap_or(0));
        // It takes a thread, which nobody would see.
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar<'_> {
    fn begin(&self, phase: Phase, total: Option<u64>) {
        let name = match phase {
            Phase::Commits => "reading commits",
            Phase::Changes => "comparing trees",
            Phase::Files => "attributing files",
        };
        let template = match total {
            Some(_) => "{msg:17} {wide_bar} {human_pos}/{human_len} {rate:>10} {eta:>4}",
            None => "{msg:17} {spinner} {human_pos} {rate}",
        };
        self.start(template, total);
        self.bar.set_message(name);
    }

    fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
