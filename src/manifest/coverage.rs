//! One row of what was looked at: a ref, or an object.
//!
//! Decides which fields a row has, how it is written and how rows are ordered. A row of a data set that no
//! coverage row knows is uncovered, so a row too many here lets something through: whoever writes one has read it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::digest::Hashes;
use super::fields::Fields;
use super::header::{Header, RowSet};
use super::hex;
use super::profile::Profile;
use super::row::{self, Keys, Part, Row};
use crate::policy::Purposes;
use crate::repo::ObjectId;

/// One row of what was looked at. Rows are ordered by unit, then by the fields in the order of declaration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CoverageRow {
    /// A ref, and how far it was read. In a box, as there are few, and more to tell of them than of the others.
    Ref(Box<RefCoverage>),
    /// A file version whose every line was judged.
    Blob(ObjectCoverage),
    /// A commit whose message and identities were judged.
    Commit(ObjectCoverage),
    /// An annotated tag whose message and tagger were judged.
    Tag(ObjectCoverage),
}

/// A ref, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefCoverage {
    /// The repository's name, spelled by [`path::encode`](super::path::encode). Absent in profile `keys`.
    pub repo: Option<Arc<str>>,
    /// The full name (`refs/heads/main`), or `HEAD` where it is detached, spelled the same way. Absent in profile `keys`.
    pub name: Option<String>,
    /// The object it names.
    pub tip: ObjectId,
    /// How many files stand in the tip's tree.
    pub files: u64,
    /// How many lines they have.
    pub lines: u64,
    /// How many commits were judged.
    pub commits: u64,
    /// How many annotated tags were judged.
    pub tags: u64,
    /// How many submodules are recorded, and were not entered.
    pub submodules: u64,
    /// Whether every version of its history was judged, and not only what stands in the tip's tree.
    pub history: bool,
    /// Why not everything was read; `None` if everything was.
    pub incomplete: Option<String>,
}

/// The keys of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectCoverage {
    /// Git's id.
    pub git_sha1: Option<ObjectId>,
    /// SHA-1 of the raw bytes.
    pub sha1: Option<[u8; 20]>,
    /// SHA-256 of the raw bytes.
    pub sha256: Option<[u8; 32]>,
    /// How many bytes.
    pub size: Option<u64>,
}

/// What a coverage row is about, in the order in which rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageUnit {
    /// A ref.
    Ref,
    /// A file version.
    Blob,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl CoverageUnit {
    /// Every unit, in order.
    pub const ALL: [Self; 4] = [Self::Ref, Self::Blob, Self::Commit, Self::Tag];

    /// The name in manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ref => "ref",
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

impl fmt::Display for CoverageUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CoverageRow {
    /// A ref.
    #[must_use]
    pub fn of_ref(row: RefCoverage) -> Self {
        Self::Ref(Box::new(row))
    }

    /// A file version.
    #[must_use]
    pub fn blob(hashes: &Hashes) -> Self {
        Self::Blob(ObjectCoverage {
            git_sha1: Some(hashes.git_sha1),
            sha1: Some(hashes.sha1),
            sha256: Some(hashes.sha256),
            size: Some(hashes.size),
        })
    }

    /// The file that an LFS pointer points at, judged with its pointer.
    #[must_use]
    pub fn lfs(sha256: [u8; 32], size: u64) -> Self {
        Self::Blob(ObjectCoverage { git_sha1: None, sha1: None, sha256: Some(sha256), size: Some(size) })
    }

    /// A commit.
    #[must_use]
    pub fn commit(id: ObjectId) -> Self {
        Self::Commit(ObjectCoverage { git_sha1: Some(id), sha1: None, sha256: None, size: None })
    }

    /// An annotated tag.
    #[must_use]
    pub fn tag(id: ObjectId) -> Self {
        Self::Tag(ObjectCoverage { git_sha1: Some(id), sha1: None, sha256: None, size: None })
    }

    /// What the row is about.
    #[must_use]
    pub fn unit(&self) -> CoverageUnit {
        match self {
            Self::Ref(_) => CoverageUnit::Ref,
            Self::Blob(_) => CoverageUnit::Blob,
            Self::Commit(_) => CoverageUnit::Commit,
            Self::Tag(_) => CoverageUnit::Tag,
        }
    }
}

impl Row for CoverageRow {
    type Unit = CoverageUnit;

    const KIND: &'static str = "coverage";
    const FILE: &'static str = "coverage";
    const ORDER: &'static [&'static str] = &[
        "unit",
        "git_sha1",
        "sha1",
        "sha256",
        "size",
        "repo",
        "ref",
        "tip",
        "files",
        "lines",
        "commits",
        "tags",
        "submodules",
        "history",
        "why",
    ];
    const UNITS: &'static [CoverageUnit] = &CoverageUnit::ALL;

    fn unit(&self) -> CoverageUnit {
        self.unit()
    }

    fn purposes(&self) -> Purposes {
        Purposes::NONE
    }

    fn least_profile(&self) -> Profile {
        match self {
            Self::Ref(row) if row.repo.is_some() || row.name.is_some() => Profile::Paths,
            _ => Profile::Keys,
        }
    }

    fn content(&self) -> String {
        self.unit().to_string()
    }

    fn part(&self) -> Part {
        let id = match self {
            Self::Ref(_) => None,
            Self::Blob(row) | Self::Commit(row) | Self::Tag(row) => row.git_sha1,
        };
        Part::new(Some((self.unit() as usize, self.unit().as_str())), id)
    }

    fn declared(header: &Header) -> (&RowSet, &BTreeMap<CoverageUnit, u64>) {
        (&header.coverage, &header.counts.coverage)
    }

    fn declare(header: &mut Header, set: RowSet, counts: BTreeMap<CoverageUnit, u64>) {
        header.coverage = set;
        header.counts.coverage = counts;
    }

    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Ref(row) => {
                if row.repo.is_some() != row.name.is_some() {
                    return Err("`repo` and `ref` come together");
                }
                row::check_name(row.repo.as_deref())?;
                row::check_name(row.name.as_deref())?;
                [row.files, row.lines, row.commits, row.tags, row.submodules]
                    .into_iter()
                    .try_for_each(row::check_number)?;
                row::check_word(row.incomplete.as_deref())
            }
            Self::Blob(row) => row.keys().check_blob(),
            Self::Commit(row) | Self::Tag(row) => row.keys().check_object(),
        }
    }

    fn write(&self, fields: &mut Fields<'_>) -> serde_json::Result<()> {
        match self {
            Self::Ref(row) => {
                fields.put("commits", Some(row.commits))?;
                fields.put("complete", Some(row.incomplete.is_none()))?;
                fields.put("files", Some(row.files))?;
                fields.put("history", Some(true).filter(|_| row.history))?;
                fields.put("lines", Some(row.lines))?;
                fields.put("object_format", Some("sha1"))?;
                fields.put("ref", row.name.as_deref())?;
                fields.put("repo", row.repo.as_deref())?;
                fields.put("submodules", Some(row.submodules))?;
                fields.put("tags", Some(row.tags))?;
                fields.hash("tip", Some(&row.tip));
                fields.put("unit", Some(self.unit()))?;
                fields.put("why", row.incomplete.as_deref())
            }
            Self::Blob(row) | Self::Commit(row) | Self::Tag(row) => {
                fields.hash("git_sha1", row.git_sha1.as_ref());
                fields.hash("sha1", row.sha1.as_ref());
                fields.hash("sha256", row.sha256.as_ref());
                fields.put("size", row.size)?;
                fields.put("unit", Some(self.unit()))
            }
        }
    }
}

