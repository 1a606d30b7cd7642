//! One row of what is excluded.
//!
//! Decides which fields a row of each unit has, how it is written and how rows are ordered. Must not decide
//! what is excluded, nor which fields a profile leaves out.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Range, RangeInclusive};

use serde::Deserialize;
use serde::ser::{Serialize, Serializer};

use super::digest::Hashes;
use super::header::{Header, RowSet};
use super::hex;
use super::profile::Profile;
use super::row::{self, Keys, Row};
use crate::policy::{Purposes, Role};
use crate::repo::ObjectId;

/// What a row excludes, in the order in which rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryUnit {
    /// A whole file version, wherever its bytes turn up.
    Blob,
    /// A range of lines of a file version.
    Lines,
    /// A commit: its message and its diff.
    Commit,
    /// An annotated tag: its message.
    Tag,
    /// Whatever stands at a path of a repository, in any version.
    Path,
    /// A whole repository.
    Repo,
}

impl EntryUnit {
    /// Every unit, in order.
    pub const ALL: [Self; 6] = [Self::Blob, Self::Lines, Self::Commit, Self::Tag, Self::Path, Self::Repo];

    /// The name in manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Lines => "lines",
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Path => "path",
            Self::Repo => "repo",
        }
    }
}

impl fmt::Display for EntryUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a row is there (profile `audit` only), in bytewise order of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The author is excluded.
    Author,
    /// A co-author is excluded.
    CoAuthor,
    /// The committer is excluded.
    Committer,
    /// In an opt-in regime, nobody on the list allows it.
    NotListed,
    /// A rule excludes it, whoever wrote it.
    Rule,
    /// Someone who signed it off is excluded.
    SignedOffBy,
    /// The tagger is excluded.
    Tagger,
    /// It has no usable author.
    Unattributed,
}

impl From<Role> for Basis {
    fn from(role: Role) -> Self {
        match role {
            Role::Author => Self::Author,
            Role::CoAuthor => Self::CoAuthor,
            Role::Committer => Self::Committer,
            Role::SignedOffBy => Self::SignedOffBy,
            Role::Tagger => Self::Tagger,
        }
    }
}

/// How good the evidence for the basis is (profile `audit` only).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Someone wrote so: an author field, a trailer.
    Asserted,
    /// A signature was verified.
    Verified,
}

/// One row of what is excluded. Fields that are `None` are left out of the JSON.
///
/// Rows are ordered by the fields in the order of their declaration, absent before present.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Git's id of the blob, commit or tag.
    #[serde(default, deserialize_with = "hex::option")]
    pub git_sha1: Option<ObjectId>,
    /// SHA-1 of the raw bytes.
    #[serde(default, deserialize_with = "hex::option")]
    pub sha1: Option<[u8; 20]>,
    /// SHA-256 of the raw bytes.
    #[serde(default, deserialize_with = "hex::option")]
    pub sha256: Option<[u8; 32]>,
    /// How many bytes the whole blob or object body has.
    pub size: Option<u64>,
    /// What is excluded.
    pub unit: EntryUnit,
    /// The first line of the range; the first line of a file is 1.
    pub line_start: Option<u64>,
    /// The last line of the range.
    pub line_end: Option<u64>,
    /// Where the range begins; the first byte of a file is 0.
    pub byte_start: Option<u64>,
    /// One past the range's last byte, the newline included.
    pub byte_end: Option<u64>,
    /// The repository's name, spelled by [`path::encode`](super::path::encode).
    pub repo: Option<String>,
    /// The path in the repository, spelled by [`path::encode`](super::path::encode).
    pub path: Option<String>,
    /// Of a blob, the commit that brought this version to this path; of lines, the commit credited.
    #[serde(default, deserialize_with = "hex::option")]
    pub commit: Option<ObjectId>,
    /// For which purposes it is excluded; at least one.
    #[serde(deserialize_with = "row::purposes")]
    pub purposes: Purposes,
    /// Why it is here.
    pub basis: Option<Basis>,
    /// How good the evidence is.
    pub strength: Option<Strength>,
    /// A pseudonym of the subject or rule that decided, keyed per list serial.
    pub rule: Option<String>,
}

