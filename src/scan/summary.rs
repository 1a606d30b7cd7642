//! What a scan found, in numbers that people read.
//!
//! Decides what is counted, by folder. Names nobody.

use std::collections::BTreeMap;

use super::files::FileFindings;
use crate::repo::Tip;
use crate::verdict::Verdict;

/// A part and its whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Count {
    /// How many were looked at.
    pub all: u64,
    /// How many of them are excluded, the unknown ones among them.
    pub excluded: u64,
    /// How many are excluded only because nobody can say whose they are.
    pub unknown: u64,
}

impl Count {
    /// Adds numbers of the same kind.
    pub fn add(&mut self, all: u64, excluded: u64, unknown: u64) {
        self.all += all;
        self.excluded += excluded;
        self.unknown += unknown;
    }

    fn one(&mut self, verdict: &Verdict) {
        self.add(1, u64::from(verdict.is_excluded()), u64::from(verdict.is_unknown()));
    }
}

/// The numbers of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Folder {
    /// Files and symbolic links of which anything is excluded.
    pub files: Count,
    /// Lines of text.
    pub lines: Count,
}

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What was scanned.
    pub tips: Vec<Tip>,
    /// Whether every version in the history of these was.
    pub history: bool,
    /// All files together; where several revisions or a history were scanned, all versions of files.
    pub total: Folder,
    /// By folder at the top; files at the top itself stand under the empty name.
    pub folders: BTreeMap<Vec<u8>, Folder>,
    /// Commits.
    pub commits: Count,
    /// Annotated tags.
    pub tags: Count,
    /// Submodules, recorded and not entered.
    pub submodules: u64,
}

impl Summary {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(tips: Vec<Tip>, history: bool) -> Self {
        Self {
            tips,
            history,
            total: Folder::default(),
            folders: BTreeMap::new(),
            commits: Count::default(),
            tags: Count::default(),
            submodules: 0,
        }
    }

    /// Counts a file.
    pub fn file(&mut self, path: &[u8], findings: &FileFindings<'_>) {
        let top = match path.iter().position(|byte| *byte == b'/') {
            Some(end) => &path[..end],
            None => &b""[..],
        };
        for folder in [&mut self.total, self.folders.entry(top.to_vec()).or_default()] {
            folder.files.one(&findings.any);
            folder.lines.add(findings.lines, findings.excluded_lines, findings.unknown_lines);
        }
    }

    /// Counts a commit.
    pub fn commit(&mut self, verdict: &Verdict) {
        self.commits.one(verdict);
    }

    /// Counts a tag.
    pub fn tag(&mut self, verdict: &Verdict) {
        self.tags.one(verdict);
    }
}