impl ObjectCoverage {
    fn keys(&self) -> Keys {
        Keys { git_sha1: self.git_sha1, sha1: self.sha1, sha256: self.sha256, size: self.size }
    }
}

/// A row as it is read, before its unit says which fields it has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fieldwise {
    unit: CoverageUnit,
    #[serde(default, deserialize_with = "hex::option")]
    git_sha1: Option<ObjectId>,
    #[serde(default, deserialize_with = "hex::option")]
    sha1: Option<[u8; 20]>,
    #[serde(default, deserialize_with = "hex::option")]
    sha256: Option<[u8; 32]>,
    size: Option<u64>,
    repo: Option<Arc<str>>,
    #[serde(rename = "ref")]
    name: Option<String>,
    #[serde(default, deserialize_with = "hex::option")]
    tip: Option<ObjectId>,
    object_format: Option<ObjectFormat>,
    files: Option<u64>,
    lines: Option<u64>,
    commits: Option<u64>,
    tags: Option<u64>,
    submodules: Option<u64>,
    history: Option<bool>,
    complete: Option<bool>,
    why: Option<String>,
}

/// The object formats that are known; SHA-256 repositories are refused when they are opened.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ObjectFormat {
    Sha1,
}

impl<'de> Deserialize<'de> for CoverageRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        // What a unit has no place for is dropped here, and found out when the row is held against its canonical form.
        let row = Fieldwise::deserialize(deserializer)?;
        let object =
            ObjectCoverage { git_sha1: row.git_sha1, sha1: row.sha1, sha256: row.sha256, size: row.size };
        match row.unit {
            CoverageUnit::Blob => return Ok(Self::Blob(object)),
            CoverageUnit::Commit => return Ok(Self::Commit(object)),
            CoverageUnit::Tag => return Ok(Self::Tag(object)),
            CoverageUnit::Ref => {}
        }
        let (Some(tip), Some(ObjectFormat::Sha1)) = (row.tip, row.object_format) else {
            return Err(D::Error::custom("a `ref` row needs `tip` and `object_format`"));
        };
        let (Some(files), Some(lines), Some(commits), Some(tags), Some(submodules)) =
            (row.files, row.lines, row.commits, row.tags, row.submodules)
        else {
            return Err(D::Error::custom(
                "a `ref` row needs `files`, `lines`, `commits`, `tags` and `submodules`",
            ));
        };
        if row.complete != Some(row.why.is_none()) {
            return Err(D::Error::custom("a `ref` row is `complete`, or says `why` it is not"));
        }
        let (repo, name, incomplete) = (row.repo, row.name, row.why);
        let history = row.history.unwrap_or_default();
        let row =
            RefCoverage { repo, name, tip, files, lines, commits, tags, submodules, history, incomplete };
        Ok(Self::of_ref(row))
    }
}

#[cfg(test)]
mod tests;
