//! Which bytes are white space.
//!
//! Decides it as git does; libgit2 counts more, which only a comparison with it may want.

/// Whose white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhiteSpace {
    /// Space, tab, LF and CR, as in git.
    #[default]
    Git,
    /// Also vertical tab and form feed, as in libgit2. Files of the GNU project have form feeds, alone on a
    /// line, between their parts: there libgit2's hunks are not always git's.
    Libgit2,
}

impl WhiteSpace {
    /// Whether a byte is white space: `-w` ignores it, and a line of nothing else is blank.
    #[must_use]
    pub const fn contains(self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => true,
            0x0b | 0x0c => matches!(self, Self::Libgit2),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_has_four_and_libgit2_six() {
        let of = |space: WhiteSpace| (0..=255).filter(|byte| space.contains(*byte)).collect::<Vec<u8>>();
        assert_eq!(of(WhiteSpace::Git), b"\t\n\r ");
        assert_eq!(of(WhiteSpace::Libgit2), b"\t\n\x0b\x0c\r ");
    }
}
