//! What the tests stand on: repositories made by real git, in folders of their own, and the program run
//! on them. Nothing of the machine's or the user's configuration reaches either.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test takes what it needs, and nothing is used from outside"
)]

pub mod blame;
pub mod lines;
pub mod random;
pub mod repo;
pub mod script;

pub use blame::{assert_same_as_blame, assert_same_with};
pub use repo::Repo;
pub use script::{Commit, Mark, Script};
