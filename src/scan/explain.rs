//! Why one thing is excluded, or not.
//!
//! Decides what is asked about, and gathers all that led to the verdict. The verdict itself is that of a scan.

use std::collections::{HashMap, HashSet};

use super::files::{FileFindings, Look};
use super::ground::Ground;
use super::known::Known;
use super::saved::Before;
use super::{Request, ScanError};
use crate::attribution::history::CommitNo;
use crate::attribution::{Content, FileAttribution, Progress, TipFile};
use crate::repo::{Kind, ObjectId, RepoError, Tip};
use crate::verdict::Verdict;

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A file of the revision, or one of its lines (the first is 1).
    File {
        /// The path, from the top of the repository.
        path: Vec<u8>,
        /// The line.
        line: Option<u32>,
    },
    /// A commit, an annotated tag, or a content.
    Object(ObjectId),
}

/// What was asked about, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it is.
    pub what: What,
    /// The verdict.
    pub verdict: Verdict,
    /// For files: who wrote which part, in order.
    pub parts: Vec<Part>,
}

/// What an explanation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A whole file.
    File {
        /// Its path.
        path: Vec<u8>,
        /// How many lines it has.
        lines: u64,
        /// How many of them are excluded.
        excluded: u64,
    },
    /// A line.
    Line {
        /// The path of its file.
        path: Vec<u8>,
        /// Its number; the first is 1.
        line: u32,
        /// What it says, without its end.
        text: Vec<u8>,
        /// It is excluded only because its whole file is, by the policy's unit.
        with_file: bool,
    },
    /// A commit.
    Commit(ObjectId),
    /// An annotated tag.
    Tag(ObjectId),
}

/// Something that a commit wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The commit.
    pub commit: ObjectId,
    /// The path at which it wrote it.
    pub path: Vec<u8>,
    /// The lines as they stand now (first, last; the first is 1); none for what has no lines.
    pub lines: Option<(u32, u32)>,
    /// Where the very same file stood before.
    pub earlier: bool,
    /// The verdict on it.
    pub verdict: Verdict,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It could not be looked into.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// It is not in the revision, so nothing is known about it.
    #[error("{what} is not in {tip}, so no verdict covers it")]
    NotThere {
        /// What was asked about.
        what: String,
        /// The revision.
        tip: String,
    },
}

impl From<RepoError> for ExplainError {
    fn from(error: RepoError) -> Self {
        Self::Scan(error.into())
    }
}

/// Explains what is asked; a content that stands at several paths is explained at each.
///
/// # Errors
/// See [`ExplainError`].
pub fn explain(
    request: &Request<'_>,
    question: &Question,
    before: Before,
    progress: &dyn Progress,
) -> Result<Vec<Explanation>, ExplainError> {
    let ground = Ground::prepare(request, before.index, &before.kept.people, progress)?;
    let tip = first(request)?;
    let not_there = |what: String| ExplainError::NotThere { what, tip: tip.name.clone() };
    match question {
        Question::File { path, line } => {
            let shown = |line: String| format!("'{}{line}'", crate::manifest::path::encode(path));
            let found = files(request, &ground, progress, |file_path, _| file_path == path, *line)?;
            if found.is_empty() {
                let line = line.map(|line| format!(":{line}")).unwrap_or_default();
                return Err(not_there(shown(line)));
            }
            Ok(found)
        }
        Question::Object(id) => match ground.objects.header(*id)?.0 {
            Kind::Commit => {
                let number = ground.engine.history().number(*id);
                let number = number.filter(|number| ground.engine.is_reached(*number));
                let number = number.ok_or_else(|| not_there(format!("commit {id}")))?;
                let verdict = ground.commits.get(number as usize).cloned();
                let verdict = verdict.ok_or_else(|| RepoError::Bug(format!("commit {id} was not judged")))?;
                Ok(vec![Explanation { what: What::Commit(*id), verdict, parts: Vec::new() }])
            }
            Kind::Tag => {
                let verdict = ground.people.tag(&ground.judge, *id);
                let verdict = verdict.ok_or_else(|| not_there(format!("tag {id}")))?;
                Ok(vec![Explanation { what: What::Tag(*id), verdict, parts: Vec::new() }])
            }
            Kind::Blob => {
                let found = files(request, &ground, progress, |_, blob| blob == *id, None)?;
                if found.is_empty() { Err(not_there(format!("blob {id}"))) } else { Ok(found) }
            }
            Kind::Tree => Err(not_there(format!("tree {id}"))),
        },
    }
}

