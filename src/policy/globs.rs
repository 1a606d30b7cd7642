//! Several globs matched at once, on the names of repositories or on paths.

use std::fmt;

/// A set of globs. `*` and `?` stop at `/`, `**` does not; a backslash takes the next character as it is.
#[derive(Clone)]
pub struct Globs {
    patterns: Vec<String>,
    set: globset::GlobSet,
    fold: bool,
}

impl Globs {
    /// Whether one of the globs matches the whole of `bytes`.
    #[must_use]
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        let _ = (bytes, &self.set, self.fold);
        todo!()
    }

    /// The globs as they are written.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }
}

impl fmt::Debug for Globs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.patterns).finish()
    }
}
