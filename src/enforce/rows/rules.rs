//! By what rows are judged.
//!
//! Decides which exclusions and which coverage count for a run.

use serde::{Deserialize, Serialize};

use super::canary::Canaries;
use super::counts::Counts;
use super::cut::Lines;
use super::key;
use super::names::Aliases;
use super::people::People;
use crate::dataset::{Column, Columns, Meaning, Value};
use crate::manifest::keys::{HashKind, Keys, Paths};
use crate::policy::Purposes;

/// What becomes of a row that is uncovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uncovered {
    /// Nothing goes on.
    #[default]
    Stop,
    /// It goes, as if it were excluded.
    Drop,
    /// It stays, because somebody said so by name.
    Keep,
}

impl Uncovered {
    /// The name on the command line and in receipts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Drop => "drop",
            Self::Keep => "keep",
        }
    }
}

/// By what rows are judged. One for a whole run, for any number of threads.
pub struct Rules<'k> {
    /// The columns.
    pub(super) columns: &'k Columns,
    /// Where those of each meaning are.
    places: [Vec<usize>; Meaning::ALL.len()],
    /// Where those are that hold hashes of contents, and of which kind.
    pub(super) hashes: Vec<(usize, HashKind)>,
    /// What manifests say; nothing, if rows are judged by lists alone.
    pub keys: Option<&'k Keys>,
    /// Whom lists mean, for columns that name people.
    pub people: Option<People<'k>>,
    /// What the data is to be used for: what is excluded for one of these is, and what is not decided for all of these is
    /// uncovered. Without it, it is for all.
    pub purposes: Option<Purposes>,
    /// What becomes of rows that are uncovered.
    pub uncovered: Uncovered,
    /// Whether lines go in place of whole rows, and what stands for them then.
    pub lines: Option<Lines>,
    /// The old names of repositories.
    pub(super) aliases: &'k Aliases,
    /// The rows that have to be found.
    pub(super) canaries: &'k Canaries,
}

/// Why a row is uncovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No column that tells what it is has a value.
    NoKey,
    /// What stands in a column (by its place) is not what the column is for.
    Malformed(usize),
    /// No manifest looked at it.
    Unknown,
    /// It is known by its place alone, and no manifest looked at a file of that path.
    UnknownPath,
    /// It shows parts of a file, and does not name one in a repository that a manifest looked at.
    Unnamed,
    /// It names no repository or no path, where manifests exclude some whatever is in them.
    Unplaced,
}

impl<'k> Rules<'k> {
    /// By nothing yet: keys or people have to follow.
    #[must_use]
    pub fn new(columns: &'k Columns, aliases: &'k Aliases, canaries: &'k Canaries) -> Self {
        let mut places = [const { Vec::new() }; Meaning::ALL.len()];
        for (at, column) in columns.iter().enumerate() {
            places[column.meaning as usize].push(at);
        }
        let hashes =
            columns.iter().enumerate().filter_map(|(at, column)| Some((at, key::kind(column.meaning)?)));
        Self {
            columns,
            places,
            hashes: hashes.collect(),
            keys: None,
            people: None,
            purposes: None,
            uncovered: Uncovered::default(),
            lines: None,
            aliases,
            canaries,
        }
    }

    /// Whether something that is excluded for these purposes is for ours.
    pub(super) fn excludes(&self, purposes: Purposes) -> bool {
        !self.asked().intersection(purposes).is_empty()
    }

    /// Whether it was decided for all of ours.
    pub(super) fn covers(&self, purposes: Purposes) -> bool {
        purposes.contains_all(self.asked())
    }

    fn asked(&self) -> Purposes {
        self.purposes.unwrap_or(Purposes::ALL)
    }

    /// The places of the columns of some meaning.
    pub(super) fn places(&self, meaning: Meaning) -> &[usize] {
        &self.places[meaning as usize]
    }

    /// The column of hashes that tells all of every row that it excludes or covers, if there is one: nothing else speaks, and
    /// nothing has to be found or cut in a row that goes.
    pub(super) fn alone(&self) -> Option<usize> {
        let keys = self.keys?;
        let [(column, _)] = self.hashes[..] else { return None };
        let others = self.people.is_some() || keys.has_repos() || keys.has_paths();
        let more =
            [Meaning::Commit, Meaning::Content].iter().any(|meaning| !self.places(*meaning).is_empty());
        let wanted = self.lines.is_some() || !self.canaries.is_empty();
        (!others && !more && !wanted).then_some(column)
    }

    /// The first column of contents or revisions, if rows were looked at by these and none of them ever matched: it is not
    /// what it is said to be. Where there are hashes, these decide, and prove the contents.
    pub(super) fn unmatched(&self, counts: &Counts) -> Option<&'k Column> {
        let mut columns = (0..)
            .zip(self.columns.iter())
            .filter(|(_, column)| matches!(column.meaning, Meaning::Content | Meaning::Revision));
        let decides = self.hashes.is_empty() && counts.looked > 0;
        let (_, first) = columns.clone().next().filter(|_| decides)?;
        columns.all(|(at, _): (usize, _)| counts.matched.get(at) == Some(&0)).then_some(first)
    }

    /// By which manifests paths are covered, if a row with these columns may be known by its place alone.
    #[must_use]
    pub fn paths(columns: &Columns) -> Paths {
        let has = |meaning| columns.iter().any(|column: &Column| column.meaning == meaning);
        match [Meaning::Commit, Meaning::Revision].map(has) {
            _ if has(Meaning::Content) || !has(Meaning::Repo) || !has(Meaning::Path) => Paths::None,
            [true, _] => Paths::Histories,
            [false, true] => Paths::Any,
            [false, false] => Paths::None,
        }
    }

    /// The kind of hash by which contents are looked up: that of the first key, so that one table is enough.
    #[must_use]
    pub fn content_kind(columns: &Columns) -> HashKind {
        columns.iter().find_map(|column| key::kind(column.meaning)).unwrap_or(HashKind::Sha256)
    }
}

/// The texts in a value, but for empty ones.
pub(super) fn texts<'a>(value: Value<'a>) -> Vec<&'a [u8]> {
    match value {
        Value::Null | Value::Unread => Vec::new(),
        Value::Bytes(text) => Some(text).filter(|text| !text.is_empty()).into_iter().collect(),
        Value::List(all) => all.iter().flatten().copied().filter(|text| !text.is_empty()).collect(),
    }
}
