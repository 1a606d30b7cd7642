//! The form of a coverage row: which fields go together, and how they are written.
//!
//! Decides what is a well-formed row. Whether a row is true is not known here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::{CoverageRow, CoverageUnit, ObjectCoverage, PathCoverage, RefCoverage};
use crate::manifest::fields::Fields;
use crate::manifest::header::{Header, RowSet};
use crate::manifest::hex;
use crate::manifest::profile::Profile;
use crate::manifest::row::{self, Keys, Part, Row};
use crate::policy::Purposes;
use crate::repo::ObjectId;

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
        "path",
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
            Self::Path(_) => Profile::Paths,
            _ => Profile::Keys,
        }
    }

    fn content(&self) -> String {
        self.unit().to_string()
    }

    fn part(&self) -> Part {
        let id = match self {
            Self::Ref(_) | Self::Path(_) => None,
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
            Self::Path(row) => {
                [&row.repo, &row.path].into_iter().try_for_each(|name| row::check_name(Some(name)))?;
                row::check_word(row.incomplete.as_deref())
            }
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
            Self::Path(row) => {
                fields.put("path", Some(&*row.path))?;
                fields.put("repo", Some(&*row.repo))?;
                fields.put("unit", Some(self.unit()))?;
                fields.put("why", row.incomplete.as_deref())
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
    path: Option<Arc<str>>,
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
            CoverageUnit::Path => {
                return match (row.repo, row.path) {
                    (Some(repo), Some(path)) => {
                        Ok(Self::Path(PathCoverage { repo, path, incomplete: row.why.map(Into::into) }))
                    }
                    _ => Err(D::Error::custom("a `path` row needs `repo` and `path`")),
                };
            }
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
