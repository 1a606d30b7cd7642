//! The repository layer: the only place where git2 is used.
//!
//! Decides how bytes come out of a repository, and what is wrong with it. Must not decide whose they are.

pub mod id;

pub use id::ObjectId;
