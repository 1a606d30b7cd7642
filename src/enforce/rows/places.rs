//! Where a row says that it was found: its repositories and paths.
//!
//! Decides which values belong together, in which spellings they are looked up, and whether anything is missing or is no
//! name at all. What is looked up in one spelling too many only excludes more.

use std::borrow::Cow;

use super::rules::{Rules, Why, texts};
use super::{key, names};
use crate::dataset::{Meaning, Row, Value};

/// Where a row was found.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    /// What belongs together. Columns of both kinds do in their order, if there are as many of each; else any may belong to any.
    pub(super) groups: Vec<Group<'a>>,
    repos: Doubt,
    paths: Doubt,
}

/// Repositories and paths of which any may belong to any.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The repositories, by every name that each has; there is at least one.
    pub(super) repos: Vec<String>,
    /// Each path that is named, in every spelling in which it is looked up, of which there is at least one. With those in the URLs
    /// of revisions.
    pub(super) paths: Vec<Vec<Cow<'a, [u8]>>>,
    /// Whether a column of paths names one.
    pub(super) named: bool,
}

/// What is doubtful about names of one kind.
#[derive(Debug, Default)]
struct Doubt {
    /// One is not there: all of a row, one of a list, or that which belongs to one of the other kind.
    missing: bool,
    /// A value is none: of the column of this place.
    malformed: Option<usize>,
}

impl Doubt {
    fn why(&self) -> Option<Why> {
        self.malformed.map(Why::Malformed).or(self.missing.then_some(Why::Unplaced))
    }

    /// The texts in a value, but for empty ones.
    fn texts<'a>(&mut self, value: Value<'a>) -> Vec<&'a [u8]> {
        let texts = texts(value);
        self.missing |= matches!(value, Value::List(all) if all.len() != texts.len());
        texts
    }
}

impl Group<'_> {
    /// Every pair of a repository and a path, in each spelling; the path is empty where it has none.
    fn pairs(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let none = self.paths.is_empty().then_some(&b""[..]);
        self.repos.iter().flat_map(move |repo| {
            let paths = self.paths.iter().flatten().map(AsRef::as_ref);
            paths.chain(none).map(move |path| (repo.as_str(), path))
        })
    }
}

impl<'a> Places<'a> {
    /// Those of a row.
    pub(super) fn of(rules: &Rules<'_>, row: &Row<'a>) -> Self {
        let mut found = Self::default();
        let (repos, paths) = (rules.places(Meaning::Repo), rules.places(Meaning::Path));
        let paired = repos.len() == paths.len();
        let in_urls = found.in_urls(rules, row);
        for (at, &repo) in repos.iter().enumerate() {
            let columns = if paired { &paths[at..=at] } else { paths };
            let (repos, mut paths) = (found.repos(rules, row, repo), found.paths(row, columns));
            let named = !paths.is_empty();
            // Where columns belong together, some may have nothing at all: a content has been found less often.
            let belongs = !paired || !repos.is_empty() || named;
            found.repos.missing |= paired && belongs && repos.is_empty();
            found.paths.missing |= !named && belongs && !columns.is_empty();
            if !repos.is_empty() {
                paths.extend_from_slice(&in_urls);
                found.groups.push(Group { repos, paths, named });
            }
        }
        found.repos.missing |= found.groups.is_empty();
        found
    }

    /// Every pair of a repository and a path that may belong together.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.groups.iter().flat_map(Group::pairs)
    }

    /// Why it is not known in which repository it was found.
    pub(super) fn repo_in_doubt(&self) -> Option<Why> {
        self.repos.why()
    }

    /// Why it is not known at which path.
    pub(super) fn path_in_doubt(&self) -> Option<Why> {
        self.repos.why().or(self.paths.why())
    }

    /// Why it is not known, though there is a value for all of it.
    pub(super) fn malformed(&self) -> Option<Why> {
        self.repos.malformed.or(self.paths.malformed).map(Why::Malformed)
    }

    fn repos(&mut self, rules: &Rules<'_>, row: &Row<'a>, at: usize) -> Vec<String> {
        let values = self.repos.texts(row.values[at]);
        let mut names = Vec::new();
        for value in values {
            let value = String::from_utf8_lossy(value);
            if !names::are_names(&value) {
                self.repos.malformed.get_or_insert(at);
            }
            names.extend(names::each(&value).flat_map(|name| rules.aliases.all(name)));
        }
        names
    }

    fn paths(&mut self, row: &Row<'a>, columns: &[usize]) -> Vec<Vec<Cow<'a, [u8]>>> {
        let mut paths = Vec::new();
        for &at in columns {
            for value in self.paths.texts(row.values[at]) {
                if !names::spellings(value).all(|path| names::is_path(&path)) {
                    self.paths.malformed.get_or_insert(at);
                }
                paths.extend(Some(spelled(names::spellings(value))).filter(|path| !path.is_empty()));
            }
        }
        paths
    }

    /// The paths in the URLs of revisions (`…/blob/ID/path#L1-L9`).
    fn in_urls(&mut self, rules: &Rules<'_>, row: &Row<'a>) -> Vec<Vec<Cow<'a, [u8]>>> {
        let mut paths = Vec::new();
        for &at in rules.places(Meaning::Revision) {
            let Value::Bytes(value) = row.values[at] else { continue };
            let rest = key::behind_revision(value);
            let may_be = names::of_url(rest).flat_map(names::spellings).filter(|path| names::is_path(path));
            let path = spelled(may_be);
            if !path.is_empty() {
                paths.push(path);
            } else if !rest.is_empty() {
                self.paths.malformed.get_or_insert(at);
            }
        }
        paths
    }
}

/// The paths that are left of spellings, each once.
fn spelled<'a>(spellings: impl Iterator<Item = Cow<'a, [u8]>>) -> Vec<Cow<'a, [u8]>> {
    let mut paths: Vec<_> = spellings.map(names::path).filter(|path| !path.is_empty()).collect();
    paths.dedup();
    paths
}
