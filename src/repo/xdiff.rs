//! The line diff of two buffers by libgit2's xdiff: what a line diff of our own is held against.
//!
//! Decides nothing: the hunks are git's, with the indent heuristic and no context.

use std::ops::Range;

use git2::{DiffOptions, Patch};

use super::RepoError;
use super::open::git_error;

/// For each hunk between `old` and `new` the lines that went and the lines that came, counted from 0.
///
/// With `ignore_whitespace`, lines that differ in white space alone are equal (`git diff -w`).
///
/// # Errors
/// A buffer is larger than xdiff takes (just under 1 GiB).
pub fn hunks(old: &[u8], new: &[u8], ignore_whitespace: bool) -> Result<Vec<[Range<u32>; 2]>, RepoError> {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).indent_heuristic(true).force_text(true);
    options.ignore_whitespace(ignore_whitespace);
    let fail = |error: git2::Error| git_error("comparing two versions of a file", &error);
    let patch = Patch::from_buffers(old, None, new, None, Some(&mut options)).map_err(fail)?;
    (0..patch.num_hunks())
        .map(|at| {
            let (hunk, _) = patch.hunk(at).map_err(fail)?;
            Ok([lines(hunk.old_start(), hunk.old_lines()), lines(hunk.new_start(), hunk.new_lines())])
        })
        .collect()
}

/// A hunk header counts from 1, and names the line before where it has no lines.
fn lines(start: u32, count: u32) -> Range<u32> {
    let first = if count == 0 { start } else { start.saturating_sub(1) };
    first..first.saturating_add(count)
}
