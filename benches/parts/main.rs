//! How long the parts take, each by itself: `cargo bench`, or one of them: `cargo bench -- line_diff`.
//!
//! Nothing is fetched: the repositories are made in a temporary folder, and the numbers behind them are the
//! same on every machine. What whole repositories take is measured by `just bench`.

#![allow(clippy::unwrap_used, reason = "a measurement")]

mod line_diff;
mod lines;
mod list;
mod manifest;
mod objects;
mod rename;
mod support;
mod tree_diff;

use std::time::Duration;

fn main() {
    divan::Divan::default().max_time(Duration::from_secs(2)).config_with_args().main();
}
