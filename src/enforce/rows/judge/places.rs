//! The judge of rows, as far as they say where they were found.
//!
//! Decides what the repository, the path and the revision of a row tell: alone, or beside what it is known by.

use super::{Early, RowJudge, Seen};
use crate::dataset::{Meaning, Row, Value};
use crate::enforce::rows::key;
use crate::enforce::rows::rules::Why;
use crate::manifest::keys::Keys;

impl RowJudge<'_, '_> {
    /// Repositories and paths that are excluded in any version.
    pub(super) fn by_places(&self, keys: &Keys, row: &Row<'_>) -> Result<(), Early> {
        let excluded = |(repo, path): &(String, &[u8])| {
            self.rules.excludes(keys.place(repo.as_bytes(), Some(path)).any_version)
        };
        if self.rules.pairs(row).iter().any(excluded) { Err(Early::Excluded) } else { Ok(()) }
    }

    /// Whether some version of what stands where a row was found is excluded.
    pub(super) fn some_version(&self, keys: &Keys, row: &Row<'_>) -> bool {
        let excluded = |(repo, path): &(String, &[u8])| {
            self.rules.excludes(keys.place(repo.as_bytes(), Some(path)).some_version)
        };
        self.rules.pairs(row).iter().any(excluded)
    }

    /// A commit says whose it is, and not whose the lines around its own are: those of a file of which some version is
    /// excluded may be anybody's. Whether there is one is known of the repositories that manifests name.
    pub(super) fn by_files_of_commit(
        &self,
        keys: &Keys,
        row: &Row<'_>,
        seen: &mut Seen,
    ) -> Result<(), Early> {
        if self.some_version(keys, row) {
            return Err(Early::Excluded);
        }
        let known = |(repo, path): &(String, &[u8])| {
            !path.is_empty() && self.rules.covers(keys.repo(repo.as_bytes()))
        };
        if !self.rules.pairs(row).iter().any(known) {
            seen.uncovered(Why::Unnamed);
        }
        Ok(())
    }

    /// Where nothing else tells what it is: whether the file stood in a revision that was read completely.
    pub(super) fn by_revision(&mut self, keys: &Keys, row: &Row<'_>, seen: &mut Seen) {
        let rules = self.rules;
        for &at in rules.places(Meaning::Revision) {
            let Value::Bytes(value) = row.values[at] else { continue };
            let Some(commit) = key::revision(value) else {
                seen.uncovered(Why::Malformed(at));
                continue;
            };
            let pairs = self.rules.pairs(row);
            let covered = pairs.iter().any(|(repo, _)| self.rules.covers(keys.tip(repo.as_bytes(), &commit)));
            let named = pairs.iter().all(|(_, path)| !path.is_empty());
            let excluded = self.some_version(keys, row);
            if covered && named && !excluded {
                self.hit(at);
                seen.clear();
            } else {
                if excluded {
                    self.hit(at);
                }
                seen.uncovered(Why::Unknown);
            }
        }
    }
}
