//! The judge of rows, as far as they say where they were found.
//!
//! Decides what the repository, the path and the revision of a row tell: alone, or beside what it is known by.

use std::borrow::Cow;

use super::{Early, RowJudge, Seen};
use crate::dataset::{Meaning, Row, Value};
use crate::enforce::rows::key;
use crate::enforce::rows::places::Places;
use crate::enforce::rows::rules::Why;
use crate::manifest::keys::Keys;

/// A repository and a path.
type Pair<'a> = (String, Cow<'a, [u8]>);

impl RowJudge<'_, '_> {
    /// Repositories and paths that are excluded in any version. Where there are such, a row has to say which it is of.
    pub(super) fn by_places(&self, keys: &Keys, row: &Row<'_>, seen: &mut Seen) -> Result<(), Early> {
        let rules = self.rules;
        if rules.places(Meaning::Repo).is_empty() {
            return Ok(());
        }
        let places = Places::of(rules, row);
        let excluded =
            |(repo, path): &Pair<'_>| rules.excludes(keys.place(repo.as_bytes(), Some(path)).any_version);
        if places.pairs.iter().any(excluded) {
            return Err(Early::Excluded);
        }
        let paths = keys.has_paths() && !rules.places(Meaning::Path).is_empty();
        let doubt = if paths { places.path_in_doubt() } else { places.repo_in_doubt() };
        if let Some(why) = doubt {
            seen.uncovered(why);
        }
        Ok(())
    }

    /// Whether some version of what stands where a row was found is excluded.
    pub(super) fn some_version(&self, keys: &Keys, row: &Row<'_>) -> bool {
        self.some_version_at(keys, &Places::of(self.rules, row))
    }

    fn some_version_at(&self, keys: &Keys, places: &Places<'_>) -> bool {
        let excluded = |(repo, path): &Pair<'_>| {
            self.rules.excludes(keys.place(repo.as_bytes(), Some(path)).some_version)
        };
        places.pairs.iter().any(excluded)
    }

    /// A commit says whose it is, and not whose the lines around its own are: those of a file of which some version is
    /// excluded may be anybody's. Whether there is one is known of repositories whose history, with this commit, manifests cover.
    pub(super) fn by_files_of_commit(
        &self,
        keys: &Keys,
        row: &Row<'_>,
        seen: &mut Seen,
    ) -> Result<(), Early> {
        let places = Places::of(self.rules, row);
        if self.some_version_at(keys, &places) {
            return Err(Early::Excluded);
        }
        let commits = self.rules.places(Meaning::Commit).iter().filter_map(|at| match row.values[*at] {
            Value::Bytes(value) => key::commit(value),
            _ => None,
        });
        let commits: Vec<[u8; 20]> = commits.collect();
        let known = |(repo, path): &Pair<'_>| {
            let in_it = |commit| self.rules.covers(keys.history(repo.as_bytes(), commit));
            !path.is_empty() && commits.iter().any(in_it)
        };
        if let Some(why) = places.malformed() {
            seen.uncovered(why);
        } else if !places.pairs.iter().any(known) {
            seen.uncovered(Why::Unnamed);
        }
        Ok(())
    }

    /// Where nothing else tells what it is: whether the file stood in a revision that was read completely.
    pub(super) fn by_revision(&mut self, keys: &Keys, row: &Row<'_>, seen: &mut Seen) {
        let rules = self.rules;
        self.looked = true;
        let places = Places::of(rules, row);
        if let Some(why) = places.malformed() {
            seen.uncovered(why);
        }
        for &at in rules.places(Meaning::Revision) {
            let Value::Bytes(value) = row.values[at] else { continue };
            let Some(commit) = key::revision(value) else {
                seen.uncovered(Why::Malformed(at));
                continue;
            };
            let pairs = &places.pairs;
            let covered = pairs.iter().any(|(repo, _)| rules.covers(keys.tip(repo.as_bytes(), &commit)));
            let named = pairs.iter().all(|(_, path)| !path.is_empty());
            let excluded = self.some_version_at(keys, &places);
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
