//! The form of an entry: which fields go together, and how they are written.
//!
//! Decides what is a well-formed row. Whether a row is true is not known here.

use std::collections::BTreeMap;

use super::{Entry, EntryUnit};
use crate::manifest::fields::Fields;
use crate::manifest::header::{Header, RowSet};
use crate::manifest::profile::Profile;
use crate::manifest::row::{self, Keys, Part, Row};
use crate::policy::Purposes;

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

    fn content(&self) -> String {
        self.git_sha1.map_or_else(|| self.unit.to_string(), |id| id.to_string())
    }

    fn part(&self) -> Part {
        Part::new(None, self.git_sha1)
    }

    fn declared(header: &Header) -> (&RowSet, &BTreeMap<EntryUnit, u64>) {
        (&header.entries, &header.counts.entries)
    }

    fn declare(header: &mut Header, set: RowSet, counts: BTreeMap<EntryUnit, u64>) {
        header.entries = set;
        header.counts.entries = counts;
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

    fn write(&self, fields: &mut Fields<'_>) -> serde_json::Result<()> {
        fields.put("basis", self.basis)?;
        fields.put("byte_end", self.byte_end)?;
        fields.put("byte_start", self.byte_start)?;
        fields.hash("commit", self.commit.as_ref());
        fields.hash("git_sha1", self.git_sha1.as_ref());
        fields.put("line_end", self.line_end)?;
        fields.put("line_start", self.line_start)?;
        fields.put("path", self.path.as_deref())?;
        fields.put("purposes", Some(row::Names(self.purposes)))?;
        fields.put("repo", self.repo.as_deref())?;
        fields.put("rule", self.rule.as_deref())?;
        fields.hash("sha1", self.sha1.as_ref());
        fields.hash("sha256", self.sha256.as_ref());
        fields.put("size", self.size)?;
        fields.put("strength", self.strength)?;
        fields.put("unit", Some(self.unit))
    }
}

impl Entry {
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
}
