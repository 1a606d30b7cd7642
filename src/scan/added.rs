//! What some commits add to what is there already, judged: what a push would bring.
//!
//! Decides what of it is excluded: messages, versions of files, annotated tags. Versions count even if a later commit
//! of the same push replaces them: whoever has the history has them.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::files::{FileFindings, Look};
use super::ground::Ground;
use super::reuse::Reuse;
use super::saved::{Before, New, SavedScan};
use super::{Request, ScanError};
use crate::attribution::spans::joined;
use crate::attribution::{Progress, TipFile};
use crate::repo::{ObjectId, RepoError};
use crate::verdict::{Evidence, Verdict};

/// What is added.
#[derive(Debug, Default)]
pub struct Added {
    /// How many commits.
    pub commits: u64,
    /// How many versions of files.
    pub files: u64,
    /// How many annotated tags.
    pub tags: u64,
    /// What of it is excluded, parents before children, then the tags.
    pub excluded: Vec<Excluded>,
    /// What to keep for the next time, if that is more than was kept before.
    pub saved: Option<SavedScan>,
}

/// Something that is excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// The commit or tag that brings it.
    pub by: ObjectId,
    /// What it is.
    pub what: What,
    /// Why.
    pub verdict: Verdict,
}

/// What can be excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The commit's own message and people.
    Message,
    /// An annotated tag.
    Tag,
    /// A version of a file.
    File {
        /// Its path.
        path: Vec<u8>,
        /// How many lines it has.
        lines: u64,
        /// Which of them are excluded (the first is 1), sorted, without overlap; none of what has no lines.
        ranges: Vec<RangeInclusive<u32>>,
        /// Whether all of it is, by the policy's unit.
        whole: bool,
    },
}

/// Judges what the request's tips add to what is `hidden`, and the annotated tags on the way.
///
/// # Errors
/// See [`ScanError`].
pub fn added(
    request: &Request<'_>,
    tags: &[(ObjectId, Evidence)],
    hidden: &[ObjectId],
    before: Before,
    progress: &dyn Progress,
) -> Result<Added, ScanError> {
    let Before { index, kept } = before;
    let mut ground = Ground::prepare(request, index, &kept.people, progress)?;
    ground.people.hear_tags(tags, &mut ground.judge);
    let Ground { engine, judge, people, commits, .. } = &ground;
    let look = Look { engine, judge, people, commits, settings: &request.layers.settings };
    let reuse = Reuse::new(&ground, &look, &kept);
    let new = engine.added(hidden)?;
    let versions = engine.brought_by(&new)?;
    let find = |file: &TipFile, introduced, first: &[_]| reuse.find(file, introduced, first);
    let learn = |file: &TipFile, found, content: &[u8]| reuse.learn(file, found, content);
    let (mut files, mut columns) = (0, reuse.columns());
    let mut found: HashMap<_, Vec<Excluded>> = HashMap::new();
    engine.attribute_versions(&versions, progress, find, learn, |version, judged| {
        files += 1;
        let Some((findings, known)) = judged else { return };
        if let (Some(path), Some(known)) = (engine.path_number(&version.file.path), known) {
            columns.push(path, &known);
        }
        if findings.any.is_excluded() {
            let by = engine.history().id(version.introduced);
            let excluded =
                Excluded { by, verdict: findings.any.clone(), what: file(&version.file.path, &findings) };
            found.entry(version.introduced).or_default().push(excluded);
        }
    })?;
    let mut excluded = Vec::new();
    for commit in &new {
        let (by, verdict) = (engine.history().id(*commit), &commits[*commit as usize]);
        if verdict.is_excluded() {
            excluded.push(Excluded { by, what: What::Message, verdict: verdict.clone() });
        }
        excluded.extend(found.remove(commit).unwrap_or_default());
    }
    for (id, _) in tags {
        let verdict =
            people.tag(judge, *id).ok_or_else(|| RepoError::Bug(format!("tag {id} was not heard")))?;
        if verdict.is_excluded() {
            excluded.push(Excluded { by: *id, what: What::Tag, verdict });
        }
    }
    let learned = New { files: (columns.len() > 0).then_some(columns), ..New::default() };
    let save = |before: &_, commits, persons| people.save(before, commits, persons);
    let saved = if request.keep { kept.save(engine, save, learned) } else { None };
    Ok(Added { commits: new.len() as u64, files, tags: tags.len() as u64, excluded, saved })
}

fn file(path: &[u8], findings: &FileFindings<'_>) -> What {
    let lines = findings.excluded.iter().map(|lines| lines.line..lines.line + lines.len).collect();
    let ranges = joined(lines).into_iter().map(|lines| lines.start + 1..=lines.end).collect();
    What::File { path: path.to_vec(), lines: findings.lines, ranges, whole: findings.whole.is_excluded() }
}
