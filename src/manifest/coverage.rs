//! One row of what was looked at: a ref, an object, or a path.
//!
//! Decides which rows there are, what they mean, and how they are ordered. A row of a data set that no
//! coverage row knows is uncovered, so a row too many here lets something through: whoever writes one has read it.

mod form;

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::digest::Hashes;
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
    /// A path at which a file was looked at.
    Path(PathCoverage),
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

/// A path at which a file was looked at: every version that stands there in what the refs of the manifest cover. Or one
/// at which a submodule or a symbolic link stood in any of it, which are not followed: then nothing at it or below it counts as
/// looked at, whatever other rows say, those of other manifests, too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathCoverage {
    /// The repository's name, spelled by [`path::encode`](super::path::encode).
    pub repo: Arc<str>,
    /// The path in it, spelled the same way.
    pub path: Arc<str>,
    /// What stood there that was not followed; `None` if files did.
    pub incomplete: Option<Arc<str>>,
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
    /// A path in a repository.
    Path,
}

impl CoverageUnit {
    /// Every unit, in order.
    pub const ALL: [Self; 5] = [Self::Ref, Self::Blob, Self::Commit, Self::Tag, Self::Path];

    /// The name in manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ref => "ref",
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Path => "path",
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

    /// A path in a repository, both spelled by [`path::encode`](super::path::encode).
    #[must_use]
    pub fn path(repo: Arc<str>, path: Arc<str>) -> Self {
        Self::Path(PathCoverage { repo, path, incomplete: None })
    }

    /// A path at which there is something that was not followed, which `why` names: neither it nor anything below it was
    /// looked at.
    #[must_use]
    pub fn not_followed(repo: Arc<str>, path: Arc<str>, why: &str) -> Self {
        Self::Path(PathCoverage { repo, path, incomplete: Some(why.into()) })
    }

    /// What the row is about.
    #[must_use]
    pub fn unit(&self) -> CoverageUnit {
        match self {
            Self::Ref(_) => CoverageUnit::Ref,
            Self::Blob(_) => CoverageUnit::Blob,
            Self::Commit(_) => CoverageUnit::Commit,
            Self::Tag(_) => CoverageUnit::Tag,
            Self::Path(_) => CoverageUnit::Path,
        }
    }
}

#[cfg(test)]
mod tests;
