//! Withhold seen from outside: what a user of the library, the programs and the documents relies on.
//!
//! [`support`] makes repositories; each other module holds one promise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests"
)]

mod architecture;
mod check;
mod cli;
mod filter;
mod gates;
mod histories;
mod hook_install;
mod hooks;
mod kept;
mod line_diff;
mod lists;
mod manifest;
mod packs;
mod random_histories;
mod receipt;
mod refusals;
mod scan;
mod schema;
mod signature;
mod support;
