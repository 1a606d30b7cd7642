//! Withhold seen from outside: what a user of the library, the programs and the documents relies on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod lists;
mod manifest;
mod schema;
