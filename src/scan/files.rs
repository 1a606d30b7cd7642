//! One file: its attribution, judged.
//!
//! Decides which of its lines are excluded, and whether the file is. Runs on the thread that attributed it.

use crate::attribution::history::CommitNo;
use crate::attribution::{Content, Credit, Engine, FileAttribution, TipFile};
use crate::manifest::Hashes;
use crate::policy::{Settings, Unit};
use crate::repo::{Kind, RepoError};
use crate::verdict::{Judge, Verdict};

use super::lfs::Pointer;
use super::people::People;

/// What is needed to judge a file.
pub struct Look<'a> {
    /// Who wrote what.
    pub engine: &'a Engine,
    /// Who is meant.
    pub judge: &'a Judge<'a>,
    /// Who had a part in which commit.
    pub people: &'a People,
    /// The verdict on every commit.
    pub commits: &'a [Verdict],
    /// How strictly.
    pub settings: &'a Settings,
}

/// Lines that are excluded, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedLines {
    /// The first line, counted from 0.
    pub line: u32,
    /// How many.
    pub len: u32,
    /// Where their bytes begin and end.
    pub bytes: std::ops::Range<u64>,
    /// The commit that is credited with them.
    pub commit: CommitNo,
    /// Why.
    pub verdict: Verdict,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFindings {
    /// The keys of its content.
    pub hashes: Hashes,
    /// What it points at, if it is an LFS pointer.
    pub lfs: Option<Pointer>,
    /// The commit that brought this content to this path.
    pub introduced: CommitNo,
    /// How many lines it has; none if it is binary or a symbolic link.
    pub lines: u64,
    /// Which of them are excluded; lines with several credits may be there more than once.
    pub excluded: Vec<ExcludedLines>,
    /// How many different lines are excluded, and how many of them only because nobody knows whose they are.
    pub excluded_lines: u64,
    /// Of those, how many are unknown.
    pub unknown_lines: u64,
    /// Whether anything at all of it is excluded, and why.
    pub any: Verdict,
    /// Whether all of it is excluded by the policy's unit, and why.
    pub whole: Verdict,
}

impl Look<'_> {
    /// Judges a file; `None` for a submodule.
    ///
    /// # Errors
    /// The content is not what its id says.
    pub fn judge(
        &self,
        file: &TipFile,
        attribution: FileAttribution,
        content: &[u8],
    ) -> Result<Option<FileFindings>, RepoError> {
        let introduced = attribution.introduced;
        let ruled = self.judge.path(&file.path);
        let (lines, excluded, people) = match attribution.content {
            Content::Submodule => return Ok(None),
            Content::Text { lines, credits, earlier, as_written } => {
                let all = credits.iter().chain(&earlier).chain(&as_written);
                let excluded = self.lines(file, content, all);
                (lines, excluded, Verdict::default())
            }
            Content::Whole { changes } => {
                let mut people = Verdict::default();
                for (commit, path) in changes {
                    people.extend(&self.verdict(commit, &file.path, self.engine.path(path)));
                }
                (0, Vec::new(), people)
            }
        };
        let (excluded_lines, unknown_lines) = count(lines, &excluded);
        let mut any = people.clone();
        excluded.iter().for_each(|lines| any.extend(&lines.verdict));
        let over = match self.settings.unit {
            Unit::File => true,
            Unit::Lines => false,
            // A quotient is rounded once, as the share in the policy was; a product would be rounded twice.
            Unit::Share(share) => excluded_lines as f64 / f64::from(lines) >= share,
        };
        let mut whole = if over { any.clone() } else { people };
        whole.extend(&ruled);
        any.extend(&ruled);
        Ok(Some(FileFindings {
            hashes: super::objects::hashes(file.leaf.id, Kind::Blob, content)?,
            lfs: Pointer::parse(content),
            introduced,
            lines: u64::from(lines),
            excluded,
            excluded_lines,
            unknown_lines,
            any,
            whole,
        }))
    }

    fn lines<'c>(
        &self,
        file: &TipFile,
        content: &[u8],
        credits: impl Iterator<Item = &'c Credit>,
    ) -> Vec<ExcludedLines> {
        let mut excluded = Vec::new();
        let mut starts: Option<Vec<u64>> = None;
        for credit in credits {
            let verdict = self.verdict(credit.commit, &file.path, self.engine.path(credit.path));
            if !verdict.is_excluded() {
                continue;
            }
            let starts = starts.get_or_insert_with(|| line_starts(content));
            let at = |line: u32| starts.get(line as usize).copied().unwrap_or(content.len() as u64);
            excluded.push(ExcludedLines {
                line: credit.line,
                len: credit.len,
                bytes: at(credit.line)..at(credit.line + credit.len),
                commit: credit.commit,
                verdict: verdict.into_owned(),
            });
        }
        excluded
    }

    fn verdict(&self, commit: CommitNo, now: &[u8], then: &[u8]) -> std::borrow::Cow<'_, Verdict> {
        self.people.lines(self.judge, self.commits, commit, now, then)
    }
}

/// Where each line begins.
fn line_starts(content: &[u8]) -> Vec<u64> {
    let ends = (1..).zip(content).filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end);
    std::iter::once(0).chain(ends).collect()
}

/// How many different lines are excluded, and how many of those only for want of an author.
fn count(lines: u32, excluded: &[ExcludedLines]) -> (u64, u64) {
    if excluded.is_empty() {
        return (0, 0);
    }
    // 0: included, 1: unknown, 2: excluded.
    let mut state = vec![0_u8; lines as usize];
    for range in excluded {
        let value = if range.verdict.is_unknown() { 1 } else { 2 };
        let (start, end) = (range.line as usize, (range.line + range.len) as usize);
        for line in state.get_mut(start..end).unwrap_or_default() {
            *line = value.max(*line);
        }
    }
    let number = |value: u8| state.iter().filter(|line| **line >= value).count() as u64;
    let (unknown_or_excluded, known) = (number(1), number(2));
    (unknown_or_excluded, unknown_or_excluded - known)
}
