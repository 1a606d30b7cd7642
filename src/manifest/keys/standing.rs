//! What manifests say of a key, and how that is packed.
//!
//! Decides that what any manifest says holds: answers of several are united, so that what one excludes is excluded,
//! and what one has looked at is covered. Must not decide what becomes of a row.

use crate::policy::Purposes;

/// What manifests say of a file version or a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Standing {
    /// It is excluded whole, for these purposes.
    pub whole: Purposes,
    /// Some of its lines are excluded, for these purposes.
    pub lines: Purposes,
    /// It was looked at, and decided for these purposes. For any other purpose it is uncovered.
    pub covered: Purposes,
}

impl Standing {
    /// Excluded whole.
    pub(super) fn whole(purposes: Purposes) -> Self {
        Self { whole: purposes, ..Self::default() }
    }

    /// Excluded in part.
    pub(super) fn lines(purposes: Purposes) -> Self {
        Self { lines: purposes, ..Self::default() }
    }

    /// Looked at.
    pub(super) fn covered(purposes: Purposes) -> Self {
        Self { covered: purposes, ..Self::default() }
    }

    /// What either says.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            whole: self.whole.union(other.whole),
            lines: self.lines.union(other.lines),
            covered: self.covered.union(other.covered),
        }
    }

    /// In two bytes, five bits each. The union of two standings is that of their bits.
    pub(super) fn pack(self) -> [u8; 2] {
        let [whole, lines, covered] =
            [self.whole, self.lines, self.covered].map(|purposes| u16::from(purposes.bits()));
        (whole | lines << 5 | covered << 10).to_le_bytes()
    }

    /// Out of two bytes.
    pub(super) fn unpack(bytes: [u8; 2]) -> Self {
        let bits = u16::from_le_bytes(bytes);
        let [whole, lines, covered] = [0, 5, 10].map(|at| Purposes::from_bits(((bits >> at) & 0x1f) as u8));
        Self { whole, lines, covered }
    }
}

/// What manifests say of a place: a repository, or a path in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// Whatever stands there is excluded, in any version, for these purposes: by a `repo` or `path` row.
    pub any_version: Purposes,
    /// Some version of what stands there is excluded, whole or in part, for these purposes: by a `blob` or `lines` row.
    /// Which one, only a key of the content can tell.
    pub some_version: Purposes,
    /// A file was looked at at this very path, for these purposes, by a manifest that [counts](super::Paths): by a `path` row.
    /// Nothing else covers a path: not that what stands around it was looked at.
    pub covered: Purposes,
}

impl Place {
    /// What either says.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            any_version: self.any_version.union(other.any_version),
            some_version: self.some_version.union(other.some_version),
            covered: self.covered.union(other.covered),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn standing() -> impl Strategy<Value = Standing> {
        (0..32_u8, 0..32_u8, 0..32_u8).prop_map(|(whole, lines, covered)| Standing {
            whole: Purposes::from_bits(whole),
            lines: Purposes::from_bits(lines),
            covered: Purposes::from_bits(covered),
        })
    }

    proptest! {
        #[test]
        fn a_standing_comes_back(standing in standing()) {
            prop_assert_eq!(Standing::unpack(standing.pack()), standing);
        }

        #[test]
        fn the_union_is_that_of_the_bits(a in standing(), b in standing()) {
            let ([a0, a1], [b0, b1]) = (a.pack(), b.pack());
            prop_assert_eq!(Standing::unpack([a0 | b0, a1 | b1]), a.union(b));
        }
    }
}
