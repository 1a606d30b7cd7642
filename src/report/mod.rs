//! What people read. Must not decide anything.

pub mod diagnostics;
