//! One binary for all tests that run the program or need a real repository.
//!
//! [`support`] makes repositories; each other module holds one promise against them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(unreachable_pub, missing_docs, reason = "nothing here is used from outside")]

mod histories;
mod random_histories;
mod refusals;
mod support;
