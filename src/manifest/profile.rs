//! How much a manifest tells besides the keys of what is excluded.
//!
//! Decides which fields each profile leaves out, and nothing else.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::coverage::{CoverageRow, RefCoverage};
use super::entry::{Entry, EntryUnit};

/// How much a manifest tells, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Hashes, sizes, ranges and purposes only: nothing that names a repository, path or commit it was found in.
    Keys,
    /// Also where it was found: repository, path, commit.
    #[default]
    Paths,
    /// Also why: basis, strength and a pseudonym of what decided.
    Audit,
}

impl Profile {
    /// Every profile, the one that tells least first.
    pub const ALL: [Self; 3] = [Self::Keys, Self::Paths, Self::Audit];

    /// The name in manifests and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Paths => "paths",
            Self::Audit => "audit",
        }
    }

    /// The profile of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The entry as `profile` shows it: `None` if nothing is left of it, as of `path` and `repo` rows in `keys`.
#[must_use]
pub fn project(entry: Entry, profile: Profile) -> Option<Entry> {
    let mut entry = entry;
    if profile < Profile::Audit {
        entry.basis = None;
        entry.strength = None;
        entry.rule = None;
    }
    if profile < Profile::Paths {
        if matches!(entry.unit, EntryUnit::Path | EntryUnit::Repo) {
            return None;
        }
        entry.repo = None;
        entry.path = None;
        entry.commit = None;
    }
    Some(entry)
}

/// The coverage row as `profile` shows it: in `keys`, refs keep their tip but not their names, and nothing is left of
/// `path` rows.
#[must_use]
pub fn project_coverage(row: CoverageRow, profile: Profile) -> Option<CoverageRow> {
    match row {
        CoverageRow::Ref(row) if profile < Profile::Paths => {
            Some(CoverageRow::of_ref(RefCoverage { repo: None, name: None, ..*row }))
        }
        CoverageRow::Path(_) if profile < Profile::Paths => None,
        row => Some(row),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::row::Row;
    use super::super::samples::{coverage_row, entry, profile, tip};
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for profile in Profile::ALL {
            assert_eq!(Profile::parse(profile.as_str()), Some(profile));
        }
        assert_eq!(Profile::parse("full"), None);
    }

    #[test]
    fn keys_know_a_tip_but_not_its_name() {
        let Some(CoverageRow::Ref(row)) = project_coverage(CoverageRow::of_ref(tip()), Profile::Keys) else {
            panic!("a ref stays a ref")
        };
        assert_eq!((row.repo, row.name, row.tip), (None, None, tip().tip));
    }

    proptest! {
        #[test]
        fn a_profile_shows_no_more_than_it_may(entry in entry(), row in coverage_row(), profile in profile()) {
            let least = row.least_profile();
            let shown = project_coverage(row.clone(), profile);
            prop_assert!(shown.as_ref().is_none_or(|shown| shown.least_profile() <= profile));
            if least <= profile {
                prop_assert_eq!(shown, Some(row));
            }
            if let Some(shown) = project(entry.clone(), profile) {
                prop_assert!(shown.least_profile() <= profile);
                prop_assert!(shown.check().is_ok());
                prop_assert_eq!(shown.purposes, entry.purposes);
            }
        }

        #[test]
        fn a_row_that_a_profile_may_show_is_left_alone(entry in entry(), profile in profile()) {
            if entry.least_profile() <= profile {
                prop_assert_eq!(project(entry.clone(), profile), Some(entry));
            }
        }
    }
}
