//! The rows of data sets, held against manifests and lists.
//!
//! Decides for each row whether it is clear (looked at, and not excluded), excluded, or uncovered (nobody looked at it, or
//! it cannot be told what it is), and what becomes of it. Whatever is not surely clear is not. Must not read data sets, and
//! keeps nothing of a row but numbers.

pub mod canary;
pub mod counts;
pub mod cut;
pub mod error;
pub mod judge;
pub mod key;
pub mod names;
pub mod people;
mod places;
pub mod proof;
pub mod rules;
pub mod run;

pub use canary::Canaries;
pub use counts::Counts;
pub use cut::Lines;
pub use error::RunError;
pub use judge::RowJudge;
pub use names::Aliases;
pub use people::People;
pub use rules::{Rules, Uncovered, Why};

#[cfg(test)]
mod tests;