/// Explains every file of the revision that has one of these contents, on ground that a scan has prepared.
///
/// # Errors
/// A file cannot be read or attributed.
pub fn of_contents(
    request: &Request<'_>,
    ground: &Ground<'_>,
    contents: &HashSet<ObjectId>,
    progress: &dyn Progress,
) -> Result<Vec<(ObjectId, Explanation)>, RepoError> {
    if contents.is_empty() {
        return Ok(Vec::new());
    }
    let blobs: HashMap<Vec<u8>, ObjectId> = ground
        .engine
        .files(first(request)?.commit)?
        .into_iter()
        .map(|file| (file.path, file.leaf.id))
        .collect();
    let found = files(request, ground, progress, |_, blob| contents.contains(&blob), None)?;
    let with_blob = |explanation: Explanation| match &explanation.what {
        What::File { path, .. } => blobs.get(path).map(|blob| (*blob, explanation)),
        _ => None,
    };
    Ok(found.into_iter().filter_map(with_blob).collect())
}

/// The revision that is asked about.
fn first<'r>(request: &'r Request<'_>) -> Result<&'r Tip, RepoError> {
    request.tips.first().ok_or_else(|| RepoError::Bug("no revision is asked about".into()))
}

fn files(
    request: &Request<'_>,
    ground: &Ground<'_>,
    progress: &dyn Progress,
    wanted: impl Fn(&[u8], ObjectId) -> bool,
    line: Option<u32>,
) -> Result<Vec<Explanation>, RepoError> {
    let Ground { engine, judge, people, commits, .. } = ground;
    let look = Look { engine, judge, people, commits, settings: &request.layers.settings };
    let tip = first(request)?.commit;
    let mut files = engine.files(tip)?;
    files.retain(|file| wanted(&file.path, file.leaf.id));
    let afresh = |_: &TipFile, _, _: &[_]| None;
    let explained = engine.attribute(tip, &files, progress, afresh, |file, attribution, content| {
        let credited = credits(&attribution);
        let Some(known) = Known::new(file, attribution, content)? else { return Ok(None) };
        let findings = look.judge(&file.path, &known);
        let part = |(commit, path, lines, earlier): (CommitNo, u32, Option<(u32, u32)>, bool)| Part {
            commit: engine.history().id(commit),
            path: engine.path(path).to_vec(),
            lines: lines.map(|(first, count)| (first + 1, first + count)),
            earlier,
            verdict: people.lines(judge, commits, commit, &file.path, engine.path(path)).into_owned(),
        };
        let mut parts: Vec<Part> = credited.into_iter().map(part).collect();
        let Some(line) = line else { return Ok(Some(whole(&file.path, findings, parts))) };
        let text = content.split(|byte| *byte == b'\n').nth(line.saturating_sub(1) as usize);
        let (Some(text), true) = (text, u64::from(line) <= findings.lines && line > 0) else {
            return Ok(None);
        };
        parts.retain(|part| part.lines.is_some_and(|(first, last)| (first..=last).contains(&line)));
        let mut verdict = judge.path(&file.path);
        parts.iter().for_each(|part| verdict.extend(&part.verdict));
        // Alone it may go; with its file it does not.
        let with_file = !verdict.is_excluded() && findings.whole.is_excluded();
        if with_file {
            verdict = findings.whole;
        }
        let what = What::Line { path: file.path.clone(), line, text: text.to_vec(), with_file };
        Ok(Some(Explanation { what, verdict, parts }))
    })?;
    Ok(explained.into_iter().flatten().collect())
}

fn whole(path: &[u8], findings: FileFindings<'_>, parts: Vec<Part>) -> Explanation {
    let (lines, excluded) = (findings.lines, findings.excluded_lines);
    Explanation { what: What::File { path: path.to_vec(), lines, excluded }, verdict: findings.any, parts }
}

/// Commit, path, lines (first, count; from 0), and whether it is an earlier appearance.
type Credited = (CommitNo, u32, Option<(u32, u32)>, bool);

fn credits(attribution: &FileAttribution) -> Vec<Credited> {
    match &attribution.content {
        Content::Text { credits, earlier, as_written, .. } => {
            let standing = credits.iter().chain(as_written).map(|credit| (credit, false));
            let all = standing.chain(earlier.iter().map(|credit| (credit, true)));
            let lines = all.map(|(credit, earlier)| {
                (credit.commit, credit.path, Some((credit.line, credit.len)), earlier)
            });
            let touched = attribution.touched.iter().map(|(commit, path)| (*commit, *path, None, false));
            lines.chain(touched).collect()
        }
        Content::Whole { changes } => {
            changes.iter().map(|(commit, path)| (*commit, *path, None, false)).collect()
        }
        Content::Submodule => Vec::new(),
    }
}
