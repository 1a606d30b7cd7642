//! Lines of bounded length out of files that may be hostile.

/// The longest row that is written or read, in bytes, without its line end.
pub(super) const MAX_LINE: usize = 16 << 20;