impl Entry {
    fn new(unit: EntryUnit, purposes: Purposes) -> Self {
        Self {
            git_sha1: None,
            sha1: None,
            sha256: None,
            size: None,
            unit,
            line_start: None,
            line_end: None,
            byte_start: None,
            byte_end: None,
            repo: None,
            path: None,
            commit: None,
            purposes,
            basis: None,
            strength: None,
            rule: None,
        }
    }

    fn keyed(unit: EntryUnit, hashes: &Hashes, purposes: Purposes) -> Self {
        Self {
            git_sha1: Some(hashes.git_sha1),
            sha1: Some(hashes.sha1),
            sha256: Some(hashes.sha256),
            size: Some(hashes.size),
            ..Self::new(unit, purposes)
        }
    }

    /// A whole file version.
    #[must_use]
    pub fn blob(hashes: &Hashes, purposes: Purposes) -> Self {
        Self::keyed(EntryUnit::Blob, hashes, purposes)
    }

    /// The file that an LFS pointer points at: only its SHA-256 and size are known.
    #[must_use]
    pub fn lfs(sha256: [u8; 32], size: u64, purposes: Purposes) -> Self {
        Self { sha256: Some(sha256), size: Some(size), ..Self::new(EntryUnit::Blob, purposes) }
    }

    /// Lines of a file version: which (the first is 1), and where their bytes stand, newlines included.
    #[must_use]
    pub fn lines(hashes: &Hashes, lines: RangeInclusive<u64>, bytes: Range<u64>, purposes: Purposes) -> Self {
        let (line_start, line_end) = lines.into_inner();
        Self {
            line_start: Some(line_start),
            line_end: Some(line_end),
            byte_start: Some(bytes.start),
            byte_end: Some(bytes.end),
            ..Self::keyed(EntryUnit::Lines, hashes, purposes)
        }
    }

    /// A commit, by the keys of its body.
    #[must_use]
    pub fn commit(hashes: &Hashes, purposes: Purposes) -> Self {
        Self::keyed(EntryUnit::Commit, hashes, purposes)
    }

    /// An annotated tag, by the keys of its body.
    #[must_use]
    pub fn tag(hashes: &Hashes, purposes: Purposes) -> Self {
        Self::keyed(EntryUnit::Tag, hashes, purposes)
    }

    /// Any version of what stands at this path. Both names are spelled by [`path::encode`](super::path::encode).
    #[must_use]
    pub fn path(repo: String, path: String, purposes: Purposes) -> Self {
        Self { repo: Some(repo), path: Some(path), ..Self::new(EntryUnit::Path, purposes) }
    }

    /// Everything in a repository. The name is spelled by [`path::encode`](super::path::encode).
    #[must_use]
    pub fn repo(repo: String, purposes: Purposes) -> Self {
        Self { repo: Some(repo), ..Self::new(EntryUnit::Repo, purposes) }
    }

    fn has_range(&self) -> bool {
        self.line_start.is_some()
            || self.line_end.is_some()
            || self.byte_start.is_some()
            || self.byte_end.is_some()
    }

