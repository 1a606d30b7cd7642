//! One row of what is excluded.
//!
//! Decides which fields there are and what they mean. Must not decide what is excluded, nor which fields a profile
//! leaves out.

mod form;
mod order;

use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digest::Hashes;
use super::{hex, row};
use crate::policy::{Purposes, Role};
use crate::repo::ObjectId;

/// What a row excludes, in the order in which rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    pub repo: Option<Arc<str>>,
    /// The path in the repository, spelled by [`path::encode`](super::path::encode).
    pub path: Option<Arc<str>>,
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
    pub rule: Option<Arc<str>>,
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
    pub fn path(repo: Arc<str>, path: Arc<str>, purposes: Purposes) -> Self {
        Self { repo: Some(repo), path: Some(path), ..Self::new(EntryUnit::Path, purposes) }
    }

    /// Everything in a repository. The name is spelled by [`path::encode`](super::path::encode).
    #[must_use]
    pub fn repo(repo: Arc<str>, purposes: Purposes) -> Self {
        Self { repo: Some(repo), ..Self::new(EntryUnit::Repo, purposes) }
    }
}

#[cfg(test)]
mod tests;
