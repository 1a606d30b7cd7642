//! The opt-out list and how strictly it is applied.
//!
//! Decides what a list says. Must not know of Git, of repositories on disk or of printing.

pub mod purpose;
pub mod role;
pub mod time;

pub use purpose::{Purpose, Purposes};
pub use role::{Role, Roles};
pub use time::{Timestamp, Window};