    fn check_range(&self) -> Result<(), &'static str> {
        let (Some(line_start), Some(line_end), Some(byte_start), Some(byte_end), Some(size)) =
            (self.line_start, self.line_end, self.byte_start, self.byte_end, self.size)
        else {
            return Err("a `lines` row needs `line_start`, `line_end`, `byte_start`, `byte_end` and `size`");
        };
        if line_start == 0 || line_start > line_end {
            return Err("`line_start` is at least 1 and not after `line_end`");
        }
        if byte_start >= byte_end || byte_end > size {
            return Err("`byte_start` is before `byte_end`, and `byte_end` within `size`");
        }
        // Every line has at least one byte, so there are never more lines than bytes.
        if line_end > byte_end || line_end - line_start >= byte_end - byte_start {
            return Err("there are more lines than bytes");
        }
        Ok(())
    }

    /// Takes `next` in, if it is the same but for a range that begins no later than right after this one.
    ///
    /// Both ranges are of one file version, so lines that touch have bytes that touch.
    pub(super) fn join(&mut self, next: &Self) -> bool {
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
    pub(super) fn cmp_keys(&self, other: &Self) -> Ordering {
        self.git_sha1
            .cmp(&other.git_sha1)
            .then_with(|| self.sha1.cmp(&other.sha1))
            .then_with(|| self.sha256.cmp(&other.sha256))
            .then_with(|| self.size.cmp(&other.size))
            .then_with(|| self.unit.cmp(&other.unit))
    }

    /// The ordering of the range.
    pub(super) fn cmp_range(&self, other: &Self) -> Ordering {
        self.line_start
            .cmp(&other.line_start)
            .then_with(|| self.line_end.cmp(&other.line_end))
            .then_with(|| self.byte_start.cmp(&other.byte_start))
            .then_with(|| self.byte_end.cmp(&other.byte_end))
    }

    /// The ordering of the fields after the range.
    pub(super) fn cmp_rest(&self, other: &Self) -> Ordering {
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

impl Row for Entry {
    type Unit = EntryUnit;

    const KIND: &'static str = "entry";
    const FILE: &'static str = "entries";
    const ORDER: &'static [&'static str] = &[
        "git_sha1",
        "sha1",
        "sha256",
        "size",
        "unit",
        "line_start",
        "line_end",
        "byte_start",
        "byte_end",
        "repo",
        "path",
        "commit",
        "purposes",
        "basis",
        "strength",
        "rule",
    ];

    const UNITS: &'static [EntryUnit] = &EntryUnit::ALL;

    fn unit(&self) -> EntryUnit {
        self.unit
    }

    fn purposes(&self) -> Purposes {
        self.purposes
    }

    fn least_profile(&self) -> Profile {
        if self.basis.is_some() || self.strength.is_some() || self.rule.is_some() {
            Profile::Audit
        } else if self.repo.is_some() || self.path.is_some() || self.commit.is_some() {
            Profile::Paths
        } else {
            Profile::Keys
        }
    }

    fn declared(header: &Header) -> (&RowSet, &BTreeMap<EntryUnit, u64>) {
        (&header.entries, &header.counts.entries)
    }

    fn check(&self) -> Result<(), &'static str> {
        let keys = Keys { git_sha1: self.git_sha1, sha1: self.sha1, sha256: self.sha256, size: self.size };
        match self.unit {
            EntryUnit::Blob => keys.check_blob()?,
            EntryUnit::Lines => keys.check_all()?,
            EntryUnit::Commit | EntryUnit::Tag => keys.check_object()?,
            EntryUnit::Path | EntryUnit::Repo => keys.check_none()?,
        }
        if self.unit == EntryUnit::Lines {
            self.check_range()?;
        } else if self.has_range() {
            return Err("only a `lines` row has a range");
        }
        row::check_name(self.repo.as_deref())?;
        row::check_name(self.path.as_deref())?;
        match self.unit {
            EntryUnit::Path if self.path.is_none() => return Err("a `path` row needs `path`"),
            EntryUnit::Path | EntryUnit::Repo if self.repo.is_none() => {
                return Err("a `path` or `repo` row needs `repo`");
            }
            EntryUnit::Commit | EntryUnit::Tag | EntryUnit::Repo if self.path.is_some() => {
                return Err("a `commit`, `tag` or `repo` row has no `path`");
            }
            _ => {}
        }
        if self.path.is_some() && self.repo.is_none() {
            return Err("a `path` needs its `repo`");
        }
        if self.commit.is_some() && !matches!(self.unit, EntryUnit::Blob | EntryUnit::Lines) {
            return Err("only `blob` and `lines` rows have a `commit`");
        }
        if self.purposes.is_empty() {
            return Err("`purposes` is empty");
        }
        row::check_word(self.rule.as_deref())
    }
}

/// The keys in bytewise order, so that the plain JSON is canonical as it is.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = row::Fields::new(serializer, "Entry")?;
        row.put("basis", self.basis)?;
        row.put("byte_end", self.byte_end)?;
        row.put("byte_start", self.byte_start)?;
        row.put("commit", self.commit.as_ref().map(hex::encode))?;
        row.put("git_sha1", self.git_sha1.as_ref().map(hex::encode))?;
        row.put("line_end", self.line_end)?;
        row.put("line_start", self.line_start)?;
        row.put("path", self.path.as_deref())?;
        row.put("purposes", Some(row::Names(self.purposes)))?;
        row.put("repo", self.repo.as_deref())?;
        row.put("rule", self.rule.as_deref())?;
        row.put("sha1", self.sha1.as_ref().map(hex::encode))?;
        row.put("sha256", self.sha256.as_ref().map(hex::encode))?;
        row.put("size", self.size)?;
        row.put("strength", self.strength)?;
        row.put("unit", Some(self.unit))?;
        row.end()
    }
}

#[cfg(test)]
mod tests;
