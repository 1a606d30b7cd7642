//! Random histories, each held against `git blame` and against naive answers.
//!
//! `PROPTEST_CASES=2000 cargo nextest run random` looks longer. A failure prints the smallest history that
//! shows it, as `git fast-import` reads it.

mod against_blame;
mod against_naive;
mod kept;
mod together;
