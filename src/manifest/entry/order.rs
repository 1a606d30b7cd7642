//! The order of entries, and how ranges of lines are joined.
//!
//! Decides when two rows say the same but for their range. What stands first here stands first in every manifest, so
//! a change of it is a new major version.

use std::cmp::Ordering;

use super::Entry;

impl Entry {
    /// Takes `next` in, if it is the same but for a range that begins no later than right after this one.
    ///
    /// Both ranges are of one file version, so lines that touch have bytes that touch.
    pub(in crate::manifest) fn join(&mut self, next: &Self) -> bool {
        let touches = next.line_start <= self.line_end.map(|line| line.saturating_add(1));
        if !touches || self.cmp_keys(next).is_ne() || self.cmp_rest(next).is_ne() {
            return false;
        }
        self.line_end = self.line_end.max(next.line_end);
        self.byte_start = self.byte_start.min(next.byte_start);
        self.byte_end = self.byte_end.max(next.byte_end);
        true
    }

    /// The ordering of the fields before the range: the keys and the unit.
    pub(in crate::manifest) fn cmp_keys(&self, other: &Self) -> Ordering {
        self.git_sha1
            .cmp(&other.git_sha1)
            .then_with(|| self.sha1.cmp(&other.sha1))
            .then_with(|| self.sha256.cmp(&other.sha256))
            .then_with(|| self.size.cmp(&other.size))
            .then_with(|| self.unit.cmp(&other.unit))
    }

    /// The ordering of the range.
    pub(in crate::manifest) fn cmp_range(&self, other: &Self) -> Ordering {
        self.line_start
            .cmp(&other.line_start)
            .then_with(|| self.line_end.cmp(&other.line_end))
            .then_with(|| self.byte_start.cmp(&other.byte_start))
            .then_with(|| self.byte_end.cmp(&other.byte_end))
    }

    /// The ordering of the fields after the range.
    pub(in crate::manifest) fn cmp_rest(&self, other: &Self) -> Ordering {
        self.repo
            .cmp(&other.repo)
            .then_with(|| self.path.cmp(&other.path))
            .then_with(|| self.commit.cmp(&other.commit))
            .then_with(|| self.purposes.iter().cmp(other.purposes.iter()))
            .then_with(|| self.basis.cmp(&other.basis))
            .then_with(|| self.strength.cmp(&other.strength))
            .then_with(|| self.rule.cmp(&other.rule))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cmp_keys(other).then_with(|| self.cmp_range(other)).then_with(|| self.cmp_rest(other))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
