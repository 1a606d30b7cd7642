//! The judge of rows, as far as they say where they were found.
//!
//! Decides what the repository, the path and the revision of a row tell: alone, or beside what it is known by.

use super::{Early, RowJudge, Seen};
use crate::dataset::{Meaning, Row, Value};
use crate::enforce::rows::key;
use crate::enforce::rows::places::Places;
use crate::enforce::rows::rules::Why;
use crate::manifest::keys::Keys;

impl RowJudge<'_, '_> {
    /// Repositories and paths that are excluded in any version. Where there are such, a row has to say which it is of.
    pub(super) fn by_places(&self, keys: &Keys, row: &Row<'_>, seen: &mut Seen) -> Result<(), Early> {
        let rules = self.rules;
        if rules.places(Meaning::Repo).is_empty() {
            return Ok(());
        }
        let places = Places::of(rules, row);
        let excluded =
            |(repo, path): (&str, &[u8])| rules.excludes(keys.place(repo.as_bytes(), Some(path)).any_version);
        if places.pairs().any(excluded) {
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
        let excluded = |(repo, path): (&str, &[u8])| {
            self.rules.excludes(keys.place(repo.as_bytes(), Some(path)).some_version)
        };
        places.pairs().any(excluded)
    }

    /// Whether a manifest looked at a file at every path that a row names. It names one of a repository that is `known`, and
    /// each path in one such repository; else it is uncovered, as what `else_why` says or because of the path.
    ///
    /// That nothing is excluded at a path says nothing of it where nobody looked: below a submodule or a link, or where the
    /// path is spelled as no file's is. A file at one of the spellings is enough: at none of them anything is excluded.
    fn looked_at(
        &self,
        keys: &Keys,
        places: &Places<'_>,
        known: impl Fn(&str) -> bool,
        else_why: Why,
    ) -> Result<(), Why> {
        let mut any = false;
        for group in &places.groups {
            let repos: Vec<&str> =
                group.repos.iter().map(String::as_str).filter(|repo| known(repo)).collect();
            any |= group.named && !repos.is_empty();
            let is_file = |path: &[u8]| {
                repos.iter().any(|repo| self.rules.covers(keys.place(repo.as_bytes(), Some(path)).covered))
            };
            if !repos.is_empty() && !group.paths.iter().all(|path| path.iter().any(|path| is_file(path))) {
                return Err(Why::UnknownPath);
            }
        }
        if any { Ok(()) } else { Err(else_why) }
    }

    /// A commit says whose it is, and not whose the lines around its own are: those of a file of which some version is
    /// excluded may be anybody's. Whether there is one is known of files in repositories whose history, with this commit,
    /// manifests cover.
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
        let known = |repo: &str| {
            commits.iter().any(|commit| self.rules.covers(keys.history(repo.as_bytes(), commit)))
        };
        if let Some(why) = places.malformed() {
            seen.uncovered(why);
        } else if let Err(why) = self.looked_at(keys, &places, known, Why::Unnamed) {
            seen.uncovered(why);
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
            let known = |repo: &str| rules.covers(keys.tip(repo.as_bytes(), &commit));
            let named = places.groups.iter().all(|group| group.named);
            let excluded = self.some_version_at(keys, &places);
            let looked_at = self.looked_at(keys, &places, known, Why::Unknown);
            match looked_at {
                Ok(()) if named && !excluded => {
                    self.hit(at);
                    seen.clear();
                }
                _ => {
                    if excluded {
                        self.hit(at);
                    }
                    seen.uncovered(looked_at.err().unwrap_or(Why::Unknown));
                }
            }
        }
    }
}
