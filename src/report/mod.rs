//! What people and programs get to see.
//!
//! Decides how findings are spelled. Must not find any.

pub mod attribution;
pub mod dataset;
pub mod diagnostics;
pub mod explain;
pub mod findings;
pub mod gate;
pub mod hook;
pub mod manifest;
pub mod porcelain;
pub mod progress;
pub mod receipt;
pub mod summary;
