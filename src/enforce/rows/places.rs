//! Where a row says that it was found: its repositories and paths.
//!
//! Decides which values belong together, in which spellings they are looked up, and whether anything is missing or is no
//! name at all. What is looked up in one spelling too many only excludes more.

use std::borrow::Cow;

use super::names;
use super::rules::{Rules, Why, texts};
use crate::dataset::{Meaning, Row, Value};

/// Where a row was found.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    /// Every pair of a repository and a path that it names, in each spelling; the path is empty where it has none. Columns of
    /// both kinds belong together in their order, if there are as many of each; else any may belong to any.
    pub(super) pairs: Vec<(String, Cow<'a, [u8]>)>,
    repos: Doubt,
    paths: Doubt,
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

impl<'a> Places<'a> {
    /// Those of a row.
    pub(super) fn of(rules: &Rules<'_>, row: &Row<'a>) -> Self {
        let mut found = Self::default();
        let (repos, paths) = (rules.places(Meaning::Repo), rules.places(Meaning::Path));
        let paired = repos.len() == paths.len();
        for (at, &repo) in repos.iter().enumerate() {
            let paths = if paired { &paths[at..=at] } else { paths };
            let (names, mut spelled) = (found.repos(rules, row, repo), found.paths(row, paths));
            // Where columns belong together, some may have nothing at all: a content has been found less often.
            let belongs = !paired || !names.is_empty() || !spelled.is_empty();
            found.repos.missing |= paired && belongs && names.is_empty();
            if spelled.is_empty() {
                found.paths.missing |= belongs && !paths.is_empty();
                spelled.push(Cow::Borrowed(b""));
            }
            for name in names {
                found.pairs.extend(spelled.iter().map(|path| (name.clone(), path.clone())));
            }
        }
        found.repos.missing |= found.pairs.is_empty();
        found
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

    fn paths(&mut self, row: &Row<'a>, columns: &[usize]) -> Vec<Cow<'a, [u8]>> {
        let mut paths = Vec::new();
        for &at in columns {
            for value in self.paths.texts(row.values[at]) {
                for path in names::spellings(value) {
                    if !names::is_path(&path) {
                        self.paths.malformed.get_or_insert(at);
                    }
                    paths.extend(Some(names::path(path)).filter(|path| !path.is_empty()));
                }
            }
        }
        paths
    }
}
