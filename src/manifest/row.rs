//! What entries and coverage rows have in common.
//!
//! Decides which sets of keys make sense and how fields are written. Must not know one kind of row from another.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::fields::Fields;
use super::header::{Header, RowSet};
use super::path;
use super::profile::Profile;
use crate::policy::{Purpose, Purposes};
use crate::repo::ObjectId;

/// The largest number that every JSON reader keeps exactly (RFC 7493): 2^53 - 1.
pub(super) const MAX_NUMBER: u64 = (1 << 53) - 1;

/// A row of a manifest.
pub(super) trait Row: DeserializeOwned + Ord + Sync {
    /// Its units.
    type Unit: Copy + Ord + fmt::Display + Send + 'static;

    /// What one of them is called in a stream.
    const KIND: &'static str;
    /// The name of their file, without its ending.
    const FILE: &'static str;
    /// The fields in the order in which rows are sorted.
    const ORDER: &'static [&'static str];
    /// Every unit, in order.
    const UNITS: &'static [Self::Unit];

    /// The row's unit.
    fn unit(&self) -> Self::Unit;

    /// The purposes it names, if it names any.
    fn purposes(&self) -> Purposes;

    /// The profile that tells least and still shows the whole row.
    fn least_profile(&self) -> Profile;

    /// Whether the fields go together, each within its bounds.
    fn check(&self) -> Result<(), &'static str>;

    /// Writes the fields that are there, the keys in bytewise order, so that the plain JSON is canonical as it is.
    fn write(&self, fields: &mut Fields<'_>) -> serde_json::Result<()>;

    /// What it is about, for an error: an id, if it has one.
    fn content(&self) -> String;

    /// The part of a long file in which the row stands.
    fn part(&self) -> Part;

    /// What a header says about such rows: the set, and how many there are of each unit.
    fn declared(header: &Header) -> (&RowSet, &BTreeMap<Self::Unit, u64>);

    /// Makes a header say that.
    fn declare(header: &mut Header, set: RowSet, counts: BTreeMap<Self::Unit, u64>);
}

/// The keys of a row.
pub(super) struct Keys {
    pub(super) git_sha1: Option<ObjectId>,
    pub(super) sha1: Option<[u8; 20]>,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) size: Option<u64>,
}

impl Keys {
    /// All of them, as a blob in Git has.
    pub(super) fn check_all(&self) -> Result<(), &'static str> {
        if self.git_sha1.is_none() {
            return Err("the row needs `git_sha1`");
        }
        self.check_blob()
    }

    /// All of them; or SHA-256 and size, as an LFS pointer tells them.
    pub(super) fn check_blob(&self) -> Result<(), &'static str> {
        if self.sha256.is_none() || self.size.is_none() {
            return Err("the row needs `sha256` and `size`");
        }
        if self.git_sha1.is_some() != self.sha1.is_some() {
            return Err("`git_sha1` and `sha1` come together");
        }
        self.check_size()
    }

    /// All of them, or the object id alone.
    pub(super) fn check_object(&self) -> Result<(), &'static str> {
        if self.git_sha1.is_none() {
            return Err("the row needs `git_sha1`");
        }
        if self.sha1.is_some() != self.sha256.is_some() || self.sha1.is_some() != self.size.is_some() {
            return Err("`sha1`, `sha256` and `size` come together");
        }
        self.check_size()
    }

    /// None of them.
    pub(super) fn check_none(&self) -> Result<(), &'static str> {
        if self.git_sha1.is_some() || self.sha1.is_some() || self.sha256.is_some() || self.size.is_some() {
            return Err("a row for any version has no hashes and no `size`");
        }
        Ok(())
    }

    fn check_size(&self) -> Result<(), &'static str> {
        check_number(self.size.unwrap_or(0))
    }
}

/// A part of a long file: the rows of a unit (by its place among the units), where it matters for the order, whose ids
/// begin with the same byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    unit: Option<(usize, &'static str)>,
    first: Option<u8>,
}

impl Part {
    pub(super) fn new(unit: Option<(usize, &'static str)>, id: Option<ObjectId>) -> Self {
        Self { unit, first: id.map(|id| id.as_bytes()[0]) }
    }

    /// The name of its file. Names sort as the rows do: those without an id come first, and `0.jsonl` is before
    /// `00.jsonl`.
    pub(super) fn name(self) -> String {
        let unit = self.unit.map(|(place, name)| format!("{place}-{name}-")).unwrap_or_default();
        let first = self.first.map_or_else(|| "0".to_owned(), |byte| format!("{byte:02x}"));
        format!("{unit}{first}.jsonl")
    }
}

/// Whether every reader keeps the number exactly.
pub(super) fn check_number(number: u64) -> Result<(), &'static str> {
    if number > MAX_NUMBER { Err("a number is larger than 2^53 - 1") } else { Ok(()) }
}

/// Whether a name of a repository, ref or path, if there is one, is spelled as [`path::encode`] spells it.
pub(super) fn check_name(name: Option<&str>) -> Result<(), &'static str> {
    match name {
        Some("") => Err("a name or path is empty"),
        Some(name) if path::decode(name).is_none() => {
            Err("a name or path is not percent-encoded in the one canonical way")
        }
        _ => Ok(()),
    }
}

/// Whether a word, if there is one, is not empty and has no control characters.
pub(super) fn check_word(word: Option<&str>) -> Result<(), &'static str> {
    match word {
        Some(word) if word.is_empty() || word.chars().any(char::is_control) => {
            Err("a text is empty or has control characters")
        }
        _ => Ok(()),
    }
}

/// Purposes as JSON: an array of names, each once, in bytewise order.
pub(super) struct Names(pub(super) Purposes);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Purpose::as_str))
    }
}

/// For `serialize_with`.
pub(super) fn write_purposes<S: Serializer>(purposes: &Purposes, serializer: S) -> Result<S::Ok, S::Error> {
    Names(*purposes).serialize(serializer)
}

/// For `deserialize_with`; order and repetition are caught when the row is held against its canonical form.
pub(super) fn purposes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Purposes, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let purposes = names.iter().map(|name| Purpose::parse(name).ok_or("an unknown purpose"));
    purposes.collect::<Result<_, _>>().map_err(D::Error::custom)
}
